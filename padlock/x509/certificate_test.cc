#include "padlock/x509/certificate.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "padlock/der/rules.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/rules.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::x509 {
namespace {

using namespace testing;

const crypto::PrivateKey& test_key() {
  static const auto key = make_key();
  return *key;
}

Draft good_leaf() {
  Draft draft;
  draft.public_key_info = public_key_info(test_key().public_key().parts());
  draft.extensions = {basic_constraints(false),
                      key_usage(static_cast<std::uint16_t>(KeyUsage::digitalSignature)),
                      extended_key_usage({der::oid::serverAuth}),
                      subject_key_identifier({1, 2, 3}),
                      authority_key_identifier({4, 5, 6}),
                      subject_alternative_name({dns("example.test"), ip("192.0.2.1"), ip("2001:db8::1")})};
  return draft;
}

/// "" if the certificate is read, otherwise the code of the broken rule.
std::string fault_of(const Draft& draft) {
  const auto certificate = parse_certificate(sign(draft, test_key()));
  return certificate ? "" : std::string(certificate.error().rule->code);
}

TEST(Certificate, ShowsEveryFieldThatItReads) {
  const Octets der = sign(good_leaf(), test_key());
  const auto parsed = parse_certificate(der);
  ASSERT_TRUE(parsed) << parsed.error().to_string();
  const Certificate& certificate = **parsed;
  EXPECT_EQ(certificate.der, der);
  EXPECT_EQ(certificate.version, 3);
  EXPECT_EQ(certificate.serial, Octets{1});
  EXPECT_EQ(certificate.signature_scheme, crypto::SignatureScheme::ecdsa_secp256r1_sha256);
  EXPECT_EQ(certificate.issuer.text(), "CN=Test CA");
  EXPECT_EQ(certificate.subject.common_name(), "leaf");
  EXPECT_EQ(certificate.not_after - certificate.not_before, std::chrono::days(60));
  EXPECT_TRUE(std::holds_alternative<crypto::EcPublicKey>(certificate.public_key));
  EXPECT_FALSE(certificate.ca());
  EXPECT_TRUE(certificate.may_be_used_for(KeyUsage::digitalSignature));
  EXPECT_FALSE(certificate.may_be_used_for(KeyUsage::keyCertSign));
  EXPECT_EQ(certificate.extended_key_usage, std::vector<der::Oid>{der::oid::serverAuth});
  ASSERT_EQ(certificate.subject_alternative_names.size(), 3U);
  EXPECT_EQ(certificate.subject_alternative_names[2].value.size(), 16U);
  EXPECT_EQ(certificate.subject_key_identifier, (Octets{1, 2, 3}));
  EXPECT_EQ(certificate.authority_key_identifier, (Octets{4, 5, 6}));
  EXPECT_TRUE(certificate.unknown_critical_extensions.empty());
  EXPECT_EQ(certificate.extensions.size(), 6U);
}

TEST(Certificate, HoldsExactlyWhatItsIssuerSigned) {
  const auto certificate = parse_certificate(sign(good_leaf(), test_key())).value();
  const Octets tbs = write_tbs(good_leaf());
  EXPECT_TRUE(std::ranges::equal(certificate->tbs(), tbs));
  EXPECT_TRUE(
      test_key().public_key().verify(*certificate->signature_scheme, certificate->tbs(), certificate->signature));
}

TEST(Certificate, RefusesLaxDer) {
  Draft trailing = good_leaf();
  trailing.trailer = {0};
  EXPECT_EQ(fault_of(trailing), "der.trailing_bytes");
  Draft false_version = good_leaf();
  false_version.version = 0;
  EXPECT_EQ(fault_of(false_version), "x509.certificate.version") << "v1 is a default, which DER leaves out";
}

RC_GTEST_PROP(Certificate, CutAnywhereIsRefused, ()) {
  static const Octets der = sign(good_leaf(), test_key());
  const auto length = *rc::gen::inRange<std::size_t>(0, der.size());
  RC_ASSERT(!parse_certificate(Bytes(der).first(length)).has_value());
}

}  // namespace
}  // namespace padlock::x509

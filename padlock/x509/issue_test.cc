#include "padlock/x509/issue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>

#include "padlock/x509/issue_rules.h"
#include "padlock/x509/public_key_info.h"

namespace padlock::x509 {
namespace {

using std::chrono::days;
using std::chrono::seconds;

constexpr WallTime start{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
constexpr auto cert_sign = static_cast<std::uint16_t>(KeyUsage::keyCertSign);

std::vector<std::uint8_t> octets(std::string_view text) {
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

class Issuing : public testing::Test {
 protected:
  std::shared_ptr<const crypto::PrivateKey> make_key(crypto::KeyKind kind = crypto::KeyKind::ecdsa_p256) {
    return provider_->generate_private_key(kind).value().key;
  }
  static std::vector<std::uint8_t> name(std::string_view common_name) {
    return make_name(std::array{NameAttribute{der::oid::organizationName, "Padlock"},
                                NameAttribute{der::oid::commonName, common_name}});
  }
  static CertificateTemplate ca(std::string_view common_name, std::optional<std::uint32_t> path_length) {
    return {.subject = name(common_name),
            .not_before = start,
            .not_after = start + days{100},
            .basic_constraints = BasicConstraints{.ca = true, .path_length = path_length},
            .key_usage = cert_sign};
  }
  static CertificateTemplate leaf() {
    return {.subject = name("leaf"),
            .not_before = start,
            .not_after = start + days{7},
            .key_usage = static_cast<std::uint16_t>(KeyUsage::digitalSignature),
            .extended_key_usage = {der::oid::serverAuth},
            .subject_alternative_names = {{GeneralNameForm::dNSName, octets("localhost")},
                                          {GeneralNameForm::iPAddress, {127, 0, 0, 1}}}};
  }
  std::shared_ptr<const Certificate> self_signed(const CertificateTemplate& wanted, const crypto::PrivateKey& key) {
    return parse_certificate(issue_self_signed(wanted, key, *provider_).value()).value();
  }
  Result<std::vector<std::uint8_t>> issue(const CertificateTemplate& wanted, const Certificate& issuer,
                                          const crypto::PrivateKey& key) {
    return issue_certificate(wanted, make_key()->public_key().parts(), {issuer, key}, *provider_);
  }
  const Rule* refusal(const CertificateTemplate& wanted, const Certificate& issuer, const crypto::PrivateKey& key) {
    const auto result = issue(wanted, issuer, key);
    return result ? nullptr : result.error().rule;
  }

  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
};

TEST_F(Issuing, WritesWhatItsParserReadsBack) {
  const auto key = make_key();
  auto wanted = ca("root", 3);
  wanted.name_constraints = NameConstraints{
      .permitted = {{GeneralNameForm::dNSName, octets("test")}, {GeneralNameForm::directoryName, name("base")}},
      .excluded = {{GeneralNameForm::iPAddress, {10, 0, 0, 0, 255, 0, 0, 0}}}};
  const auto root = self_signed(wanted, *key);
  EXPECT_EQ(root->version, 3);
  EXPECT_EQ(root->subject.der, wanted.subject);
  EXPECT_EQ(root->subject.common_name(), "root");
  EXPECT_TRUE(root->self_issued());
  EXPECT_EQ(root->not_before, start);
  EXPECT_EQ(root->not_after, start + days{100});
  EXPECT_EQ(root->basic_constraints->path_length, 3U);
  EXPECT_EQ(root->key_usage, cert_sign);
  EXPECT_TRUE(root->find_extension(der::oid::nameConstraints)->critical);
  ASSERT_EQ(root->name_constraints->permitted.size(), 2U);
  EXPECT_EQ(root->name_constraints->permitted[1].value, name("base"));
  EXPECT_EQ(root->name_constraints->excluded[0].value.size(), 8U);
  EXPECT_EQ(root->subject_key_identifier, key_identifier_of(root->public_key));
  EXPECT_EQ(root->authority_key_identifier, root->subject_key_identifier);
  EXPECT_TRUE(key->public_key().verify(root->signature_scheme.value(), root->tbs(), root->signature));

  const auto below = parse_certificate(issue(leaf(), *root, *key).value()).value();
  EXPECT_EQ(below->issuer.der, root->subject.der);
  EXPECT_EQ(below->authority_key_identifier, root->subject_key_identifier);
  EXPECT_FALSE(below->basic_constraints) << "absent: a leaf";
  EXPECT_EQ(below->extended_key_usage, std::vector<der::Oid>{der::oid::serverAuth});
  EXPECT_EQ(below->subject_alternative_names.size(), 2U);
  EXPECT_FALSE(below->find_extension(der::oid::subjectAltName)->critical);
  EXPECT_TRUE(key->public_key().verify(below->signature_scheme.value(), below->tbs(), below->signature));
}

TEST_F(Issuing, SignsWithEachKindOfKeyForCertificates) {
  for (const auto kind : {crypto::KeyKind::ecdsa_p256, crypto::KeyKind::ecdsa_p384, crypto::KeyKind::ed25519}) {
    const auto key = make_key(kind);
    const auto root = self_signed(ca("root", std::nullopt), *key);
    EXPECT_TRUE(key->public_key().verify(root->signature_scheme.value(), root->tbs(), root->signature));
    EXPECT_TRUE(same_public_key(root->public_key, key->public_key().parts()));
  }
}

TEST_F(Issuing, CertifiesRsaKeys) {
  const auto key = make_key();
  const auto root = self_signed(ca("root", 0), *key);
  const auto subject = make_key(crypto::KeyKind::rsa_2048);
  const auto der = issue_certificate(leaf(), subject->public_key().parts(), {*root, *key}, *provider_);
  ASSERT_TRUE(der) << der.error().to_string();
  EXPECT_TRUE(same_public_key(parse_certificate(*der).value()->public_key, subject->public_key().parts()));
}

TEST_F(Issuing, TurnsAlternativeNamesCriticalBesideAnEmptySubject) {
  const auto key = make_key();
  const auto root = self_signed(ca("root", 0), *key);
  auto wanted = leaf();
  wanted.subject = make_name({});
  const auto certificate = parse_certificate(issue(wanted, *root, *key).value()).value();
  EXPECT_TRUE(certificate->subject.empty());
  EXPECT_TRUE(certificate->find_extension(der::oid::subjectAltName)->critical);
}

TEST_F(Issuing, GivesEachCertificateARandomPositiveSerial) {
  const auto key = make_key();
  const auto root = self_signed(ca("root", 0), *key);
  std::set<std::vector<std::uint8_t>> serials;
  std::size_t longest = 0;
  for (int i = 0; i < 64; ++i) {
    const auto serial = parse_certificate(issue(leaf(), *root, *key).value()).value()->serial;
    longest = std::max(longest, serial.size());
    EXPECT_LE(serial.size(), 20U) << "RFC 5280, section 4.1.2.2";
    serials.insert(serial);
  }
  EXPECT_EQ(serials.size(), 64U);
  EXPECT_GE(longest, 16U) << "128 bits";
}

TEST_F(Issuing, RefusesAnIssuerThatMayNotSign) {
  const auto key = make_key();
  const auto root = self_signed(ca("root", 0), *key);
  const auto leaf_key = make_key();
  const auto der = issue_certificate(leaf(), leaf_key->public_key().parts(), {*root, *key}, *provider_).value();
  EXPECT_EQ(refusal(leaf(), *parse_certificate(der).value(), *leaf_key), &rules::issuer_is_no_ca);
  auto no_sign = ca("root", 0);
  no_sign.key_usage = static_cast<std::uint16_t>(KeyUsage::cRLSign);
  EXPECT_EQ(refusal(leaf(), *self_signed(no_sign, *key), *key), &rules::issuer_is_no_ca);
  EXPECT_EQ(refusal(leaf(), *root, *make_key()), &rules::issuer_key_mismatch);
}

TEST_F(Issuing, KeepsToTheIssuersPathLength) {
  const auto key = make_key();
  const auto one = self_signed(ca("root", 1), *key);
  EXPECT_EQ(refusal(ca("sub", 0), *one, *key), nullptr);
  EXPECT_EQ(refusal(ca("sub", 1), *one, *key), &rules::path_length_exceeded);
  EXPECT_EQ(refusal(ca("sub", std::nullopt), *one, *key), &rules::path_length_exceeded);
  EXPECT_EQ(refusal(ca("sub", 0), *self_signed(ca("root", 0), *key), *key), &rules::path_length_exceeded);
  EXPECT_EQ(refusal(ca("sub", 5), *self_signed(ca("root", std::nullopt), *key), *key), nullptr);
}

TEST_F(Issuing, KeepsToTheIssuersLife) {
  const auto key = make_key();
  const auto root = self_signed(ca("root", 0), *key);
  auto wanted = leaf();
  wanted.not_after = root->not_after;
  EXPECT_EQ(refusal(wanted, *root, *key), nullptr);
  wanted.not_after += seconds{1};
  EXPECT_EQ(refusal(wanted, *root, *key), &rules::outlives_issuer);
  wanted = leaf();
  wanted.not_before = start - seconds{1};
  EXPECT_EQ(refusal(wanted, *root, *key), &rules::outlives_issuer);
}

TEST_F(Issuing, RefusesTemplatesThatNoCertificateCanSay) {
  const auto key = make_key();
  const auto root = self_signed(ca("root", 1), *key);
  const auto refuses = [&](auto change) {
    auto wanted = leaf();
    change(wanted);
    return refusal(wanted, *root, *key);
  };
  EXPECT_EQ(refuses([](auto& wanted) { wanted.subject.clear(); }), &rules::bad_template);
  EXPECT_EQ(refuses([](auto& wanted) { wanted.not_after = wanted.not_before - seconds{1}; }), &rules::bad_template);
  EXPECT_EQ(refuses([](auto& wanted) { wanted.key_usage |= cert_sign; }), &rules::bad_template);
  EXPECT_EQ(refuses([](auto& wanted) { wanted.name_constraints.emplace(); }), &rules::bad_template);
  EXPECT_EQ(refuses([](auto& wanted) {
              wanted.subject = make_name({});
              wanted.subject_alternative_names.clear();
            }),
            &rules::bad_template);
  auto nameless = ca("", 0);
  nameless.subject = make_name({});
  EXPECT_EQ(refusal(nameless, *root, *key), &rules::bad_template);
  auto unconstrained = ca("sub", 0);
  unconstrained.name_constraints.emplace();
  EXPECT_EQ(refusal(unconstrained, *root, *key), &rules::bad_template);
}

TEST_F(Issuing, SaysWhereToAskForRevocation) {
  const auto key = make_key();
  const auto root = self_signed(ca("root", 1), *key);
  auto wanted = leaf();
  wanted.crl_url = "http://crl.example.test/1.crl";
  wanted.ocsp_url = "http://ocsp.example.test/";
  wanted.ca_issuers_url = "http://ca.example.test/root.der";
  wanted.must_staple = true;
  const auto certificate = parse_certificate(issue(wanted, *root, *key).value()).value();
  EXPECT_EQ(certificate->crl_urls, std::vector{wanted.crl_url});
  EXPECT_EQ(certificate->ocsp_urls, std::vector{wanted.ocsp_url});
  EXPECT_EQ(certificate->ca_issuers_urls, std::vector{wanted.ca_issuers_url});
  EXPECT_TRUE(certificate->must_staple);

  auto responder = leaf();
  responder.extended_key_usage = {der::oid::ocspSigning};
  responder.ocsp_no_check = true;
  EXPECT_NE(parse_certificate(issue(responder, *root, *key).value()).value()->find_extension(der::oid::ocspNoCheck),
            nullptr);
  responder.extended_key_usage = {der::oid::serverAuth};
  EXPECT_EQ(refusal(responder, *root, *key), &rules::bad_template);
  for (const char* const url : {"https://crl.example.test/", "ldap://x", "http://a b", "http://\xc3\xa4", "x"}) {
    wanted.crl_url = url;
    EXPECT_EQ(refusal(wanted, *root, *key), &rules::bad_template) << url;
  }
}

TEST_F(Issuing, RefusesToSignWithRsa) {
  const auto result = issue_self_signed(ca("root", 0), *make_key(crypto::KeyKind::rsa_2048), *provider_);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().rule, &rules::unsupported_issuer_key);
}

TEST_F(Issuing, EachRuleIsProvokedAbove) {
  EXPECT_EQ(rules::issuing.size(), 9U) << "a new rule needs a test that provokes it; three: issue_revocation_test.cc";
}

TEST(PublicKeyInfo, TellsKeysApart) {
  const auto provider = crypto::make_provider();
  const auto a = provider->generate_private_key(crypto::KeyKind::ecdsa_p256)->key;
  const auto b = provider->generate_private_key(crypto::KeyKind::ecdsa_p256)->key;
  EXPECT_TRUE(same_public_key(a->public_key().parts(), a->public_key().parts()));
  EXPECT_FALSE(same_public_key(a->public_key().parts(), b->public_key().parts()));
  EXPECT_EQ(key_identifier_of(a->public_key().parts()).size(), 20U);
}

}  // namespace
}  // namespace padlock::x509

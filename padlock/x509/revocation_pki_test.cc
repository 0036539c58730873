// Lists, responses and requests made by OpenSSL and python3-cryptography (testdata/README.md): each says what it was
// made to say.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "padlock/x509/certification_request.h"
#include "padlock/x509/crl.h"
#include "padlock/x509/ocsp.h"
#include "padlock/x509/test_revocation.h"

namespace padlock::x509 {
namespace {

const std::filesystem::path folder = "padlock/x509/testdata/revocation";

testing::Octets octets_of(const std::string& file) {
  std::ifstream in(folder / file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::shared_ptr<const Certificate> certificate(const std::string& name) {
  const testing::Octets pem = octets_of(name + ".pem");
  return parse_certificate(der::find_all(as_text(pem), "CERTIFICATE").value().at(0).bytes).value();
}

std::string says(const std::string& file, const Certificate& leaf, const Certificate& ca, WallTime now) {
  const testing::Octets der = octets_of(file);
  if (file.ends_with(".crl")) {
    const auto list = parse_certificate_list(der);
    if (!list) return list.error().to_string();
    return testing::told(check_crl(leaf, ca, **list, now, testing::provider()));
  }
  const auto response = parse_ocsp_response(der);
  if (!response) return response.error().to_string();
  return testing::told(check_ocsp_response(*response, leaf, ca, now, testing::provider()));
}

TEST(ForeignRevocation, SaysWhatItWasMadeToSay) {
  const auto ca = certificate("ca");
  std::ifstream expected(folder / "expected.txt");
  std::string file, leaf, code;
  std::int64_t seconds = 0;
  std::size_t judged = 0;
  for (; expected >> file >> leaf >> seconds >> code; ++judged) {
    const WallTime now{std::chrono::seconds(seconds)};
    EXPECT_EQ(says(file, *certificate(leaf), *ca, now), code) << file << " of " << leaf;
  }
  EXPECT_EQ(judged, 38U);
}

TEST(ForeignRevocation, KeepsNumbersReasonsAndNonces) {
  const auto ca = certificate("ca");
  const auto leaf = certificate("leaf-1");
  const auto list = parse_certificate_list(octets_of("openssl-v2.crl")).value();
  EXPECT_EQ(list->crl_number, (testing::Octets{0x10, 0x01}));
  EXPECT_EQ(list->find(leaf->serial)->reason, CRLReason::keyCompromise);
  EXPECT_TRUE(parse_certificate_list(octets_of("openssl-bare.crl")).value()->authority_key_identifier.empty());
  EXPECT_EQ(parse_certificate_list(octets_of("hold.crl")).value()->find(leaf->serial)->reason,
            CRLReason::certificateHold);
  const auto response = parse_ocsp_response(octets_of("openssl-delegate-1.ocsp")).value();
  EXPECT_EQ(response.basic->responses.at(0).reason, CRLReason::keyCompromise);
  EXPECT_EQ(response.basic->certificates.size(), 1U);
}

TEST(ForeignRevocation, IsAskedForAsOpensslAsks) {
  const auto ca = certificate("ca");
  const auto leaf = certificate("leaf-1");
  EXPECT_EQ(make_ocsp_request(*leaf, *ca), octets_of("openssl.ocspreq")) << "byte for byte";
  const auto request = parse_ocsp_request(octets_of("openssl-nonce.ocspreq")).value();
  EXPECT_EQ(request.certificates, std::vector{make_cert_id(*leaf, *ca)});
  EXPECT_GE(request.nonce.size(), 16U);
}

TEST(ForeignRequests, AreReadAndProvePossession) {
  for (const std::string file : {"ec.csr", "rsa.csr", "ed25519.csr", "openssl.csr"}) {
    const auto request = parse_certification_request(octets_of(file));
    ASSERT_TRUE(request) << file << ": " << request.error().to_string();
    EXPECT_TRUE(verify_request(**request, testing::provider())) << file;
    EXPECT_EQ((*request)->subject.common_name(), "example.test") << file;
    EXPECT_EQ((*request)->subject_alternative_names.size(), 2U) << file;
    EXPECT_EQ((*request)->asks_for_ca(), file == "rsa.csr");
  }
  const auto request = parse_certification_request(octets_of("openssl.csr")).value();
  EXPECT_TRUE(request->must_staple);
  EXPECT_EQ(request->key_usage, testing::sign_bit);
  EXPECT_EQ(request->extended_key_usage, std::vector<der::Oid>{der::oid::serverAuth});
}

}  // namespace
}  // namespace padlock::x509

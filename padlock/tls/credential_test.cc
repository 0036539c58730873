#include "padlock/tls/credential.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>

#include "padlock/crypto/provider.h"
#include "padlock/der/pem.h"
#include "padlock/der/rules.h"
#include "padlock/tls/credential_rules.h"
#include "padlock/x509/issue.h"

namespace padlock::tls {
namespace {

constexpr WallTime start{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

/// A chain of three: root, intermediate, leaf, with the leaf's key.
class CredentialFile : public testing::Test {
 protected:
  void SetUp() override {
    const auto root_key = make();
    const auto root = parsed(x509::issue_self_signed(ca("root", 1), *root_key.key, *provider_));
    const auto sub_key = make();
    const auto sub = parsed(issue(ca("sub", 0), sub_key, *root, root_key));
    leaf_key_ = make();
    leaf_ = pem(*parsed(issue(named("leaf"), leaf_key_, *sub, sub_key)));
    sub_ = pem(*sub);
    root_ = pem(*root);
    key_ = as_text(der::write_secret_pem("PRIVATE KEY", leaf_key_.pkcs8.reveal()).reveal());
  }
  crypto::GeneratedKey make(crypto::KeyKind kind = crypto::KeyKind::ecdsa_p256) {
    return provider_->generate_private_key(kind).value();
  }
  static x509::CertificateTemplate named(std::string_view name) {
    return {.subject = x509::make_name(std::array{x509::NameAttribute{der::oid::commonName, name}}),
            .not_before = start,
            .not_after = start + std::chrono::days{7}};
  }
  static x509::CertificateTemplate ca(std::string_view name, std::uint32_t path_length) {
    auto wanted = named(name);
    wanted.basic_constraints = x509::BasicConstraints{.ca = true, .path_length = path_length};
    wanted.key_usage = static_cast<std::uint16_t>(x509::KeyUsage::keyCertSign);
    return wanted;
  }
  Result<std::vector<std::uint8_t>> issue(const x509::CertificateTemplate& wanted, const crypto::GeneratedKey& key,
                                          const x509::Certificate& issuer, const crypto::GeneratedKey& issuer_key) {
    return x509::issue_certificate(wanted, key.key->public_key().parts(), {issuer, *issuer_key.key}, *provider_);
  }
  static std::shared_ptr<const x509::Certificate> parsed(const Result<std::vector<std::uint8_t>>& der) {
    return x509::parse_certificate(der.value()).value();
  }
  static std::string pem(const x509::Certificate& certificate) {
    return der::write_pem("CERTIFICATE", certificate.der);
  }
  const Rule* refusal(std::string_view certificates, std::string_view key) {
    const auto result = load_credential(certificates, key, *provider_);
    return result ? nullptr : result.error().rule;
  }

  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  crypto::GeneratedKey leaf_key_;
  std::string leaf_, sub_, root_, key_;
};

TEST_F(CredentialFile, GivesTheChainInItsOrderWithTheKey) {
  const auto credential = load_credential(leaf_ + "\nthe issuer:\n" + sub_ + root_, key_, *provider_);
  ASSERT_TRUE(credential) << credential.error().to_string();
  ASSERT_EQ(credential->chain.size(), 3U);
  EXPECT_EQ(der::write_pem("CERTIFICATE", credential->chain[0]), leaf_);
  EXPECT_EQ(der::write_pem("CERTIFICATE", credential->chain[2]), root_);
  ASSERT_TRUE(credential->key);
  EXPECT_EQ(refusal(leaf_, key_), nullptr) << "a leaf alone";
  EXPECT_EQ(refusal(leaf_ + key_, leaf_ + key_), nullptr) << "both in one file";
}

TEST_F(CredentialFile, RefusesAKeyOfAnotherCertificate) {
  const auto other = make();
  const auto text = der::write_pem("PRIVATE KEY", other.pkcs8.reveal());
  EXPECT_EQ(refusal(leaf_ + sub_, text), &rules::key_mismatch);
  EXPECT_EQ(refusal(sub_, key_), &rules::key_mismatch);
  const auto rsa = make(crypto::KeyKind::rsa_2048);
  EXPECT_EQ(refusal(leaf_, der::write_pem("PRIVATE KEY", rsa.pkcs8.reveal())), &rules::key_mismatch);
}

TEST_F(CredentialFile, RefusesAChainOutOfOrder) {
  EXPECT_EQ(refusal(sub_ + leaf_, key_), &rules::chain_order) << "the leaf is not first";
  EXPECT_EQ(refusal(leaf_ + root_ + sub_, key_), &rules::chain_order);
  EXPECT_EQ(refusal(leaf_ + root_, key_), &rules::chain_order);
  EXPECT_EQ(refusal(leaf_ + leaf_, key_), &rules::chain_order);
}

TEST_F(CredentialFile, RefusesWhatHoldsNoCertificate) {
  EXPECT_EQ(refusal("", key_), &rules::no_certificate);
  EXPECT_EQ(refusal(key_, key_), &rules::no_certificate);
  EXPECT_EQ(refusal(leaf_.substr(0, 200), key_), &der::rules::pem_unterminated);
  EXPECT_NE(refusal(der::write_pem("CERTIFICATE", as_bytes("rubbish")), key_), nullptr);
}

TEST_F(CredentialFile, RefusesWhatHoldsNoSingleKey) {
  EXPECT_EQ(refusal(leaf_, ""), &rules::no_private_key);
  EXPECT_EQ(refusal(leaf_, leaf_), &rules::no_private_key);
  EXPECT_EQ(refusal(leaf_, key_ + key_), &rules::no_private_key);
  EXPECT_EQ(refusal(leaf_, der::write_pem("ENCRYPTED PRIVATE KEY", as_bytes("x"))), &rules::encrypted_private_key);
  EXPECT_EQ(refusal(leaf_, der::write_pem("PRIVATE KEY", as_bytes("rubbish"))), &crypto::rules::unreadable_private_key);
}

TEST_F(CredentialFile, TakesUpToSixteenCertificates) {
  const auto key = make();
  const auto self = pem(*parsed(x509::issue_self_signed(ca("self", 1), *key.key, *provider_)));
  const auto text = der::write_pem("PRIVATE KEY", key.pkcs8.reveal());
  std::string chain;
  for (std::size_t i = 0; i < max_credential_chain; ++i) chain += self;
  EXPECT_EQ(refusal(chain.substr(self.size()), text), nullptr);
  EXPECT_EQ(refusal(chain, text), nullptr);
  EXPECT_EQ(refusal(chain + self, text), &rules::chain_too_long);
}

TEST_F(CredentialFile, EachRuleIsProvokedAbove) {
  EXPECT_EQ(rules::credential.size(), 6U) << "a new rule needs a test that provokes it";
}

}  // namespace
}  // namespace padlock::tls

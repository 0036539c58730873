#include "padlock/server/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "padlock/der/pem.h"
#include "padlock/der/rules.h"
#include "padlock/net/rules.h"
#include "padlock/server/rules.h"
#include "padlock/server/test_credential.h"
#include "padlock/tls/credential_rules.h"

namespace padlock::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::make_self_signed;
using testing::provider;
using tls::SignatureScheme;

const std::array ecdsa{SignatureScheme::ecdsa_secp256r1_sha256};
const std::array ed25519{SignatureScheme::ed25519};

std::shared_ptr<const tls::Credential> found(const Credentials& credentials, std::string_view name,
                                             std::span<const SignatureScheme> schemes) {
  const auto one = credentials.find(name, schemes);
  return one == nullptr ? nullptr : one->credential;
}

TEST(Credentials, AreFoundByAName) {
  const SiteCredential a = make_self_signed({"a.test"}).site({"a.test"});
  const SiteCredential b = make_self_signed({"*.b.test"}).site({"*.b.test"});
  const auto credentials = Credentials::make({a, b}).value();
  EXPECT_EQ(found(*credentials, "a.test", ecdsa), a.credential);
  EXPECT_EQ(found(*credentials, "x.b.test", ecdsa), b.credential);
  EXPECT_EQ(found(*credentials, "c.test", ecdsa), nullptr);
  EXPECT_THAT(credentials->names().all(), ElementsAre("a.test", "*.b.test"));
}

TEST(Credentials, OfSeveralTheOneThatCanSignIsChosen) {
  const SiteCredential a = make_self_signed({"a.test"}).site({"a.test"});
  const SiteCredential b = make_self_signed({"a.test"}, crypto::KeyKind::ed25519).site({"a.test"});
  const auto credentials = Credentials::make({a, b}).value();
  EXPECT_EQ(found(*credentials, "a.test", ecdsa), a.credential);
  EXPECT_EQ(found(*credentials, "a.test", ed25519), b.credential);
  EXPECT_EQ(found(*credentials, "a.test", {}), a.credential);
}

TEST(Credentials, WithASchemeThatMaySignCertificatesAloneAreNotChosen) {
  const auto key = provider().generate_private_key(crypto::KeyKind::rsa_2048).value().key;
  const SiteCredential rsa{Names({"a.test"}), std::make_shared<const tls::Credential>(tls::Credential{{}, key})};
  const SiteCredential b = make_self_signed({"a.test"}, crypto::KeyKind::ed25519).site({"a.test"});
  const auto credentials = Credentials::make({rsa, b}).value();
  const std::array schemes{SignatureScheme::rsa_pkcs1_sha256, SignatureScheme::ed25519};
  EXPECT_EQ(found(*credentials, "a.test", schemes), b.credential);
}

TEST(Credentials, NameEachNameOnce) {
  const SiteCredential a = make_self_signed({"a.test", "b.test"}).site({"a.test", "b.test"});
  const SiteCredential b = make_self_signed({"b.test", "c.test"}).site({"b.test", "c.test"});
  EXPECT_THAT(Credentials::make({a, b}).value()->names().all(), ElementsAre("a.test", "b.test", "c.test"));
}

TEST(Credentials, AreReplacedWhileTheServerRuns) {
  const SiteCredential before = make_self_signed({"a.test"}).site({"a.test"});
  const SiteCredential after = make_self_signed({"a.test"}).site({"a.test"});
  const auto credentials = Credentials::make({before}).value();
  const auto kept = credentials->find("a.test", ecdsa);
  ASSERT_TRUE(credentials->replace({after}));
  EXPECT_EQ(found(*credentials, "a.test", ecdsa), after.credential);
  EXPECT_EQ(kept->credential, before.credential) << "a handshake goes on with what it began with";
  EXPECT_EQ(credentials->replace({}).error().rule, &rules::no_names);
  EXPECT_EQ(found(*credentials, "a.test", ecdsa), after.credential) << "a refused replacement changes nothing";
}

/// Certificate and key files in a folder of their own.
class CredentialFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "padlock-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, std::string_view text) {
    const std::filesystem::path path = folder_ / name;
    std::ofstream(path) << text;
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path;
  }
  std::filesystem::path write_certificate(const testing::SelfSigned& one) {
    return write("cert.pem", der::write_pem("CERTIFICATE", one.certificate));
  }
  std::filesystem::path write_key(const testing::SelfSigned& one) {
    return write("key.pem", der::write_pem("PRIVATE KEY", one.key.pkcs8.reveal()));
  }
  const Rule* rule_of(const std::filesystem::path& certificate, const std::filesystem::path& key) {
    const auto loaded = load_credential(certificate, key, provider());
    if (loaded) return nullptr;
    message_ = loaded.error().what;
    return loaded.error().rule;
  }

  std::filesystem::path folder_;
  std::string message_;
};

TEST_F(CredentialFiles, AreLoadedWithTheNamesOfTheLeaf) {
  for (const auto kind : {crypto::KeyKind::ecdsa_p256, crypto::KeyKind::ecdsa_p384, crypto::KeyKind::ecdsa_p521,
                          crypto::KeyKind::ed25519}) {
    const auto one = make_self_signed({"a.test", "127.0.0.1", "::1"}, kind);
    const auto loaded = load_credential(write_certificate(one), write_key(one), provider());
    ASSERT_TRUE(loaded) << loaded.error().to_string();
    EXPECT_THAT(loaded->names.all(), ElementsAre("a.test", "127.0.0.1", "::1"));
    EXPECT_THAT(loaded->credential->chain, ElementsAre(one.certificate));
  }
}

TEST_F(CredentialFiles, ThatAreWrongAreRefusedByName) {
  const auto one = make_self_signed({"a.test"});
  const auto certificate = write_certificate(one);
  const auto key = write_key(one);
  EXPECT_EQ(rule_of(folder_ / "none.pem", key), &net::rules::file_missing);
  EXPECT_EQ(rule_of(certificate, folder_ / "none.pem"), &net::rules::file_missing);
  EXPECT_THAT(message_, HasSubstr("none.pem"));
  EXPECT_EQ(rule_of(write("empty.pem", "no PEM here\n"), key), &tls::rules::no_certificate);
  EXPECT_EQ(rule_of(write("cut.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n"), key), &der::rules::pem_unterminated);
  EXPECT_THAT(message_, HasSubstr("cut.pem"));
  EXPECT_EQ(rule_of(certificate, certificate), &tls::rules::no_private_key);
  EXPECT_EQ(rule_of(certificate, write("two.pem", der::write_pem("PRIVATE KEY", one.key.pkcs8.reveal()) +
                                                      der::write_pem("PRIVATE KEY", one.key.pkcs8.reveal()))),
            &tls::rules::no_private_key);
  EXPECT_EQ(rule_of(certificate, write("bad.pem", der::write_pem("PRIVATE KEY", as_bytes("nonsense")))),
            &crypto::rules::unreadable_private_key);
  const auto other = make_self_signed({"a.test"});
  EXPECT_EQ(rule_of(certificate, write("other.pem", der::write_pem("PRIVATE KEY", other.key.pkcs8.reveal()))),
            &tls::rules::key_mismatch);
  const auto nameless = make_self_signed({});
  EXPECT_EQ(rule_of(write_certificate(nameless), write_key(nameless)), &rules::certificate_without_names);
}

TEST_F(CredentialFiles, AKeyThatOthersMayReadIsRefused) {
  const auto one = make_self_signed({"a.test"});
  const auto key = write_key(one);
  std::filesystem::permissions(key, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  EXPECT_EQ(rule_of(write_certificate(one), key), &net::rules::key_readable_by_others);
}

}  // namespace
}  // namespace padlock::server

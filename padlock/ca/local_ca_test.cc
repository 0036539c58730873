#include "padlock/ca/local_ca.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#include "padlock/ca/limits.h"
#include "padlock/ca/rules.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/rules.h"
#include "padlock/x509/crl.h"
#include "padlock/x509/public_key_info.h"
#include "padlock/x509/verify.h"

namespace padlock::ca {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;
using std::chrono::seconds;

constexpr WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
const std::vector<std::string> default_names{"localhost", "127.0.0.1", "::1"};

/// A provider that takes one public key for a bad one.
class DoubtingProvider final : public crypto::Provider {
 public:
  std::optional<crypto::PublicKeyParts> doubted;

  Result<std::shared_ptr<const crypto::PublicKey>> make_public_key(crypto::PublicKeyParts parts) override {
    if (doubted && x509::same_public_key(parts, *doubted)) return broken(crypto::rules::invalid_public_key, "doubted");
    return real_->make_public_key(std::move(parts));
  }
  std::unique_ptr<crypto::Aead> make_aead(crypto::AeadAlgorithm algorithm, Bytes key) override {
    return real_->make_aead(algorithm, key);
  }
  Result<void> random(std::span<std::uint8_t> out) override { return real_->random(out); }
  Result<std::shared_ptr<const crypto::EphemeralKey>> make_key_share(crypto::NamedGroup group) override {
    return real_->make_key_share(group);
  }
  Result<std::shared_ptr<const crypto::EphemeralKey>> make_key_share_for(crypto::NamedGroup group,
                                                                         Bytes peer_share) override {
    return real_->make_key_share_for(group, peer_share);
  }
  Result<crypto::SharedSecret> agree(const crypto::EphemeralKey& key, Bytes peer_share) override {
    return real_->agree(key, peer_share);
  }
  Result<crypto::SharedSecret> agree_in_finite_field(const crypto::EphemeralKey& key, Bytes peer_share,
                                                     crypto::HashAlgorithm prf_hash) override {
    return real_->agree_in_finite_field(key, peer_share, prf_hash);
  }
  Result<std::shared_ptr<const crypto::PrivateKey>> load_private_key(Bytes der) override {
    return real_->load_private_key(der);
  }
  Result<crypto::GeneratedKey> generate_private_key(crypto::KeyKind kind) override {
    return real_->generate_private_key(kind);
  }
  std::string description() const override { return "doubting " + real_->description(); }

 private:
  std::unique_ptr<crypto::Provider> real_ = crypto::make_provider();
};

class LocalCaFolder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("padlock-ca-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  Result<LocalCa> open(WallTime at = now) { return LocalCa::open_or_create(folder_ / "state", *provider_, at); }
  fs::path ca_file(std::string_view name) const { return folder_ / "state" / "ca" / name; }
  fs::path leaf_file(std::string_view name) const {
    return fs::directory_iterator(folder_ / "state" / "leaves")->path() / name;
  }
  static void overwrite(const fs::path& path, std::string_view text) { std::ofstream(path, std::ios::trunc) << text; }
  bool trusted(const LocalCa& ca, const IssuedLeaf& leaf, std::string_view host, WallTime at) {
    x509::TrustStore store;
    store.add(ca.root(), x509::TrustSource::local_ca);
    return x509::verify_chain({.chain = leaf.credential.chain, .server_name = host, .now = at}, store, *provider_)
        .trusted;
  }

  fs::path folder_;
  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
};

TEST_F(LocalCaFolder, IsMadeOnceAndFoundAgain) {
  auto made = open();
  ASSERT_TRUE(made) << made.error().to_string();
  ASSERT_EQ(made->notices().size(), 1U);
  EXPECT_NE(made->notices()[0].find("a new local CA stands in"), std::string::npos);
  const auto root = made->root()->der;
  auto again = open(now + days{1});
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(again->root()->der, root);
  EXPECT_TRUE(again->notices().empty());
  EXPECT_EQ(LocalCa::find_root(folder_ / "state", *provider_).value()->der, root);
}

TEST_F(LocalCaFolder, FindsNoRootWhereNoneIsAndMakesNone) {
  EXPECT_EQ(LocalCa::find_root(folder_ / "state", *provider_).value(), nullptr);
  EXPECT_FALSE(fs::exists(folder_ / "state"));
}

TEST_F(LocalCaFolder, KeepsFilesForItsOwnerAloneUnderAnyUmask) {
  const mode_t before = ::umask(0);
  auto ca = open();
  const bool issued = ca && ca->issue(default_names, now);
  ::umask(before);
  ASSERT_TRUE(issued);
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "state")) {
    struct stat status{};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, entry.is_directory() ? 0700U : 0600U) << entry.path();
    if (!entry.is_directory()) names.insert(entry.path().filename());
  }
  EXPECT_EQ(names, (std::set<std::string>{"root.pem", "root.key", "intermediate.pem", "intermediate.key", "lock",
                                          "issued.jsonl", "cert.pem", "key.pem"}));
}

TEST_F(LocalCaFolder, IssuesALeafWithItsIntermediateAndStoresIt) {
  auto ca = open();
  ASSERT_TRUE(ca);
  const auto leaf = ca->issue(default_names, now);
  ASSERT_TRUE(leaf) << leaf.error().to_string();
  EXPECT_FALSE(leaf->reused);
  ASSERT_EQ(leaf->credential.chain.size(), 2U) << "the root is not sent";
  for (const std::string& name : default_names) EXPECT_TRUE(trusted(*ca, *leaf, name, now)) << name;
  EXPECT_FALSE(trusted(*ca, *leaf, "example.com", now));
  EXPECT_EQ(credential_for(*leaf)->chain, leaf->credential.chain);

  const auto again = ca->issue(std::vector<std::string>{"::1", "127.0.0.1", "LOCALHOST"}, now + days{1});
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->reused) << "the same names in another order";
  EXPECT_EQ(again->credential.chain, leaf->credential.chain);
  const auto other = ca->issue(std::vector<std::string>{"localhost"}, now);
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->reused) << "other names";
}

TEST_F(LocalCaFolder, ReplacesALeafWithAThirdOfItsLifeLeft) {
  auto ca = open();
  const auto first = ca->issue(default_names, now).value();
  EXPECT_EQ((first.not_after - first.renew_at) / std::chrono::hours{1}, 7 * 24 / 3 - 1);
  EXPECT_TRUE(ca->issue(default_names, first.renew_at - seconds{1})->reused);
  const auto second = ca->issue(default_names, first.renew_at).value();
  EXPECT_FALSE(second.reused);
  EXPECT_NE(second.credential.chain[0], first.credential.chain[0]);
  const auto key_of = [](const IssuedLeaf& leaf) { return leaf.credential.key->public_key().parts(); };
  EXPECT_FALSE(x509::same_public_key(key_of(first), key_of(second))) << "fresh at each renewal";
  EXPECT_TRUE(trusted(*ca, second, "localhost", first.renew_at));
}

TEST_F(LocalCaFolder, ReplacesTheIntermediateWhenDueAndKeepsTheRoot) {
  auto ca = open();
  const auto first = ca->issue(default_names, now).value();
  const WallTime later = now + days{300};
  const auto second = ca->issue(default_names, later).value();
  EXPECT_NE(second.credential.chain[1], first.credential.chain[1]);
  EXPECT_TRUE(trusted(*ca, second, "localhost", later));
  EXPECT_EQ(open(later)->root()->der, ca->root()->der);
}

TEST_F(LocalCaFolder, StartsAnewWhenTheRootsTimeIsOver) {
  const auto old = open()->root()->der;
  const WallTime late = now + days{3650};
  auto ca = open(late);
  ASSERT_TRUE(ca) << ca.error().to_string();
  EXPECT_NE(ca->root()->der, old);
  EXPECT_TRUE(fs::exists(ca_file("root.pem.set-aside-1")));
  ASSERT_EQ(ca->notices().size(), 2U);
  EXPECT_NE(ca->notices()[0].find("has come to its end"), std::string::npos);
  EXPECT_TRUE(trusted(*ca, ca->issue(default_names, late).value(), "localhost", late));
}

TEST_F(LocalCaFolder, SaysSoWhenTheClockStandsBeforeTheRoot) {
  ASSERT_TRUE(open());
  const auto early = open(now - days{2});
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().rule, &rules::root_begins_later);
}

TEST_F(LocalCaFolder, RefusesNamesOfOthers) {
  auto ca = open();
  const auto refused = ca->issue(std::vector<std::string>{"localhost", "example.com"}, now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rule, &rules::name_outside);
  EXPECT_NE(refused.error().rule->hint.find("--cert and --key"), std::string_view::npos);
  EXPECT_NE(refused.error().rule->hint.find("ACME"), std::string_view::npos);
  EXPECT_EQ(ca->issue({}, now).error().rule, &rules::name_count);
  EXPECT_EQ(ca->issue(std::vector<std::string>{"a b"}, now).error().rule, &rules::malformed_name);
  EXPECT_TRUE(fs::is_empty(folder_ / "state" / "leaves"));
}

TEST_F(LocalCaFolder, RefusesKeysAndFoldersOpenToOthers) {
  ASSERT_TRUE(open()->issue(default_names, now));
  for (const fs::path& key : {ca_file("root.key"), ca_file("intermediate.key"), leaf_file("key.pem")}) {
    for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0666U}) {
      ASSERT_EQ(::chmod(key.c_str(), mode), 0);
      auto ca = open();
      const auto error = ca ? ca->issue(default_names, now).error() : ca.error();
      EXPECT_EQ(error.rule, &net::rules::key_readable_by_others) << key << " " << mode;
      EXPECT_NE(error.what.find(key.native()), std::string::npos) << "names the file";
    }
    ASSERT_EQ(::chmod(key.c_str(), 0600), 0);
  }
  ASSERT_EQ(::chmod((folder_ / "state" / "ca").c_str(), 0755), 0);
  EXPECT_EQ(open().error().rule, &net::rules::directory_open_to_others);
  EXPECT_EQ(LocalCa::find_root(folder_ / "state", *provider_).error().rule, &net::rules::directory_open_to_others);
}

TEST_F(LocalCaFolder, SetsDamagedFilesAsideAndSaysSo) {
  const auto root = open()->root()->der;
  int number = 0;
  const std::string pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  for (const std::string& text :
       {std::string(), std::string("rubbish"), pem, pem.substr(0, 30), std::string(max_file_bytes + 1, 'x')}) {
    overwrite(ca_file("intermediate.pem"), text);
    auto ca = open();
    ASSERT_TRUE(ca) << ca.error().to_string();
    EXPECT_EQ(ca->root()->der, root) << "the root is not touched";
    ASSERT_EQ(ca->notices().size(), 1U);
    EXPECT_NE(ca->notices()[0].find("intermediate.pem"), std::string::npos) << ca->notices()[0];
    const std::string kept = "intermediate.pem.set-aside-" + std::to_string(++number);
    EXPECT_NE(ca->notices()[0].find(kept), std::string::npos) << ca->notices()[0];
    EXPECT_TRUE(fs::exists(ca_file(kept)));
    EXPECT_TRUE(trusted(*ca, ca->issue(default_names, now).value(), "localhost", now));
  }
}

TEST_F(LocalCaFolder, MakesANewRootInPlaceOfADamagedOne) {
  std::vector<std::uint8_t> before = open()->root()->der;
  ASSERT_TRUE(open()->issue(default_names, now));
  const auto renewed = [&](std::string_view how) {
    auto ca = open();
    ASSERT_TRUE(ca) << how << ": " << ca.error().to_string();
    EXPECT_NE(ca->root()->der, before) << how;
    ASSERT_EQ(ca->notices().size(), 2U) << how;
    const auto leaf = ca->issue(default_names, now);
    ASSERT_TRUE(leaf) << how;
    EXPECT_FALSE(leaf->reused) << how << ": the old leaf is of the old root";
    EXPECT_TRUE(trusted(*ca, *leaf, "localhost", now)) << how;
    before = ca->root()->der;
  };
  overwrite(ca_file("root.key"), "rubbish");
  renewed("a key that is none");
  fs::remove(ca_file("root.key"));
  renewed("no key");
  fs::remove(ca_file("root.pem"));
  renewed("no certificate");
  fs::copy_file(ca_file("intermediate.key"), ca_file("root.key"), fs::copy_options::overwrite_existing);
  renewed("another's key");
  fs::copy_file(ca_file("intermediate.key"), ca_file("root.key"), fs::copy_options::overwrite_existing);
  fs::copy_file(ca_file("intermediate.pem"), ca_file("root.pem"), fs::copy_options::overwrite_existing);
  renewed("a CA that is no root");
}

TEST_F(LocalCaFolder, MakesANewLeafInPlaceOfADamagedOne) {
  auto ca = open();
  ASSERT_TRUE(ca->issue(default_names, now));
  overwrite(leaf_file("cert.pem"), "rubbish");
  EXPECT_FALSE(ca->issue(default_names, now)->reused);
  fs::remove(leaf_file("key.pem"));
  EXPECT_FALSE(ca->issue(default_names, now)->reused);
  EXPECT_TRUE(ca->issue(default_names, now)->reused);
  EXPECT_EQ(ca->notices().size(), 3U);
}

TEST_F(LocalCaFolder, ClearsWhatACrashLeft) {
  auto ca = open();
  overwrite(ca_file(".root.key.1-0.padlock-tmp"), "half");
  ASSERT_TRUE(open());
  EXPECT_FALSE(fs::exists(ca_file(".root.key.1-0.padlock-tmp")));
}

TEST_F(LocalCaFolder, FindsNoRootThatIsNotOurs) {
  ASSERT_TRUE(open());
  fs::copy_file(ca_file("intermediate.pem"), ca_file("root.pem"), fs::copy_options::overwrite_existing);
  EXPECT_EQ(LocalCa::find_root(folder_ / "state", *provider_).error().rule, &rules::not_our_root);
  overwrite(ca_file("root.pem"), "rubbish");
  EXPECT_EQ(LocalCa::find_root(folder_ / "state", *provider_).error().rule, &rules::damaged_file);
}

TEST_F(LocalCaFolder, IsMadeOnceByManyAtATime) {
  std::array<std::vector<std::uint8_t>, 4> roots, leaves;
  {
    std::vector<std::jthread> threads;
    threads.reserve(roots.size());
    for (std::size_t i = 0; i < roots.size(); ++i) {
      threads.emplace_back([this, i, &roots, &leaves] {
        const auto provider = crypto::make_provider();
        auto ca = LocalCa::open_or_create(folder_ / "state", *provider, now);
        if (!ca) return;
        roots[i] = ca->root()->der;
        if (const auto leaf = ca->issue(default_names, now)) leaves[i] = leaf->credential.chain[0];
      });
    }
  }
  EXPECT_FALSE(roots[0].empty());
  EXPECT_FALSE(leaves[0].empty());
  for (std::size_t i = 1; i < roots.size(); ++i) {
    EXPECT_EQ(roots[i], roots[0]);
    EXPECT_EQ(leaves[i], leaves[0]);
  }
}

TEST_F(LocalCaFolder, HandsOutNothingThatOurVerifierRefuses) {
  DoubtingProvider provider;
  auto ca = LocalCa::open_or_create(folder_ / "state", provider, now);
  ASSERT_TRUE(ca);
  const auto intermediate = ca->issue(default_names, now)->credential.chain[1];
  provider.doubted = x509::parse_certificate(intermediate).value()->public_key;
  const auto leaf = ca->issue(std::vector<std::string>{"shop.test"}, now);
  ASSERT_FALSE(leaf);
  EXPECT_EQ(leaf.error().rule, &rules::refused_by_own_verifier);
  EXPECT_TRUE(fs::is_empty(folder_ / "state" / "leaves" / "shop.test"));
}

TEST_F(LocalCaFolder, LogsEveryCertificateThatLeavesIt) {
  auto ca = open();
  EXPECT_TRUE(ca->issue_log()->entries.empty());
  ASSERT_TRUE(ca->issue(default_names, now));
  ASSERT_TRUE(ca->issue(default_names, now)) << "reused: not a second one";
  const auto given = ca->hand_out(std::vector<std::string>{"Shop.test", "*.shop.test"}, now);
  ASSERT_TRUE(given) << given.error().to_string();
  const auto log = ca->issue_log();
  ASSERT_TRUE(log);
  ASSERT_EQ(log->entries.size(), 2U);
  EXPECT_EQ(log->entries[0].names, (std::vector<std::string>{"localhost", "::1", "127.0.0.1"}));
  EXPECT_EQ(log->entries[1], entry_of(*given->leaf, now));
  EXPECT_EQ(log->entries[1].names, (std::vector<std::string>{"*.shop.test", "shop.test"}));
  EXPECT_EQ(log->entries[1].issuer, to_hex(given->intermediate->subject_key_identifier));
  EXPECT_EQ(log->entries[1].not_after, given->leaf->not_after);
}

TEST_F(LocalCaFolder, HandsOutNothingThatTheLogCannotTake) {
  auto ca = open();
  fs::create_directory(ca_file("issued.jsonl"));
  EXPECT_EQ(ca->hand_out(default_names, now).error().rule, &net::rules::file_unwritable);
  EXPECT_FALSE(ca->issue(default_names, now));
}

TEST_F(LocalCaFolder, HandsOutCertificatesAsLongAsTheyAreAskedFor) {
  auto ca = open();
  for (const seconds life : {seconds(days{1}), seconds(days{30}), seconds(max_leaf_life)}) {
    const auto given = ca->hand_out(default_names, now, {.life = life});
    ASSERT_TRUE(given) << given.error().to_string();
    EXPECT_EQ(given->leaf->not_after - given->leaf->not_before, life - seconds{1});
    const SecretBytes& key = given->pkcs8;
    EXPECT_TRUE(x509::same_public_key(provider_->load_private_key(key.reveal()).value()->public_key().parts(),
                                      given->leaf->public_key));
  }
  for (const seconds life : {days{1} - seconds{1}, max_leaf_life + seconds{1}}) {
    EXPECT_EQ(ca->hand_out(default_names, now, {.life = life}).error().rule, &rules::life_too_long);
  }
  const auto rsa = ca->hand_out(default_names, now, {.key = LeafKey::rsa});
  ASSERT_TRUE(rsa);
  EXPECT_TRUE(std::holds_alternative<crypto::RsaPublicKey>(rsa->leaf->public_key));
  EXPECT_EQ(ca->hand_out(std::vector<std::string>{"example.com"}, now).error().rule, &rules::name_outside);
}

TEST_F(LocalCaFolder, RevokesByNameBySerialAndByCertificate) {
  auto ca = open();
  const auto give = [&](const std::vector<std::string>& names) { return ca->hand_out(names, now).value().leaf; };
  const auto one = give({"a.test"}), two = give({"a.test", "b.test"}), three = give({"c.test"}),
             four = give({"d.test"});
  const auto by_name = ca->revoke("A.test", x509::CRLReason::keyCompromise, now + days{1});
  ASSERT_TRUE(by_name) << by_name.error().to_string();
  ASSERT_EQ(by_name->size(), 2U);
  EXPECT_EQ(by_name->front(), (Revocation{.serial = serial_text(one->serial),
                                          .issuer = to_hex(ca->intermediate()->subject_key_identifier),
                                          .reason = x509::CRLReason::keyCompromise,
                                          .at = now + days{1},
                                          .not_after = one->not_after}));
  EXPECT_EQ(by_name->back().serial, serial_text(two->serial));
  EXPECT_TRUE(ca->revoke("a.test", x509::CRLReason::superseded, now)->empty()) << "once is enough";
  EXPECT_EQ(ca->revoke("00" + serial_text(three->serial), x509::CRLReason::superseded, now)->size(), 1U);
  EXPECT_EQ(ca->revoke(four, x509::CRLReason::unspecified, now)->size(), 1U);
  EXPECT_EQ(ca->revocations()->entries.size(), 4U);
  for (const char* const nobody : {"e.test", "", "ffff", "localhost"})
    EXPECT_EQ(ca->revoke(nobody, x509::CRLReason::unspecified, now).error().rule, &rules::nothing_to_revoke) << nobody;
  EXPECT_EQ(ca->revoke("b.test", x509::CRLReason::unspecified, now + days{30}).error().rule, &rules::nothing_to_revoke)
      << "expired";
}

TEST_F(LocalCaFolder, RevokesNothingThatItHasNotIssued) {
  auto ca = open();
  EXPECT_EQ(ca->revoke(ca->root(), x509::CRLReason::unspecified, now).error().rule, &rules::not_issued_here)
      << "nobody can revoke a root";
  const auto other = LocalCa::open_or_create(folder_ / "other", *provider_, now)->hand_out(default_names, now);
  EXPECT_EQ(ca->revoke(other->leaf, x509::CRLReason::unspecified, now).error().rule, &rules::not_issued_here);
  EXPECT_TRUE(ca->revocations()->entries.empty());
}

TEST_F(LocalCaFolder, ServesNoLeafAndUsesNoIntermediateThatWasRevoked) {
  auto ca = open();
  const auto first = ca->issue(default_names, now).value();
  ASSERT_EQ(ca->revoke("localhost", x509::CRLReason::keyCompromise, now)->size(), 1U);
  const auto second = ca->issue(default_names, now).value();
  EXPECT_FALSE(second.reused);
  EXPECT_EQ(second.credential.chain[1], first.credential.chain[1]);
  ASSERT_TRUE(ca->revoke(ca->intermediate(), x509::CRLReason::keyCompromise, now));
  const auto third = ca->issue(std::vector<std::string>{"a.test"}, now).value();
  EXPECT_NE(third.credential.chain[1], first.credential.chain[1]);
}

TEST_F(LocalCaFolder, SaysWhereRevocationIsToldOnceItHasAUrl) {
  const auto plain = open()->hand_out(default_names, now);
  EXPECT_TRUE(plain->leaf->crl_urls.empty() && plain->leaf->ocsp_urls.empty() && plain->leaf->ca_issuers_urls.empty());
  ASSERT_TRUE(LocalCa::configure(folder_ / "state", {.url = "http://ca.internal:8080"}, *provider_));
  auto ca = open();
  const auto told = ca->hand_out(default_names, now);
  const StatusUrls urls = status_urls("http://ca.internal:8080", *ca->intermediate());
  EXPECT_EQ(told->leaf->crl_urls, std::vector{urls.crl});
  EXPECT_EQ(told->leaf->ocsp_urls, std::vector<std::string>{"http://ca.internal:8080/.well-known/padlock-ca/ocsp"});
  EXPECT_EQ(told->leaf->ca_issuers_urls, std::vector{urls.ca_issuers});
  fs::remove_all(folder_ / "state");
  ASSERT_TRUE(LocalCa::configure(folder_ / "state", {.url = "http://ca.internal"}, *provider_));
  auto anew = open();
  EXPECT_EQ(anew->intermediate()->crl_urls, std::vector{status_urls("http://ca.internal", *anew->root()).crl});
  EXPECT_TRUE(anew->root()->crl_urls.empty());
}

TEST_F(LocalCaFolder, KeepsTheLastIntermediatesKeyForItsLists) {
  auto ca = open();
  const auto old = ca->hand_out(default_names, now, {.life = max_leaf_life}).value();
  const WallTime later = now + days{300};
  const auto renewed = ca->hand_out(default_names, later).value();
  EXPECT_NE(renewed.intermediate->der, old.intermediate->der);
  ASSERT_EQ(ca->revoke(old.leaf, x509::CRLReason::superseded, later)->size(), 1U) << "its issuer is the one before";
  const auto answers = ca->make_answers(later);
  ASSERT_TRUE(answers) << answers.error().to_string();
  const auto name_of_list = [](const x509::Certificate& issuer) {
    const std::string url = status_urls("http://a", issuer).crl;
    return url.substr(url.rfind('/') + 1);
  };
  for (const auto& issuer : {old.intermediate, renewed.intermediate}) {
    const Document* document = answers->find(name_of_list(*issuer));
    ASSERT_NE(document, nullptr);
    const auto list = x509::parse_certificate_list(document->bytes).value();
    EXPECT_TRUE(x509::verify_certificate_list(*list, *issuer, *provider_));
    EXPECT_EQ(list->size(), issuer == old.intermediate ? 1U : 0U);
  }
}

TEST_F(LocalCaFolder, CertifiesKeysOfOthers) {
  auto ca = open();
  const auto key = provider_->generate_private_key(crypto::KeyKind::ecdsa_p256)->key;
  const auto given = ca->certify(default_names, key->public_key().parts(), now);
  ASSERT_TRUE(given) << given.error().to_string();
  EXPECT_TRUE(x509::same_public_key(given->leaf->public_key, key->public_key().parts()));
  EXPECT_EQ(ca->issue_log()->entries.size(), 1U);
  EXPECT_EQ(ca->certify(std::vector<std::string>{"example.com"}, key->public_key().parts(), now).error().rule,
            &rules::name_outside);
}

TEST_F(LocalCaFolder, IsCalledAsItWasTold) {
  const Settings wanted{.name = "Ada's machine", .url = "http://ada.internal:8080"};
  ASSERT_TRUE(LocalCa::configure(folder_ / "state", wanted, *provider_));
  auto ca = open();
  ASSERT_TRUE(ca) << ca.error().to_string();
  EXPECT_EQ(ca->settings(), wanted);
  EXPECT_EQ(ca->root()->subject.common_name(), "Ada's machine");
  EXPECT_EQ(ca->intermediate()->subject.common_name(), "Ada's machine intermediate");
  EXPECT_TRUE(trusted(*ca, ca->issue(default_names, now).value(), "localhost", now));
  EXPECT_TRUE(LocalCa::configure(folder_ / "state", {.name = "Ada's machine"}, *provider_)) << "the URL may change";
  EXPECT_EQ(LocalCa::configure(folder_ / "state", {.name = "Bob's"}, *provider_).error().rule,
            &rules::ca_has_another_name);
  EXPECT_EQ(LocalCa::configure(folder_ / "state", {.name = ""}, *provider_).error().rule, &rules::malformed_ca_name);
  overwrite(ca_file("settings.json"), "rubbish");
  EXPECT_EQ(open().error().rule, &rules::damaged_settings);
}

TEST_F(LocalCaFolder, IsForTheDomainsThatItWasMadeFor) {
  const std::vector<std::string> printer{"printer.lan"};
  EXPECT_EQ(open()->hand_out(printer, now).error().rule, &rules::name_outside);
  EXPECT_EQ(LocalCa::configure(folder_ / "state", {.domains = {"lan"}}, *provider_).error().rule,
            &rules::ca_has_other_domains)
      << "a root keeps its constraints";
  fs::remove_all(folder_ / "state");
  ASSERT_TRUE(LocalCa::configure(folder_ / "state", {.domains = {"lan", "corp.example.com"}}, *provider_));
  for (int again = 0; again < 2; ++again) {
    auto ca = open();
    ASSERT_TRUE(ca) << ca.error().to_string();
    EXPECT_EQ(ca->domains(), (std::vector<std::string>{"lan", "corp.example.com"}));
    EXPECT_TRUE(trusted(*ca, ca->issue(printer, now).value(), "printer.lan", now));
    const std::vector<std::string> other{"www.example.com"};
    EXPECT_EQ(ca->hand_out(other, now).error().rule, &rules::name_outside);
    fs::remove(ca_file("settings.json"));  // the root alone says what it is for
  }
  EXPECT_TRUE(LocalCa::find_root(folder_ / "state", *provider_).value());
  EXPECT_EQ(LocalCa::read_root(ca_file("root.pem"), *provider_).error().rule, &rules::not_our_root)
      << "from elsewhere only what is for the usual names";
}

TEST(LocalCaRules, AreEachProvokedAbove) {
  EXPECT_EQ(rules::all.size(), 20U) << "a new rule needs a test that provokes it";
}

}  // namespace
}  // namespace padlock::ca

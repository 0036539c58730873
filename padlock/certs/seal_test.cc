#include "padlock/certs/seal.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/certs/redis_rules.h"
#include "padlock/net/rules.h"

namespace padlock::certs {
namespace {

using ::testing::HasSubstr;

Secret<seal_key_bytes> key_of(std::uint8_t filling) {
  return Secret<seal_key_bytes>::made(seal_key_bytes, [&](auto room) { std::ranges::fill(room, filling); });
}

class Seals : public ::testing::Test {
 protected:
  std::string opened(const SealKeys& keys, const StoreKey& key, Bytes sealed) {
    const auto found = keys.open(key, sealed, *provider_);
    return found ? std::string(as_text(found->value.reveal())) : "none";
  }

  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  SealKeys keys_{key_of(1)};
  const StoreKey shop_{.kind = Kind::certificate, .ca = "local", .name = "shop.test"};
};

TEST_F(Seals, OpenWhatTheyHaveClosedAndHideIt) {
  const auto sealed = keys_.seal(shop_, 7, as_bytes("a secret value"), *provider_).value();
  EXPECT_EQ(as_text(sealed).find("secret"), std::string_view::npos);
  EXPECT_TRUE(as_text(sealed).starts_with("padlock-sealed 1 "));
  const auto found = keys_.open(shop_, sealed, *provider_);
  ASSERT_TRUE(found);
  EXPECT_EQ(as_text(found->value.reveal()), "a secret value");
  EXPECT_EQ(found->version, 7U);
  EXPECT_NE(keys_.seal(shop_, 7, as_bytes("a secret value"), *provider_).value(), sealed) << "another nonce";
  EXPECT_EQ(opened(keys_, shop_, keys_.seal(shop_, 0, {}, *provider_).value()), "");
}

TEST_F(Seals, ThatWereAlteredAnywhereHoldNothing) {
  const auto sealed = keys_.seal(shop_, 7, as_bytes("a value"), *provider_).value();
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    for (const std::uint8_t bit : {std::uint8_t{1}, std::uint8_t{0x80}}) {
      auto flipped = sealed;
      flipped[at] ^= bit;
      EXPECT_EQ(opened(keys_, shop_, flipped), "none") << at;
    }
    EXPECT_EQ(opened(keys_, shop_, Bytes(sealed).first(at)), "none") << at;
  }
  auto longer = sealed;
  longer.push_back(0);
  EXPECT_EQ(opened(keys_, shop_, longer), "none");
}

TEST_F(Seals, HoldUnderTheirOwnNameKindAndVersionAlone) {
  const auto sealed = keys_.seal(shop_, 7, as_bytes("of shop"), *provider_).value();
  for (const StoreKey& other : {StoreKey{Kind::certificate, "local", "other.test"},
                                {Kind::certificate, "ca", "shop.test"},
                                {Kind::order, "local", "shop.test"}})
    EXPECT_EQ(opened(keys_, other, sealed), "none") << to_string(other);
  std::string text(as_text(sealed));
  text.replace(text.find(" 7\n"), 3, " 8\n");
  EXPECT_EQ(opened(keys_, shop_, as_bytes(text)), "none");
  std::string spelled(as_text(sealed));
  spelled.replace(spelled.find(" 7\n"), 3, " 07\n");
  EXPECT_EQ(opened(keys_, shop_, as_bytes(spelled)), "none") << "one number has one spelling";
}

TEST_F(Seals, OpenWithAnOlderKeyAndCloseWithTheNewest) {
  const auto before = keys_.seal(shop_, 1, as_bytes("before"), *provider_).value();
  std::vector<Secret<seal_key_bytes>> older;
  older.push_back(key_of(1));
  const SealKeys rotated(key_of(2), std::move(older));
  EXPECT_EQ(opened(rotated, shop_, before), "before");
  const auto after = rotated.seal(shop_, 2, as_bytes("after"), *provider_).value();
  EXPECT_EQ(opened(keys_, shop_, after), "none");
  EXPECT_EQ(opened(SealKeys(key_of(2)), shop_, after), "after");
  EXPECT_EQ(opened(SealKeys(key_of(2)), shop_, before), "none");
}

class SealKeyFiles : public Seals {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) / ("padlock-seal-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(SealKeyFiles, AreMadeOnceForTheirOwnerAlone) {
  const auto file = folder_ / "seal.key";
  ASSERT_TRUE(make_seal_key(file, *provider_));
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(status.st_size, 32);
  EXPECT_EQ(make_seal_key(file, *provider_).error().rule, &redis_rules::seal_key_unusable);
  ASSERT_TRUE(make_seal_key(folder_ / "older.key", *provider_));
  const auto keys = SealKeys::load(file, {folder_ / "older.key"});
  ASSERT_TRUE(keys);
  const auto sealed = keys->seal(shop_, 1, as_bytes("x"), *provider_).value();
  EXPECT_EQ(opened(SealKeys::load(file, {}).value(), shop_, sealed), "x");
  EXPECT_EQ(opened(SealKeys::load(folder_ / "older.key", {}).value(), shop_, sealed), "none");
}

TEST_F(SealKeyFiles, OfAnotherLengthOrOpenToOthersAreRefused) {
  const auto file = folder_ / "seal.key";
  for (const std::size_t size : {0U, 31U, 33U, 64U}) {
    std::ofstream(file, std::ios::binary) << std::string(size, 'k');
    ::chmod(file.c_str(), 0600);
    const auto keys = SealKeys::load(file, {});
    ASSERT_FALSE(keys) << size;
    EXPECT_EQ(keys.error().rule, &redis_rules::seal_key_unusable);
    EXPECT_THAT(keys.error().what, HasSubstr("has " + std::to_string(size) + " bytes"));
  }
  ::chmod(file.c_str(), 0640);
  EXPECT_EQ(SealKeys::load(file, {}).error().rule, &net::rules::key_readable_by_others);
  EXPECT_EQ(SealKeys::load(folder_ / "none", {}).error().rule, &net::rules::file_missing);
}

}  // namespace
}  // namespace padlock::certs

#include "padlock/ca/revocations.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "padlock/ca/limits.h"
#include "padlock/ca/rules.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/rules.h"

namespace padlock::ca {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;
using x509::CRLReason;

constexpr WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

class RevocationFile : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    ASSERT_TRUE(net::make_private_directory(folder_));
  }
  void TearDown() override { fs::remove_all(folder_); }
  static Revocation entry(std::size_t number, WallTime not_after = now + days{7}) {
    return {.serial = std::to_string(number),
            .issuer = std::string(40, 'a'),
            .reason = CRLReason::superseded,
            .at = now,
            .not_after = not_after};
  }
  fs::path folder_ = fs::path(testing::TempDir()) / ("padlock-revoked-" + std::to_string(::getpid()));
  fs::path file_ = folder_ / "revoked.jsonl";
};

TEST(RevocationReasons, AreThoseThatFitAServersCertificate) {
  EXPECT_EQ(find_reason("keyCompromise"), CRLReason::keyCompromise);
  EXPECT_EQ(find_reason("KEYCOMPROMISE"), CRLReason::keyCompromise);
  for (const char* const name : {"", "certificateHold", "removeFromCRL", "cACompromise", "unknown reason", "key"})
    EXPECT_EQ(find_reason(name), std::nullopt) << name;
  EXPECT_EQ(reasons_for_people(),
            "unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation, privilegeWithdrawn");
}

TEST_F(RevocationFile, ReadsBackWhatItWrote) {
  EXPECT_TRUE(read_revocations(file_)->entries.empty()) << "none is an empty one";
  for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(append_revocation(file_, entry(i), now));
  const auto all = read_revocations(file_);
  EXPECT_EQ(all->entries, (std::vector{entry(0), entry(1), entry(2)}));
  EXPECT_EQ(*all->find("1", entry(1).issuer), entry(1));
  EXPECT_EQ(all->find("1", "other"), nullptr);
  EXPECT_EQ(all->find("3", entry(1).issuer), nullptr);
}

TEST_F(RevocationFile, PassesOverWhatACrashCutOff) {
  ASSERT_TRUE(append_revocation(file_, entry(1), now));
  std::ofstream(file_, std::ios::app)
      << "[]\n{\"serial\":\"1\",\"issuer\":\"2\",\"reason\":\"x\",\"at\":1,\"not_after\":2}\n"
      << revocation_line(entry(2)).substr(0, 30);
  ASSERT_TRUE(append_revocation(file_, entry(3), now));
  const auto all = read_revocations(file_);
  EXPECT_EQ(all->entries, (std::vector{entry(1), entry(3)}));
  EXPECT_EQ(all->unreadable, 3U);
}

TEST_F(RevocationFile, ForgetsWhatExpiredAndRefusesMoreThanItsLimit) {
  const WallTime long_ago = now - expired_entry_life - days{1};
  std::string text = revocation_line(entry(0, long_ago));
  for (std::size_t i = 1; i < max_revocations - 1; ++i) text += revocation_line(entry(i));
  std::ofstream(file_) << text;
  ASSERT_TRUE(append_revocation(file_, entry(max_revocations), now)) << "at the limit";
  EXPECT_EQ(read_revocations(file_)->entries.size(), max_revocations);
  ASSERT_TRUE(append_revocation(file_, entry(max_revocations + 1), now)) << "the expired one makes room";
  EXPECT_EQ(read_revocations(file_)->entries.size(), max_revocations);
  EXPECT_EQ(append_revocation(file_, entry(max_revocations + 2), now).error().rule, &rules::too_many_revocations);
  EXPECT_EQ(read_revocations(file_)->entries.back(), entry(max_revocations + 1));
}

TEST_F(RevocationFile, ThatCannotBeReadIsAnError) {
  fs::create_directory(file_);
  EXPECT_EQ(read_revocations(file_).error().rule, &net::rules::file_unreadable);
  EXPECT_FALSE(append_revocation(file_, entry(1), now));
}

}  // namespace
}  // namespace padlock::ca

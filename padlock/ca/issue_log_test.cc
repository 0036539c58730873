#include "padlock/ca/issue_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "padlock/ca/limits.h"
#include "padlock/net/atomic_file.h"

namespace padlock::ca {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;

constexpr WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

class IssueLogFile : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    ASSERT_TRUE(net::make_private_directory(folder_));
  }
  void TearDown() override { fs::remove_all(folder_); }
  static IssuedEntry entry(std::size_t number, WallTime not_after = now + days{7}) {
    return {.serial = std::to_string(number),
            .names = {"a.test", "::1"},
            .at = now,
            .not_after = not_after,
            .issuer = "00ff"};
  }
  fs::path folder_ = fs::path(testing::TempDir()) / ("padlock-issued-" + std::to_string(::getpid()));
  fs::path file_ = folder_ / "issued.jsonl";
};

TEST(Serials, AreWrittenWithoutZerosInFront) {
  using Octets = std::vector<std::uint8_t>;
  EXPECT_EQ(serial_text(Octets{0x00, 0x0a, 0xbc}), "abc");
  EXPECT_EQ(serial_text(Octets{0x00}), "0");
  EXPECT_EQ(serial_text(Octets{0xf0, 0x00}), "f000");
}

TEST_F(IssueLogFile, ReadsBackWhatItWrote) {
  EXPECT_TRUE(read_issue_log(file_)->entries.empty()) << "none is an empty one";
  for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(append_to_issue_log(file_, entry(i), now));
  const auto log = read_issue_log(file_);
  ASSERT_TRUE(log);
  EXPECT_EQ(log->entries, (std::vector{entry(0), entry(1), entry(2)}));
  EXPECT_EQ(log->unreadable, 0U);
}

TEST_F(IssueLogFile, PassesOverWhatIsNoEntry) {
  ASSERT_TRUE(append_to_issue_log(file_, entry(1), now));
  const std::string half = issued_line(entry(2)).substr(0, 20);
  std::ofstream(file_, std::ios::app) << "rubbish\n[]\n{\"serial\":1}\n\n" << half;
  ASSERT_TRUE(append_to_issue_log(file_, entry(3), now));
  const auto log = read_issue_log(file_);
  EXPECT_EQ(log->entries, (std::vector{entry(1), entry(3)}));
  EXPECT_EQ(log->unreadable, 4U);
}

TEST_F(IssueLogFile, ForgetsWhatExpiredLongAgoOnceItIsFull) {
  const IssuedEntry expired = entry(7, now - expired_entry_life - days{1}), recent = entry(8, now - days{1});
  std::string text = issued_line(expired) + issued_line(recent);
  while (text.size() + issued_line(expired).size() <= max_issue_log_bytes) text += issued_line(expired);
  std::ofstream(file_) << text;
  if (text.size() + issued_line(entry(1)).size() <= max_issue_log_bytes) {
    ASSERT_TRUE(append_to_issue_log(file_, entry(1), now));
    EXPECT_GT(fs::file_size(file_), text.size()) << "at the limit nothing is forgotten";
  }
  ASSERT_TRUE(append_to_issue_log(file_, entry(2), now));
  const auto log = read_issue_log(file_);
  EXPECT_EQ(log->entries.front(), recent);
  EXPECT_EQ(log->entries.back(), entry(2));
  EXPECT_LE(log->entries.size(), 3U);
}

TEST_F(IssueLogFile, ForgetsTheOldestIfAllAreAlive) {
  std::string text;
  std::size_t number = 0;
  while (text.size() + issued_line(entry(number)).size() <= max_issue_log_bytes) text += issued_line(entry(number++));
  std::ofstream(file_) << text;
  for (std::size_t more = 0; more < 3; ++more) ASSERT_TRUE(append_to_issue_log(file_, entry(number + more), now));
  EXPECT_LE(fs::file_size(file_), max_issue_log_bytes / 2 + 1000);
  const auto log = read_issue_log(file_);
  EXPECT_EQ(log->entries.back(), entry(number + 2));
  EXPECT_GT(log->entries.size(), number / 3);
  EXPECT_NE(log->entries.front(), entry(0));
}

}  // namespace
}  // namespace padlock::ca

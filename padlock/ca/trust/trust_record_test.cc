#include "padlock/ca/trust/trust_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "padlock/ca/limits.h"
#include "padlock/ca/trust/rules.h"
#include "padlock/net/atomic_file.h"

namespace padlock::ca {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const std::string first(64, 'a'), second(64, 'b');
constexpr WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

class Record : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  void write(std::string_view text) {
    ASSERT_TRUE(net::make_private_directory(folder_));
    std::ofstream(folder_ / "trust.json", std::ios::trunc) << text;
  }
  fs::path folder_ = fs::path(testing::TempDir()) / ("padlock-record-" + std::to_string(::getpid()));
};

TEST_F(Record, ReadsBackWhatItWrote) {
  auto record = TrustRecord::open(folder_);
  ASSERT_TRUE(record) << "none is an empty one";
  EXPECT_FALSE(fs::exists(folder_)) << "and makes no file";
  ASSERT_TRUE(record->note({first, StoreKind::system, "/a b/\"ü", now}));
  ASSERT_TRUE(record->note({second, StoreKind::firefox, "/profile", now}));
  ASSERT_TRUE(record->note({first, StoreKind::system, "/a b/\"ü", now})) << "once more is no second one";
  const auto again = TrustRecord::open(folder_);
  ASSERT_TRUE(again);
  ASSERT_EQ(again->installed().size(), 2U);
  EXPECT_EQ(again->installed()[0].fingerprint, second);
  EXPECT_EQ(again->installed()[0].kind, StoreKind::firefox);
  EXPECT_EQ(again->installed()[1].place, "/a b/\"ü");
  EXPECT_EQ(again->installed()[1].at, now);
  struct stat status{};
  ASSERT_EQ(::stat((folder_ / "trust.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
}

TEST_F(Record, ForgetsOneEntryAlone) {
  auto record = TrustRecord::open(folder_);
  for (const std::string& root : {first, second}) ASSERT_TRUE(record->note({root, StoreKind::chromium, "/x", now}));
  ASSERT_TRUE(record->forget(first, StoreKind::chromium, "/elsewhere"));
  ASSERT_TRUE(record->forget(first, StoreKind::firefox, "/x"));
  EXPECT_EQ(record->installed().size(), 2U);
  ASSERT_TRUE(record->forget(first, StoreKind::chromium, "/x"));
  EXPECT_EQ(TrustRecord::open(folder_)->installed().size(), 1U);
}

TEST_F(Record, RefusesWhatIsNoRecord) {
  const std::string entry = R"({"fingerprint":")" + first + R"(","store":"system","place":"/p","at":1})";
  ASSERT_TRUE(parse_trust_record(R"({"version":1,"installed":[)" + entry + "]}"));
  for (const std::string& text :
       {std::string(), std::string("rubbish"), std::string("[]"), std::string("{}"), std::string(R"({"version":1})"),
        std::string(R"({"version":2,"installed":[]})"), std::string(R"({"version":1,"installed":{}})"),
        std::string(R"({"version":1,"installed":[1]})"), R"({"version":1,"installed":[)" + entry + "]",
        R"({"version":1,"installed":[{"fingerprint":"aa","store":"system","place":"/p","at":1}]})" + std::string(),
        R"({"version":1,"installed":[{"fingerprint":")" + std::string(64, 'x') +
            R"(","store":"system","place":"/p","at":1}]})",
        R"({"version":1,"installed":[{"fingerprint":")" + first + R"(","store":"opera","place":"/p","at":1}]})",
        R"({"version":1,"installed":[{"fingerprint":")" + first + R"(","store":"system","place":7,"at":1}]})",
        R"({"version":1,"installed":[{"fingerprint":")" + first + R"(","store":"system","place":"/p","at":"x"}]})"}) {
    const auto refused = parse_trust_record(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().rule, &rules::damaged_record) << text;
  }
}

TEST_F(Record, SetsADamagedOneAsideAndSaysSo) {
  for (const std::string& text : {std::string("rubbish"), std::string(max_file_bytes + 1, ' ')}) {
    write(text);
    const auto record = TrustRecord::open(folder_);
    ASSERT_TRUE(record) << record.error().to_string();
    EXPECT_TRUE(record->installed().empty());
    ASSERT_TRUE(record->notice());
    EXPECT_THAT(*record->notice(), HasSubstr("trust.json.set-aside-"));
    EXPECT_FALSE(fs::exists(folder_ / "trust.json"));
  }
  write(write_trust_record({}) + std::string(max_file_bytes - write_trust_record({}).size(), ' '));
  EXPECT_FALSE(TrustRecord::open(folder_)->notice()) << "at the limit";
}

}  // namespace
}  // namespace padlock::ca

#include "padlock/explain/leaks.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "padlock/explain/testing/sample.h"

namespace padlock::explain {
namespace {

std::string value_of(const std::vector<Leak>& leaks, std::string_view what) {
  const auto found = std::ranges::find(leaks, what, &Leak::what);
  return found == leaks.end() ? "" : found->value;
}

Ladder bare_ladder() {
  Ladder ladder = testing::sample_ladder();
  ladder.leaks.clear();
  ladder.unreadable.clear();
  return ladder;
}

TEST(Leaks, NameTheServerButNotThePathUnderTls) {
  Ladder ladder = bare_ladder();
  list_leaks(ladder, {.tls = true,
                      .server_name = "localhost",
                      .alpn = "http/1.1",
                      .looked_up = "",
                      .target = "/secret.txt",
                      .plain_target = "",
                      .addresses = {"127.0.0.1:1 to 127.0.0.1:2"},
                      .client_records = 4,
                      .server_records = 6,
                      .body_bytes = 9});
  EXPECT_NE(value_of(ladder.leaks, "server name").find("localhost"), std::string::npos);
  EXPECT_NE(value_of(ladder.leaks, "addresses").find("127.0.0.1:1"), std::string::npos);
  EXPECT_NE(value_of(ladder.leaks, "sizes").find("1,575 bytes in 4 records"), std::string::npos);
  EXPECT_EQ(value_of(ladder.leaks, "request"), "");
  EXPECT_EQ(value_of(ladder.unreadable, "what was asked for"), "/secret.txt");
}

TEST(Leaks, KnowEverythingOfPlainHttp) {
  Ladder ladder = bare_ladder();
  list_leaks(ladder, {.tls = false,
                      .server_name = {},
                      .alpn = "",
                      .looked_up = "",
                      .target = "/secret.txt",
                      .plain_target = "",
                      .addresses = {"a to b"},
                      .client_records = 0,
                      .server_records = 0,
                      .body_bytes = 9});
  EXPECT_NE(value_of(ladder.leaks, "request").find("/secret.txt"), std::string::npos);
  EXPECT_EQ(value_of(ladder.leaks, "page"), "all 9 bytes of it");
  EXPECT_TRUE(ladder.unreadable.empty());
}

TEST(Leaks, KnowThePlainRequestThatLedToTls) {
  Ladder ladder = bare_ladder();
  Seen seen;
  seen.tls = true;
  seen.addresses = {"a to b"};
  seen.plain_target = "/old";
  list_leaks(ladder, seen);
  EXPECT_NE(value_of(ladder.leaks, "first request").find("/old, over plain http"), std::string::npos);
}

TEST(Leaks, AreNoneWhenNothingWasSent) {
  Ladder ladder = bare_ladder();
  list_leaks(ladder, {});
  EXPECT_TRUE(ladder.leaks.empty());
}

}  // namespace
}  // namespace padlock::explain

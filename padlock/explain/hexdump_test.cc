#include "padlock/explain/hexdump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace padlock::explain {
namespace {

using ::testing::ElementsAre;

TEST(Hexdump, ShowsOffsetHexAndText) {
  const std::vector<std::uint8_t> bytes = {'G', 'E', 'T', ' ', 0x00, 0x7f, '~', 'x', '\n'};
  EXPECT_THAT(hexdump(bytes, 8), ElementsAre("0000 47 45 54 20 00 7f 7e 78 GET ..~x",  //
                                             "0008 0a                      ."));
}

TEST(Hexdump, ShowsNothingOfNothing) { EXPECT_TRUE(hexdump({}, 8).empty()); }

TEST(Hexdump, ChoosesRowsThatFit) {
  EXPECT_EQ(dump_columns(70), 16U);
  EXPECT_EQ(dump_columns(69), 8U);
  EXPECT_EQ(dump_columns(37), 8U);
  EXPECT_EQ(dump_columns(36), 4U);
  const std::vector<std::uint8_t> row(16, 'x');
  EXPECT_EQ(hexdump(row, 16).front().size(), 70U);
  EXPECT_EQ(hexdump(row, 8).front().size(), 37U);
}

}  // namespace
}  // namespace padlock::explain

#include "padlock/base/instant.h"

#include <gtest/gtest.h>

namespace padlock {
namespace {

TEST(WallTime, PrintsInUtc) {
  EXPECT_EQ(to_string(WallTime{std::chrono::seconds(1772366400)}), "2026-03-01 12:00:00 UTC");
  EXPECT_EQ(to_string(WallTime{std::chrono::seconds(-1)}), "1969-12-31 23:59:59 UTC");
}

}  // namespace
}  // namespace padlock

#include "padlock/base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace padlock {
namespace {

constexpr Rule odd_number{.code = "test.odd", .source = {8446, "4.1.3"}, .alert = AlertDescription::illegal_parameter};

Result<int> half(int value) {
  if (value % 2 != 0) return broken(odd_number, "got " + std::to_string(value));
  return value / 2;
}
Result<std::unique_ptr<int>> boxed_quarter(int value) {
  const int once = PADLOCK_TRY(half(value));
  return std::make_unique<int>(PADLOCK_TRY(half(once)));
}
Result<void> check(int value) {
  [[maybe_unused]] const int unused = PADLOCK_TRY(half(value));
  return {};
}
Result<int> unbox(int value) {
  PADLOCK_TRY(check(value));
  auto box = PADLOCK_TRY(boxed_quarter(value));
  return *box;
}

TEST(Result, TryPassesValuesOfMoveOnlyTypes) { EXPECT_EQ(unbox(8), 2); }

TEST(Result, TryPassesErrorsUp) {
  const auto result = unbox(6);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().rule, &odd_number);
  EXPECT_EQ(result.error().to_string(), "got 3 (RFC 8446, section 4.1.3; test.odd)");
}

TEST(AlertDescription, HasTheRegistrysNumbersAndNames) {
  EXPECT_EQ(static_cast<int>(AlertDescription::missing_extension), 109);
  EXPECT_EQ(name_of(AlertDescription::no_application_protocol), "no_application_protocol");
  EXPECT_EQ(name_of(static_cast<AlertDescription>(200)), "unknown_alert");
}

}  // namespace
}  // namespace padlock

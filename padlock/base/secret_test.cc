#include "padlock/base/secret.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <type_traits>

namespace padlock {
namespace {

static_assert(!std::is_copy_constructible_v<Secret<32>>);
static_assert(!std::equality_comparable<Secret<32>>);

TEST(Secret, LeavesTheSourceOfAMoveWiped) {
  Secret<4> from(std::array<std::uint8_t, 3>{1, 2, 3});
  const Bytes room = from.reveal();
  const Secret<4> to(std::move(from));
  EXPECT_EQ(to_hex(to.reveal()), "010203");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): the state after a move is what is tested
  EXPECT_EQ(to_hex(room), "000000");
}

TEST(Secret, IsMadeInPlace) {
  const auto secret = Secret<8>::made(4, [](auto room) { std::ranges::fill(room, std::uint8_t{7}); });
  EXPECT_EQ(to_hex(secret.reveal()), "07070707");
  EXPECT_EQ(to_hex(secret.duplicate().reveal()), "07070707");
}

RC_GTEST_PROP(EqualConstantTime, AgreesWithEquality, (std::vector<std::uint8_t> a, std::vector<std::uint8_t> b)) {
  RC_ASSERT(equal_constant_time(a, b) == (a == b));
  RC_ASSERT(equal_constant_time(a, a));
  if (!a.empty()) {
    auto c = a;
    c.back() ^= 1;
    RC_ASSERT(!equal_constant_time(a, c));
  }
}

}  // namespace
}  // namespace padlock

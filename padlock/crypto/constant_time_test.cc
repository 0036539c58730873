#include "padlock/crypto/constant_time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace padlock::crypto {
namespace {

RC_GTEST_PROP(ConstantTime, MasksSayWhatComparisonsSay, (std::uint32_t a, std::uint32_t b)) {
  RC_ASSERT(mask_less(a, b) == (a < b ? ~Mask{0} : Mask{0}));
  RC_ASSERT(mask_equal(a, b) == (a == b ? ~Mask{0} : Mask{0}));
  RC_ASSERT(mask_equal(a, a) == ~Mask{0});
  RC_ASSERT(mask_less(a, a) == 0U);
  RC_ASSERT(select(mask_less(a, b), a, b) == std::min(a, b));
  RC_ASSERT(masked(0xa5, mask_less(a, b)) == (a < b ? 0xa5 : 0));
}

RC_GTEST_PROP(ConstantTime, ShiftsBySecretPlaces, (std::vector<std::uint8_t> bytes, std::size_t drawn)) {
  const std::size_t places = drawn % (bytes.size() + 1);
  auto expected = bytes;
  std::ranges::rotate(expected, expected.begin() + static_cast<std::ptrdiff_t>(places));
  std::fill(expected.end() - static_cast<std::ptrdiff_t>(places), expected.end(), std::uint8_t{0});
  shift_left(bytes, places);
  RC_ASSERT(bytes == expected);
}

}  // namespace
}  // namespace padlock::crypto

#include <cassert>

#include "padlock/crypto/lanes/lanes.h"

#define PADLOCK_LANES inline

namespace padlock::crypto::lanes {
namespace {

constexpr std::uint64_t mask_52 = (std::uint64_t{1} << 52) - 1;
using Wide = unsigned __int128;

PADLOCK_LANES Wide product_of(std::uint64_t a, std::uint64_t b) {
#ifndef PADLOCK_MEMCHECK  // which would report a look at secrets
  assert(a <= mask_52 && b <= mask_52);
#endif
  return Wide{a & mask_52} * (b & mask_52);
}
PADLOCK_LANES Lanes add_low_product(Lanes sum, Lanes a, Lanes b) {
  for (std::size_t i = 0; i < lane_count; ++i) sum[i] += static_cast<std::uint64_t>(product_of(a[i], b[i])) & mask_52;
  return sum;
}
PADLOCK_LANES Lanes add_high_product(Lanes sum, Lanes a, Lanes b) {
  for (std::size_t i = 0; i < lane_count; ++i) sum[i] += static_cast<std::uint64_t>(product_of(a[i], b[i]) >> 52);
  return sum;
}

#include "padlock/crypto/lanes/field25519.h"
#include "padlock/crypto/lanes/ladder25519.h"

}  // namespace

void x25519_portable(const Words& scalars, const Words& points, Words& results) { results = x25519(scalars, points); }

}  // namespace padlock::crypto::lanes

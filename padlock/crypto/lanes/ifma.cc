#include "padlock/crypto/lanes/lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define PADLOCK_LANES [[gnu::always_inline, gnu::target("avx512f,avx512dq,avx512vl,avx512ifma")]] inline

namespace padlock::crypto::lanes {
namespace {

PADLOCK_LANES Lanes add_low_product(Lanes sum, Lanes a, Lanes b) {
  return (Lanes)_mm512_madd52lo_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
}
PADLOCK_LANES Lanes add_high_product(Lanes sum, Lanes a, Lanes b) {
  return (Lanes)_mm512_madd52hi_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
}

#include "padlock/crypto/lanes/field25519.h"
#include "padlock/crypto/lanes/ladder25519.h"

[[gnu::target("avx512f,avx512dq,avx512vl,avx512ifma")]] void run(const Words& scalars, const Words& points,
                                                                 Words& results) {
  results = x25519(scalars, points);
  _mm256_zeroupper();
}

}  // namespace

const X25519Eight x25519_ifma = run;

}  // namespace padlock::crypto::lanes
#else
namespace padlock::crypto::lanes {
const X25519Eight x25519_ifma = nullptr;
}
#endif

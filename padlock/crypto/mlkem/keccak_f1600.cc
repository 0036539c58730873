#include "padlock/crypto/mlkem/keccak_f1600.h"

#include <algorithm>
#include <bit>

#include "padlock/crypto/mlkem/keccak_permutation.h"

namespace padlock::crypto::mlkem {
namespace {

/// A lane of two or four states. Without vectors of this size the compiler makes several instructions of one.
using LaneX2 [[gnu::vector_size(16)]] = std::uint64_t;
using LaneX4 [[gnu::vector_size(32)]] = std::uint64_t;

[[gnu::always_inline]] inline void permute_four(KeccakStateX4& states) {
  auto lanes = std::bit_cast<KeccakLanes<LaneX4>>(states.lanes);
  keccak_permute(lanes);
  states.lanes = std::bit_cast<decltype(states.lanes)>(lanes);
}

void permute_baseline(KeccakState& state) { keccak_permute(state); }
void permute_x4_baseline(KeccakStateX4& states) { permute_four(states); }

#if defined(__x86_64__)
// The same source for what newer CPUs have. AVX2 holds four lanes in one register; the CPUs that have it have `andn`
// and `rorx` (BMI) for chi and rho too.
[[gnu::target("avx2,bmi,bmi2")]] void permute_avx2(KeccakState& state) { keccak_permute(state); }
[[gnu::target("avx2,bmi,bmi2")]] void permute_x4_avx2(KeccakStateX4& states) { permute_four(states); }

// AVX-512 rotates, does chi in one instruction and holds the whole state in its 32 registers: that pays even for one
// state, with half of each register idle.
[[gnu::target("avx2,avx512f,avx512vl")]] void permute_avx512(KeccakState& state) {
  KeccakLanes<LaneX2> lanes;
  for (std::size_t i = 0; i < state.size(); ++i) lanes[i] = LaneX2{state[i], 0};
  keccak_permute(lanes);
  for (std::size_t i = 0; i < state.size(); ++i) state[i] = lanes[i][0];
}
[[gnu::target("avx2,avx512f,avx512vl")]] void permute_x4_avx512(KeccakStateX4& states) { permute_four(states); }

const std::array versions{KeccakVersion{"baseline", true, permute_baseline, permute_x4_baseline},
                          KeccakVersion{"AVX2",
                                        __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0 &&
                                            __builtin_cpu_supports("bmi2") != 0,
                                        permute_avx2, permute_x4_avx2},
                          KeccakVersion{"AVX-512",
                                        __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("avx512f") != 0 &&
                                            __builtin_cpu_supports("avx512vl") != 0,
                                        permute_avx512, permute_x4_avx512}};
#else
const std::array versions{KeccakVersion{"baseline", true, permute_baseline, permute_x4_baseline}};
#endif

const KeccakVersion& best() {
  static const KeccakVersion& chosen =
      *std::ranges::find_if(versions.rbegin(), versions.rend(), &KeccakVersion::usable);
  return chosen;
}

}  // namespace

std::span<const KeccakVersion> keccak_versions() { return versions; }

void keccak_f1600(KeccakState& state) { best().permute(state); }
void keccak_f1600_x4(KeccakStateX4& states) { best().permute_x4(states); }

}  // namespace padlock::crypto::mlkem

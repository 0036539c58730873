#include "padlock/crypto/mlkem/keccak_x4.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "padlock/crypto/mlkem/keccak_permutation.h"
#include "padlock/crypto/mlkem/little_endian.h"

namespace padlock::crypto::mlkem {
namespace {

/// A lane of four states. Without vectors of this size the compiler makes two or four instructions of one.
using LaneX4 [[gnu::vector_size(32)]] = std::uint64_t;

[[gnu::always_inline]] inline void permute(KeccakStateX4& states) {
  auto lanes = std::bit_cast<KeccakLanes<LaneX4>>(states.lanes);
  keccak_permute(lanes);
  states.lanes = std::bit_cast<decltype(states.lanes)>(lanes);
}

void permute_baseline(KeccakStateX4& states) { permute(states); }

#if defined(__x86_64__)
// The same source for what newer CPUs have: AVX2 holds four lanes in one register, AVX-512 has 32 registers, rotates
// and does chi in one instruction.
[[gnu::target("avx2")]] void permute_avx2(KeccakStateX4& states) { permute(states); }
[[gnu::target("avx2,avx512f,avx512vl")]] void permute_avx512(KeccakStateX4& states) { permute(states); }

const std::array versions{
    KeccakX4Version{"baseline", true, permute_baseline},
    KeccakX4Version{"AVX2", __builtin_cpu_supports("avx2") != 0, permute_avx2},
    KeccakX4Version{"AVX-512", __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0,
                    permute_avx512}};
#else
const std::array versions{KeccakX4Version{"baseline", true, permute_baseline}};
#endif

}  // namespace

std::span<const KeccakX4Version> keccak_x4_versions() { return versions; }

void keccak_f1600_x4(KeccakStateX4& states) {
  static const auto best = std::ranges::find_if(versions.rbegin(), versions.rend(), &KeccakX4Version::usable)->permute;
  best(states);
}

SpongeX4::SpongeX4(SpongeFunction function, const std::array<Bytes, 4>& inputs) {
  const auto add = [this](std::size_t position, std::size_t index, std::uint8_t byte) {
    states_.lanes.at(position / 8).at(index) ^= std::uint64_t{byte} << (8 * (position % 8));
  };
  for (std::size_t index = 0; index < inputs.size(); ++index) {
    const Bytes input = inputs.at(index);
    assert(input.size() < function.rate);
    for (std::size_t i = 0; i < input.size(); ++i) add(i, index, input[i]);
    add(input.size(), index, function.suffix);
    add(function.rate - 1, index, 0x80);
  }
}

void SpongeX4::read(std::size_t index, std::span<std::uint8_t> out) const {
  for (std::size_t lane = 0; lane < out.size() / 8; ++lane)
    store_u64(out.subspan(8 * lane).first<8>(), states_.lanes.at(lane).at(index));
}

}  // namespace padlock::crypto::mlkem

#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

/// Keccak-p[1600, 24] (FIPS 202, section 3) for any kind of lane: a 64-bit word, or a vector of words of several states
/// that are permuted side by side. Everything is unrolled, so that a lane can stay in a register.
namespace padlock::crypto::mlkem {

/// Lane (x, y) of the state array stands at x + 5 * y (FIPS 202, section 3.1.2).
template <class Lane>
using KeccakLanes = std::array<Lane, 25>;

inline constexpr std::size_t keccak_rounds = 24;

namespace keccak_tables {

/// Offsets of the step mapping rho (FIPS 202, Algorithm 2), by x + 5 * y.
constexpr std::array<int, 25> make_rho() {
  std::array<int, 25> offsets{};
  std::size_t x = 1;
  std::size_t y = 0;
  for (int t = 0; t < 24; ++t) {
    offsets.at(x + 5 * y) = (t + 1) * (t + 2) / 2 % 64;
    const std::size_t next_y = (2 * x + 3 * y) % 5;
    x = y;
    y = next_y;
  }
  return offsets;
}
inline constexpr std::array<int, 25> rho = make_rho();

/// The step mapping pi (FIPS 202, Algorithm 3): lane i comes from lane pi[i].
constexpr std::array<std::size_t, 25> make_pi() {
  std::array<std::size_t, 25> from{};
  for (std::size_t x = 0; x < 5; ++x)
    for (std::size_t y = 0; y < 5; ++y) from.at(x + 5 * y) = (x + 3 * y) % 5 + 5 * x;
  return from;
}
inline constexpr std::array<std::size_t, 25> pi = make_pi();

/// The round constants of iota (FIPS 202, Algorithms 5 and 6), from the linear feedback shift register rc(t).
constexpr std::array<std::uint64_t, keccak_rounds> make_iota() {
  std::array<std::uint64_t, keccak_rounds> constants{};
  unsigned lfsr = 1;
  for (std::uint64_t& constant : constants) {
    for (unsigned j = 0; j <= 6; ++j) {
      if ((lfsr & 1U) != 0) constant |= std::uint64_t{1} << ((1U << j) - 1);
      lfsr = (lfsr << 1) ^ ((lfsr >> 7) != 0 ? 0x171U : 0U);
    }
  }
  return constants;
}
inline constexpr std::array<std::uint64_t, keccak_rounds> iota = make_iota();

}  // namespace keccak_tables

template <int count, class Lane>
[[gnu::always_inline]] inline Lane rotate_lane(const Lane& lane) {
  if constexpr (count == 0) {
    return lane;
  } else {
    return (lane << count) | (lane >> (64 - count));
  }
}

/// theta: to each lane the parities of two neighbouring columns (FIPS 202, Algorithm 1).
template <class Lane, std::size_t... x, std::size_t... i>
[[gnu::always_inline]] inline void theta(KeccakLanes<Lane>& a, std::index_sequence<x...>, std::index_sequence<i...>) {
  const std::array<Lane, 5> parity{(a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20])...};
  const std::array<Lane, 5> change{(parity[(x + 4) % 5] ^ rotate_lane<1>(parity[(x + 1) % 5]))...};
  ((a[i] ^= change[i % 5]), ...);
}

/// rho and pi: lanes rotate and change places (FIPS 202, Algorithms 2 and 3).
template <class Lane, std::size_t... i>
[[gnu::always_inline]] inline void rho_and_pi(const KeccakLanes<Lane>& a, KeccakLanes<Lane>& b,
                                              std::index_sequence<i...>) {
  using keccak_tables::pi, keccak_tables::rho;
  ((b[i] = rotate_lane<rho[pi[i]]>(a[pi[i]])), ...);
}

/// chi: the one step that is not linear (FIPS 202, Algorithm 4).
template <class Lane, std::size_t... i>
[[gnu::always_inline]] inline void chi(const KeccakLanes<Lane>& b, KeccakLanes<Lane>& a, std::index_sequence<i...>) {
  ((a[i] = b[i] ^ (~b[i / 5 * 5 + (i + 1) % 5] & b[i / 5 * 5 + (i + 2) % 5])), ...);
}

template <class Lane>
[[gnu::always_inline]] inline void keccak_permute(KeccakLanes<Lane>& a) {
  constexpr std::make_index_sequence<5> columns;
  constexpr std::make_index_sequence<25> lanes;
  KeccakLanes<Lane> b;
  for (const std::uint64_t constant : keccak_tables::iota) {
    theta(a, columns, lanes);
    rho_and_pi(a, b, lanes);
    chi(b, a, lanes);
    a[0] ^= constant;
  }
}

}  // namespace padlock::crypto::mlkem

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace padlock::crypto::mlkem {

/// A state of Keccak-f[1600]: lane (x, y) at x + 5 * y (FIPS 202, section 3.1.2).
using KeccakState = std::array<std::uint64_t, 25>;

/// Four states side by side, so that one vector instruction works on all four.
struct alignas(32) KeccakStateX4 {
  std::array<std::array<std::uint64_t, 4>, 25> lanes;
};

/// The permutation, as this CPU does it best.
void keccak_f1600(KeccakState& state);
void keccak_f1600_x4(KeccakStateX4& states);

/// One way to do it, for one level of the CPU's instructions.
struct KeccakVersion {
  std::string_view name;
  bool usable;  ///< on this CPU
  void (*permute)(KeccakState& state);
  void (*permute_x4)(KeccakStateX4& states);
};
/// All ways of this build, the best last: the tests compare them.
std::span<const KeccakVersion> keccak_versions();

}  // namespace padlock::crypto::mlkem

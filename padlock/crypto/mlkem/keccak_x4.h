#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "padlock/base/secret.h"
#include "padlock/base/text.h"
#include "padlock/crypto/mlkem/keccak.h"

namespace padlock::crypto::mlkem {

/// Four Keccak states side by side: [lane][state], so that one vector instruction works on all four.
struct alignas(32) KeccakStateX4 {
  std::array<std::array<std::uint64_t, 4>, 25> lanes;
};

/// Keccak-f[1600] on four states at once, as the CPU does it best.
void keccak_f1600_x4(KeccakStateX4& states);

/// One way to do it, for one level of the CPU's vector instructions.
struct KeccakX4Version {
  std::string_view name;
  bool usable;  ///< on this CPU
  void (*permute)(KeccakStateX4& states);
};
/// All ways of this build, the best last: the tests compare them.
std::span<const KeccakX4Version> keccak_x4_versions();

/// Four sponges side by side, each with a short input of its own: less than one block.
class SpongeX4 {
 public:
  SpongeX4(SpongeFunction function, const std::array<Bytes, 4>& inputs);
  SpongeX4(const SpongeX4&) = delete;
  SpongeX4& operator=(const SpongeX4&) = delete;
  ~SpongeX4() { wipe(std::as_writable_bytes(std::span(states_.lanes))); }

  /// The next block of all four: call it before each reading of another block.
  void next_block() { keccak_f1600_x4(states_); }
  /// The first bytes of sponge `index`'s block: a multiple of 8, at most the rate.
  void read(std::size_t index, std::span<std::uint8_t> out) const;

 private:
  KeccakStateX4 states_{};
};

}  // namespace padlock::crypto::mlkem

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "padlock/base/secret.h"
#include "padlock/base/text.h"
#include "padlock/crypto/mlkem/keccak_f1600.h"

namespace padlock::crypto::mlkem {

/// What tells the functions of FIPS 202 apart: the rate in bytes, and the suffix of the message with the first bit of
/// the padding (sections 6.1, 6.2 and B.2).
struct SpongeFunction {
  std::size_t rate;
  std::uint8_t suffix;
};
inline constexpr SpongeFunction SHA3_256{136, 0x06};
inline constexpr SpongeFunction SHA3_512{72, 0x06};
inline constexpr SpongeFunction SHAKE128{168, 0x1f};
inline constexpr SpongeFunction SHAKE256{136, 0x1f};

/// A sponge (FIPS 202, section 4): absorbs bytes, then squeezes bytes, in steps of any size. Calculation only.
/// The time depends on lengths alone. Wiped on destruction.
class Sponge {
 public:
  explicit Sponge(SpongeFunction function) : function_(function) {}
  Sponge(const Sponge&) = delete;
  Sponge& operator=(const Sponge&) = delete;
  ~Sponge() { wipe(std::as_writable_bytes(std::span(state_))); }

  /// Not after the first `squeeze`.
  void absorb(Bytes bytes);
  void squeeze(std::span<std::uint8_t> out);

 private:
  void add_byte(std::uint8_t byte);
  void next_block();

  SpongeFunction function_;
  KeccakState state_{};
  std::size_t position_ = 0;  // in the block, in bytes
  bool squeezing_ = false;
};

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

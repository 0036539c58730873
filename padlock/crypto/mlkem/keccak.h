#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "padlock/base/secret.h"
#include "padlock/base/text.h"

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

/// A Keccak state of 1600 bits.
using KeccakState = std::array<std::uint64_t, 25>;
void keccak_f1600(KeccakState& state);

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

}  // namespace padlock::crypto::mlkem

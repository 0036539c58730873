#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace padlock::crypto::mlkem {

/// Lanes and words are read and written with their least significant byte first (FIPS 202, section B.1). Compilers make
/// one load or store of each.
[[gnu::always_inline]] inline std::uint64_t load_u64(std::span<const std::uint8_t, 8> bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) word |= std::uint64_t{bytes[i]} << (8 * i);
  return word;
}

[[gnu::always_inline]] inline void store_u64(std::span<std::uint8_t, 8> bytes, std::uint64_t word) {
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(word >> (8 * i));
}

}  // namespace padlock::crypto::mlkem

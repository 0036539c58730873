#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

/// Selections without a branch and without an index that depends on a secret. A mask has all bits set, or none.
namespace padlock::crypto {

using Mask = std::size_t;

/// The same number, but the compiler may assume nothing about it: so it makes no branch of a selection.
template <std::unsigned_integral Number>
[[gnu::always_inline]] inline Number hidden(Number number) {
  __asm__("" : "+r"(number));
  return number;
}

/// Both below 2^63.
inline Mask mask_less(std::size_t a, std::size_t b) { return hidden(Mask{0} - ((a - b) >> 63)); }
inline Mask mask_equal(std::size_t a, std::size_t b) {
  const std::size_t difference = a ^ b;
  return hidden(((difference | (std::size_t{0} - difference)) >> 63) - 1);
}
inline std::size_t select(Mask mask, std::size_t if_set, std::size_t if_not) {
  return (if_set & mask) | (if_not & ~mask);
}
inline std::uint8_t masked(std::uint8_t byte, Mask mask) { return static_cast<std::uint8_t>(byte & mask); }

/// Shifts `bytes` to the left by a secret number of places, at most size(); zeros come in on the right.
void shift_left(std::span<std::uint8_t> bytes, std::size_t places);

}  // namespace padlock::crypto

#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "padlock/base/text.h"

namespace padlock::x509 {

inline std::vector<std::uint8_t> copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

inline bool ascii(Bytes content) {
  return std::ranges::all_of(content, [](std::uint8_t octet) { return octet < 0x80; });
}

/// Of an unsigned number, most significant octet first and not 0.
inline std::size_t bits_of(Bytes number) {
  return number.empty() ? 0 : number.size() * 8 - static_cast<std::size_t>(std::countl_zero(number.front()));
}

}  // namespace padlock::x509

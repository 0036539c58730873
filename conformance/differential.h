#pragma once

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>

#include "padlock/base/text.h"

// What the differential suites share: choices of their generators, and how many inputs from which seed.

namespace padlock::differential {

inline std::size_t below(std::mt19937_64& random, std::size_t most) { return random() % most; }

inline bool one_in(std::mt19937_64& random, std::size_t times) { return below(random, times) == 0; }

template <class Values>
const auto& one_of(std::mt19937_64& random, const Values& values) {
  return values[below(random, values.size())];
}

struct Extent {
  std::uint64_t count = 10'000;
  std::uint64_t seed = 1;  ///< of the first input; each further one has the next
};

/// From the arguments `[COUNT [SEED]]`; nothing, and a line on stderr, if they are something else.
inline std::optional<Extent> extent_of(std::string_view suite, std::span<const std::string> arguments) {
  Extent extent;
  const auto count = arguments.empty() ? std::optional(extent.count) : parse_decimal(arguments[0]);
  const auto seed = arguments.size() < 2 ? std::optional(extent.seed) : parse_decimal(arguments[1]);
  if (count && seed && arguments.size() <= 2) return Extent{*count, *seed};
  std::cerr << suite << ": [COUNT [SEED]] are two numbers\n";
  return std::nullopt;
}

}  // namespace padlock::differential

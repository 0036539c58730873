#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace padlock::server {

/// "250 ms", "30s", "5 min", "12 h", "7 days", "1 year": a number of whole units, with or without a space. Nothing: it
/// is no such text, or more than a hundred years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "512 B", "64 KiB", "10 MiB", "2 GiB" (powers of 1024). Nothing: it is no such text, or more than 2^60.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace padlock::server

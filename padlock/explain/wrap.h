#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace padlock::explain {

/// Breaks an ASCII text at spaces into lines of at most `width` characters; a longer word is cut. Never gives an empty
/// vector. `width` 0 counts as 1.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// What a peer has sent, for a screen: escaped, and cut off at limits::value_characters.
std::string safe(std::string_view text);

/// "1,234,567".
std::string grouped(std::uint64_t number);

/// "1 byte", "1,342 bytes".
std::string bytes_text(std::uint64_t count);

}  // namespace padlock::explain

#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/unsafe.h"

namespace padlock {

using Bytes = std::span<const std::uint8_t>;

/// The bytes of a text: one of the two casts between bytes and text that Padlock has.
PADLOCK_UNSAFE_BUFFERS_BEGIN  // pointer and size are those of one string_view
inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
PADLOCK_UNSAFE_BUFFERS_END

/// The text that bytes hold, unchecked: the other cast.
inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// Copies `from` to the front of `to`, which has room for it (asserted by the library), and gives the rest of `to`.
/// They may overlap if `to` does not begin inside `from`. One memmove, where std::ranges::copy of libstdc++ 12 goes
/// byte by byte when its source is const.
inline std::span<std::uint8_t> copy_bytes(Bytes from, std::span<std::uint8_t> to) {
  std::copy(from.begin(), from.end(), to.first(from.size()).begin());
  return to.subspan(from.size());
}

/// Lower-case hexadecimal, two digits a byte, no separators.
std::string to_hex(Bytes bytes);

/// The bytes of hexadecimal digits of either case; nothing if a digit is missing or wrong.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

/// Base64 with padding (RFC 4648, section 4), without line ends.
std::string to_base64(Bytes bytes);

/// Strict base64 (RFC 4648, section 4): padding required, no white space, unused bits zero; else nothing.
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);

/// Base64url without padding (RFC 4648, section 5), as JOSE writes it (RFC 7515, section 2).
std::string to_base64url(Bytes bytes);

/// Strict base64url: no padding, no white space, unused bits zero; else nothing.
std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text);

/// ASCII lower case; other bytes are untouched and no locale is asked.
constexpr char lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string to_lower_ascii(std::string_view text);

/// Equal but for the case of ASCII letters.
constexpr bool equal_ignoring_ascii_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::ranges::equal(a, b, {}, lower_ascii, lower_ascii);
}

/// The decimal digits of a number, in no memory but its own.
class Decimal {
 public:
  explicit Decimal(std::uint64_t value) {
    end_ = static_cast<std::size_t>(std::to_chars(digits_.begin(), digits_.end(), value).ptr - digits_.begin());
  }
  std::string_view text() const { return std::string_view(digits_.data(), digits_.size()).substr(0, end_); }

 private:
  std::array<char, 20> digits_{};
  std::size_t end_;
};

/// Text for a terminal or a log: control characters and bytes outside ASCII become `\xNN`, a backslash `\\`.
std::string escaped(std::string_view text);

/// The whole of `text` as a decimal number; nothing if it is empty, has a sign, other characters, or does not fit.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

}  // namespace padlock

#include "padlock/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace padlock {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::optional<std::uint8_t> hex_value(char c) {
  const auto at = hex_digits.find(lower_ascii(c));
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint8_t>(at);
}

/// The value of a digit of base64, or 256 for another character. Without branches or tables: the text may be a private
/// key's (threats.md, T32).
std::uint32_t base64_value(char character) {
  const auto c = static_cast<std::uint32_t>(static_cast<unsigned char>(character));
  const auto among = [c](char first, std::uint32_t count) {
    return 0U - static_cast<std::uint32_t>(c - static_cast<std::uint32_t>(first) < count);
  };
  const std::uint32_t upper = among('A', 26), lower = among('a', 26), digit = among('0', 10), plus = among('+', 1),
                      slash = among('/', 1);
  return (upper & (c - 'A')) | (lower & (c - 'a' + 26)) | (digit & (c - '0' + 52)) | (plus & 62U) | (slash & 63U) |
         (~(upper | lower | digit | plus | slash) & 256U);
}

/// The three octets of four digits. `wrong` becomes 256 or more if one of them is none.
std::array<std::uint8_t, 3> take_four(std::string_view text, std::uint32_t& wrong) {
  const std::uint32_t a = base64_value(text[0]), b = base64_value(text[1]), c = base64_value(text[2]),
                      d = base64_value(text[3]);
  wrong |= a | b | c | d;
  return {static_cast<std::uint8_t>(a << 2 | b >> 4), static_cast<std::uint8_t>(b << 4 | c >> 2),
          static_cast<std::uint8_t>(c << 6 | d)};
}

}  // namespace

std::string to_hex(Bytes bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += hex_digits[byte >> 4];
    text += hex_digits[byte & 15];
  }
  return text;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = hex_value(text[i]);
    const auto low = hex_value(text[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
  }
  return bytes;
}

std::string to_base64(Bytes bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto chunk = bytes.subspan(i, std::min<std::size_t>(3, bytes.size() - i));
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < chunk.size() ? chunk[k] : 0U);
    for (std::size_t k = 0; k < 4; ++k) text += k <= chunk.size() ? base64_digits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  if (text.ends_with('=')) padding = text.ends_with("==") ? 2 : 1;
  std::vector<std::uint8_t> bytes(text.size() / 4 * 3 - padding);
  std::span<std::uint8_t> rest(bytes);
  std::uint32_t wrong = 0;
  for (; rest.size() >= 3; text.remove_prefix(4), rest = rest.subspan(3))
    copy_bytes(take_four(text.substr(0, 4), wrong), rest);
  if (padding > 0) {
    const std::array last{text[0], text[1], padding == 2 ? 'A' : text[2], 'A'};
    const auto three = take_four({last.data(), last.size()}, wrong);
    copy_bytes(Bytes(three).first(rest.size()), rest);
    for (const std::uint8_t unused : Bytes(three).subspan(rest.size())) wrong |= unused == 0 ? 0U : 256U;
  }
  if (wrong >= 256) return std::nullopt;
  return bytes;
}

std::string to_base64url(Bytes bytes) {
  std::string text = to_base64(bytes);
  text.resize((bytes.size() * 4 + 2) / 3);  // the digits alone
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string padded(text);
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  padded.append((4 - text.size() % 4) % 4, '=');
  return from_base64(padded);
}

std::string to_lower_ascii(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower_ascii);
  return result;
}

std::string escaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '\\') {
      result += "\\\\";
    } else if (byte >= 0x20 && byte < 0x7f) {
      result += c;
    } else {
      result += "\\x";
      result += hex_digits[byte >> 4];
      result += hex_digits[byte & 15];
    }
  }
  return result;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  std::uint64_t value = 0;
  const auto* end = std::to_address(text.end());
  const auto [stopped, error] = std::from_chars(std::to_address(text.begin()), end, value);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

}  // namespace padlock

#include "padlock/http/message/syntax.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace padlock::http {
namespace {

// Heads are read byte by byte: one look at a table for each.
constexpr std::uint8_t token = 1;
constexpr std::uint8_t control = 2;
constexpr std::uint8_t target = 4;

constexpr std::uint8_t classes_of(unsigned char c) {
  constexpr std::string_view token_others = "!#$%&'*+-.^_`|~";
  constexpr std::string_view no_target = "\"<>#";
  const char text = static_cast<char>(c);
  const bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool digit = c >= '0' && c <= '9';
  std::uint8_t classes = 0;
  if (alpha || digit || token_others.find(text) != std::string_view::npos) classes |= token;
  if (c < 0x20 || c == 0x7f) classes |= control;
  if (c > 0x20 && c < 0x7f && no_target.find(text) == std::string_view::npos) classes |= target;
  return classes;
}

constexpr auto character_classes = [] {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) classes.at(c) = classes_of(static_cast<unsigned char>(c));
  return classes;
}();

bool has(char c, std::uint8_t wanted) { return (character_classes[static_cast<unsigned char>(c)] & wanted) != 0; }

constexpr std::size_t word_size = sizeof(std::uint64_t);

/// Whether one of eight bytes is below 0x20, or 0x7f, without a look at each of them.
bool any_control(std::string_view text) {
  constexpr std::uint64_t each = 0x0101010101010101;  // of the eight
  std::array<char, word_size> bytes{};
  std::ranges::copy(text, bytes.begin());
  const auto word = std::bit_cast<std::uint64_t>(bytes);
  const std::uint64_t no_delete = word ^ (0x7f * each);
  const std::uint64_t borrows = ((word - 0x20 * each) & ~word) | ((no_delete - each) & ~no_delete);
  return (borrows & (0x80 * each)) != 0;
}

}  // namespace

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_token_char(char c) { return has(c, token); }

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return has(c, token); });
}

bool is_control(char c) { return has(c, control); }

std::size_t find_control(std::string_view text) {
  const auto first_of = [](std::string_view piece) {
    const auto found = std::ranges::find_if(piece, [](char c) { return has(c, control) && c != '\t'; });
    return static_cast<std::size_t>(found - piece.begin());
  };
  std::size_t at = 0;
  for (; text.size() - at >= word_size; at += word_size) {
    const std::string_view word = text.substr(at, word_size);
    const std::size_t found = any_control(word) ? first_of(word) : word_size;
    if (found < word_size) return at + found;
  }
  return at + first_of(text.substr(at));
}

bool is_field_value(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  if (text.empty()) return true;
  if (is_space(text.front()) || is_space(text.back())) return false;
  return find_control(text) == text.size();
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_target_char(char c) { return has(c, target); }

}  // namespace padlock::http

#include "padlock/http/message/syntax.h"

#include <algorithm>
#include <array>
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

}  // namespace

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_token_char(char c) { return has(c, token); }

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return has(c, token); });
}

bool is_control(char c) { return has(c, control); }

bool is_field_value(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  if (text.empty()) return true;
  if (is_space(text.front()) || is_space(text.back())) return false;
  return std::ranges::none_of(text, [](char c) { return has(c, control) && c != '\t'; });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_target_char(char c) { return has(c, target); }

}  // namespace padlock::http

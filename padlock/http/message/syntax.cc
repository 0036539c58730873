#include "padlock/http/message/syntax.h"

#include <algorithm>

namespace padlock::http {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_token_char(char c) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return is_alpha(c) || is_digit(c) || others.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_token_char); }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_field_value(std::string_view text) {
  return trimmed(text).size() == text.size() &&
         std::ranges::none_of(text, [](char c) { return is_control(c) && c != '\t'; });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_target_char(char c) {
  constexpr std::string_view refused = "\"<>#";
  return c > 0x20 && c < 0x7f && refused.find(c) == std::string_view::npos;
}

}  // namespace padlock::http

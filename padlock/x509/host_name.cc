#include "padlock/x509/host_name.h"

#include <algorithm>

#include "padlock/base/text.h"

namespace padlock::x509 {

namespace {

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && is_letter_or_digit(label.front()) &&
         is_letter_or_digit(label.back()) &&
         std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

/// What is behind the first dot; nothing if there is none.
std::string_view parent_of(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

bool is_wildcard(std::string_view presented) { return presented.starts_with("*."); }

}  // namespace

bool is_host_name(std::string_view text) {
  if (text.size() > 253) return false;
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text = text.substr(dot + 1);
  }
}

bool is_presented_name(std::string_view text) {
  if (!is_wildcard(text)) return is_host_name(text);
  return text.size() <= 253 && is_host_name(text.substr(2)) && text.substr(2).contains('.');
}

bool matches_host(std::string_view presented, std::string_view host) {
  if (!is_presented_name(presented)) return false;
  if (!is_wildcard(presented)) return equal_ignoring_ascii_case(presented, host);
  return host.contains('.') && equal_ignoring_ascii_case(presented.substr(2), parent_of(host));
}

bool is_within(std::string_view name, std::string_view base) {
  if (base.empty()) return true;
  if (name.size() < base.size()) return false;
  const std::size_t start = name.size() - base.size();
  return equal_ignoring_ascii_case(name.substr(start), base) && (start == 0 || name[start - 1] == '.');
}

}  // namespace padlock::x509

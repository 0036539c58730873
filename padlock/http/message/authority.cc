#include "padlock/http/message/authority.h"

#include <algorithm>

#include "padlock/base/text.h"
#include "padlock/http/limits.h"
#include "padlock/http/message/syntax.h"
#include "padlock/http/rules.h"

namespace padlock::http {
namespace {

std::unexpected<Error> bad_host(std::string_view text) {
  return broken(rules::host_malformed, "the host is \"" + escaped(text) + "\"");
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > limits::host_bytes || text.front() == '.') return false;
  if (text.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(text,
                             [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; });
}

/// Groups of 1 to 4 hexadecimal digits between colons; an IPv4 address may stand last. Gives their number of 16-bit
/// words; nothing if one of them is malformed.
std::optional<std::size_t> count_groups(std::string_view text, bool ipv4_may_end) {
  if (text.empty()) return 0;
  std::size_t words = 0;
  for (;;) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && ipv4_may_end && is_ipv4_address(group)) return words + 2;
    if (group.empty() || group.size() > 4 || !std::ranges::all_of(group, is_hex_digit)) return std::nullopt;
    ++words;
    if (colon == std::string_view::npos) return words;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace

bool is_ipv4_address(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = part < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return false;
    const std::string_view number = text.substr(0, dot);
    if (number.empty() || number.size() > 3 || (number.size() > 1 && number.front() == '0')) return false;
    if (parse_decimal(number).value_or(256) > 255) return false;
    text.remove_prefix(part < 3 ? dot + 1 : dot);
  }
  return text.empty();
}

bool is_ipv6_address(std::string_view text) {
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) return count_groups(text, true) == 8;
  const auto before = count_groups(text.substr(0, gap), false);
  const auto after = count_groups(text.substr(gap + 2), true);
  return before && after && *before + *after <= 7;
}

Result<Authority> parse_authority(std::string_view text) {
  Authority authority;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !is_ipv6_address(text.substr(1, end - 1))) return bad_host(text);
    authority.host = to_lower_ascii(text.substr(1, end - 1));
    authority.ipv6 = true;
    rest = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (!is_host_name(text.substr(0, colon))) return bad_host(text);
    authority.host = to_lower_ascii(text.substr(0, colon));
    rest = text.substr(colon);
  }
  if (rest.empty()) return authority;
  const auto port = rest.size() <= 6 ? parse_decimal(rest.substr(1)) : std::nullopt;
  if (rest.front() != ':' || !port || *port == 0 || *port > 65535) return bad_host(text);
  authority.port = static_cast<std::uint16_t>(*port);
  return authority;
}

std::string to_string(const Authority& authority) {
  std::string text = authority.ipv6 ? "[" + authority.host + "]" : authority.host;
  if (authority.port) text += ":" + std::to_string(*authority.port);
  return text;
}

}  // namespace padlock::http

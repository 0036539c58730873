#include <algorithm>
#include <charconv>

#include "padlock/x509/certificate.h"

namespace padlock::x509 {

namespace {

/// Decimal octet without leading zeros (RFC 3986, section 3.2.2).
std::optional<std::uint8_t> parse_decimal_octet(std::string_view text) {
  if (text.size() > 3 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  const auto value = parse_decimal(text);
  return value && *value <= 255 ? std::optional(static_cast<std::uint8_t>(*value)) : std::nullopt;
}

std::optional<IpAddress> parse_ipv4(std::string_view text) {
  IpAddress address;
  for (address.length = 0; address.length < 4; ++address.length) {
    const std::size_t dot = text.find('.');
    const bool last = address.length == 3;
    if (last != (dot == std::string_view::npos)) return std::nullopt;
    const auto octet = parse_decimal_octet(text.substr(0, dot));
    if (!octet) return std::nullopt;
    address.bytes[address.length] = *octet;
    text = last ? std::string_view() : text.substr(dot + 1);
  }
  return address;
}

std::optional<std::uint16_t> parse_group(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  std::uint16_t value = 0;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    const char lower = static_cast<char>(c | 0x20);
    if (!digit && (lower < 'a' || lower > 'f')) return std::nullopt;
    value = static_cast<std::uint16_t>(value << 4 | (digit ? c - '0' : lower - 'a' + 10));
  }
  return value;
}

/// Groups with colons between them, the last perhaps in dotted decimal (RFC 4291, section 2.2): the octets, none for
/// an empty text; nothing if malformed.
std::optional<std::vector<std::uint8_t>> parse_groups(std::string_view text, bool may_end_in_ipv4) {
  std::vector<std::uint8_t> octets;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    const bool last = colon == std::string_view::npos;
    if (last && may_end_in_ipv4 && part.contains('.')) {
      const auto address = parse_ipv4(part);
      if (!address) return std::nullopt;
      octets.insert(octets.end(), address->view().begin(), address->view().end());
      return octets;
    }
    const auto group = parse_group(part);
    if (!group || octets.size() >= 16) return std::nullopt;
    octets.push_back(static_cast<std::uint8_t>(*group >> 8));
    octets.push_back(static_cast<std::uint8_t>(*group));
    if (last) break;
    text = text.substr(colon + 1);
    if (text.empty()) return std::nullopt;
  }
  return octets;
}

std::optional<IpAddress> parse_ipv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  const bool compressed = gap != std::string_view::npos;
  const auto head = parse_groups(text.substr(0, gap), !compressed);
  const auto tail = parse_groups(compressed ? text.substr(gap + 2) : std::string_view(), true);
  if (!head || !tail) return std::nullopt;
  const std::size_t octets = head->size() + tail->size();
  if (compressed ? octets > 14 : octets != 16) return std::nullopt;
  IpAddress address;
  address.length = 16;
  copy_bytes(*head, address.bytes);
  std::ranges::copy_backward(*tail, address.bytes.end());
  return address;
}

std::string ipv4_text(Bytes octets) {
  std::string text;
  for (const std::uint8_t octet : octets) {
    if (!text.empty()) text += '.';
    text += std::to_string(octet);
  }
  return text;
}

std::string hex_group(unsigned group) {
  std::array<char, 4> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), group, 16);
  return {digits.begin(), end.ptr};
}

/// The first of the longest runs of two or more zero groups (RFC 5952, section 4.2): start and length.
std::pair<std::size_t, std::size_t> longest_zero_run(std::span<const unsigned, 8> groups) {
  std::pair<std::size_t, std::size_t> best{8, 1};
  for (std::size_t start = 0; start < 8; ++start) {
    std::size_t length = 0;
    while (start + length < 8 && groups[start + length] == 0) ++length;
    if (length > best.second) best = {start, length};
  }
  return best;
}

std::string ipv6_text(Bytes octets) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) groups[i] = static_cast<unsigned>(octets[2 * i] << 8 | octets[2 * i + 1]);
  const auto [start, length] = longest_zero_run(groups);
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == start) {
      text += "::";
      i += length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += hex_group(groups[i]);
  }
  return text;
}

}  // namespace

std::string to_string(const IpAddress& address) {
  return address.length == 4 ? ipv4_text(address.view()) : ipv6_text(std::span(address.bytes));
}

std::optional<IpAddress> parse_ip_address(std::string_view text) {
  return text.contains(':') ? parse_ipv6(text) : parse_ipv4(text);
}

}  // namespace padlock::x509

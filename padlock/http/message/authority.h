#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "padlock/base/result.h"

namespace padlock::http {

/// host[:port] of a Host field or a URL (RFC 3986, section 3.2, without userinfo).
struct Authority {
  std::string host;  ///< lower case; a name, an IPv4 address, or an IPv6 address without its brackets
  std::optional<std::uint16_t> port;
  bool ipv6 = false;  ///< written in brackets
};

/// Strict: names of letters, digits, `-`, `_` and `.`, at most 253 bytes, no empty label but the last; a port of 1 to
/// 65535. Error: rules::host_malformed.
Result<Authority> parse_authority(std::string_view text);

/// host[:port], with brackets where they belong.
std::string to_string(const Authority& authority);

/// Whether `text` is an IPv6 address in one of its forms (RFC 4291, section 2.2), without brackets and zone.
bool is_ipv6_address(std::string_view text);
/// Four decimal numbers up to 255, without leading zeros.
bool is_ipv4_address(std::string_view text);

}  // namespace padlock::http

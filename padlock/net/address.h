#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "padlock/x509/certificate.h"

namespace padlock::net {

using x509::IpAddress;

/// An address and a TCP port. `scope` is the interface's number of a link-local IPv6 address, else 0.
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
  std::uint32_t scope = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// "127.0.0.1:8443", "[::1]:8443", "[fe80::1%2]:8443".
std::string to_string(const Endpoint& endpoint);

/// Reads what to_string writes; nothing if it is anything else. A zone is read as a number only.
std::optional<Endpoint> parse_endpoint(std::string_view text);

/// 127.0.0.0/8 or ::1.
bool is_loopback(const IpAddress& address);

/// `localhost` or a name below it, in any case, with or without a final dot (RFC 6761, section 6.3).
bool is_localhost_name(std::string_view host);

}  // namespace padlock::net

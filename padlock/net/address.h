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

/// Who can be meant by an address (RFC 6890 and its registry): everybody, one network, one link, this machine; or
/// nobody.
enum class Reach : std::uint8_t { public_use, private_use, link_local, loopback, nobody };
/// IPv4 inside IPv6 (RFC 4291, section 2.5.5.2; RFC 6052) counts as what it stands for. Shared, benchmarking and
/// documentation ranges are private; multicast, reserved and unspecified addresses are nobody's.
Reach reach_of(const IpAddress& address);

/// `localhost` or a name below it, in any case, with or without a final dot (RFC 6761, section 6.3).
bool is_localhost_name(std::string_view host);

}  // namespace padlock::net

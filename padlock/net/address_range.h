#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "padlock/net/address.h"

namespace padlock::net {

/// An IPv4 address in IPv6 form (RFC 4291, section 2.5.5.2) as itself, any other as it is.
IpAddress unmapped(const IpAddress& address);

/// Addresses that begin with the same bits (RFC 4632, section 3.1; RFC 4291, section 2.3).
struct AddressRange {
  IpAddress address;
  unsigned bits = 0;

  /// An IPv4 address in its IPv6 form counts as itself.
  bool holds(const IpAddress& other) const;
  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

/// "10.0.0.0/8", "2001:db8::/32", or one address; nothing if it is anything else, or has bits behind its length.
std::optional<AddressRange> parse_address_range(std::string_view text);
std::string to_string(const AddressRange& range);

}  // namespace padlock::net

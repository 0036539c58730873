#pragma once

#include <optional>
#include <vector>

#include "padlock/http/message/message.h"
#include "padlock/net/address_range.h"

namespace padlock::server {

bool is_in(const std::vector<net::AddressRange>& ranges, const net::IpAddress& address);

/// Who asks: the peer of the connection or, behind proxies that are trusted, the last address in X-Forwarded-For that
/// is none of theirs (docs/threats.md, H13). Nothing: a proxy has written what is no address, so nobody knows.
std::optional<net::IpAddress> client_address(const net::IpAddress& peer, const http::Fields& fields,
                                             const std::vector<net::AddressRange>& trusted_proxies);

}  // namespace padlock::server

#pragma once

#include <optional>
#include <span>

#include "padlock/http/message/message.h"
#include "padlock/net/address_range.h"

namespace padlock::server {

/// One of the ranges holds it.
bool is_in(std::span<const net::AddressRange> ranges, const net::IpAddress& address);

/// Who asks: the peer of the connection or, behind proxies that are trusted, the last address in X-Forwarded-For that
/// is none of theirs (docs/threats.md, H13). Nothing: a proxy has written what is no address, so nobody knows.
std::optional<net::IpAddress> client_address(const net::IpAddress& peer, const http::Fields& fields,
                                             std::span<const net::AddressRange> trusted_proxies);

}  // namespace padlock::server

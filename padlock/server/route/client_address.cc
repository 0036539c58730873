#include "padlock/server/route/client_address.h"

#include <algorithm>
#include <ranges>
#include <string_view>

#include "padlock/base/text.h"
#include "padlock/http/message/syntax.h"

namespace padlock::server {
namespace {

/// An address, or one with a port, as some proxies write it.
std::optional<net::IpAddress> parse_hop(std::string_view text) {
  if (const auto address = x509::parse_ip_address(text)) return address;
  const auto endpoint = net::parse_endpoint(text);
  return endpoint ? std::optional(endpoint->address) : std::nullopt;
}

}  // namespace

bool is_in(std::span<const net::AddressRange> ranges, const net::IpAddress& address) {
  return std::ranges::any_of(ranges, [&](const net::AddressRange& range) { return range.holds(address); });
}

std::optional<net::IpAddress> client_address(const net::IpAddress& peer, const http::Fields& fields,
                                             std::span<const net::AddressRange> trusted_proxies) {
  if (!is_in(trusted_proxies, peer)) return peer;
  net::IpAddress client = peer;
  for (const http::FieldView& field : fields.all() | std::views::reverse) {
    if (!equal_ignoring_ascii_case(field.name, "X-Forwarded-For")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t comma = rest.rfind(',');
      const auto hop = parse_hop(http::trimmed(comma == std::string_view::npos ? rest : rest.substr(comma + 1)));
      if (!hop) return std::nullopt;
      client = *hop;
      if (!is_in(trusted_proxies, client)) return client;
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
    }
  }
  return client;
}

}  // namespace padlock::server

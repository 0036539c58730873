#include <limits>
#include <string>

#include "padlock/client/fetch.h"
#include "padlock/client/rules.h"

namespace padlock::client {
namespace {

/// Takes a host and the colon behind it from the front: a name, an address, or an [IPv6] address.
std::optional<std::string> take_host(std::string_view& text) {
  const bool bracketed = text.starts_with('[');
  const auto end = bracketed ? text.find("]:") : text.find(':');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string host(bracketed ? text.substr(1, end - 1) : text.substr(0, end));
  text.remove_prefix(end + (bracketed ? 2 : 1));
  return to_lower_ascii(host);
}

std::optional<std::uint16_t> to_port(std::string_view text) {
  const auto number = parse_decimal(text);
  if (!number || *number > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

/// An empty port stands for "any" or "the same".
bool take_optional_port(std::string_view text, std::optional<std::uint16_t>& port) {
  if (!text.empty()) port = to_port(text);
  return text.empty() || port;
}

std::optional<net::IpAddress> to_address(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  return x509::parse_ip_address(text);
}

std::unexpected<Error> refused(std::string_view flag, std::string_view text) {
  return broken(rules::bad_option, "cannot read " + std::string(flag) + " " + escaped(text));
}

}  // namespace

Result<ResolveEntry> parse_resolve_entry(std::string_view text) {
  std::string_view rest = text;
  const auto host = take_host(rest);
  const auto colon = rest.find(':');
  if (!host || host->empty() || colon == std::string_view::npos) return refused("--resolve", text);
  const auto port = to_port(rest.substr(0, colon));
  if (!port) return refused("--resolve", text);
  ResolveEntry entry{*host, *port, {}};
  rest.remove_prefix(colon + 1);
  for (;;) {
    const auto comma = rest.find(',');
    const auto address = to_address(rest.substr(0, comma));
    if (!address) return refused("--resolve", text);
    entry.addresses.push_back(*address);
    if (comma == std::string_view::npos) return entry;
    rest.remove_prefix(comma + 1);
  }
}

Result<ConnectTo> parse_connect_to(std::string_view text) {
  std::string_view rest = text;
  ConnectTo entry;
  const auto host = take_host(rest);
  const auto colon = rest.find(':');
  if (!host || colon == std::string_view::npos) return refused("--connect-to", text);
  const bool from_port_good = take_optional_port(rest.substr(0, colon), entry.port);
  rest.remove_prefix(colon + 1);
  const auto to_host = take_host(rest);
  if (!from_port_good || !to_host || !take_optional_port(rest, entry.to_port)) return refused("--connect-to", text);
  entry.host = *host;
  entry.to_host = *to_host;
  return entry;
}

}  // namespace padlock::client

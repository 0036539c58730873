#include "padlock/net/address.h"

#include <algorithm>
#include <limits>

#include "padlock/base/text.h"
#include "padlock/net/asio_endpoint.h"

namespace padlock::net {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto number = parse_decimal(text);
  if (!number || *number > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

/// "fe80::1%2", without brackets.
bool parse_scoped(std::string_view text, Endpoint& endpoint) {
  const auto percent = text.find('%');
  if (percent != std::string_view::npos) {
    const auto scope = parse_decimal(text.substr(percent + 1));
    if (!scope || *scope > std::numeric_limits<std::uint32_t>::max()) return false;
    endpoint.scope = static_cast<std::uint32_t>(*scope);
    text = text.substr(0, percent);
  }
  const auto address = x509::parse_ip_address(text);
  if (!address) return false;
  endpoint.address = *address;
  return true;
}

}  // namespace

std::string to_string(const Endpoint& endpoint) {
  std::string host = x509::to_string(endpoint.address);
  if (endpoint.scope != 0) host += "%" + std::to_string(endpoint.scope);
  if (endpoint.address.length == 16) host = "[" + host + "]";
  return host + ":" + std::to_string(endpoint.port);
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto port = parse_port(text.substr(colon + 1));
  Endpoint endpoint;
  if (!port || !parse_scoped(host, endpoint)) return std::nullopt;
  if (bracketed != (endpoint.address.length == 16)) return std::nullopt;
  endpoint.port = *port;
  return endpoint;
}

bool is_loopback(const IpAddress& address) {
  if (address.length == 4) return address.bytes[0] == 127;
  return std::ranges::all_of(address.view().first(15), [](std::uint8_t byte) { return byte == 0; }) &&
         address.bytes[15] == 1;
}

bool is_localhost_name(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  constexpr std::string_view name = "localhost";
  if (host.size() < name.size()) return false;
  const std::string_view end = host.substr(host.size() - name.size());
  if (!equal_ignoring_ascii_case(end, name)) return false;
  if (host.size() == name.size()) return true;
  // "x.localhost", but neither "xlocalhost" nor ".localhost"
  const std::string_view labels = host.substr(0, host.size() - name.size());
  return labels.size() > 1 && labels.ends_with('.') && !labels.starts_with('.');
}

Endpoint from_asio(const asio::ip::tcp::endpoint& endpoint) {
  Endpoint ours{.address = {}, .port = endpoint.port(), .scope = 0};
  const auto copy = [&](const auto& bytes) {
    copy_bytes(bytes, ours.address.bytes);
    ours.address.length = bytes.size();
  };
  if (endpoint.address().is_v4()) {
    copy(endpoint.address().to_v4().to_bytes());
  } else {
    copy(endpoint.address().to_v6().to_bytes());
    ours.scope = static_cast<std::uint32_t>(endpoint.address().to_v6().scope_id());
  }
  return ours;
}

asio::ip::tcp::endpoint to_asio(const Endpoint& endpoint) {
  if (endpoint.address.length == 4) {
    asio::ip::address_v4::bytes_type bytes{};
    copy_bytes(endpoint.address.view(), bytes);
    return {asio::ip::address_v4(bytes), endpoint.port};
  }
  asio::ip::address_v6::bytes_type bytes{};
  copy_bytes(endpoint.address.view(), bytes);
  return {asio::ip::address_v6(bytes, endpoint.scope), endpoint.port};
}

}  // namespace padlock::net

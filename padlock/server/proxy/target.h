#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "padlock/http/message/url.h"
#include "padlock/net/address_range.h"
#include "padlock/server/limits.h"

namespace padlock::server {

/// How requests are spread over several upstreams: in turn by weight; to the one that is at work on the fewest for its
/// weight; always the same for a client's address.
enum class Balance : std::uint8_t { round_robin, least_connections, client_hash };

/// One server that requests are passed on to.
struct UpstreamConfig {
  http::Url url;  ///< its origin: "http://127.0.0.1:3000", "https://app.internal"
  std::uint32_t weight = 1;
  friend bool operator==(const UpstreamConfig& a, const UpstreamConfig& b) {
    return a.url.to_string() == b.url.to_string() && a.weight == b.weight;
  }
};

/// How upstreams are asked whether they are well.
struct HealthCheckConfig {
  std::string target;  ///< "/healthz": a status of 200 to 399 is well
  std::chrono::milliseconds interval = limits::health_interval;
  friend bool operator==(const HealthCheckConfig&, const HealthCheckConfig&) = default;
};

/// Requests are passed on to other servers (RFC 9110, section 3.7: a gateway).
struct ProxyTarget {
  std::vector<UpstreamConfig> upstreams;  ///< at least one
  Balance balance = Balance::round_robin;
  bool http2 = false;                       ///< HTTP/2: with TLS where the upstream agrees, else by prior knowledge
  std::optional<std::filesystem::path> ca;  ///< what certificates of https upstreams are judged by alone
  std::optional<std::string> host;          ///< what upstreams are asked for; none: what the client asked for
  std::chrono::milliseconds connect = limits::upstream_connect_time;
  std::chrono::milliseconds response = limits::upstream_response_time;  ///< until its first byte, and between two
  bool client_certificate_chain = false;  ///< they learn what stands above a client's certificate too (RFC 9440)
  std::optional<HealthCheckConfig> health;
  std::vector<net::AddressRange> trusted_proxies;  ///< whose word about the client's address is taken
  friend bool operator==(const ProxyTarget&, const ProxyTarget&) = default;
};

}  // namespace padlock::server

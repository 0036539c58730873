#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "padlock/net/address.h"

namespace padlock::server {

/// How often a client may ask: so many requests in a time on average, and so many more at once.
struct RateLimitConfig {
  std::uint32_t requests = 1;
  std::chrono::nanoseconds per = std::chrono::seconds(1);
  std::uint32_t burst = 1;  ///< at once, after a time of silence; at least 1
  friend bool operator==(const RateLimitConfig&, const RateLimitConfig&) = default;
};

/// Counts the requests of each client in bounded memory (docs/threats.md, H23): a table with a place for each of many
/// clients, which forgets the one that has the most left when there is no room. A client is an IPv4 address or an IPv6
/// network of 64 bits, as one host has a whole one. For all workers; from any thread.
class RateLimiter {
 public:
  /// Reserves the memory of the table: limits::rate_limited_clients places of 16 bytes.
  explicit RateLimiter(const RateLimitConfig& config);

  /// Counts a request; nothing: it may pass, else how long it should have waited. `now`: monotonic.
  std::optional<std::chrono::nanoseconds> refuse(const net::IpAddress& client, std::chrono::nanoseconds now);
  /// The same, and nothing is counted.
  std::optional<std::chrono::nanoseconds> would_refuse(const net::IpAddress& client, std::chrono::nanoseconds now);

 private:
  /// The generic cell rate algorithm: a client's bucket is the time when it will be full again.
  struct Place {
    std::uint64_t client = 0;
    std::chrono::nanoseconds full_at{};
  };
  static constexpr std::size_t ways = 8;
  using Row = std::array<Place, ways>;
  struct Shard {
    std::mutex mutex;
    std::vector<Row> rows;
  };
  static constexpr std::size_t shard_count = 16;

  std::optional<std::chrono::nanoseconds> judge(const net::IpAddress& client, std::chrono::nanoseconds now, bool count);

  std::chrono::nanoseconds each_;   ///< time that a request costs
  std::chrono::nanoseconds burst_;  ///< of such time a bucket holds so much
  std::uint64_t seed_;              ///< so that nobody can choose addresses that share a row
  std::array<Shard, shard_count> shards_;
};

}  // namespace padlock::server

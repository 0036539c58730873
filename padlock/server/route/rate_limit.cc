#include "padlock/server/route/rate_limit.h"

#include <algorithm>
#include <random>

#include "padlock/net/address_range.h"
#include "padlock/server/limits.h"

namespace padlock::server {
namespace {

using std::chrono::nanoseconds;

/// An IPv4 address as ::ffff:a:b of a network that nobody has, an IPv6 address as its first half. Never 0.
std::uint64_t number_of(const net::IpAddress& address) {
  const net::IpAddress own = net::unmapped(address);
  std::uint64_t number = own.length == 4 ? 0xffffU : 0;
  for (const std::uint8_t byte : own.view().first(std::min<std::size_t>(own.length, 8))) number = number << 8 | byte;
  return number == 0 ? 1 : number;
}

/// Well mixed (the finalizer of splitmix64); with a secret seed nobody can foresee it.
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

std::uint64_t random_seed() {
  std::random_device random;
  return static_cast<std::uint64_t>(random()) << 32 | random();
}

}  // namespace

RateLimiter::RateLimiter(const RateLimitConfig& config)
    : each_(std::max(config.per / std::max(config.requests, 1U), nanoseconds(1))),
      burst_(each_ * std::max(config.burst, 1U)),
      seed_(random_seed()) {
  for (Shard& shard : shards_) shard.rows.resize(limits::rate_limited_clients / shard_count / ways);
}

std::optional<nanoseconds> RateLimiter::refuse(const net::IpAddress& client, nanoseconds now) {
  return judge(client, now, true);
}

std::optional<nanoseconds> RateLimiter::would_refuse(const net::IpAddress& client, nanoseconds now) {
  return judge(client, now, false);
}

std::optional<nanoseconds> RateLimiter::judge(const net::IpAddress& client, nanoseconds now, bool count) {
  const std::uint64_t number = number_of(client);
  const std::uint64_t hash = mixed(mixed(number + seed_) ^ seed_);
  Shard& shard = shards_.at(hash % shard_count);
  const std::scoped_lock lock(shard.mutex);
  Row& row = shard.rows[hash / shard_count % shard.rows.size()];
  auto found = std::ranges::find(row, number, &Place::client);
  const nanoseconds full_at = found == row.end() ? now : std::max(found->full_at, now);
  const nanoseconds after = full_at + each_;
  if (after - now > burst_) return after - now - burst_;
  if (!count) return std::nullopt;
  if (found == row.end()) found = std::ranges::min_element(row, {}, &Place::full_at);
  *found = {number, after};
  return std::nullopt;
}

}  // namespace padlock::server

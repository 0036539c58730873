#include "padlock/tls/session/early_data_store.h"

#include <algorithm>

#include "padlock/crypto/hash.h"

namespace padlock::tls {

namespace {

std::chrono::nanoseconds wall_ahead(Instant now) { return now.wall.time_since_epoch() - now.monotonic; }

}  // namespace

EarlyDataStore::EarlyDataStore(std::size_t capacity, Instant started)
    : capacity_(capacity), closed_until_(started.monotonic + remembered), wall_ahead_(wall_ahead(started)) {}

bool EarlyDataStore::use(Bytes ticket, Instant now) {
  Name name;
  copy_bytes(crypto::hash_of(crypto::HashAlgorithm::sha256, ticket), name);
  const std::lock_guard lock(mutex_);
  watch_clocks(now);
  forget_before(now.monotonic - remembered);
  if (now.monotonic < closed_until_ || names_.size() == capacity_) return false;
  const auto [place, first] = names_.insert(name);
  if (first) oldest_first_.push_back({now.monotonic, place});
  return first;
}

std::size_t EarlyDataStore::size() const {
  const std::lock_guard lock(mutex_);
  return names_.size();
}

void EarlyDataStore::forget_before(std::chrono::nanoseconds time) {
  while (!oldest_first_.empty() && oldest_first_.front().when < time) {
    names_.erase(oldest_first_.front().name);
    oldest_first_.pop_front();
  }
}

/// A civil clock that was set back makes hellos new once more that were forgotten: until its time has come again,
/// nobody can know. Whole seconds are all that it counts.
void EarlyDataStore::watch_clocks(Instant now) {
  constexpr std::chrono::seconds rounding(1);
  const auto ahead = wall_ahead(now);
  if (ahead + rounding < wall_ahead_) {
    closed_until_ = std::max(closed_until_, now.monotonic + (wall_ahead_ - ahead) + remembered);
    wall_ahead_ = ahead;
  }
  wall_ahead_ = std::max(wall_ahead_, ahead);
}

}  // namespace padlock::tls

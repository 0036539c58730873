#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <set>

#include "padlock/base/instant.h"
#include "padlock/base/text.h"
#include "padlock/tls/limits.h"

namespace padlock::tls {

/// Which tickets have brought early data: each may once (RFC 8446, section 8.1; docs/threats.md, T27). Every server
/// that opens the same tickets must ask the same store, or take no early data at all.
///
/// It forgets a ticket when the hellos that could bring it are too old to be taken, holds at most `capacity` of them,
/// and says no rather than forget one too early. Workers share it: it may be used by several threads at once.
class EarlyDataStore {
 public:
  /// How long after its first use a copy of a hello can still look as if it was made just now: the window lies on both
  /// sides of the moment that a ticket's age tells (RFC 8446, section 8.2).
  static constexpr std::chrono::seconds remembered = 2 * limits::early_data_window;

  /// `started`: before it, others may have used tickets that nobody here knows of.
  EarlyDataStore(std::size_t capacity, Instant started);

  /// True if the ticket may bring early data: this is its first use. False: it was used, or nobody can know.
  bool use(Bytes ticket, Instant now);
  std::size_t size() const;

 private:
  using Name = std::array<std::uint8_t, 32>;  // SHA-256 of the ticket
  struct Use {
    std::chrono::nanoseconds when;
    std::set<Name>::const_iterator name;
  };
  void forget_before(std::chrono::nanoseconds time);
  void watch_clocks(Instant now);

  mutable std::mutex mutex_;
  std::size_t capacity_;
  std::set<Name> names_;
  std::deque<Use> oldest_first_;
  std::chrono::nanoseconds closed_until_;
  std::chrono::nanoseconds wall_ahead_;  // of the monotonic clock, when they were last compared
};

}  // namespace padlock::tls

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "padlock/base/instant.h"

namespace padlock::certs {

/// Events that wait for one receiver; then the oldest gives way.
inline constexpr std::size_t events_waiting = 64;
/// How often a server is offered one, if it fails again and again after a pause that grows fourfold each time.
inline constexpr unsigned event_tries = 5;
inline constexpr std::chrono::seconds first_event_pause{2};

/// Events on their way to one receiver, in their order and in bounded memory: a calculation. Who delivers them tells it
/// the time, and what became of each.
class EventOutbox {
 public:
  /// `tries`: how often one is offered.
  explicit EventOutbox(unsigned tries) : tries_(tries) {}

  /// Of too many that wait the oldest gives way.
  void add(std::string event);
  /// What is to be delivered now, until `delivered` or `failed` says what became of it; null: nothing, or not yet.
  const std::string* next(Instant now);
  /// When it is offered again what has failed, on the monotonic clock; nothing: when something is added.
  std::optional<std::chrono::nanoseconds> next_try() const {
    return in_hand_ ? std::optional(in_hand_->next_try) : std::nullopt;
  }
  void delivered();
  /// It is offered again later, or was so often enough and is given up.
  void failed(Instant now);

  struct Counts {
    std::uint64_t delivered = 0, failed = 0, dropped = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  struct InHand {
    std::string event;
    unsigned failures = 0;
    std::chrono::nanoseconds next_try{};  ///< on the monotonic clock
  };
  unsigned tries_;
  std::deque<std::string> waiting_;
  std::optional<InHand> in_hand_;
  Counts counts_;
};

}  // namespace padlock::certs

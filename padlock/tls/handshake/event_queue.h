#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "padlock/tls/events.h"

namespace padlock::tls {

/// Events in order. Its memory stays until `release`, so that a steady stream of them allocates nothing.
class EventQueue {
 public:
  void push(Event event) {
    constexpr std::size_t usual = 4;
    if (events_.capacity() == 0) events_.reserve(usual);
    events_.push_back(std::move(event));
  }
  std::optional<Event> pop() {
    if (empty()) return std::nullopt;
    Event event = std::move(events_[next_++]);
    if (next_ == events_.size()) clear();
    return event;
  }
  bool empty() const { return next_ == events_.size(); }
  void clear() {
    events_.clear();
    next_ = 0;
  }
  void release() {
    if (empty()) events_ = std::vector<Event>();
  }

 private:
  std::vector<Event> events_;
  std::size_t next_ = 0;
};

}  // namespace padlock::tls

#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "padlock/tls/events.h"

namespace padlock::tls {

/// Events in order. Mostly there is one at a time, which needs no memory of its own; that of more stays until
/// `release`.
class EventQueue {
 public:
  void push(Event event) {
    if (empty()) {
      first_ = std::move(event);
    } else {
      constexpr std::size_t usual = 4;
      if (others_.capacity() == 0) others_.reserve(usual);
      others_.push_back(std::move(event));
    }
  }
  std::optional<Event> pop() {
    if (first_) return std::exchange(first_, std::nullopt);
    if (empty()) return std::nullopt;
    Event event = std::move(others_[next_++]);
    if (empty()) {
      others_.clear();
      next_ = 0;
    }
    return event;
  }
  bool empty() const { return !first_ && next_ == others_.size(); }
  void release() {
    if (next_ == others_.size()) others_ = std::vector<Event>();
  }

 private:
  std::optional<Event> first_;  // before the others
  std::vector<Event> others_;
  std::size_t next_ = 0;  // of the others
};

}  // namespace padlock::tls

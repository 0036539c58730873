#include "padlock/certs/event_outbox.h"

#include <utility>

namespace padlock::certs {

void EventOutbox::add(std::string event) {
  if (waiting_.size() == events_waiting) {
    waiting_.pop_front();
    ++counts_.dropped;
  }
  waiting_.push_back(std::move(event));
}

const std::string* EventOutbox::next(Instant now) {
  if (!in_hand_ && !waiting_.empty()) {
    in_hand_.emplace(InHand{.event = std::move(waiting_.front()), .next_try = now.monotonic});
    waiting_.pop_front();
  }
  return in_hand_ && in_hand_->next_try <= now.monotonic ? &in_hand_->event : nullptr;
}

void EventOutbox::delivered() {
  in_hand_.reset();
  ++counts_.delivered;
}

void EventOutbox::failed(Instant now) {
  if (++in_hand_->failures >= tries_) {
    in_hand_.reset();
    ++counts_.failed;
    return;
  }
  std::chrono::seconds pause = first_event_pause;
  for (unsigned at = 1; at < in_hand_->failures; ++at) pause *= 4;
  in_hand_->next_try = now.monotonic + pause;
}

}  // namespace padlock::certs

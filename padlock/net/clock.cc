#include "padlock/net/clock.h"

namespace padlock::net {

Instant now() {
  return {.monotonic = monotonic_now(),
          .wall = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
}

std::chrono::nanoseconds monotonic_now() { return std::chrono::steady_clock::now().time_since_epoch(); }

Deadline deadline_in(std::chrono::nanoseconds wait) {
  const auto current = std::chrono::steady_clock::now();
  return wait >= no_deadline - current ? no_deadline : current + wait;
}

}  // namespace padlock::net

#include "padlock/net/clock.h"

namespace padlock::net {

Instant now() {
  return {.monotonic = std::chrono::steady_clock::now().time_since_epoch(),
          .wall = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
}

Deadline deadline_in(std::chrono::nanoseconds wait) {
  const auto current = std::chrono::steady_clock::now();
  return wait >= no_deadline - current ? no_deadline : current + wait;
}

}  // namespace padlock::net

#include "padlock/server/body_rate.h"

#include <algorithm>

#include "padlock/server/limits.h"

namespace padlock::server {

BodyRate::BodyRate(std::chrono::nanoseconds begin) : window_begin_(begin + limits::body_grace) {}

void BodyRate::received(std::uint64_t bytes, std::chrono::nanoseconds now) {
  constexpr std::uint64_t enough =
      limits::body_bytes_per_second * static_cast<std::uint64_t>(limits::body_window.count());
  bytes_ += bytes;
  if (bytes_ < enough) return;
  bytes_ = 0;
  window_begin_ = std::max(window_begin_, now);
}

void BodyRate::paused(std::chrono::nanoseconds time) { window_begin_ += time; }

std::chrono::nanoseconds BodyRate::deadline() const { return window_begin_ + limits::body_window; }

}  // namespace padlock::server

#pragma once

#include <chrono>
#include <cstdint>

#include "padlock/base/instant.h"

namespace padlock::http::h2 {

/// So many events at once, then so many a second. Time comes from the caller alone.
class TokenBucket {
 public:
  TokenBucket(std::uint32_t burst, std::uint32_t per_second)
      : interval_(std::chrono::nanoseconds(std::chrono::seconds(1)) / per_second), burst_(interval_ * burst) {}

  /// False if there have been too many.
  [[nodiscard]] bool take(Instant now) {
    const auto paid_until = std::max(paid_until_, now.monotonic) + interval_;
    if (paid_until - now.monotonic > burst_) return false;
    paid_until_ = paid_until;
    return true;
  }

 private:
  std::chrono::nanoseconds interval_;
  std::chrono::nanoseconds burst_;
  std::chrono::nanoseconds paid_until_{};  ///< each event moves it one interval into the future
};

}  // namespace padlock::http::h2

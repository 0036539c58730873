#pragma once

#include <chrono>
#include <cstdint>

namespace padlock::server {

/// Watches how fast a request's body comes: at least limits::body_bytes_per_second over each window, after the first
/// seconds (docs/threats.md, H10). A calculation on a monotonic clock.
class BodyRate {
 public:
  explicit BodyRate(std::chrono::nanoseconds begin);
  void received(std::uint64_t bytes, std::chrono::nanoseconds now);
  /// So long nobody read: that is not the client's fault.
  void paused(std::chrono::nanoseconds time);
  /// When the body is too slow if nothing more comes.
  std::chrono::nanoseconds deadline() const;

 private:
  std::chrono::nanoseconds window_begin_;
  std::uint64_t bytes_ = 0;  ///< in the current window
};

}  // namespace padlock::server

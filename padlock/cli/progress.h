#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "padlock/http/message/message.h"

namespace padlock::cli {

/// A bar on stderr for long bodies, drawn over itself.
class Progress {
 public:
  /// `shown`: false keeps silent.
  explicit Progress(bool shown) : shown_(shown) {}
  void expect(const http::Response& response);  ///< its Content-Length, if there is one
  void add(std::size_t bytes);
  void end();  ///< takes the bar away

 private:
  void draw();
  bool shown_;
  bool drawn_ = false;
  std::uint64_t bytes_ = 0;
  std::optional<std::uint64_t> total_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point next_ = began_ + std::chrono::milliseconds(500);  ///< short ones show none
};

}  // namespace padlock::cli

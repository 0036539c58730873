#pragma once

#include <string>

#include "padlock/base/instant.h"

namespace padlock::server {

/// The time as a text that is asked for many times in a second, and made once in it. One thread's.
class TextOfSecond {
 public:
  explicit TextOfSecond(std::string (*make)(WallTime)) : make_(make), text_(make(WallTime())) {}
  /// Valid until the next call.
  const std::string& of(WallTime second) {
    if (second != second_) text_ = make_(second);
    second_ = second;
    return text_;
  }

 private:
  std::string (*make_)(WallTime);
  WallTime second_{};
  std::string text_;
};

}  // namespace padlock::server

#pragma once

#include <vector>

#include "padlock/base/text.h"

namespace padlock::http {

/// Bytes that wait to be sent. Empty, it gives a large buffer back, so an idle connection holds none.
class Outbox {
 public:
  Bytes waiting() const { return Bytes(bytes_).subspan(sent_); }
  bool empty() const { return sent_ == bytes_.size(); }
  std::size_t size() const { return bytes_.size() - sent_; }
  void sent(std::size_t count);
  /// Gives its memory back if it is empty.
  void release() {
    if (bytes_.empty()) std::vector<std::uint8_t>().swap(bytes_);
  }
  /// Where to append.
  std::vector<std::uint8_t>& tail() { return bytes_; }
  void append(Bytes bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t sent_ = 0;
};

}  // namespace padlock::http

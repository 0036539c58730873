#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "padlock/base/text.h"

namespace padlock::tls {

/// Of all pieces together.
inline std::size_t total_size(std::span<const Bytes> pieces) {
  std::size_t size = 0;
  for (const Bytes piece : pieces) size += piece.size();
  return size;
}

/// Walks over the pieces of a gather write, one record's worth at a time, without copying them.
class PieceCursor {
 public:
  explicit PieceCursor(std::span<const Bytes> pieces) : pieces_(pieces) { skip_empty(); }

  bool empty() const { return pieces_.empty(); }
  /// Puts the next pieces, together at most `most` bytes, into `record`, whose old content goes.
  void take(std::size_t most, std::vector<Bytes>& record) {
    record.clear();
    while (!empty() && most > 0) {
      const Bytes left = pieces_.front().subspan(offset_);
      const Bytes taken = left.first(std::min(left.size(), most));
      record.push_back(taken);
      most -= taken.size();
      offset_ += taken.size();
      skip_empty();
    }
  }

 private:
  void skip_empty() {
    while (!pieces_.empty() && offset_ == pieces_.front().size()) {
      pieces_ = pieces_.subspan(1);
      offset_ = 0;
    }
  }

  std::span<const Bytes> pieces_;
  std::size_t offset_ = 0;  // into the first of them
};

}  // namespace padlock::tls

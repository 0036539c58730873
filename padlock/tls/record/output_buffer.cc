#include "padlock/tls/record/output_buffer.h"

#include <algorithm>
#include <cassert>

namespace padlock::tls {

Bytes OutputBuffer::unsent() const {
  if (begin_ == end_) return meanwhile_;
  return std::span(bytes_).subspan(begin_, end_ - begin_);
}

void OutputBuffer::sent(std::size_t count) {
  assert(count <= unsent().size());
  if (begin_ == end_) {
    meanwhile_.erase(meanwhile_.begin(), meanwhile_.begin() + static_cast<std::ptrdiff_t>(count));
    return;
  }
  begin_ += count;
  if (begin_ == end_ && !reserved()) begin_ = end_ = 0;
}

std::span<std::uint8_t> OutputBuffer::append(std::size_t count) {
  if (reserved()) {
    meanwhile_.resize(meanwhile_.size() + count);
    return std::span(meanwhile_).last(count);
  }
  const std::span<std::uint8_t> place = room(count);
  end_ += count;
  return place;
}

std::span<std::uint8_t> OutputBuffer::reserve(std::size_t count) {
  assert(!reserved() && count > 0);
  const std::span<std::uint8_t> place = room(count);
  reserved_ = count;
  return place;
}

std::span<std::uint8_t> OutputBuffer::reservation() { return std::span(bytes_).subspan(end_, reserved_); }

void OutputBuffer::commit(std::size_t count) {
  assert(count <= reserved_);
  reserved_ = count;
  put_meanwhile_before_reservation();
  end_ += reserved_;
  reserved_ = 0;
  if (begin_ == end_) begin_ = end_ = 0;
}

void OutputBuffer::drop() { commit(0); }

void OutputBuffer::put_meanwhile_before_reservation() {
  if (meanwhile_.empty()) return;
  bytes_.resize(end_ + reserved_);  // what lies behind is worth nothing
  bytes_.insert(bytes_.begin() + static_cast<std::ptrdiff_t>(end_), meanwhile_.begin(), meanwhile_.end());
  end_ += meanwhile_.size();
  meanwhile_.clear();
}

void OutputBuffer::release() {
  if (!unsent().empty() || reserved()) return;
  bytes_ = std::vector<std::uint8_t>();  // `= {}` would keep the capacity
  meanwhile_ = std::vector<std::uint8_t>();
  begin_ = end_ = 0;
}

std::span<std::uint8_t> OutputBuffer::room(std::size_t count) {
  if (bytes_.size() - end_ < count && begin_ > 0) {
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_), bytes_.begin() + static_cast<std::ptrdiff_t>(end_),
              bytes_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  // A server's first flight fits into the first allocation.
  if (bytes_.size() - end_ < count) bytes_.resize(std::max<std::size_t>(end_ + count, 4096));
  return std::span(bytes_).subspan(end_, count);
}

}  // namespace padlock::tls

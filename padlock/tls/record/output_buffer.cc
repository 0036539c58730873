#include "padlock/tls/record/output_buffer.h"

#include <algorithm>
#include <cassert>

#include "padlock/base/unsafe.h"

namespace padlock::tls {

PADLOCK_UNSAFE_BUFFERS_BEGIN  // pointer and size are kept together
std::span<std::uint8_t> OutputBuffer::memory() { return many_ ? std::span(many_.get(), size_) : std::span(few_); }
Bytes OutputBuffer::memory() const { return many_ ? Bytes(many_.get(), size_) : Bytes(few_); }
PADLOCK_UNSAFE_BUFFERS_END

Bytes OutputBuffer::unsent() const {
  if (begin_ == end_) return meanwhile_;
  return memory().subspan(begin_, end_ - begin_);
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

std::span<std::uint8_t> OutputBuffer::reservation() { return memory().subspan(end_, reserved_); }

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
  const std::size_t size = end_ + meanwhile_.size() + reserved_;
  if (memory().size() < size) grow(size);
  const auto moved = memory().subspan(end_, meanwhile_.size() + reserved_);
  std::shift_right(moved.begin(), moved.end(), static_cast<std::ptrdiff_t>(meanwhile_.size()));
  copy_bytes(meanwhile_, moved);
  end_ += meanwhile_.size();
  meanwhile_.clear();
}

void OutputBuffer::release() {
  if (!unsent().empty() || reserved()) return;
  many_.reset();
  meanwhile_ = std::vector<std::uint8_t>();  // `= {}` would keep the capacity
  begin_ = end_ = 0;
}

void OutputBuffer::grow(std::size_t size) {
  // Twice as much, so that what grows is not copied each time.
  size = std::max(size, memory().size() * 2);
  auto grown = std::make_unique_for_overwrite<std::uint8_t[]>(size);  // NOLINT: a vector would zero it
  std::ranges::copy(memory().first(end_ + reserved_), grown.get());
  many_ = std::move(grown);
  size_ = size;
}

std::span<std::uint8_t> OutputBuffer::room(std::size_t count) {
  if (memory().size() - end_ < count && begin_ > 0) {
    std::ranges::copy(memory().subspan(begin_, end_ - begin_), memory().begin());
    end_ -= begin_;
    begin_ = 0;
  }
  // A server's first flight fits into the first allocation.
  if (memory().size() - end_ < count) grow(std::max<std::size_t>(end_ + count, 4096));
  return memory().subspan(end_, count);
}

}  // namespace padlock::tls

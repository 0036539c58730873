#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "padlock/base/text.h"

namespace padlock {

/// Appends big-endian integers and length-prefixed vectors to a buffer of the caller's (RFC 8446, section 3).
/// Lengths are patched by the Writer itself: `out.vec16([&](Writer& body) { body.bytes(key); });`
/// What does not fit its length prefix is a mistake of ours: it is asserted, and `good()` turns false.
class Writer {
 public:
  explicit Writer(std::vector<std::uint8_t>& out) : heap_(&out) {}
  /// A buffer in an arena.
  explicit Writer(std::pmr::vector<std::uint8_t>& out) : arena_(&out) {}

  void u8(std::uint8_t value) { number(value, 1); }
  void u16(std::uint16_t value) { number(value, 2); }
  void u24(std::uint32_t value) { number(value, 3); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void bytes(Bytes bytes) { copy_bytes(bytes, extend(bytes.size())); }

  template <class Body>
  void vec8(Body&& body) {
    vector(1, body);
  }
  template <class Body>
  void vec16(Body&& body) {
    vector(2, body);
  }
  template <class Body>
  void vec24(Body&& body) {
    vector(3, body);
  }

  /// False once a vector was longer than its prefix can say.
  bool good() const { return good_; }
  std::size_t size() const { return heap_ != nullptr ? heap_->size() : arena_->size(); }

 private:
  std::span<std::uint8_t> extend(std::size_t count) {
    const auto extend_buffer = [count](auto& buffer) {
      buffer.resize(buffer.size() + count);
      return std::span<std::uint8_t>(buffer).last(count);
    };
    return heap_ != nullptr ? extend_buffer(*heap_) : extend_buffer(*arena_);
  }
  std::span<std::uint8_t> written() {
    return heap_ != nullptr ? std::span<std::uint8_t>(*heap_) : std::span<std::uint8_t>(*arena_);
  }
  static void put(std::uint64_t value, std::span<std::uint8_t> place) {
    for (auto byte = place.rbegin(); byte != place.rend(); ++byte, value >>= 8)
      *byte = static_cast<std::uint8_t>(value);
  }
  void number(std::uint64_t value, std::size_t width) { put(value, extend(width)); }
  template <class Body>
  void vector(std::size_t width, Body& body) {
    const std::size_t start = size();
    number(0, width);
    body(*this);
    patch(start, width);
  }
  void patch(std::size_t start, std::size_t width) {
    const auto whole = written().subspan(start);
    const std::size_t length = whole.size() - width;
    const bool fits = length >> (8 * width) == 0;
    assert(fits);
    good_ = good_ && fits;
    put(length, whole.first(width));
  }

  std::vector<std::uint8_t>* heap_ = nullptr;  // this or
  std::pmr::vector<std::uint8_t>* arena_ = nullptr;
  bool good_ = true;
};

}  // namespace padlock

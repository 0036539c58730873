#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "padlock/base/text.h"

namespace padlock {

/// Appends big-endian integers and length-prefixed vectors to a buffer of the caller's (RFC 8446, section 3).
/// Lengths are patched by the Writer itself: `out.vec16([&](Writer& body) { body.bytes(key); });`
/// What does not fit its length prefix is a mistake of ours: it is asserted, and `good()` turns false.
class Writer {
 public:
  explicit Writer(std::vector<std::uint8_t>& out) : out_(out) {}

  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16(std::uint16_t value) { number(value, 2); }
  void u24(std::uint32_t value) { number(value, 3); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void bytes(Bytes bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }

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
  std::size_t size() const { return out_.size(); }

 private:
  void number(std::uint64_t value, std::size_t width) {
    for (std::size_t i = width; i-- > 0;) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  template <class Body>
  void vector(std::size_t width, Body& body) {
    const std::size_t start = out_.size();
    number(0, width);
    body(*this);
    patch(start, width);
  }
  void patch(std::size_t start, std::size_t width) {
    const std::size_t length = out_.size() - start - width;
    const bool fits = length >> (8 * width) == 0;
    assert(fits);
    good_ = good_ && fits;
    for (std::size_t i = 0; i < width; ++i)
      out_[start + i] = static_cast<std::uint8_t>(length >> (8 * (width - 1 - i)));
  }

  std::vector<std::uint8_t>& out_;
  bool good_ = true;
};

}  // namespace padlock

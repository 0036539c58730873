#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "padlock/base/annotation.h"
#include "padlock/base/result.h"
#include "padlock/base/text.h"

namespace padlock {

namespace rules {
inline constexpr Rule field_truncated{.code = "base.reader.truncated",
                                      .source = {8446, "6.2"},
                                      .alert = AlertDescription::decode_error,
                                      .status = 400,
                                      .hint = "the message ends before one of its fields does"};
inline constexpr Rule vector_length{.code = "base.reader.vector_length",
                                    .source = {8446, "3.4"},
                                    .alert = AlertDescription::decode_error,
                                    .status = 400,
                                    .hint = "a vector is shorter or longer than its definition allows"};
inline constexpr Rule trailing_bytes{.code = "base.reader.trailing_bytes",
                                     .source = {8446, "6.2"},
                                     .alert = AlertDescription::decode_error,
                                     .status = 400,
                                     .hint = "bytes follow the last field of a structure"};
}  // namespace rules

/// A view with a cursor over bytes from the network: each take is bounds-checked and names the field, so that an error
/// says what was missing. Integers are big-endian (RFC 8446, section 3.1), vectors carry their length in front
/// (section 3.4). With a sink, each take is told to it. Lives no longer than the bytes.
class Reader {
 public:
  /// `structure`: a literal for error messages, "ClientHello". `offset`: where `bytes` begin in the whole message.
  explicit Reader(Bytes bytes, std::string_view structure, AnnotationSink* sink = nullptr, std::size_t offset = 0)
      : bytes_(bytes), structure_(structure), sink_(sink), base_(offset) {}

  Result<std::uint8_t> u8(std::string_view field) { return number<std::uint8_t, 1>(field); }
  Result<std::uint16_t> u16(std::string_view field) { return number<std::uint16_t, 2>(field); }
  Result<std::uint32_t> u24(std::string_view field) { return number<std::uint32_t, 3>(field); }
  Result<std::uint32_t> u32(std::string_view field) { return number<std::uint32_t, 4>(field); }
  Result<std::uint64_t> u64(std::string_view field) { return number<std::uint64_t, 8>(field); }
  /// Exactly `count` bytes.
  Result<Bytes> bytes(std::string_view field, std::size_t count);
  /// A vector with a length of 1, 2 or 3 bytes, whose content must be `least` to `most` bytes long.
  Result<Reader> vec8(std::string_view field, std::size_t least = 0, std::size_t most = 0xff);
  Result<Reader> vec16(std::string_view field, std::size_t least = 0, std::size_t most = 0xffff);
  Result<Reader> vec24(std::string_view field, std::size_t least = 0, std::size_t most = 0xffffff);
  /// All that is left; afterwards the Reader is empty.
  Bytes rest();
  /// Skips `count` bytes without naming them; false if there are fewer.
  [[nodiscard]] bool skip(std::size_t count);

  /// Tells the sink what the field last taken means.
  void meaning(std::string_view text) const {
    if (sink_ != nullptr) sink_->meaning(text);
  }
  /// Fails with `trailing_bytes` if anything is left: the last line of every parse.
  Result<void> finish() const;

  bool empty() const { return taken_ == bytes_.size(); }
  std::size_t remaining() const { return bytes_.size() - taken_; }
  /// The place of the next byte in the whole message.
  std::size_t offset() const { return base_ + taken_; }
  /// What is left, without taking it.
  Bytes peek() const { return bytes_.subspan(taken_); }
  std::string_view structure() const { return structure_; }
  AnnotationSink* sink() const { return sink_; }

 private:
  /// Inline, for a hello is mostly numbers.
  template <class Number, std::size_t width>
  Result<Number> number(std::string_view field) {
    if (remaining() < width) return truncated(field, width);
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes_.subspan(taken_, width)) value = value << 8 | byte;
    if (sink_ != nullptr) sink_->field({field, offset(), width, value, depth_});
    taken_ += width;
    return static_cast<Number>(value);
  }
  Result<Reader> vector(std::string_view field, std::size_t width, std::size_t least, std::size_t most);
  std::unexpected<Error> truncated(std::string_view field, std::size_t wanted) const;

  Bytes bytes_;
  std::string_view structure_;
  AnnotationSink* sink_;
  std::size_t base_;
  std::size_t taken_ = 0;
  unsigned depth_ = 0;
};

}  // namespace padlock

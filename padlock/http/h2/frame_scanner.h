#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "padlock/base/text.h"
#include "padlock/http/h2/frame.h"

namespace padlock::http::h2 {

/// Finds the frames in the input before anybody else looks at them, so that they can be counted, and cuts the input so
/// that no two frames are handed on together.
class FrameScanner {
 public:
  /// `preface`: the input begins with the client's preface.
  explicit FrameScanner(bool preface) : preface_left_(preface ? connection_preface.size() : 0) {}

  struct Slice {
    Bytes bytes;          ///< to be handed on; empty while a header is incomplete
    bool begins = false;  ///< with the frame header that `header()` gives
    bool ends = false;    ///< the frame is complete with these bytes
  };
  /// Takes at least one byte from the front of `in`, which has some. The slice is a view into `in` or into this.
  Slice take(Bytes& in);

  /// Of the frame that the last slice belongs to.
  const FrameHeader& header() const { return header_; }
  /// The first payload bytes of a PRIORITY or PRIORITY_UPDATE frame: nghttp2 does not tell what they say.
  Bytes payload() const { return payload_; }

 private:
  Slice take_header(Bytes& in);
  void begin(std::span<const std::uint8_t, FrameHeader::size> bytes);
  void keep(Bytes payload);

  std::size_t preface_left_;
  std::array<std::uint8_t, FrameHeader::size> held_{};  ///< an incomplete header
  std::size_t held_size_ = 0;
  FrameHeader header_{};
  std::size_t payload_left_ = 0;
  std::size_t keep_left_ = 0;
  std::vector<std::uint8_t> payload_;
};

}  // namespace padlock::http::h2

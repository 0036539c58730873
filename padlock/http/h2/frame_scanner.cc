#include "padlock/http/h2/frame_scanner.h"

#include <algorithm>

#include "padlock/http/limits.h"

namespace padlock::http::h2 {
namespace {

Bytes take_at_most(Bytes& in, std::size_t count) {
  const Bytes taken = in.first(std::min(in.size(), count));
  in = in.subspan(taken.size());
  return taken;
}

std::size_t kept_of(const FrameHeader& header) {
  constexpr std::size_t dependency = 4;
  if (header.type == FrameType::PRIORITY) return dependency;
  if (header.type == FrameType::PRIORITY_UPDATE) return dependency + limits::h2_priority_bytes;
  return 0;
}

}  // namespace

FrameScanner::Slice FrameScanner::take(Bytes& in) {
  if (preface_left_ > 0) {
    const Bytes taken = take_at_most(in, preface_left_);
    preface_left_ -= taken.size();
    return {.bytes = taken};
  }
  if (payload_left_ == 0) return take_header(in);
  const Bytes taken = take_at_most(in, payload_left_);
  payload_left_ -= taken.size();
  keep(taken);
  return {.bytes = taken, .ends = payload_left_ == 0};
}

FrameScanner::Slice FrameScanner::take_header(Bytes& in) {
  if (held_size_ == 0 && in.size() >= FrameHeader::size) {  // header and payload in one piece
    const Bytes whole = in;
    begin(in.first<FrameHeader::size>());
    in = in.subspan(FrameHeader::size);
    const Bytes taken = take_at_most(in, payload_left_);
    payload_left_ -= taken.size();
    keep(taken);
    return {.bytes = whole.first(FrameHeader::size + taken.size()), .begins = true, .ends = payload_left_ == 0};
  }
  const Bytes taken = take_at_most(in, FrameHeader::size - held_size_);
  copy_bytes(taken, std::span(held_).subspan(held_size_));
  held_size_ += taken.size();
  if (held_size_ < FrameHeader::size) return {};
  held_size_ = 0;
  begin(held_);
  return {.bytes = held_, .begins = true, .ends = payload_left_ == 0};
}

void FrameScanner::begin(std::span<const std::uint8_t, FrameHeader::size> bytes) {
  header_ = parse_frame_header(bytes);
  payload_left_ = header_.length;
  keep_left_ = kept_of(header_);
  payload_.clear();
}

void FrameScanner::keep(Bytes payload) {
  if (keep_left_ == 0) return;
  const Bytes kept = payload.first(std::min(payload.size(), keep_left_));
  keep_left_ -= kept.size();
  payload_.insert(payload_.end(), kept.begin(), kept.end());
}

}  // namespace padlock::http::h2

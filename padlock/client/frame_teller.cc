#include "padlock/client/frame_teller.h"

#include <algorithm>
#include <utility>

#include "padlock/client/limits.h"

namespace padlock::client {

using http::h2::FrameHeader;
using http::h2::FrameType;

void FrameTeller::pass(Bytes bytes) {
  while (!bytes.empty()) {
    const std::size_t before = bytes.size();
    const auto slice = scanner_.take(bytes);
    bytes_ += before - bytes.size();
    if (slice.begins) payload_.clear();
    if (bytes_ == 0 || slice.bytes.empty()) continue;  // an incomplete frame header
    keep(slice.begins ? slice.bytes.subspan(FrameHeader::size) : slice.bytes);
    if (slice.ends) tell();
  }
}

void FrameTeller::keep(Bytes payload) {
  const bool wanted = scanner_.header().type != FrameType::DATA && scanner_.header().type != FrameType::HEADERS;
  if (!wanted) return;
  const Bytes kept = payload.first(std::min(payload.size(), limits::frame_payload_kept - payload_.size()));
  payload_.insert(payload_.end(), kept.begin(), kept.end());
}

void FrameTeller::tell() {
  const FrameHeader& header = scanner_.header();
  const std::size_t bytes = std::exchange(bytes_, 0);
  const bool goes_on = fields_ && !fields_->whole && header.type == FrameType::CONTINUATION;
  if (!goes_on) give_up_fields();
  if (goes_on || header.type == FrameType::HEADERS) {
    if (!fields_) fields_ = Fields{header, 0, false};
    fields_->bytes += bytes;
    fields_->whole = header.has(http::h2::flags::END_HEADERS);
    return tell_fields();
  }
  observer_.http2_frame({.sender = sender_, .header = header, .payload = payload_, .bytes = bytes});
}

void FrameTeller::tell_fields() {
  if (!fields_->whole || !listener_) return;
  const Fields known = *fields_;
  if (listener_(take_fields())) return;
  fields_ = known;
}

FieldsOnStream FrameTeller::take_fields() {
  FieldsOnStream place{.version = HttpVersion::HTTP_2};
  if (!fields_ || !fields_->whole) return place;
  place.bytes = fields_->bytes;
  place.stream = fields_->header.stream;
  place.ends_stream = fields_->header.has(http::h2::flags::END_STREAM);
  fields_.reset();
  return place;
}

void FrameTeller::give_up_fields() {
  if (!fields_) return;
  const Fields fields = *std::exchange(fields_, std::nullopt);
  observer_.http2_frame({.sender = sender_, .header = fields.header, .payload = {}, .bytes = fields.bytes});
}

}  // namespace padlock::client

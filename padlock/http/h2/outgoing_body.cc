#include "padlock/http/h2/outgoing_body.h"

#include <algorithm>

#include "padlock/http/limits.h"
#include "padlock/http/rules.h"

namespace padlock::http::h2 {

void OutgoingBody::begin(const BodyFraming& framing, bool suppressed) {
  const auto* known = std::get_if<KnownLength>(&framing);
  const bool none = std::holds_alternative<NoBody>(framing);
  state_ = none ? State::ended : State::open;
  suppressed_ = suppressed;
  has_frames_ = !none && !suppressed && !(known != nullptr && known->bytes == 0);
  if (known != nullptr && !suppressed) left_ = known->bytes;
}

std::size_t OutgoingBody::room() const {
  if (state_ != State::open || source_) return 0;
  return limits::h2_stream_buffer_bytes - waiting();
}

Result<void> OutgoingBody::count(std::uint64_t bytes) {
  if (!left_) return {};
  if (bytes > *left_)
    return broken(rules::body_length_differs, std::to_string(bytes) + " bytes more, but only " +
                                                  std::to_string(*left_) + " are left of content-length");
  *left_ -= bytes;
  return {};
}

Result<std::size_t> OutgoingBody::append(Bytes piece) {
  if (state_ != State::open || source_) return broken(rules::out_of_order, "no body is being sent on this stream");
  if (suppressed_) return piece.size();
  const Bytes taken = piece.first(std::min(piece.size(), room()));
  starved_ = starved_ || taken.size() < piece.size();
  PADLOCK_TRY(count(taken.size()));
  bytes_.insert(bytes_.end(), taken.begin(), taken.end());
  return taken.size();
}

Result<void> OutgoingBody::append_from(std::unique_ptr<BodySource> source) {
  if (state_ != State::open || source_) return broken(rules::out_of_order, "no body is being sent on this stream");
  if (suppressed_ || left_ == 0) {
    state_ = State::ended;
    return {};
  }
  if (!left_) return broken(rules::out_of_order, "a body from a source has a known length");
  source_left_ = *left_;
  left_ = 0;
  source_ = std::move(source);
  return {};
}

Result<void> OutgoingBody::end(const Fields& trailers) {
  if (state_ != State::open || source_) return broken(rules::out_of_order, "no body is being sent on this stream");
  if (left_.value_or(0) > 0)
    return broken(rules::body_length_differs, "the body ends " + std::to_string(*left_) + " bytes early");
  state_ = State::ended;
  trailers_ = trailers;
  return {};
}

std::optional<OutgoingBody::Ready> OutgoingBody::ready(std::size_t most) const {
  const std::size_t bytes = std::min(waiting(), most);
  if (bytes < waiting()) return Ready{bytes, false};
  if (!source_) {
    if (bytes == 0 && state_ != State::ended) return std::nullopt;
    return Ready{bytes, state_ == State::ended};
  }
  if (bytes > 0) return Ready{bytes, false};
  const auto from_source = static_cast<std::size_t>(std::min<std::uint64_t>(source_left_, most));
  return Ready{from_source, from_source == source_left_};
}

Result<void> OutgoingBody::write(std::span<std::uint8_t> into) {
  if (source_ && waiting() == 0) {
    PADLOCK_TRY(source_->read(into));
    source_left_ -= into.size();
    if (source_left_ == 0) {
      source_.reset();
      state_ = State::ended;
    }
    return {};
  }
  copy_bytes(Bytes(bytes_).subspan(sent_, into.size()), into);
  sent_ += into.size();
  if (waiting() == 0) {
    std::vector<std::uint8_t>().swap(bytes_);
    sent_ = 0;
  } else if (sent_ >= limits::h2_stream_buffer_bytes) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(sent_));
    sent_ = 0;
  }
  return {};
}

bool OutgoingBody::take_writable() {
  if (!starved_ || state_ != State::open || room() < limits::h2_stream_buffer_bytes / 2) return false;
  starved_ = false;
  return true;
}

void OutgoingBody::drop() {
  state_ = State::ended;
  source_.reset();
  std::vector<std::uint8_t>().swap(bytes_);
  sent_ = 0;
}

}  // namespace padlock::http::h2

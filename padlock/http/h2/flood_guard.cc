#include "padlock/http/h2/flood_guard.h"

#include <algorithm>

#include "padlock/http/h2/rules.h"

namespace padlock::http::h2 {

Result<void> FloodGuard::on_frame(const FrameHeader& header, Instant now) {
  switch (header.type) {
    case FrameType::DATA:
      return header.length == 0 && !header.has(flags::END_STREAM) ? on_useless_frame(now) : Result<void>();
    case FrameType::HEADERS: continuations_ = 0; return {};
    case FrameType::PUSH_PROMISE: return {};
    case FrameType::CONTINUATION:
      if (++continuations_ <= limits::h2_continuations) return {};
      return broken(rules::h2_continuation_flood, "stream " + std::to_string(header.stream) + " has more than " +
                                                      std::to_string(limits::h2_continuations) +
                                                      " CONTINUATION frames in one field block");
    case FrameType::RST_STREAM: return on_reset(now);
    case FrameType::WINDOW_UPDATE:
      if (window_updates_ == 0) return on_useless_frame(now);
      --window_updates_;
      return {};
    default: return on_useless_frame(now);
  }
}

Result<void> FloodGuard::on_useless_frame(Instant now) {
  if (useless_frames_.take(now)) return {};
  return broken(rules::h2_useless_frame_flood, "more than " + std::to_string(limits::h2_useless_frame_burst) +
                                                   " frames that carry nothing, or " +
                                                   std::to_string(limits::h2_useless_frames_per_second) + " a second");
}

Result<void> FloodGuard::on_reset(Instant now) {
  if (resets_.take(now)) return {};
  return broken(rules::h2_reset_flood, "more than " + std::to_string(limits::h2_reset_burst) + " streams reset, or " +
                                           std::to_string(limits::h2_resets_per_second) + " a second");
}

void FloodGuard::on_data_sent(std::size_t bytes, bool end_stream) {
  if (bytes < limits::h2_earning_data_bytes && !end_stream) return;
  window_updates_ = std::min(window_updates_ + limits::h2_window_updates_per_data, limits::h2_window_update_credit);
}

}  // namespace padlock::http::h2

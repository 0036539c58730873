#pragma once

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/http/h2/frame.h"
#include "padlock/http/h2/token_bucket.h"
#include "padlock/http/limits.h"

namespace padlock::http::h2 {

/// Counts what a peer makes us do for nothing (docs/threats.md, H16, H17, H19). Each error ends the connection.
class FloodGuard {
 public:
  /// For each frame header that comes, before the frame is looked at.
  Result<void> on_frame(const FrameHeader& header, Instant now);
  /// For a frame that turns out to carry nothing.
  Result<void> on_useless_frame(Instant now);
  /// For each stream that is reset, by whichever side.
  Result<void> on_reset(Instant now);
  /// A DATA frame of ours earns WINDOW_UPDATEs.
  void on_data_sent(std::size_t bytes, bool end_stream);

 private:
  TokenBucket resets_{limits::h2_reset_burst, limits::h2_resets_per_second};
  TokenBucket useless_frames_{limits::h2_useless_frame_burst, limits::h2_useless_frames_per_second};
  std::size_t continuations_ = 0;   ///< of the current field block
  std::size_t window_updates_ = 0;  ///< that have been earned
};

}  // namespace padlock::http::h2

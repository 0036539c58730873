#pragma once

#include <cstdint>

#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/http/h1/connection.h"
#include "padlock/http/outbox.h"

namespace padlock::http::h1 {

/// Frames the body of the message that is being sent and sees to it that it is as long as its head says.
class BodyWriter {
 public:
  /// `until_close`: instead of chunks, for HTTP/1.0 peers. `suppressed`: the head says what the body would be, but none
  /// follows (HEAD, 304); body calls are then taken and dropped.
  BodyWriter(const BodyFraming& framing, bool until_close, bool suppressed);

  Result<void> piece(Outbox& out, Bytes bytes);
  Result<void> announce_piece(Outbox& out, std::uint64_t size);
  Result<void> piece_sent_elsewhere(Outbox& out, std::uint64_t size);
  Result<void> end(Outbox& out, const Fields& trailers);

 private:
  enum class Kind : std::uint8_t { known_length, chunked, until_close, suppressed };

  Result<void> count(std::uint64_t size);

  Kind kind_;
  std::uint64_t left_ = 0;        ///< of known_length
  std::uint64_t piece_left_ = 0;  ///< of the piece announced
};

}  // namespace padlock::http::h1

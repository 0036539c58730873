#include "padlock/server/http1_output.h"

#include <algorithm>
#include <cstdint>
#include <span>

namespace padlock::server {

Result<void> queue_output(http::h1::Connection& http, net::Stream& stream) {
  while (!http.output().empty()) {
    const std::span<std::uint8_t> room = PADLOCK_TRY(stream.reserve(http.output().size()));
    const Bytes piece = http.output().first(std::min(room.size(), http.output().size()));
    copy_bytes(piece, room);
    http.output_sent(piece.size());
    PADLOCK_TRY(stream.commit(piece.size()));
  }
  return {};
}

}  // namespace padlock::server

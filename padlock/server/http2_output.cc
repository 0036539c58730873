#include "padlock/server/http2_output.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace padlock::server {

Result<bool> queue_output(http::h2::Connection& http, net::Stream& stream) {
  while (stream.queued() < net::Stream::flush_threshold) {
    const std::span<std::uint8_t> room = PADLOCK_TRY(stream.reserve(net::Stream::max_reservation));
    const std::size_t filled = http.write_output(room);
    if (filled == 0) {
      stream.drop_reservation();
      return false;
    }
    PADLOCK_TRY(stream.commit(filled));
  }
  return true;
}

}  // namespace padlock::server

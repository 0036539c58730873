#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/tls/wire/handshake_message.h"

namespace padlock::tls {

/// Cuts the handshake records' contents into messages and joins messages that span records (RFC 8446, section 5.1).
/// A message that lies whole in a record is not copied; of others at most `limits::handshake_message` bytes are kept.
class MessageJoiner {
 public:
  /// The next message out of `fragment`, whose front is taken; nothing if more bytes are needed. The message is a view
  /// into `fragment` or into the joiner and lives until the next call.
  Result<std::optional<HandshakeMessage>> take(Bytes& fragment);
  /// True if the beginning of a message is waiting for its rest.
  bool has_part() const { return !part_.empty() && !part_delivered_; }
  /// Gives back the memory of the last joined message.
  void release();
  void release_if_empty() {
    if (!has_part()) release();
  }

 private:
  /// Moves bytes of `fragment` into `part_` until it holds `size` bytes; false: there were too few.
  bool fill_part(Bytes& fragment, std::size_t size);

  std::vector<std::uint8_t> part_;
  bool part_delivered_ = false;
};

}  // namespace padlock::tls

#include "padlock/tls/record/message_joiner.h"

#include <algorithm>
#include <string>

#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"

namespace padlock::tls {

namespace {

/// The size of the whole message whose four bytes of header `bytes` begins with.
Result<std::size_t> whole_size(Bytes bytes) {
  const std::size_t length =
      static_cast<std::size_t>(bytes[1]) << 16 | static_cast<std::size_t>(bytes[2]) << 8 | bytes[3];
  if (length > limits::handshake_message) {
    return broken(rules::message_too_long, std::string(name_of(static_cast<HandshakeType>(bytes[0]))) + " says it is " +
                                               std::to_string(length) + " bytes long");
  }
  return handshake_header_length + length;
}

}  // namespace

Result<std::optional<HandshakeMessage>> MessageJoiner::take(Bytes& fragment) {
  if (part_delivered_) release();
  if (part_.empty() && fragment.size() >= handshake_header_length) {
    const std::size_t size = PADLOCK_TRY(whole_size(fragment));
    if (fragment.size() >= size) {
      const Bytes message = fragment.first(size);
      fragment = fragment.subspan(size);
      return PADLOCK_TRY(parse_handshake_message(message));
    }
  }
  if (!fill_part(fragment, handshake_header_length)) return std::nullopt;
  const std::size_t size = PADLOCK_TRY(whole_size(part_));
  if (!fill_part(fragment, size)) return std::nullopt;
  part_delivered_ = true;
  return PADLOCK_TRY(parse_handshake_message(part_));
}

bool MessageJoiner::fill_part(Bytes& fragment, std::size_t size) {
  const std::size_t missing = size - std::min(size, part_.size());
  const Bytes taken = fragment.first(std::min(missing, fragment.size()));
  // Doubles like any vector, but never beyond what the message says it needs.
  const std::size_t needed = part_.size() + taken.size();
  if (needed > part_.capacity()) part_.reserve(std::min(size, std::max(needed, 2 * part_.capacity())));
  part_.insert(part_.end(), taken.begin(), taken.end());
  fragment = fragment.subspan(taken.size());
  return part_.size() >= size;
}

void MessageJoiner::release() {
  part_ = std::vector<std::uint8_t>();
  part_delivered_ = false;
}

}  // namespace padlock::tls

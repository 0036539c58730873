#include "padlock/tls/schedule/transcript.h"

#include <array>

#include "padlock/tls/types.h"

namespace padlock::tls {

void Transcript::replace_with_message_hash() {
  const crypto::Digest first_hello = digest();
  const std::array<std::uint8_t, 4> header = {static_cast<std::uint8_t>(HandshakeType::message_hash), 0, 0,
                                              static_cast<std::uint8_t>(first_hello.bytes().size())};
  hash_ = crypto::Hash(algorithm());
  hash_.update(header);
  hash_.update(first_hello);
}

}  // namespace padlock::tls

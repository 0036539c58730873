#include "padlock/crypto/aead_tag.h"

#include "padlock/base/secret.h"

namespace padlock::crypto {

bool accept_or_wipe(Bytes computed, std::span<std::uint8_t> in_out) {
  if (equal_constant_time(computed, in_out.last(computed.size()))) return true;
  wipe(in_out);
  return false;
}

}  // namespace padlock::crypto

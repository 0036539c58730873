#include "padlock/server/proxy/websocket.h"

#include <array>
#include <cstdint>

#include "padlock/base/text.h"
#include "padlock/crypto/hash.h"

namespace padlock::server {

Result<std::string> make_websocket_key(crypto::Provider& provider) {
  std::array<std::uint8_t, 16> key{};
  PADLOCK_TRY(provider.random(key));
  return to_base64(key);
}

std::string websocket_accept(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const auto hash = crypto::hash_of(crypto::HashAlgorithm::sha1, as_bytes(text));
  return to_base64(hash);
}

}  // namespace padlock::server

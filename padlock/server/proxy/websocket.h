#pragma once

#include <string>
#include <string_view>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"

namespace padlock::server {

/// A new Sec-WebSocket-Key (RFC 6455, section 4.1). Error: the random source's.
Result<std::string> make_websocket_key(crypto::Provider& provider);

/// What a server answers to a Sec-WebSocket-Key to show that it has understood (RFC 6455, section 4.2.2).
std::string websocket_accept(std::string_view key);

}  // namespace padlock::server

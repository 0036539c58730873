#pragma once

#include <functional>
#include <memory>

#include "bench/tls/end.h"

namespace padlock::bench {

/// The primitives that a handshake uses, called alone with ready inputs of the right sizes: what no engine that stands
/// on this provider can go below.
std::function<void()> server_handshake_floor(const Negotiation& negotiation);
std::function<void()> client_handshake_floor(const Negotiation& negotiation);

}  // namespace padlock::bench

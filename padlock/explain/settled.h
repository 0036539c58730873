#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "padlock/explain/trace.h"
#include "padlock/tls/wire/client_hello.h"

namespace padlock::explain {

/// What the hellos of a connection settle, on which the form of all that follows depends.
struct Settled {
  tls::ProtocolVersion version = tls::ProtocolVersion::TLS_1_3;  ///< also where the server never came so far
  tls::KeyExchange key_exchange = tls::KeyExchange::ecdhe;       ///< TLS 1.2
  std::size_t explicit_nonce_length = 0;  ///< or the IV's: in front of what a sealed record holds
  std::optional<tls::Random> client_random{};
  std::optional<tls::Random> server_random{};
  bool is_tls12() const { return version == tls::ProtocolVersion::TLS_1_2; }
};

/// Reads the hellos among the events of one connection.
Settled settled_by(std::span<const trace::Event> events);

}  // namespace padlock::explain

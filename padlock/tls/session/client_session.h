#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/crypto/hkdf.h"
#include "padlock/tls/events.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

/// What a client keeps of a connection to go on from it later, with the proof that the server's chain was good (RFC
/// 8446, section 4.6.1; RFC 5077). Holds secrets: it lives in memory only.
struct ClientSession {
  ProtocolVersion version{};
  CipherSuite cipher_suite{};
  crypto::HashSecret secret{};  ///< TLS 1.3: the ticket's PSK; TLS 1.2: the master secret
  std::vector<std::uint8_t> ticket{};
  std::vector<std::uint8_t> session_id{};  ///< TLS 1.2 without a ticket
  std::uint32_t ticket_age_add{};
  std::uint32_t max_early_data_size{};           ///< bytes of early data that the server may take under this ticket
  std::optional<std::string> alpn{};             ///< that was spoken: early data speaks it too
  std::size_t most_content = limits::plaintext;  ///< of a record that the server takes
  Instant received{};
  /// When the chain was verified, on the monotonic clock: resumption does not make that younger.
  std::chrono::nanoseconds authenticated{};
  std::chrono::seconds lifetime{};  ///< from `received`; at most `limits::ticket_lifetime`
  std::string server_name{};        ///< as the caller named the server
  CertificateChain peer_chain{};
  std::optional<std::vector<std::uint8_t>>
      external_psk{};  ///< external_identity; nothing: the server had a certificate
  PeerVerified proof;

  bool alive(Instant now) const {
    return now.monotonic - received.monotonic < lifetime &&
           now.monotonic - authenticated < std::chrono::seconds(limits::ticket_lifetime);
  }
};

}  // namespace padlock::tls

#include "padlock/explain/settled.h"

#include <variant>

#include "padlock/crypto/aes_cbc.h"
#include "padlock/tls/wire/handshake_message.h"
#include "padlock/tls/wire/server_hello.h"

namespace padlock::explain {
namespace {

/// TLS 1.2 writes a part of AES-GCM's nonce in front of the ciphertext (RFC 5288, section 3), and with CBC all of the
/// IV (RFC 5246, section 6.2.3.2).
std::size_t explicit_nonce_length(tls::CipherSuite suite) {
  if (tls::version_of(suite) != tls::ProtocolVersion::TLS_1_2) return 0;
  if (tls::cbc_of(suite)) return crypto::aes_block_length;
  return tls::aead_of(suite) == crypto::AeadAlgorithm::chacha20_poly1305 ? 0 : 8;
}

void take(Settled& settled, const tls::ServerHello& hello) {
  const auto legacy = static_cast<tls::ProtocolVersion>(hello.legacy_version);
  settled.version = hello.supported_versions.value_or(legacy);
  settled.key_exchange = tls::key_exchange_of(hello.cipher_suite);
  settled.explicit_nonce_length = explicit_nonce_length(hello.cipher_suite);
  settled.server_random = hello.random;
}

void take(Settled& settled, const trace::HandshakeMessage& message) {
  const auto handshake = tls::parse_handshake_message(message.bytes);
  if (!handshake) return;
  const Reader body(handshake->body, "hello");
  if (handshake->type == tls::HandshakeType::client_hello && !settled.server_random) {
    if (const auto hello = tls::parse_client_hello(body)) settled.client_random = hello->random;
  }
  if (handshake->type == tls::HandshakeType::server_hello && !settled.server_random) {
    const auto hello = tls::parse_server_hello(body);
    if (hello && std::holds_alternative<tls::ServerHello>(*hello)) take(settled, std::get<tls::ServerHello>(*hello));
  }
}

}  // namespace

Settled settled_by(std::span<const trace::Event> events) {
  Settled settled;
  for (const trace::Event& event : events) {
    if (const auto* message = std::get_if<trace::HandshakeMessage>(&event.what)) take(settled, *message);
  }
  return settled;
}

}  // namespace padlock::explain

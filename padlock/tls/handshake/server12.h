#pragma once

#include <memory>

#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/handshake/server_states.h"
#include "padlock/tls/wire/handshake_message.h"

/// The server's TLS 1.2 handshake (RFC 5246, section 7.3): one function per state and message or answer; everything
/// else is `unexpected_message`.
namespace padlock::tls::server12 {

/// A first ClientHello whose newest common version is TLS 1.2.
Result<ServerState> on_client_hello(std::shared_ptr<const ClientHello> hello, const HandshakeMessage& message,
                                    const ServerConfig& config, Outbox& out);

Result<ServerState> on_message(WaitCertificate state, const HandshakeMessage& message, const ServerConfig& config,
                               Outbox& out);
Result<ServerState> on_message(WaitCertificateVerify state, const HandshakeMessage& message, const ServerConfig& config,
                               Outbox& out);
Result<ServerState> on_message(WaitClientKeyExchange state, const HandshakeMessage& message, const ServerConfig& config,
                               Outbox& out);
Result<ServerState> on_message(WaitFinished state, const HandshakeMessage& message, const ServerConfig& config,
                               Outbox& out);
/// The client's next record is under its new keys.
ServerState on_change_cipher_spec(WaitChangeCipherSpec state, Outbox& out);

Result<ServerState> on_answer(WaitCredential state, std::shared_ptr<const Credential> credential,
                              const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitKeyShare state, crypto::KeyShareAnswer key, const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitSignature state, crypto::SignatureAnswer signature, const ServerConfig& config,
                              Outbox& out);
Result<ServerState> on_answer(WaitSharedSecret state, crypto::SharedSecretAnswer shared_secret,
                              const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitDecryption state, crypto::RsaDecryptAnswer block, const ServerConfig& config,
                              Outbox& out);

Result<ServerState> on_answer(WaitClientKeyExchange state, PeerVerified proof, const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitSharedSecret state, PeerVerified proof, const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitDecryption state, PeerVerified proof, const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitCertificateVerify state, PeerVerified proof, const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitChangeCipherSpec state, PeerVerified proof, const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitChangeCipherSpec state, crypto::SignatureCheckAnswer answer,
                              const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitFinished state, PeerVerified proof, const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitFinished state, crypto::SignatureCheckAnswer answer, const ServerConfig& config,
                              Outbox& out);
Result<ServerState> on_answer(WaitProofs state, PeerVerified proof, const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitProofs state, crypto::SignatureCheckAnswer answer, const ServerConfig& config,
                              Outbox& out);

}  // namespace padlock::tls::server12

#pragma once

#include <memory>

#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/handshake/server_states.h"
#include "padlock/tls/wire/handshake_message.h"

/// The server's TLS 1.3 handshake (RFC 8446, section 4 and appendix A.2): one function per state and message or answer;
/// everything else is `unexpected_message`.
namespace padlock::tls::server13 {

/// A first ClientHello that offers TLS 1.3.
Result<ServerState> on_client_hello(std::shared_ptr<const ClientHello> hello, const HandshakeMessage& message,
                                    const ServerConfig& config, Outbox& out);

Result<ServerState> on_message(WaitSecondClientHello state, const HandshakeMessage& message, const ServerConfig& config,
                               Outbox& out);
Result<ServerState> on_message(WaitEndOfEarlyData state, const HandshakeMessage& message, const ServerConfig& config,
                               Outbox& out);
Result<ServerState> on_message(WaitCertificate state, const HandshakeMessage& message, const ServerConfig& config,
                               Outbox& out);
Result<ServerState> on_message(WaitCertificateVerify state, const HandshakeMessage& message, const ServerConfig& config,
                               Outbox& out);
Result<ServerState> on_message(WaitFinished state, const HandshakeMessage& message, const ServerConfig& config,
                               Outbox& out);

Result<ServerState> on_answer(WaitCredential state, crypto::KeyShareAnswer key, const ServerConfig& config,
                              Outbox& out);
Result<ServerState> on_answer(WaitCredential state, std::shared_ptr<const Credential> credential,
                              const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitCredential state, EarlyDataAnswer answer, const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitFlight state, crypto::SharedSecretAnswer shared_secret, const ServerConfig& config,
                              Outbox& out);
Result<ServerState> on_answer(WaitResumedFlight state, crypto::SharedSecretAnswer shared_secret,
                              const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitFlight state, crypto::SignatureAnswer signature, const ServerConfig& config,
                              Outbox& out);

Result<ServerState> on_answer(WaitResumedFlight state, PeerVerified proof, const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitEarlyProofs state, PeerVerified proof, const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitCertificateVerify state, PeerVerified proof, const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitFinished state, PeerVerified proof, const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitFinished state, crypto::SignatureCheckAnswer answer, const ServerConfig& config,
                              Outbox& out);
Result<ServerState> on_answer(WaitProofs state, PeerVerified proof, const ServerConfig& config, Outbox& out);
Result<ServerState> on_answer(WaitProofs state, crypto::SignatureCheckAnswer answer, const ServerConfig& config,
                              Outbox& out);

}  // namespace padlock::tls::server13

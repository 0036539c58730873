#pragma once

#include "padlock/tls/handshake/client_states.h"
#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/wire/handshake_message.h"

/// The client's TLS 1.2 handshake (RFC 5246, section 7.3): one function per state and message or answer; everything
/// else is `unexpected_message`.
namespace padlock::tls::client12 {

using client::Client;

/// A ServerHello that chose TLS 1.2.
Result<ClientState> on_server_hello(client::Offer offer, ServerHello hello, const HandshakeMessage& message,
                                    const Client& client, Outbox& out);

Result<ClientState> on_message(WaitCertificate state, const HandshakeMessage& message, const Client& client,
                               Outbox& out);
Result<ClientState> on_message(WaitServerKeyExchange state, const HandshakeMessage& message, const Client& client,
                               Outbox& out);
Result<ClientState> on_message(WaitServerHelloDone state, const HandshakeMessage& message, const Client& client,
                               Outbox& out);
Result<ClientState> on_message(WaitTicket state, const HandshakeMessage& message, const Client& client, Outbox& out);
Result<ClientState> on_message(WaitFinished state, const HandshakeMessage& message, const Client& client, Outbox& out);
/// The server's next record is under its new keys.
ClientState on_change_cipher_spec(WaitChangeCipherSpec state, Outbox& out);

Result<ClientState> on_answer(WaitServerHelloDone state, PeerVerified proof, const Client& client, Outbox& out);
Result<ClientState> on_answer(WaitServerHelloDone state, crypto::SignatureCheckAnswer answer, const Client& client,
                              Outbox& out);
Result<ClientState> on_answer(WaitServerHelloDone state, crypto::KeyShareAnswer key, const Client& client, Outbox& out);
Result<ClientState> on_answer(WaitAnswers state, PeerVerified proof, const Client& client, Outbox& out);
Result<ClientState> on_answer(WaitAnswers state, crypto::SignatureCheckAnswer answer, const Client& client,
                              Outbox& out);
Result<ClientState> on_answer(WaitAnswers state, crypto::KeyShareAnswer key, const Client& client, Outbox& out);
Result<ClientState> on_answer(WaitServerHelloDone state, std::shared_ptr<const Credential> credential,
                              const Client& client, Outbox& out);
Result<ClientState> on_answer(WaitAnswers state, std::shared_ptr<const Credential> credential, const Client& client,
                              Outbox& out);
Result<ClientState> on_answer(WaitSignature state, crypto::SignatureAnswer signature, const Client& client,
                              Outbox& out);
Result<ClientState> on_answer(WaitResumedVerdict state, PeerVerified proof, const Client& client, Outbox& out);
Result<ClientState> on_answer(WaitSharedSecret state, crypto::SharedSecretAnswer shared_secret, const Client& client,
                              Outbox& out);

}  // namespace padlock::tls::client12

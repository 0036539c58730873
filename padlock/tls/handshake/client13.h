#pragma once

#include "padlock/tls/handshake/client_states.h"
#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/wire/handshake_message.h"

/// The client's TLS 1.3 handshake (RFC 8446, section 4 and appendix A.1): one function per state and message or answer;
/// everything else is `unexpected_message`.
namespace padlock::tls::client13 {

using client::Client;

/// The server's first answer.
Result<ClientState> on_retry(Offer offer, HelloRetryRequest retry, const HandshakeMessage& message,
                             const Client& client, Outbox& out);
/// `transcript`: through the ClientHello that this answers.
Result<ClientState> on_server_hello(Offer offer, ServerHello hello, Transcript transcript,
                                    const HandshakeMessage& message, const Client& client, Outbox& out);

/// After the handshake: a session for our caller, if it wants one (RFC 8446, section 4.6.1).
Result<void> on_new_session_ticket(const HandshakeMessage& message, const Connected& connected, Outbox& out);

Result<ClientState> on_message(WaitSecondServerHello state, const HandshakeMessage& message, const Client& client,
                               Outbox& out);
Result<ClientState> on_message(WaitEncryptedExtensions state, const HandshakeMessage& message, const Client& client,
                               Outbox& out);
Result<ClientState> on_message(WaitResumedFinished state, const HandshakeMessage& message, const Client& client,
                               Outbox& out);
Result<ClientState> on_message(WaitCertificateOrRequest state, const HandshakeMessage& message, const Client& client,
                               Outbox& out);
Result<ClientState> on_message(WaitCertificate state, const HandshakeMessage& message, const Client& client,
                               Outbox& out);
Result<ClientState> on_message(WaitCertificateVerify state, const HandshakeMessage& message, const Client& client,
                               Outbox& out);
Result<ClientState> on_message(WaitFinished state, const HandshakeMessage& message, const Client& client, Outbox& out);

Result<ClientState> on_answer(WaitRetryKeyShare state, crypto::KeyShareAnswer key, const Client& client, Outbox& out);
Result<ClientState> on_answer(WaitSharedSecret state, crypto::SharedSecretAnswer shared_secret, const Client& client,
                              Outbox& out);
Result<ClientState> on_answer(WaitResumedVerdict state, PeerVerified proof, const Client& client, Outbox& out);
Result<ClientState> on_answer(WaitCertificate state, std::shared_ptr<const Credential> credential, const Client& client,
                              Outbox& out);
Result<ClientState> on_answer(WaitCertificateVerify state, std::shared_ptr<const Credential> credential,
                              const Client& client, Outbox& out);
Result<ClientState> on_answer(WaitCertificateVerify state, PeerVerified proof, const Client& client, Outbox& out);
Result<ClientState> on_answer(WaitFinished state, std::shared_ptr<const Credential> credential, const Client& client,
                              Outbox& out);
Result<ClientState> on_answer(WaitFinished state, PeerVerified proof, const Client& client, Outbox& out);
Result<ClientState> on_answer(WaitFinished state, crypto::SignatureCheckAnswer answer, const Client& client,
                              Outbox& out);
Result<ClientState> on_answer(WaitAnswers state, std::shared_ptr<const Credential> credential, const Client& client,
                              Outbox& out);
Result<ClientState> on_answer(WaitAnswers state, PeerVerified proof, const Client& client, Outbox& out);
Result<ClientState> on_answer(WaitAnswers state, crypto::SignatureCheckAnswer answer, const Client& client,
                              Outbox& out);
Result<ClientState> on_answer(WaitSignature state, crypto::SignatureAnswer signature, const Client& client,
                              Outbox& out);

}  // namespace padlock::tls::client13

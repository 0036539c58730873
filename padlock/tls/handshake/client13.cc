#include "padlock/tls/handshake/client13.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "padlock/crypto/signature.h"
#include "padlock/tls/handshake/authentication.h"
#include "padlock/tls/handshake/certificate_message.h"
#include "padlock/tls/handshake/choose.h"
#include "padlock/tls/handshake/client_checks.h"
#include "padlock/tls/handshake/offer.h"
#include "padlock/tls/handshake/own_certificate.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/tls/wire/code_points.h"
#include "padlock/tls/wire/encrypted_extensions.h"
#include "padlock/tls/wire/post_handshake.h"

namespace padlock::tls::client13 {

using client::Client;

// ---- HelloRetryRequest

namespace {

/// The second ClientHello is the first one with what the server asked for (RFC 8446, section 4.1.2).
Result<ClientState> send_second_hello(Offer offer, const HelloRetryRequest& retry, Transcript transcript,
                                      const Client& client, Outbox& out) {
  offer.hello.cookie = retry.cookie;
  if (retry.key_share) offer.hello.key_share = client::entries_of(offer.keys, client.config.groups, out.arena);
  if (client.config.middlebox_compatibility) out.send_change_cipher_spec();
  // The binder covers what was said since, and a key goes with one hash (section 4.1.4).
  const auto hash = hash_of(retry.cipher_suite);
  offer.hello.pre_shared_key.reset();
  if (!offer.has_session13() || hash_of(offer.session->cipher_suite) != hash) offer.session = nullptr;
  std::erase_if(offer.imported, [&](const ImportedPsk* psk) { return psk->hash != hash; });
  client::add_psks(offer, out);
  client::send_client_hello(offer, transcript, out);
  transcript.add(offer.message);
  return WaitSecondServerHello{std::move(offer), retry.cipher_suite, std::move(transcript)};
}

}  // namespace

Result<ClientState> on_retry(Offer offer, HelloRetryRequest retry, const HandshakeMessage& message,
                             const Client& client, Outbox& out) {
  PADLOCK_TRY(check_hello_retry_request(retry, offer.hello));
  client::end_early_data_in_vain(offer.hello, "the server asks for another ClientHello", out);
  out.info.hello_retry_request = true;
  Transcript transcript(hash_of(retry.cipher_suite));
  transcript.add(offer.message);
  transcript.replace_with_message_hash();
  transcript.add(message.bytes);
  if (!retry.key_share) return send_second_hello(std::move(offer), retry, std::move(transcript), client, out);
  offer.keys.clear();
  out.ask(crypto::KeyShareQuestion{*retry.key_share});
  return WaitRetryKeyShare{std::move(offer), std::move(retry), std::move(transcript)};
}

Result<ClientState> on_answer(WaitRetryKeyShare state, crypto::KeyShareAnswer key, const Client& client, Outbox& out) {
  state.offer.keys.push_back(std::move(key));
  return send_second_hello(std::move(state.offer), state.retry, std::move(state.transcript), client, out);
}

// ---- ServerHello

namespace {

void note_choices(const ServerHello& hello, Outbox& out) {
  out.info.version = ProtocolVersion::TLS_1_3;
  out.info.cipher_suite = hello.cipher_suite;
  out.info.group = hello.key_share->group;
  constexpr std::string_view reason = "the server chose it from what this client offered";
  out.chose("version", name_of(ProtocolVersion::TLS_1_3), reason);
  out.chose("cipher_suite", name_of(hello.cipher_suite), reason);
  out.chose("group", crypto::name_of(hello.key_share->group), reason);
}

/// The offer keeps the key that the server has chosen, and no other.
void take_choice(Offer& offer, const std::optional<std::uint16_t>& selected_identity, const Client& client,
                 Outbox& out) {
  const bool session = selected_identity == 0 && offer.has_session13();
  const ImportedPsk* imported = nullptr;
  if (selected_identity && !session) imported = offer.imported[*selected_identity - (offer.has_session13() ? 1U : 0U)];
  offer.imported.clear();
  out.info.resumed = session;
  if (session) {
    out.chose("psk", "a ticket", "the server goes on from an earlier connection's session");
    out.info.external_psk = offer.session->external_psk;
    return;
  }
  offer.session = nullptr;
  client::end_early_data_in_vain(offer.hello, "the server does not go on from the session", out);
  if (imported == nullptr) return;
  offer.imported.push_back(imported);
  const auto psk = std::ranges::find_if(client.config.external_psks,
                                        [&](const auto& each) { return &each->imported(imported->hash) == imported; });
  out.info.external_psk.emplace((*psk)->external_identity().begin(), (*psk)->external_identity().end());
  out.chose("psk", "an external key", "the server knows the key that both ends were given");
}

}  // namespace

Result<ClientState> on_server_hello(Offer offer, ServerHello hello, Transcript transcript,
                                    const HandshakeMessage& message, const Client& client, Outbox& out) {
  const auto key =
      std::ranges::find(offer.keys, hello.key_share->group, [](const auto& each) { return each->group(); });
  if (key == offer.keys.end()) {
    return broken(rules::group_not_offered,
                  "the server's share is for " + std::string(meaning_of(hello.key_share->group)));
  }
  note_choices(hello, out);
  PADLOCK_TRY(check_chosen_psk(hello, offer));
  take_choice(offer, hello.pre_shared_key, client, out);
  transcript.add(message.bytes);
  out.ask(crypto::SharedSecretQuestion{*key, copy_of(hello.key_share->key_exchange)});
  return WaitSharedSecret{std::move(offer), hello.cipher_suite, std::move(transcript)};
}

Result<ClientState> on_message(WaitSecondServerHello state, const HandshakeMessage& message, const Client& client,
                               Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::server_hello));
  auto parsed = PADLOCK_TRY(parse_server_hello(Reader(message.body, "ServerHello"), out.arena));
  if (std::holds_alternative<HelloRetryRequest>(parsed)) {
    return broken(rules::second_retry, "the server sent a second HelloRetryRequest");
  }
  auto& hello = std::get<ServerHello>(parsed);
  PADLOCK_TRY(check_server_hello(hello, state.offer.hello));
  if (hello.cipher_suite != state.cipher_suite) {
    return broken(rules::suite_changed_after_retry,
                  "HelloRetryRequest said " + std::string(name_of(state.cipher_suite)) + ", ServerHello says " +
                      std::string(name_of(hello.cipher_suite)));
  }
  return on_server_hello(std::move(state.offer), std::move(hello), std::move(state.transcript), message, client, out);
}

namespace {

/// Of the pre-shared key that the server has chosen; empty: it has chosen none.
crypto::HashSecret chosen_early_secret(Offer& offer) {
  if (offer.session != nullptr) return std::move(offer.early_secret);
  if (offer.imported.empty()) return {};
  return early_secret(offer.imported.front()->hash, offer.imported.front()->key.reveal());
}

void use_handshake_key(const Negotiated& negotiated, Outbox& out) {
  out.protect_writing(negotiated.cipher_suite, negotiated.secrets.client_handshake_traffic_secret,
                      EncryptionLevel::handshake);
}

}  // namespace

Result<ClientState> on_answer(WaitSharedSecret state, crypto::SharedSecretAnswer shared_secret, const Client& client,
                              Outbox& out) {
  const crypto::Digest transcript_hash = state.transcript.digest();
  Negotiated negotiated =
      derive_handshake_keys(state.cipher_suite, state.offer.hello.random, std::move(state.transcript), transcript_hash,
                            chosen_early_secret(state.offer), shared_secret, out);
  out.protect_reading(state.cipher_suite, negotiated.secrets.server_handshake_traffic_secret,
                      EncryptionLevel::handshake);
  if (!state.offer.hello.early_data) use_handshake_key(negotiated, out);
  if (client.config.middlebox_compatibility) out.owe_change_cipher_spec();
  return WaitEncryptedExtensions{std::move(state.offer), std::move(negotiated)};
}

// ---- the server's encrypted flight

namespace {

/// Early data goes on until the server has finished, or was in vain (RFC 8446, section 4.2.10).
Result<void> settle_early_data(const EncryptedExtensions& extensions, WaitEncryptedExtensions& state, Outbox& out) {
  if (!state.offer.hello.early_data) return {};
  if (!extensions.early_data) {
    client::end_early_data_in_vain(state.offer.hello, "the server does not take it", out);
    use_handshake_key(state.negotiated, out);
    return {};
  }
  PADLOCK_TRY(check_early_data(extensions, state.negotiated.cipher_suite, state.offer.session.get()));
  out.info.early_data = EarlyDataStatus::accepted;
  out.chose("early_data", "accepted", "the server takes it");
  return {};
}

}  // namespace

Result<ClientState> on_message(WaitEncryptedExtensions state, const HandshakeMessage& message, const Client&,
                               Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::encrypted_extensions));
  const auto extensions =
      PADLOCK_TRY(parse_encrypted_extensions(Reader(message.body, "EncryptedExtensions"), out.arena));
  PADLOCK_TRY(check_encrypted_extensions(extensions, state.offer.hello));
  PADLOCK_TRY(settle_early_data(extensions, state, out));
  if (const auto& protocols = extensions.application_layer_protocol_negotiation) {
    out.info.alpn = protocols->front();
    out.chose("alpn", protocols->front(), "the server chose it from what this client offered");
  }
  if (extensions.record_size_limit) {
    (void)set_record_sizes(*state.offer.hello.record_size_limit, *extensions.record_size_limit, out);
  }
  if (extensions.quic_transport_parameters)
    out.carrier()->on_transport_parameters(*extensions.quic_transport_parameters);
  state.negotiated.transcript.add(message.bytes);
  if (state.offer.session != nullptr || !state.offer.imported.empty()) {
    return WaitResumedFinished{std::move(state.negotiated), std::move(state.offer.session)};
  }
  return WaitCertificateOrRequest{std::move(state.negotiated)};
}

namespace {

/// What may stand beside a certificate, as we have asked for it.
ExtensionTypes offered_for_certificates(const ClientConfig& config) {
  ExtensionTypes types{};
  if (config.status_request) types.push_back(ExtensionType::status_request);
  if (config.signed_certificate_timestamp) types.push_back(ExtensionType::signed_certificate_timestamp);
  return types;
}

Result<ClientState> on_certificate(Negotiated negotiated, Answers answers, const HandshakeMessage& message,
                                   const Client& client, Outbox& out) {
  Certificate certificate = PADLOCK_TRY(take_certificate(message, client.config.certificate_compression));
  PADLOCK_TRY(check_certificate(certificate, offered_for_certificates(client.config)));
  out.info.peer_chain = chain_of(certificate);
  Leaf leaf = PADLOCK_TRY(read_leaf(out.info.peer_chain.front(), out.provider));
  CertificateEntry& entry = certificate.certificate_list.front();
  out.ask_chain_verification({.id = {},
                              .server_name = client.server_name,
                              .chain = out.info.peer_chain,
                              .leaf = std::move(leaf.certificate),
                              .ocsp_staple = std::move(entry.ocsp_response),
                              .signed_certificate_timestamps = std::move(entry.signed_certificate_timestamps)});
  negotiated.transcript.add(message.bytes);
  return WaitCertificateVerify{std::move(negotiated), std::move(leaf.key), std::move(answers)};
}

}  // namespace

Result<ClientState> on_message(WaitCertificateOrRequest state, const HandshakeMessage& message, const Client& client,
                               Outbox& out) {
  if (is_certificate(message, client.config.certificate_compression)) {
    return on_certificate(std::move(state.negotiated), {}, message, client, out);
  }
  if (message.type != HandshakeType::certificate_request) {
    return unexpected(message, "Certificate or CertificateRequest");
  }
  auto request = PADLOCK_TRY(parse_certificate_request(Reader(message.body, "CertificateRequest")));
  PADLOCK_TRY(check_certificate_request(request));
  state.negotiated.transcript.add(message.bytes);
  auto requested = client::requested(*std::move(request.signature_algorithms),
                                     std::move(request.certificate_authorities), client, out);
  if (request.compress_certificate) requested.compressions = *std::move(request.compress_certificate);
  return WaitCertificate{std::move(state.negotiated), {.server = {}, .request = std::move(requested)}};
}

Result<ClientState> on_message(WaitCertificate state, const HandshakeMessage& message, const Client& client,
                               Outbox& out) {
  return on_certificate(std::move(state.negotiated), std::move(state.answers), message, client, out);
}

Result<ClientState> on_message(WaitCertificateVerify state, const HandshakeMessage& message, const Client& client,
                               Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::certificate_verify));
  CertificateVerify verify = PADLOCK_TRY(parse_certificate_verify(Reader(message.body, "CertificateVerify")));
  PADLOCK_TRY(
      check_signature_scheme(verify.algorithm, client.config.signature_schemes, *state.key, ProtocolVersion::TLS_1_3));
  out.info.signature_scheme = verify.algorithm;
  out.chose("signature_scheme", crypto::name_of(verify.algorithm), "the server chose it from what this client offered");
  auto content = certificate_verify_content(Sender::server, state.negotiated.transcript.digest());
  out.ask(crypto::SignatureCheckQuestion{std::move(state.key), verify.algorithm, std::move(content),
                                         std::move(verify.signature)});
  state.negotiated.transcript.add(message.bytes);
  return WaitFinished{std::move(state.negotiated), std::move(state.answers)};
}

// ---- Finished, and the answers that the client's last flight needs

namespace {

/// What later tickets need, if anybody may want to use them.
std::optional<Resumable> resumable_from(const Negotiated& negotiated, const client::ServerAuthenticated& server,
                                        const Client& client, const Outbox& out) {
  if (!client.config.resumption || server.chain().is_dangerous()) return std::nullopt;
  auto secret = resumption_master_secret(hash_of(negotiated.cipher_suite), negotiated.secrets.master_secret,
                                         negotiated.transcript.digest());
  out.derived("resumption_master_secret", secret.size());
  return Resumable{std::move(secret), client.server_name, server.chain(), server.when()};
}

Connected finish(Negotiated negotiated, ApplicationSecrets secrets, const client::ServerAuthenticated& server,
                 const Client& client, Outbox& out) {
  send_finished(negotiated, Sender::client, out);
  const CipherSuite suite = negotiated.cipher_suite;
  out.protect_writing(suite, secrets.client_application_traffic_secret_0, EncryptionLevel::application);
  out.protect_reading(suite, secrets.server_application_traffic_secret_0, EncryptionLevel::application);
  return {suite, Secrets13{.read_secret = std::move(secrets.server_application_traffic_secret_0),
                           .write_secret = std::move(secrets.client_application_traffic_secret_0),
                           .exporter_master_secret = std::move(secrets.exporter_master_secret),
                           .resumable = resumable_from(negotiated, server, client, out)}};
}

/// The last record under the early key (RFC 8446, section 4.5).
void end_early_data(Negotiated& negotiated, Outbox& out) {
  if (out.info.early_data != EarlyDataStatus::accepted) return;
  out.allow_data(0);
  out.writer.drop_reservation();
  if (out.carrier() == nullptr) {  // in QUIC packets say themselves what they are (RFC 9001, section 8.3)
    negotiated.transcript.add(out.send(HandshakeType::end_of_early_data, [](Writer&) {}));
  }
  use_handshake_key(negotiated, out);
}

/// Says the client's last flight, up to the signature if there is one to make.
ClientState say_last_flight(Negotiated negotiated, const std::optional<client::Requested>& request,
                            const client::ServerAuthenticated& server, const Client& client, Outbox& out) {
  ApplicationSecrets secrets = derive_application_keys(negotiated, out);
  if (client.config.middlebox_compatibility) out.send_change_cipher_spec();
  end_early_data(negotiated, out);
  if (!request) return finish(std::move(negotiated), std::move(secrets), server, client, out);
  const auto shown = client::choose_own_certificate(*request, ProtocolVersion::TLS_1_3, out);
  if (!shown) {
    negotiated.transcript.add(
        out.send(HandshakeType::certificate, [](Writer& body) { write_certificate(body, Certificate{}); }));
    return finish(std::move(negotiated), std::move(secrets), server, client, out);
  }
  List<std::uint8_t> certificate(out.arena);
  negotiated.transcript.add(append_certificate(certificate, *shown->credential, {},
                                               {client.config.certificate_compression, request->compressions}, out));
  out.send(std::move(certificate));
  out.ask(crypto::SignatureQuestion{shown->credential->key, shown->scheme,
                                    certificate_verify_content(Sender::client, negotiated.transcript.digest())});
  return WaitSignature{std::move(negotiated), std::move(secrets), server, shown->scheme};
}

ClientState go_on_if_answered(WaitAnswers state, const Client& client, Outbox& out) {
  if (!state.answers.complete()) return state;
  const auto server = client::ServerAuthenticated::by_certificate(*state.answers.server.chain,
                                                                  *state.answers.server.signature, out.now.monotonic);
  return say_last_flight(std::move(state.negotiated), state.answers.request, server, client, out);
}

}  // namespace

Result<ClientState> on_message(WaitResumedFinished state, const HandshakeMessage& message, const Client& client,
                               Outbox& out) {
  PADLOCK_TRY(check_finished(state.negotiated, Sender::server, message));
  if (state.session == nullptr) {
    return say_last_flight(std::move(state.negotiated), std::nullopt,
                           client::ServerAuthenticated::by_external_psk(out.now.monotonic), client, out);
  }
  out.info.peer_chain = state.session->peer_chain;
  if (client.config.verify_resumed && !state.session->peer_chain.empty()) {
    ask_about_chain(client.server_name, nullptr, out);
    return WaitResumedVerdict{std::move(state.negotiated), std::move(state.session)};
  }
  return say_last_flight(std::move(state.negotiated), std::nullopt,
                         client::ServerAuthenticated::by_session(*state.session), client, out);
}

Result<ClientState> on_answer(WaitResumedVerdict state, PeerVerified proof, const Client& client, Outbox& out) {
  return say_last_flight(std::move(state.negotiated), std::nullopt,
                         client::ServerAuthenticated::by_session(*state.session, proof), client, out);
}

Result<ClientState> on_message(WaitFinished state, const HandshakeMessage& message, const Client& client, Outbox& out) {
  PADLOCK_TRY(check_finished(state.negotiated, Sender::server, message));
  return go_on_if_answered({std::move(state.negotiated), std::move(state.answers)}, client, out);
}

Result<ClientState> on_answer(WaitSignature state, crypto::SignatureAnswer signature, const Client& client,
                              Outbox& out) {
  const CertificateVerify verify{state.scheme, std::move(signature)};
  state.negotiated.transcript.add(
      out.send(HandshakeType::certificate_verify, [&](Writer& body) { write_certificate_verify(body, verify); }));
  return finish(std::move(state.negotiated), std::move(state.secrets), state.server, client, out);
}

namespace {

/// An answer that comes while the server's flight goes on.
template <class State, class Answer>
Result<ClientState> noted(State state, Answer answer) {
  PADLOCK_TRY(client::note(state.answers, std::move(answer)));
  return state;
}

template <class Answer>
Result<ClientState> noted(WaitAnswers state, Answer answer, const Client& client, Outbox& out) {
  PADLOCK_TRY(client::note(state.answers, std::move(answer)));
  return go_on_if_answered(std::move(state), client, out);
}

}  // namespace

Result<ClientState> on_answer(WaitCertificate state, std::shared_ptr<const Credential> credential, const Client&,
                              Outbox&) {
  return noted(std::move(state), std::move(credential));
}
Result<ClientState> on_answer(WaitCertificateVerify state, std::shared_ptr<const Credential> credential, const Client&,
                              Outbox&) {
  return noted(std::move(state), std::move(credential));
}
Result<ClientState> on_answer(WaitCertificateVerify state, PeerVerified proof, const Client&, Outbox&) {
  return noted(std::move(state), proof);
}
Result<ClientState> on_answer(WaitFinished state, std::shared_ptr<const Credential> credential, const Client&,
                              Outbox&) {
  return noted(std::move(state), std::move(credential));
}
Result<ClientState> on_answer(WaitFinished state, PeerVerified proof, const Client&, Outbox&) {
  return noted(std::move(state), proof);
}
Result<ClientState> on_answer(WaitFinished state, crypto::SignatureCheckAnswer answer, const Client&, Outbox&) {
  return noted(std::move(state), answer);
}
Result<ClientState> on_answer(WaitAnswers state, std::shared_ptr<const Credential> credential, const Client& client,
                              Outbox& out) {
  return noted(std::move(state), std::move(credential), client, out);
}
Result<ClientState> on_answer(WaitAnswers state, PeerVerified proof, const Client& client, Outbox& out) {
  return noted(std::move(state), proof, client, out);
}
Result<ClientState> on_answer(WaitAnswers state, crypto::SignatureCheckAnswer answer, const Client& client,
                              Outbox& out) {
  return noted(std::move(state), answer, client, out);
}

// ---- after the handshake

Result<void> on_new_session_ticket(const HandshakeMessage& message, const Connected& connected, Outbox& out) {
  auto ticket = PADLOCK_TRY(parse_new_session_ticket(Reader(message.body, "NewSessionTicket")));
  PADLOCK_TRY(check_extensions_belong(ticket.extension_types, ExtensionPlace::new_session_ticket));
  constexpr std::uint32_t counted_by_quic = 0xffffffff;
  if (out.carrier() != nullptr && ticket.early_data && *ticket.early_data != counted_by_quic) {
    return broken(rules::quic_early_data_size, "max_early_data_size is " + std::to_string(*ticket.early_data));
  }
  ++out.info.tickets_received;
  const auto& resumable = std::get<Secrets13>(connected.secrets).resumable;
  if (!resumable || ticket.ticket_lifetime == 0) return {};
  auto session = std::make_shared<ClientSession>(ClientSession{
      .version = ProtocolVersion::TLS_1_3,
      .cipher_suite = connected.cipher_suite,
      .secret =
          resumption_psk(hash_of(connected.cipher_suite), resumable->resumption_master_secret, ticket.ticket_nonce),
      .ticket = copy_of(ticket.ticket),
      .ticket_age_add = ticket.ticket_age_add,
      .max_early_data_size = ticket.early_data.value_or(0),
      .alpn = out.info.alpn,
      .most_content = out.writer.most_content(),
      .received = out.now,
      .authenticated = resumable->authenticated,
      .lifetime = std::chrono::seconds(std::min(ticket.ticket_lifetime, limits::ticket_lifetime)),
      .server_name = resumable->server_name,
      .peer_chain = out.info.peer_chain,
      .external_psk = out.info.external_psk,
      .proof = resumable->proof});
  out.events.push(SessionReceived{std::move(session)});
  return {};
}

}  // namespace padlock::tls::client13

#include "padlock/tls/handshake/client12.h"

#include <algorithm>
#include <utility>

#include "padlock/crypto/signature.h"
#include "padlock/tls/handshake/authentication.h"
#include "padlock/tls/handshake/client_checks.h"
#include "padlock/tls/handshake/own_certificate.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/schedule/pre_master_secret.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/tls/wire/code_points.h"
#include "padlock/tls/wire/tls12.h"

namespace padlock::tls::client12 {

// ---- ServerHello

namespace {

void note_choices(const ServerHello& hello, const Tls12Answers& answers, Outbox& out) {
  constexpr std::string_view reason = "the server chose it from what this client offered";
  out.info.version = ProtocolVersion::TLS_1_2;
  out.info.cipher_suite = hello.cipher_suite;
  out.chose("version", name_of(ProtocolVersion::TLS_1_2), reason);
  out.chose("cipher_suite", name_of(hello.cipher_suite), reason);
  if (!answers.application_layer_protocol_negotiation) return;
  out.info.alpn = answers.application_layer_protocol_negotiation->front();
  out.chose("alpn", *out.info.alpn, reason);
}

KeyTerms terms_of(const Tls12Answers& answers) {
  return {.extended_master_secret = answers.extended_master_secret, .encrypt_then_mac = answers.encrypt_then_mac};
}

/// True if the server goes on from the session that was offered (RFC 5246, section 7.4.1.3; RFC 5077, section 3.4).
bool resumes(const ServerHello& hello, const client::Offer& offer) {
  return offer.session != nullptr && offer.session->version == ProtocolVersion::TLS_1_2 &&
         !hello.legacy_session_id_echo.empty() && hello.legacy_session_id_echo == offer.hello.legacy_session_id;
}

/// The keys are there with the hellos; the server finishes first.
Result<ClientState> resume(client::Offer offer, const ServerHello& hello, Transcript transcript, Outbox& out) {
  PADLOCK_TRY(check_resumption(hello, *offer.session));
  out.info.resumed = true;
  out.info.peer_chain = offer.session->peer_chain;
  out.chose("session", "a session", "the server goes on from an earlier connection");
  auto [negotiated, keys] = resume_keys12(
      {hello.cipher_suite, offer.hello.random, hello.random, std::move(transcript), terms_of(*hello.tls12)},
      offer.session->secret.reveal(), out);
  Ending ending{.server = client::ServerAuthenticated::by_session(*offer.session),
                .may_be_resumed = true,
                .client_keys = std::move(keys.client),
                .session = std::move(offer.session),
                .session_id = {},
                .ticket = {}};
  if (hello.tls12->session_ticket) {
    return WaitTicket{std::move(negotiated), std::move(keys.server), std::move(ending)};
  }
  return WaitChangeCipherSpec{std::move(negotiated), std::move(keys.server), std::move(ending)};
}

}  // namespace

Result<ClientState> on_server_hello(client::Offer offer, ServerHello hello, const HandshakeMessage& message,
                                    const Client& client, Outbox& out) {
  const bool resumed = resumes(hello, offer);
  PADLOCK_TRY(check_server_hello(hello, offer.hello, client.config.policy, resumed));
  Tls12Answers& answers = *hello.tls12;
  note_choices(hello, answers, out);
  if (answers.record_size_limit) {
    (void)set_record_sizes(*offer.hello.record_size_limit, *answers.record_size_limit, out);
  }
  Transcript transcript(hash_of(hello.cipher_suite));
  if (client.config.certificates) transcript.keep_messages();
  transcript.add(offer.message);
  transcript.add(message.bytes);
  if (resumed) return resume(std::move(offer), hello, std::move(transcript), out);
  return WaitCertificate{{.cipher_suite = hello.cipher_suite,
                          .client_random = offer.hello.random,
                          .server_random = hello.random,
                          .offered_groups = std::move(*offer.hello.supported_groups),
                          .status_expected = answers.status_request,
                          .signed_certificate_timestamps = std::move(answers.signed_certificate_timestamps),
                          .ticket_follows = answers.session_ticket,
                          .session_id = std::move(hello.legacy_session_id_echo),
                          .terms = terms_of(answers),
                          .transcript = std::move(transcript)}};
}

// ---- the server's flight

Result<ClientState> on_message(WaitCertificate state, const HandshakeMessage& message, const Client&, Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::certificate));
  out.info.peer_chain = CertificateChain(PADLOCK_TRY(tls12::parse_certificate(Reader(message.body, "Certificate"))));
  if (out.info.peer_chain.empty()) return broken(rules::certificate_list_empty, "the server sent no certificate");
  Leaf leaf = PADLOCK_TRY(read_leaf(out.info.peer_chain.front(), out.provider));
  PADLOCK_TRY(check_key(*leaf.key, state.accepted.cipher_suite));
  state.accepted.transcript.add(message.bytes);
  return WaitServerKeyExchange{std::move(state.accepted), std::move(leaf), std::nullopt};
}

namespace {

Result<ClientState> on_certificate_status(WaitServerKeyExchange state, const HandshakeMessage& message) {
  state.ocsp_staple = PADLOCK_TRY(tls12::parse_certificate_status(Reader(message.body, "CertificateStatus")));
  state.accepted.transcript.add(message.bytes);
  return state;
}

void ask_chain_verification(WaitServerKeyExchange& state, const Client& client, Outbox& out) {
  const bool decrypts = key_exchange_of(state.accepted.cipher_suite) == KeyExchange::rsa;
  out.ask_chain_verification(
      {.id = {},
       .server_name = client.server_name,
       .chain = out.info.peer_chain,
       .leaf = std::move(state.leaf.certificate),
       .ocsp_staple = std::move(state.ocsp_staple).value_or(std::vector<std::uint8_t>()),
       .signed_certificate_timestamps = std::move(state.accepted.signed_certificate_timestamps),
       .key_usage = decrypts ? x509::KeyUsage::keyEncipherment : x509::KeyUsage::digitalSignature});
}

/// Static RSA: the certificate's key is all that the server gives.
WaitServerHelloDone without_key_exchange(WaitServerKeyExchange state, const Client& client, Outbox& out) {
  ask_chain_verification(state, client, out);
  Agreement agreement{.servers_key = std::move(state.leaf.key)};
  agreement.answers.server.signature = SignatureVerified::left_to_finished();
  return {std::move(state.accepted), std::move(agreement)};
}

}  // namespace

Result<ClientState> on_message(WaitServerKeyExchange state, const HandshakeMessage& message, const Client& client,
                               Outbox& out) {
  const bool status_may_come = state.accepted.status_expected && !state.ocsp_staple;
  if (status_may_come && message.type == HandshakeType::certificate_status) {
    return on_certificate_status(std::move(state), message);
  }
  const KeyExchange key_exchange = key_exchange_of(state.accepted.cipher_suite);
  if (key_exchange == KeyExchange::rsa) {
    return on_message(without_key_exchange(std::move(state), client, out), message, client, out);
  }
  PADLOCK_TRY(expect(message, HandshakeType::server_key_exchange));
  auto exchange =
      PADLOCK_TRY(tls12::parse_server_key_exchange(Reader(message.body, "ServerKeyExchange"), key_exchange));
  auto [group, share] = PADLOCK_TRY(check_server_key_exchange(exchange, state.accepted.offered_groups,
                                                              client.config.signature_schemes, *state.leaf.key));
  out.info.group = group;
  out.info.signature_scheme = exchange.algorithm;
  constexpr std::string_view reason = "the server chose it from what this client offered";
  out.chose(
      "group", crypto::name_of(group),
      key_exchange == KeyExchange::dhe ? "the server named its prime, and it is one that this client knows" : reason);
  out.chose("signature_scheme", crypto::name_of(exchange.algorithm), reason);
  state.accepted.transcript.add(message.bytes);

  ask_chain_verification(state, client, out);
  out.ask(crypto::SignatureCheckQuestion{
      .key = std::move(state.leaf.key),
      .scheme = exchange.algorithm,
      .message =
          tls12::signed_content(state.accepted.client_random, state.accepted.server_random, exchange.signed_params),
      .signature = std::move(exchange.signature),
      .any_curve = true});
  out.ask(crypto::KeyShareQuestion{group});
  return WaitServerHelloDone{std::move(state.accepted), {.servers_share = std::move(share)}};
}

// ---- the answers, and the end of the server's flight

namespace {

Result<ClientState> send_flight(WaitSharedSecret state, Bytes exchange_keys,
                                const crypto::SharedSecret& pre_master_secret, Outbox& out);

/// EncryptedPreMasterSecret (RFC 5246, section 7.4.7.1): the version that the hello offered, and 46 random bytes.
Result<ClientState> encrypt_pre_master_secret(WaitSharedSecret state, const crypto::PublicKey& servers_key,
                                              Outbox& out) {
  constexpr auto offered = static_cast<std::uint16_t>(ProtocolVersion::TLS_1_2);
  const auto pre_master_secret = PADLOCK_TRY(tls12::make_pre_master_secret(offered, out.provider));
  const auto encrypted = PADLOCK_TRY(servers_key.encrypt(pre_master_secret.reveal()));
  return send_flight(std::move(state), encrypted, pre_master_secret, out);
}

/// Nothing of the client's flight is said before the server is known for who it claims to be.
Result<ClientState> agree_if_authenticated(Accepted accepted, Agreement agreement, Outbox& out) {
  if (!agreement.answers.complete() || (agreement.key == nullptr && agreement.servers_key == nullptr)) {
    return WaitAnswers{std::move(accepted), std::move(agreement)};
  }
  const auto server = client::ServerAuthenticated::by_certificate(
      *agreement.answers.server.chain, *agreement.answers.server.signature, out.now.monotonic);
  if (agreement.servers_key != nullptr) {
    return encrypt_pre_master_secret({std::move(accepted), server, nullptr, std::move(agreement.answers.request)},
                                     *agreement.servers_key, out);
  }
  out.ask(
      crypto::SharedSecretQuestion{agreement.key, std::move(agreement.servers_share), hash_of(accepted.cipher_suite)});
  return WaitSharedSecret{std::move(accepted), server, std::move(agreement.key), std::move(agreement.answers.request)};
}

template <class Answer>
Result<void> note(Agreement& agreement, Answer answer) {
  return client::note(agreement.answers, std::move(answer));
}
Result<void> note(Agreement& agreement, crypto::KeyShareAnswer key) {
  agreement.key = std::move(key);
  return {};
}

template <class Answer>
Result<ClientState> noted(WaitServerHelloDone state, Answer answer) {
  PADLOCK_TRY(note(state.agreement, std::move(answer)));
  return state;
}
template <class Answer>
Result<ClientState> noted(WaitAnswers state, Answer answer, Outbox& out) {
  PADLOCK_TRY(note(state.agreement, std::move(answer)));
  return agree_if_authenticated(std::move(state.accepted), std::move(state.agreement), out);
}

/// The schemes of keys that the server takes: `certificate_types` says which (RFC 5246, section 7.4.4; RFC 8422,
/// section 5.5).
List<SignatureScheme> schemes_of_types(const tls12::CertificateRequest& request, Arena arena) {
  constexpr std::uint8_t rsa_sign = 1;
  constexpr std::uint8_t ecdsa_sign = 64;  // of Ed25519 too
  List<SignatureScheme> schemes = list_of(request.signature_algorithms, arena);
  std::erase_if(schemes, [&](SignatureScheme scheme) {
    const crypto::SignatureSchemeParts* parts = crypto::find_scheme(scheme);
    if (parts == nullptr) return false;
    const std::uint8_t type = crypto::is_rsa(parts->kind) ? rsa_sign : ecdsa_sign;
    return std::ranges::find(request.certificate_types, type) == request.certificate_types.end();
  });
  return schemes;
}

}  // namespace

Result<ClientState> on_message(WaitServerHelloDone state, const HandshakeMessage& message, const Client& client,
                               Outbox& out) {
  if (message.type == HandshakeType::certificate_request && !state.agreement.answers.request) {
    auto request = PADLOCK_TRY(tls12::parse_certificate_request(Reader(message.body, "CertificateRequest")));
    state.accepted.transcript.add(message.bytes);
    state.agreement.answers.request = client::requested(schemes_of_types(request, out.arena),
                                                        std::move(request.certificate_authorities), client, out);
    return state;
  }
  PADLOCK_TRY(expect(message, HandshakeType::server_hello_done));
  PADLOCK_TRY(tls12::parse_empty(Reader(message.body, "ServerHelloDone")));
  state.accepted.transcript.add(message.bytes);
  return agree_if_authenticated(std::move(state.accepted), std::move(state.agreement), out);
}

Result<ClientState> on_answer(WaitServerHelloDone state, PeerVerified proof, const Client&, Outbox&) {
  return noted(std::move(state), proof);
}
Result<ClientState> on_answer(WaitServerHelloDone state, crypto::SignatureCheckAnswer answer, const Client&, Outbox&) {
  return noted(std::move(state), answer);
}
Result<ClientState> on_answer(WaitServerHelloDone state, std::shared_ptr<const Credential> credential, const Client&,
                              Outbox&) {
  return noted(std::move(state), std::move(credential));
}
Result<ClientState> on_answer(WaitServerHelloDone state, crypto::KeyShareAnswer key, const Client&, Outbox&) {
  return noted(std::move(state), std::move(key));
}
Result<ClientState> on_answer(WaitAnswers state, PeerVerified proof, const Client&, Outbox& out) {
  return noted(std::move(state), proof, out);
}
Result<ClientState> on_answer(WaitAnswers state, crypto::SignatureCheckAnswer answer, const Client&, Outbox& out) {
  return noted(std::move(state), answer, out);
}
Result<ClientState> on_answer(WaitAnswers state, std::shared_ptr<const Credential> credential, const Client&,
                              Outbox& out) {
  return noted(std::move(state), std::move(credential), out);
}
Result<ClientState> on_answer(WaitAnswers state, crypto::KeyShareAnswer key, const Client&, Outbox& out) {
  return noted(std::move(state), std::move(key), out);
}

// ---- the client's flight

namespace {

ClientState say_finished(Keyed12 keyed, bool ticket_follows, Ending ending, Outbox& out) {
  auto& [negotiated, keys] = keyed;
  out.send_change_cipher_spec_and_protect(negotiated.cipher_suite, std::move(keys.client));
  send_finished12(negotiated, Sender::client, out);
  if (ticket_follows) return WaitTicket{std::move(negotiated), std::move(keys.server), std::move(ending)};
  return WaitChangeCipherSpec{std::move(negotiated), std::move(keys.server), std::move(ending)};
}

Result<ClientState> send_flight(WaitSharedSecret state, Bytes exchange_keys,
                                const crypto::SharedSecret& pre_master_secret, Outbox& out) {
  Accepted& accepted = state.accepted;
  std::optional<client::OwnCertificate> shown;
  if (state.request) {
    shown = client::choose_own_certificate(*state.request, ProtocolVersion::TLS_1_2, out);
    accepted.transcript.add(out.send(HandshakeType::certificate,
                                     [&](Writer& body) { tls12::write_certificate(body, client::chain_of(shown)); }));
  }
  accepted.transcript.add(out.send(HandshakeType::client_key_exchange, [&](Writer& body) {
    tls12::write_client_key_exchange(body, key_exchange_of(accepted.cipher_suite), exchange_keys);
  }));
  auto messages = accepted.transcript.take_messages();
  Keyed12 keyed = derive_keys12({accepted.cipher_suite, accepted.client_random, accepted.server_random,
                                 std::move(accepted.transcript), accepted.terms},
                                pre_master_secret, out);
  Ending ending{.server = state.server,
                .may_be_resumed = accepted.terms.extended_master_secret,
                .client_keys = std::nullopt,
                .session = nullptr,
                .session_id = std::move(accepted.session_id),
                .ticket = {}};
  if (!shown) return say_finished(std::move(keyed), accepted.ticket_follows, std::move(ending), out);
  out.ask(crypto::SignatureQuestion{shown->credential->key, shown->scheme, std::move(messages)});
  return WaitSignature{std::move(keyed), shown->scheme, accepted.ticket_follows, std::move(ending)};
}

}  // namespace

Result<ClientState> on_answer(WaitSharedSecret state, crypto::SharedSecretAnswer shared_secret, const Client&,
                              Outbox& out) {
  const auto key = std::move(state.key);
  return send_flight(std::move(state), key->public_share(), shared_secret, out);
}

Result<ClientState> on_answer(WaitSignature state, crypto::SignatureAnswer signature, const Client&, Outbox& out) {
  const CertificateVerify verify{state.scheme, std::move(signature)};
  state.keyed.negotiated.transcript.add(
      out.send(HandshakeType::certificate_verify, [&](Writer& body) { write_certificate_verify(body, verify); }));
  return say_finished(std::move(state.keyed), state.ticket_follows, std::move(state.ending), out);
}

// ---- the server's end

Result<ClientState> on_message(WaitTicket state, const HandshakeMessage& message, const Client&, Outbox&) {
  PADLOCK_TRY(expect(message, HandshakeType::new_session_ticket));
  state.ending.ticket = PADLOCK_TRY(tls12::parse_new_session_ticket(Reader(message.body, "NewSessionTicket")));
  state.negotiated.transcript.add(message.bytes);
  return WaitChangeCipherSpec{std::move(state.negotiated), std::move(state.server_keys), std::move(state.ending)};
}

ClientState on_change_cipher_spec(WaitChangeCipherSpec state, Outbox& out) {
  out.protect_reading(state.negotiated.cipher_suite, std::move(state.server_keys));
  return WaitFinished{std::move(state.negotiated), std::move(state.ending)};
}

namespace {

/// For the server's hint; without one, what servers usually mean.
std::chrono::seconds lifetime_of(const tls12::NewSessionTicket& ticket) {
  constexpr std::uint32_t usual = 2 * 60 * 60;
  const std::uint32_t hint = ticket.ticket_lifetime_hint == 0 ? usual : ticket.ticket_lifetime_hint;
  return std::chrono::seconds(std::min(hint, limits::ticket_lifetime));
}

/// Gives the session to our caller: a new one, or the one that was resumed, which may be used again.
void yield_session(const Negotiated12& negotiated, Ending ending, const Client& client, Outbox& out) {
  if (!client.config.resumption || ending.server.chain().is_dangerous() || !ending.may_be_resumed) return;
  const bool new_one = !ending.ticket.ticket.empty() || !ending.session_id.empty();
  if (!new_one && ending.session == nullptr) return;
  if (!new_one) {
    out.events.push(SessionReceived{std::move(ending.session)});
    return;
  }
  auto session =
      std::make_shared<ClientSession>(ClientSession{.version = ProtocolVersion::TLS_1_2,
                                                    .cipher_suite = negotiated.cipher_suite,
                                                    .secret = crypto::HashSecret(negotiated.master_secret.reveal()),
                                                    .ticket = copy_of(ending.ticket.ticket),
                                                    .session_id = {ending.session_id.begin(), ending.session_id.end()},
                                                    .received = out.now,
                                                    .authenticated = ending.server.when(),
                                                    .lifetime = lifetime_of(ending.ticket),
                                                    .server_name = client.server_name,
                                                    .peer_chain = out.info.peer_chain,
                                                    .proof = ending.server.chain()});
  out.events.push(SessionReceived{std::move(session)});
}

Connected finish(Negotiated12 negotiated, Ending ending, const Client& client, Outbox& out) {
  if (ending.client_keys) {
    out.send_change_cipher_spec_and_protect(negotiated.cipher_suite, *std::move(ending.client_keys));
    send_finished12(negotiated, Sender::client, out);
  }
  yield_session(negotiated, std::move(ending), client, out);
  return connected12(std::move(negotiated));
}

}  // namespace

Result<ClientState> on_message(WaitFinished state, const HandshakeMessage& message, const Client& client, Outbox& out) {
  PADLOCK_TRY(check_finished12(state.negotiated, Sender::server, message));
  if (state.ending.session != nullptr && client.config.verify_resumed) {
    ask_about_chain(client.server_name, nullptr, out);
    return WaitResumedVerdict{std::move(state.negotiated), std::move(state.ending)};
  }
  return finish(std::move(state.negotiated), std::move(state.ending), client, out);
}

Result<ClientState> on_answer(WaitResumedVerdict state, PeerVerified proof, const Client& client, Outbox& out) {
  state.ending.server = client::ServerAuthenticated::by_session(*state.ending.session, proof);
  return finish(std::move(state.negotiated), std::move(state.ending), client, out);
}

}  // namespace padlock::tls::client12

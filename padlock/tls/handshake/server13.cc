#include "padlock/tls/handshake/server13.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "padlock/tls/handshake/certificate_message.h"
#include "padlock/tls/handshake/choose.h"
#include "padlock/tls/handshake/client_certificate.h"
#include "padlock/tls/handshake/server_checks.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/tls/wire/code_points.h"
#include "padlock/tls/wire/encrypted_extensions.h"
#include "padlock/tls/wire/server_hello.h"

namespace padlock::tls::server13 {

namespace {

// ---- ClientHello

/// The choices that need nothing but the hello and our configuration.
struct Choices {
  CipherSuite cipher_suite;
  GroupChoice group;
  std::optional<std::string> alpn;
  std::optional<std::uint16_t> record_size_limit;  ///< ours, if the client has one
};

Result<Choices> choose(const ClientHello& hello, const ServerConfig& config, Outbox& out) {
  PADLOCK_TRY(check_client_hello(hello));
  PADLOCK_TRY(check_transport(hello, out));
  const auto suite = PADLOCK_TRY(choose_suite(config.cipher_suites, hello.cipher_suites));
  out.info.cipher_suite = suite.value;
  out.chose("cipher_suite", name_of(suite.value), suite.reason);
  const auto group = PADLOCK_TRY(choose_group(config.groups, *hello.supported_groups, *hello.key_share));
  out.info.group = group.value.group;
  out.chose("group", crypto::name_of(group.value.group), group.reason);
  const auto record_size_limit = PADLOCK_TRY(agree_on_record_size(hello, config.record_size_limit, out));
  const auto alpn = PADLOCK_TRY(choose_alpn(config.alpn, hello.application_layer_protocol_negotiation));
  if (!alpn) return Choices{suite.value, group.value, std::nullopt, record_size_limit};
  out.info.alpn = alpn->value;
  out.chose("alpn", alpn->value, alpn->reason);
  return Choices{suite.value, group.value, alpn->value, record_size_limit};
}

/// The client's share for the group that was chosen: there is one, or this hello would have led to a retry.
Bytes clients_share(const Accepted& accepted) {
  return std::ranges::find(*accepted.hello->key_share, accepted.group, &KeyShareEntry::group)->key_exchange;
}

void refuse_early_data(std::string_view reason, Outbox& out) {
  out.info.early_data = EarlyDataStatus::rejected;
  out.chose("early_data", "rejected", reason);
}

/// Whether the ticket's early data is no copy of what was read before only our caller knows (RFC 8446, section 8).
/// True: it was asked.
bool ask_about_early_data(const Accepted& accepted, const ServerConfig& config, Outbox& out) {
  if (!accepted.hello->early_data) return false;
  const auto obstacle = obstacle_to_early_data(accepted.psk, accepted.cipher_suite, config, out.now.wall);
  if (!obstacle.empty()) {
    refuse_early_data(obstacle, out);
    return false;
  }
  out.info.early_data = EarlyDataStatus::offered;
  out.ask_early_data(accepted.hello->pre_shared_key->identities.front().identity, accepted.psk->ticket_age);
  return true;
}

/// Ends that know each other by an external key show no certificates; else a session's credential says what the site
/// demands today (docs/threats.md, T26).
bool needs_credential(const Accepted& accepted) { return !accepted.psk || accepted.psk->external == nullptr; }

/// Two questions at once: neither answer depends on the other.
WaitCredential ask_for_credential_and_key(Accepted accepted, const ServerConfig& config, Outbox& out) {
  const auto& schemes = accepted.hello->signature_algorithms;
  if (needs_credential(accepted)) {
    out.ask_certificate(accepted.hello->server_name, schemes ? *schemes : std::span<const SignatureScheme>());
  }
  out.ask(crypto::KeyShareQuestion{accepted.group, copy_of(clients_share(accepted))});
  const bool early_data_in_question = ask_about_early_data(accepted, config, out);
  return {std::move(accepted), nullptr, nullptr, early_data_in_question};
}

/// The session that this hello goes on from, if there is one. `transcript`: before this hello.
Result<std::optional<ChosenPsk>> resume(const ClientHello& hello, const HandshakeMessage& message,
                                        const Transcript& transcript, CipherSuite suite, const ServerConfig& config,
                                        Outbox& out) {
  auto psk = PADLOCK_TRY(choose_psk(hello, message.bytes, transcript, suite, config, out));
  if (!psk) return psk;
  if (psk->resumed) {
    out.chose("psk", "a ticket", "the client proves that it knows the key of an earlier connection's session");
  } else {
    out.chose("psk", "an external key", "the client proves that it knows the key that both ends were given");
  }
  return psk;
}

WaitSecondClientHello send_retry(std::shared_ptr<const ClientHello> first, const Choices& choices,
                                 Transcript transcript, Outbox& out) {
  const HelloRetryRequest retry{.legacy_session_id_echo = first->legacy_session_id,
                                .cipher_suite = choices.cipher_suite,
                                .supported_versions = ProtocolVersion::TLS_1_3,
                                .key_share = choices.group.group};
  transcript.replace_with_message_hash();
  transcript.add(out.send(HandshakeType::server_hello, [&](Writer& body) { write_hello_retry_request(body, retry); }));
  out.info.hello_retry_request = true;
  out.flush();
  if (!first->legacy_session_id.empty()) out.send_change_cipher_spec();
  return {std::move(first), choices.cipher_suite, choices.group.group, std::move(transcript)};
}

}  // namespace

Result<ServerState> on_client_hello(std::shared_ptr<const ClientHello> hello, const HandshakeMessage& message,
                                    const ServerConfig& config, Outbox& out) {
  Choices choices = PADLOCK_TRY(choose(*hello, config, out));
  if (out.carrier() != nullptr) out.carrier()->on_transport_parameters(*hello->quic_transport_parameters);
  Transcript transcript(hash_of(choices.cipher_suite));
  if (hello->early_data) {
    out.reader.skip_early_data(std::max<std::size_t>(limits::skipped_early_data, config.max_early_data_size));
  }
  if (choices.group.retry) {
    if (hello->early_data) refuse_early_data("another ClientHello is asked for", out);
    transcript.add(message.bytes);
    return send_retry(std::move(hello), choices, std::move(transcript), out);
  }
  auto psk = PADLOCK_TRY(resume(*hello, message, transcript, choices.cipher_suite, config, out));
  transcript.add(message.bytes);
  return ask_for_credential_and_key(
      {std::move(hello), choices.cipher_suite, choices.group.group, std::move(choices.alpn), choices.record_size_limit,
       std::move(transcript), std::move(psk)},
      config, out);
}

Result<ServerState> on_message(WaitSecondClientHello state, const HandshakeMessage& message, const ServerConfig& config,
                               Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::client_hello));
  const auto hello = keep(PADLOCK_TRY(parse_client_hello(Reader(message.body, "ClientHello"), out.arena)), out.arena);
  PADLOCK_TRY(check_second_client_hello(*hello, *state.first, state.group));
  out.reader.stop_skipping_early_data();
  auto psk = PADLOCK_TRY(resume(*hello, message, state.transcript, state.cipher_suite, config, out));
  state.transcript.add(message.bytes);
  const auto record_size_limit = hello->record_size_limit ? std::optional(config.record_size_limit) : std::nullopt;
  return ask_for_credential_and_key({hello, state.cipher_suite, state.group, out.info.alpn, record_size_limit,
                                     std::move(state.transcript), std::move(psk)},
                                    config, out);
}

// ---- the server's flight

namespace {

List<std::uint8_t> compose_server_hello(const Accepted& accepted, const Random& random, Bytes public_share,
                                        Arena arena) {
  constexpr std::size_t all_but_share = 128;
  const ServerHello hello{
      .random = random,
      .legacy_session_id_echo = List<std::uint8_t>(accepted.hello->legacy_session_id, arena),
      .cipher_suite = accepted.cipher_suite,
      .supported_versions = ProtocolVersion::TLS_1_3,
      .key_share = KeyShareEntry{accepted.group, copy_of(public_share, arena)},
      .pre_shared_key = accepted.psk ? std::optional(accepted.psk->selected_identity) : std::nullopt};
  List<std::uint8_t> message(arena);
  message.reserve(all_but_share + public_share.size());
  append_message(message, HandshakeType::server_hello, [&](Writer& body) { write_server_hello(body, hello); });
  return message;
}

Bytes append_encrypted_extensions(List<std::uint8_t>& flight, const Accepted& accepted, const Outbox& out) {
  const Arena arena = out.arena;
  EncryptedExtensions extensions;
  extensions.server_name = !accepted.psk && accepted.hello->server_name;  // never resumed (RFC 6066, section 3)
  if (accepted.alpn) extensions.application_layer_protocol_negotiation.emplace(std::size_t{1}, *accepted.alpn, arena);
  extensions.record_size_limit = accepted.record_size_limit;
  extensions.early_data = accepted.takes_early_data;
  if (const Carrier* carrier = out.carrier()) {
    extensions.quic_transport_parameters = copy_of(carrier->transport_parameters(), arena);
  }
  return append_message(flight, HandshakeType::encrypted_extensions,
                        [&](Writer& body) { write_encrypted_extensions(body, extensions); });
}

/// The chain, with what the client wants to see beside it.
Bytes append_certificate(List<std::uint8_t>& flight, const Credential& credential, const ClientHello& hello,
                         const ServerConfig& config, const Outbox& out) {
  LeafExtensions beside;
  if (hello.status_request) beside.ocsp_response = credential.ocsp_staple;
  if (hello.signed_certificate_timestamp)
    beside.signed_certificate_timestamps = credential.signed_certificate_timestamps;
  CompressionChoice compression{.ours = config.certificate_compression, .peers = {}};
  if (hello.compress_certificate) compression.peers = *hello.compress_certificate;
  return tls::append_certificate(flight, credential, beside, compression, out);
}

/// One ticket goes for the one that was used, if the client can use another.
TicketTerms terms_of_tickets(Accepted& accepted, const Credential* credential, const ServerConfig& config,
                             const Outbox& out) {
  if (config.ticket_keys == nullptr || !takes_psk_dhe_ke(*accepted.hello)) return {};
  if (accepted.psk) {
    return {.count = accepted.psk->resumed ? 1 : config.tickets,
            .authenticated = accepted.psk->session.authenticated,
            .client_authentication = std::move(accepted.psk->session.client_authentication)};
  }
  return {.count = config.tickets, .authenticated = out.now.wall, .client_authentication = binding_of(*credential)};
}

/// CertificateRequest, if the site asks for certificates.
void append_certificate_request(Flight& flight, const ClientAuthentication* asks_client, const ServerConfig& config,
                                Arena arena) {
  if (asks_client == nullptr) return;
  CertificateRequest request{.signature_algorithms = list_of(config.signature_schemes, arena),
                             .certificate_authorities = asks_client->authorities};
  if (const auto& compressions = config.certificate_compression; !compressions.empty()) {
    request.compress_certificate = algorithms_of(compressions, arena);
  }
  flight.transcript.add(append_message(flight.encrypted, HandshakeType::certificate_request,
                                       [&](Writer& body) { write_certificate_request(body, request); }));
}

/// ServerHello and EncryptedExtensions, which every flight begins with.
Result<Flight> begin_flight(Accepted& accepted, const crypto::EphemeralKey& key, const Credential* credential,
                            const ServerConfig& config, std::size_t expected_size, Outbox& out) {
  const Random random = PADLOCK_TRY(out.random());
  Flight flight{.cipher_suite = accepted.cipher_suite,
                .client_random = accepted.hello->random,
                .middlebox_compatibility = !accepted.hello->legacy_session_id.empty(),
                .server_hello = compose_server_hello(accepted, random, key.public_share(), out.arena),
                .encrypted = List<std::uint8_t>(out.arena),
                .hello_hash = {},
                .transcript = std::move(accepted.transcript),
                .tickets = terms_of_tickets(accepted, credential, config, out),
                .asks_client = nullptr,
                .proofs = {}};
  flight.transcript.add(flight.server_hello);
  flight.hello_hash = flight.transcript.digest();
  flight.encrypted.reserve(expected_size);
  flight.transcript.add(append_encrypted_extensions(flight.encrypted, accepted, out));
  return flight;
}

/// The server shows its certificate: a signature is asked for beside the shared secret.
Result<ServerState> prepare_flight(WaitCredential state, const ServerConfig& config, Outbox& out) {
  Accepted& accepted = state.accepted;
  if (!accepted.hello->signature_algorithms) return missing(ExtensionType::signature_algorithms);
  const auto scheme =
      PADLOCK_TRY(choose_scheme(state.credential->key->schemes(), *accepted.hello->signature_algorithms));
  out.info.signature_scheme = scheme.value;
  out.chose("signature_scheme", crypto::name_of(scheme.value), scheme.reason);
  const Credential& credential = *state.credential;
  Flight flight =
      PADLOCK_TRY(begin_flight(accepted, *state.key, &credential, config, expected_flight_size(credential), out));
  flight.asks_client = credential.client_authentication;
  append_certificate_request(flight, flight.asks_client.get(), config, out.arena);
  flight.transcript.add(append_certificate(flight.encrypted, credential, *accepted.hello, config, out));
  out.ask(crypto::SharedSecretQuestion{std::move(state.key), copy_of(clients_share(accepted))});
  out.ask(crypto::SignatureQuestion{state.credential->key, scheme.value,
                                    certificate_verify_content(Sender::server, flight.transcript.digest())});
  return WaitFlight{std::move(flight), scheme.value, std::nullopt, std::nullopt};
}

/// How the client's early data is read, if it is taken.
std::optional<EarlyReading> settle_early_data(const Accepted& accepted, Outbox& out) {
  if (!accepted.takes_early_data) return std::nullopt;
  out.info.early_data = EarlyDataStatus::accepted;
  out.chose("early_data", "accepted", "its ticket is used for the first time");
  const Session& session = accepted.psk->session;
  return EarlyReading{derive_early_traffic_secret(accepted.cipher_suite, accepted.hello->random,
                                                  accepted.psk->early_secret, accepted.transcript.digest(), out),
                      session.max_early_data_size};
}

/// The pre-shared key stands for the certificate (RFC 8446, section 2.2).
Result<ServerState> prepare_resumed_flight(WaitCredential state, const ServerConfig& config, Outbox& out) {
  constexpr std::size_t expected_size = 256;
  Accepted& accepted = state.accepted;
  out.info.resumed = accepted.psk->resumed;
  if (const auto& external = accepted.psk->external) {
    out.info.external_psk.emplace(external->external_identity().begin(), external->external_identity().end());
  }
  auto early_data = settle_early_data(accepted, out);
  Flight flight = PADLOCK_TRY(begin_flight(accepted, *state.key, state.credential.get(), config, expected_size, out));
  flight.early_data = std::move(early_data);
  flight.proofs = server::take_chain_of(accepted.psk->session, out);
  out.ask(crypto::SharedSecretQuestion{std::move(state.key), copy_of(clients_share(accepted))});
  return WaitResumedFlight{std::move(flight), std::move(accepted.psk->early_secret)};
}

Result<ServerState> prepare_flight_if_ready(WaitCredential state, const ServerConfig& config, Outbox& out) {
  if (state.key == nullptr || state.early_data_in_question) return state;
  if (!needs_credential(state.accepted)) return prepare_resumed_flight(std::move(state), config, out);
  if (state.credential == nullptr) return state;
  // What the site asks of its clients may have changed since (docs/threats.md, T26).
  auto& psk = state.accepted.psk;
  if (psk && psk->session.client_authentication == binding_of(*state.credential)) {
    return prepare_resumed_flight(std::move(state), config, out);
  }
  psk.reset();
  if (std::exchange(state.accepted.takes_early_data, false)) refuse_early_data("the session does not go on", out);
  return prepare_flight(std::move(state), config, out);
}

}  // namespace

Result<ServerState> on_answer(WaitCredential state, crypto::KeyShareAnswer key, const ServerConfig& config,
                              Outbox& out) {
  state.key = std::move(key);
  return prepare_flight_if_ready(std::move(state), config, out);
}

Result<ServerState> on_answer(WaitCredential state, std::shared_ptr<const Credential> credential,
                              const ServerConfig& config, Outbox& out) {
  PADLOCK_TRY(check_credential(credential.get()));
  state.credential = std::move(credential);
  return prepare_flight_if_ready(std::move(state), config, out);
}

Result<ServerState> on_answer(WaitCredential state, EarlyDataAnswer answer, const ServerConfig& config, Outbox& out) {
  state.early_data_in_question = false;
  state.accepted.takes_early_data = answer == EarlyDataAnswer::take;
  if (answer == EarlyDataAnswer::refuse)
    refuse_early_data("nobody knows that its ticket is used for the first time", out);
  return prepare_flight_if_ready(std::move(state), config, out);
}

namespace {

void read_by_handshake_key(const Negotiated& negotiated, Outbox& out) {
  out.protect_reading(negotiated.cipher_suite, negotiated.secrets.client_handshake_traffic_secret,
                      EncryptionLevel::handshake);
}

/// Whoever has early data may be answered at once.
ServerState read_early_data_if_believed(WaitEarlyProofs state, Outbox& out) {
  if (!state.proofs.complete()) return state;
  const Negotiated& negotiated = state.ending.negotiated;
  out.read_early_data(negotiated.cipher_suite, state.reading.secret, state.reading.most);
  out.allow_data(std::numeric_limits<std::size_t>::max());
  if (out.carrier() == nullptr) return WaitEndOfEarlyData{std::move(state.ending)};
  read_by_handshake_key(negotiated, out);  // QUIC has no EndOfEarlyData (RFC 9001, section 8.3)
  return WaitFinished{std::move(state.ending), {}};
}

/// ServerHello in the clear, the rest of the flight in as few protected records as it fills. `early_secret`: empty
/// without a pre-shared key, and then there is a `verify`.
ServerState send_flight(Flight flight, const crypto::HashSecret& early_secret,
                        const crypto::SharedSecret& shared_secret, const CertificateVerify* verify, Outbox& out) {
  out.send(std::move(flight.server_hello));
  if (flight.middlebox_compatibility) out.send_change_cipher_spec();
  Negotiated negotiated = derive_handshake_keys(flight.cipher_suite, flight.client_random, std::move(flight.transcript),
                                                flight.hello_hash, early_secret, shared_secret, out);
  out.protect_writing(flight.cipher_suite, negotiated.secrets.server_handshake_traffic_secret,
                      EncryptionLevel::handshake);
  if (!flight.early_data) read_by_handshake_key(negotiated, out);
  out.reader.allow_unprotected_alert(true);

  out.send(std::move(flight.encrypted));
  if (verify != nullptr) {
    negotiated.transcript.add(
        out.send(HandshakeType::certificate_verify, [&](Writer& body) { write_certificate_verify(body, *verify); }));
  }
  send_finished(negotiated, Sender::server, out);

  ApplicationSecrets secrets = derive_application_keys(negotiated, out);
  out.protect_writing(flight.cipher_suite, secrets.server_application_traffic_secret_0, EncryptionLevel::application);
  Ending ending{std::move(negotiated), std::move(secrets), std::move(flight.tickets)};
  if (flight.early_data)
    return read_early_data_if_believed({std::move(ending), flight.proofs, *std::move(flight.early_data)}, out);
  if (flight.asks_client != nullptr) return WaitCertificate{std::move(ending), std::move(flight.asks_client)};
  return WaitFinished{std::move(ending), flight.proofs};
}

ServerState send_flight_if_ready(WaitFlight state, Outbox& out) {
  if (!state.shared_secret || !state.signature) return state;
  const CertificateVerify verify{state.scheme, *std::move(state.signature)};
  return send_flight(std::move(state.flight), {}, *state.shared_secret, &verify, out);
}

}  // namespace

Result<ServerState> on_answer(WaitFlight state, crypto::SharedSecretAnswer shared_secret, const ServerConfig&,
                              Outbox& out) {
  state.shared_secret = std::move(shared_secret);
  return send_flight_if_ready(std::move(state), out);
}

Result<ServerState> on_answer(WaitFlight state, crypto::SignatureAnswer signature, const ServerConfig&, Outbox& out) {
  state.signature = std::move(signature);
  return send_flight_if_ready(std::move(state), out);
}

Result<ServerState> on_answer(WaitResumedFlight state, crypto::SharedSecretAnswer shared_secret, const ServerConfig&,
                              Outbox& out) {
  return send_flight(std::move(state.flight), state.early_secret, shared_secret, nullptr, out);
}

// ---- early data

Result<ServerState> on_answer(WaitEarlyProofs state, PeerVerified proof, const ServerConfig&, Outbox& out) {
  PADLOCK_TRY(server::note(state.proofs, proof));
  return read_early_data_if_believed(std::move(state), out);
}

Result<ServerState> on_message(WaitEndOfEarlyData state, const HandshakeMessage& message, const ServerConfig&,
                               Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::end_of_early_data));
  PADLOCK_TRY(Reader(message.body, "EndOfEarlyData").finish());
  state.ending.negotiated.transcript.add(message.bytes);
  read_by_handshake_key(state.ending.negotiated, out);
  return WaitFinished{std::move(state.ending), {}};
}

// ---- the client's certificate

Result<ServerState> on_message(WaitCertificate state, const HandshakeMessage& message, const ServerConfig& config,
                               Outbox& out) {
  Certificate certificate = PADLOCK_TRY(take_certificate(message, config.certificate_compression));
  PADLOCK_TRY(check_certificate(certificate, {}));
  auto key = PADLOCK_TRY(server::take_chain(chain_of(certificate), *state.asks_client, out));
  state.ending.negotiated.transcript.add(message.bytes);
  if (key == nullptr) return WaitFinished{std::move(state.ending), {}};
  return WaitCertificateVerify{
      std::move(state.ending), std::move(key), {.chain_wanted = true, .signature_wanted = true}};
}

Result<ServerState> on_message(WaitCertificateVerify state, const HandshakeMessage& message, const ServerConfig& config,
                               Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::certificate_verify));
  CertificateVerify verify = PADLOCK_TRY(parse_certificate_verify(Reader(message.body, "CertificateVerify")));
  PADLOCK_TRY(check_signature_scheme(verify.algorithm, config.signature_schemes, *state.key, ProtocolVersion::TLS_1_3));
  Transcript& transcript = state.ending.negotiated.transcript;
  out.ask(crypto::SignatureCheckQuestion{std::move(state.key), verify.algorithm,
                                         certificate_verify_content(Sender::client, transcript.digest()),
                                         std::move(verify.signature)});
  transcript.add(message.bytes);
  return WaitFinished{std::move(state.ending), state.proofs};
}

// ---- Finished

namespace {

Result<ServerState> finish_if_believed(WaitProofs state, const ServerConfig& config, Outbox& out) {
  if (!state.proofs.complete()) return state;
  auto& [negotiated, secrets, tickets] = state.ending;
  const CipherSuite suite = negotiated.cipher_suite;
  out.protect_reading(suite, secrets.client_application_traffic_secret_0, EncryptionLevel::application);
  PADLOCK_TRY(send_tickets(negotiated, tickets, config, out));
  return Connected{suite, Secrets13{.read_secret = std::move(secrets.client_application_traffic_secret_0),
                                    .write_secret = std::move(secrets.server_application_traffic_secret_0),
                                    .exporter_master_secret = std::move(secrets.exporter_master_secret),
                                    .resumable = {}}};
}

/// An answer that comes before the client has finished.
template <class State, class Answer>
Result<ServerState> noted(State state, Answer answer) {
  PADLOCK_TRY(server::note(state.proofs, answer));
  return state;
}

template <class Answer>
Result<ServerState> noted(WaitProofs state, Answer answer, const ServerConfig& config, Outbox& out) {
  PADLOCK_TRY(server::note(state.proofs, answer));
  return finish_if_believed(std::move(state), config, out);
}

}  // namespace

Result<ServerState> on_message(WaitFinished state, const HandshakeMessage& message, const ServerConfig& config,
                               Outbox& out) {
  PADLOCK_TRY(check_finished(state.ending.negotiated, Sender::client, message));
  return finish_if_believed({std::move(state.ending), state.proofs}, config, out);
}

Result<ServerState> on_answer(WaitResumedFlight state, PeerVerified proof, const ServerConfig&, Outbox&) {
  PADLOCK_TRY(server::note(state.flight.proofs, proof));
  return state;
}
Result<ServerState> on_answer(WaitCertificateVerify state, PeerVerified proof, const ServerConfig&, Outbox&) {
  return noted(std::move(state), proof);
}
Result<ServerState> on_answer(WaitFinished state, PeerVerified proof, const ServerConfig&, Outbox&) {
  return noted(std::move(state), proof);
}
Result<ServerState> on_answer(WaitFinished state, crypto::SignatureCheckAnswer answer, const ServerConfig&, Outbox&) {
  return noted(std::move(state), answer);
}
Result<ServerState> on_answer(WaitProofs state, PeerVerified proof, const ServerConfig& config, Outbox& out) {
  return noted(std::move(state), proof, config, out);
}
Result<ServerState> on_answer(WaitProofs state, crypto::SignatureCheckAnswer answer, const ServerConfig& config,
                              Outbox& out) {
  return noted(std::move(state), answer, config, out);
}

}  // namespace padlock::tls::server13

#include "padlock/tls/handshake/client13.h"

#include <algorithm>
#include <array>
#include <utility>

#include "padlock/crypto/signature.h"
#include "padlock/tls/handshake/choose.h"
#include "padlock/tls/handshake/client_checks.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/tls/wire/code_points.h"
#include "padlock/tls/wire/encrypted_extensions.h"
#include "padlock/x509/certificate.h"

namespace padlock::tls::client13 {

namespace {

/// What all states read and none changes.
struct Client {
  const ClientConfig& config;
  const std::string& server_name;
};

// ---- ClientHello

/// Shares in the order of the configuration's groups, whatever order they were made in.
List<KeyShareEntry> entries_of(const KeyShares& keys, std::span<const NamedGroup> groups, Arena arena) {
  List<KeyShareEntry> entries(arena);
  entries.reserve(keys.size() + 1);  // GREASE
  for (const NamedGroup group : groups) {
    const auto key = std::ranges::find(keys, group, [](const auto& each) { return each->group(); });
    if (key != keys.end()) entries.push_back({group, copy_of((*key)->public_share(), arena)});
  }
  return entries;
}

/// The n-th of the sixteen values of RFC 8701, section 2: 0x0a0a, 0x1a1a, ...
std::uint16_t grease_value(std::uint8_t n) { return static_cast<std::uint16_t>(0x0a0a + 0x1010 * (n % 16)); }

/// Offers beside the real ones, which no server may choose (RFC 8701, section 3.1). Which they are may be known: they
/// are taken from the public random.
void add_grease(ClientHello& hello) {
  const auto group = static_cast<NamedGroup>(grease_value(hello.random[0]));
  const std::uint8_t extension = hello.random[1];
  hello.supported_groups->insert(hello.supported_groups->begin(), group);
  hello.key_share->insert(hello.key_share->begin(), {group, {0}});
  hello.cipher_suites.insert(hello.cipher_suites.begin(), static_cast<CipherSuite>(grease_value(hello.random[2])));
  hello.supported_versions->insert(hello.supported_versions->begin(),
                                   static_cast<ProtocolVersion>(grease_value(hello.random[3])));
  hello.grease = {static_cast<ExtensionType>(grease_value(extension)),
                  static_cast<ExtensionType>(grease_value(static_cast<std::uint8_t>(extension + 1)))};
}

Result<ClientHello> make_client_hello(const Client& client, const KeyShares& keys, Outbox& out) {
  ClientHello hello(out.arena);
  hello.random = PADLOCK_TRY(out.random());
  if (client.config.middlebox_compatibility) {
    const Random session_id = PADLOCK_TRY(out.random());
    hello.legacy_session_id = copy_of(session_id, out.arena);
  }
  hello.cipher_suites = list_of(client.config.cipher_suites, out.arena);
  // An IP address is not sent (RFC 6066, section 3).
  if (!x509::parse_ip_address(client.server_name)) hello.server_name = to_lower_ascii(client.server_name);
  hello.supported_versions.emplace(std::size_t{1}, ProtocolVersion::TLS_1_3, out.arena);
  hello.signature_algorithms = list_of(client.config.signature_schemes, out.arena);
  hello.supported_groups = list_of(client.config.groups, out.arena);
  hello.key_share = entries_of(keys, client.config.groups, out.arena);
  if (!client.config.alpn.empty())
    hello.application_layer_protocol_negotiation = list_of(client.config.alpn, out.arena);
  hello.status_request = client.config.status_request;
  hello.signed_certificate_timestamp = client.config.signed_certificate_timestamp;
  hello.record_size_limit = client.config.record_size_limit;
  if (client.config.grease) add_grease(hello);
  return hello;
}

std::vector<std::uint8_t> send_client_hello(const ClientHello& hello, Outbox& out) {
  auto message = compose(HandshakeType::client_hello, [&](Writer& body) { write_client_hello(body, hello); });
  out.send(message);
  out.flush();
  return message;
}

/// The groups of the first ClientHello's shares.
std::span<const NamedGroup> shared_groups(const ClientConfig& config) {
  return std::span(config.groups).first(std::min(config.key_share_count, config.groups.size()));
}

bool contains(std::span<const NamedGroup> groups, NamedGroup group) {
  return std::ranges::find(groups, group) != groups.end();
}

/// One X25519 key makes both the hybrid's share and X25519's own: RFC 9954, section 3.2 allows shares of one
/// ClientHello to have a part in common, and it saves a key generation.
bool comes_with_hybrid(NamedGroup group, std::span<const NamedGroup> groups) {
  return group == NamedGroup::x25519 && contains(groups, NamedGroup::X25519MLKEM768);
}

Result<State> on_answer(WaitKeyShares state, crypto::KeyShareAnswer key, const Client& client, Outbox& out) {
  const auto groups = shared_groups(client.config);
  if (key->group() == NamedGroup::X25519MLKEM768 && contains(groups, NamedGroup::x25519)) {
    if (auto part = key->traditional_part()) {
      state.keys.push_back(std::move(part));
    } else {
      out.ask(crypto::KeyShareQuestion{NamedGroup::x25519});
    }
  }
  state.keys.push_back(std::move(key));
  if (state.keys.size() < groups.size()) return state;
  ClientHello hello = PADLOCK_TRY(make_client_hello(client, state.keys, out));
  out.info.server_name = hello.server_name;
  std::vector<std::uint8_t> message = send_client_hello(hello, out);
  return WaitServerHello{{std::move(hello), std::move(message), std::move(state.keys)}};
}

// ---- HelloRetryRequest

/// The second ClientHello is the first one with what the server asked for (RFC 8446, section 4.1.2).
Result<State> send_second_hello(Offer offer, const HelloRetryRequest& retry, Transcript transcript,
                                const Client& client, Outbox& out) {
  offer.hello.cookie = retry.cookie;
  if (retry.key_share) offer.hello.key_share = entries_of(offer.keys, client.config.groups, out.arena);
  if (client.config.middlebox_compatibility) out.send_change_cipher_spec();
  offer.message = send_client_hello(offer.hello, out);
  transcript.add(offer.message);
  return WaitSecondServerHello{std::move(offer), retry.cipher_suite, std::move(transcript)};
}

Result<State> on_retry(Offer offer, HelloRetryRequest retry, const HandshakeMessage& message, const Client& client,
                       Outbox& out) {
  PADLOCK_TRY(check_hello_retry_request(retry, offer.hello));
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

Result<State> on_answer(WaitRetryKeyShare state, crypto::KeyShareAnswer key, const Client& client, Outbox& out) {
  state.offer.keys.push_back(std::move(key));
  return send_second_hello(std::move(state.offer), state.retry, std::move(state.transcript), client, out);
}

// ---- ServerHello

void note_choices(const ServerHello& hello, Outbox& out) {
  out.info.version = ProtocolVersion::TLS_1_3;
  out.info.cipher_suite = hello.cipher_suite;
  out.info.group = hello.key_share->group;
  constexpr std::string_view reason = "the server chose it from what this client offered";
  out.chose("version", name_of(ProtocolVersion::TLS_1_3), reason);
  out.chose("cipher_suite", name_of(hello.cipher_suite), reason);
  out.chose("group", crypto::name_of(hello.key_share->group), reason);
}

/// `transcript`: through the ClientHello that this answers.
Result<State> on_server_hello(Offer offer, ServerHello hello, Transcript transcript, const HandshakeMessage& message,
                              Outbox& out) {
  const auto key =
      std::ranges::find(offer.keys, hello.key_share->group, [](const auto& each) { return each->group(); });
  if (key == offer.keys.end()) {
    return broken(rules::group_not_offered,
                  "the server's share is for " + std::string(meaning_of(hello.key_share->group)));
  }
  note_choices(hello, out);
  transcript.add(message.bytes);
  out.ask(crypto::SharedSecretQuestion{*key, copy_of(hello.key_share->key_exchange)});
  return WaitSharedSecret{std::move(offer), hello.cipher_suite, std::move(transcript)};
}

Result<State> on_message(WaitServerHello state, const HandshakeMessage& message, const Client& client, Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::server_hello));
  auto parsed = PADLOCK_TRY(parse_server_hello(Reader(message.body, "ServerHello")));
  if (auto* retry = std::get_if<HelloRetryRequest>(&parsed)) {
    return on_retry(std::move(state.offer), std::move(*retry), message, client, out);
  }
  auto& hello = std::get<ServerHello>(parsed);
  PADLOCK_TRY(check_server_hello(hello, state.offer.hello));
  Transcript transcript(hash_of(hello.cipher_suite));
  transcript.add(state.offer.message);
  return on_server_hello(std::move(state.offer), std::move(hello), std::move(transcript), message, out);
}

Result<State> on_message(WaitSecondServerHello state, const HandshakeMessage& message, const Client&, Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::server_hello));
  auto parsed = PADLOCK_TRY(parse_server_hello(Reader(message.body, "ServerHello")));
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
  return on_server_hello(std::move(state.offer), std::move(hello), std::move(state.transcript), message, out);
}

Result<State> on_answer(WaitSharedSecret state, crypto::SharedSecretAnswer shared_secret, const Client&, Outbox& out) {
  const crypto::Digest transcript_hash = state.transcript.digest();
  Negotiated negotiated = derive_handshake_keys(state.cipher_suite, state.offer.hello.random,
                                                std::move(state.transcript), transcript_hash, shared_secret, out);
  out.protect_reading(state.cipher_suite, negotiated.secrets.server_handshake_traffic_secret,
                      EncryptionLevel::handshake);
  out.protect_writing(state.cipher_suite, negotiated.secrets.client_handshake_traffic_secret,
                      EncryptionLevel::handshake);
  return WaitEncryptedExtensions{std::move(state.offer), std::move(negotiated)};
}

// ---- the server's encrypted flight

Result<State> on_message(WaitEncryptedExtensions state, const HandshakeMessage& message, const Client&, Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::encrypted_extensions));
  const auto extensions = PADLOCK_TRY(parse_encrypted_extensions(Reader(message.body, "EncryptedExtensions")));
  PADLOCK_TRY(check_encrypted_extensions(extensions, state.offer.hello));
  if (const auto& protocols = extensions.application_layer_protocol_negotiation) {
    out.info.alpn = protocols->front();
    out.chose("alpn", protocols->front(), "the server chose it from what this client offered");
  }
  if (extensions.record_size_limit) {
    out.writer.limit_records(*extensions.record_size_limit);
    out.reader.limit_records(*state.offer.hello.record_size_limit);
  }
  state.negotiated.transcript.add(message.bytes);
  return WaitCertificateOrRequest{std::move(state.negotiated)};
}

/// What may stand beside a certificate, as we have asked for it.
ExtensionTypes offered_for_certificates(const ClientConfig& config) {
  ExtensionTypes types{};
  if (config.status_request) types.push_back(ExtensionType::status_request);
  if (config.signed_certificate_timestamp) types.push_back(ExtensionType::signed_certificate_timestamp);
  return types;
}

/// The leaf's key as it must be for a signature check. x509 refuses what is not strict DER.
Result<std::shared_ptr<const crypto::PublicKey>> leaf_key(const Certificate& certificate, crypto::Provider& provider) {
  const auto leaf = PADLOCK_TRY(x509::parse_certificate(certificate.certificate_list.front().cert_data));
  return provider.make_public_key(leaf->public_key);
}

Result<State> on_certificate(Negotiated negotiated, bool certificate_requested, const HandshakeMessage& message,
                             const Client& client, Outbox& out) {
  Certificate certificate = PADLOCK_TRY(parse_certificate(Reader(message.body, "Certificate")));
  PADLOCK_TRY(check_certificate(certificate, offered_for_certificates(client.config)));
  auto key = leaf_key(certificate, out.provider);
  for (CertificateEntry& entry : certificate.certificate_list)
    out.info.peer_chain.push_back(std::move(entry.cert_data));
  if (!key) return std::unexpected(std::move(key).error());
  CertificateEntry& leaf = certificate.certificate_list.front();
  out.ask_chain_verification({.id = {},
                              .server_name = client.server_name,
                              .chain = out.info.peer_chain,
                              .ocsp_staple = std::move(leaf.ocsp_response),
                              .signed_certificate_timestamps = std::move(leaf.signed_certificate_timestamps)});
  negotiated.transcript.add(message.bytes);
  return WaitCertificateVerify{std::move(negotiated), certificate_requested, *std::move(key), {}};
}

Result<State> on_message(WaitCertificateOrRequest state, const HandshakeMessage& message, const Client& client,
                         Outbox& out) {
  if (message.type == HandshakeType::certificate) {
    return on_certificate(std::move(state.negotiated), false, message, client, out);
  }
  if (message.type != HandshakeType::certificate_request) {
    return unexpected(message, "Certificate or CertificateRequest");
  }
  const auto request = PADLOCK_TRY(parse_certificate_request(Reader(message.body, "CertificateRequest")));
  PADLOCK_TRY(check_certificate_request(request));
  state.negotiated.transcript.add(message.bytes);
  return WaitCertificate{std::move(state.negotiated)};
}

Result<State> on_message(WaitCertificate state, const HandshakeMessage& message, const Client& client, Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::certificate));
  return on_certificate(std::move(state.negotiated), true, message, client, out);
}

Result<State> on_message(WaitCertificateVerify state, const HandshakeMessage& message, const Client& client,
                         Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::certificate_verify));
  CertificateVerify verify = PADLOCK_TRY(parse_certificate_verify(Reader(message.body, "CertificateVerify")));
  PADLOCK_TRY(check_signature_scheme(verify.algorithm, client.config.signature_schemes, *state.key));
  out.info.signature_scheme = verify.algorithm;
  out.chose("signature_scheme", crypto::name_of(verify.algorithm), "the server chose it from what this client offered");
  auto content = certificate_verify_content(Sender::server, state.negotiated.transcript.digest());
  out.ask(crypto::SignatureCheckQuestion{std::move(state.key), verify.algorithm, std::move(content),
                                         std::move(verify.signature)});
  state.negotiated.transcript.add(message.bytes);
  return WaitFinished{std::move(state.negotiated), state.certificate_requested, state.authentication};
}

// ---- Finished, and the two answers that it needs

/// Says the client's last flight. Nobody gets here without both proofs.
Connected finish(WaitAuthentication state, PeerVerified, SignatureVerified, const Client& client, Outbox& out) {
  Negotiated& negotiated = state.negotiated;
  ApplicationSecrets secrets = derive_application_keys(negotiated, out);
  if (client.config.middlebox_compatibility) out.send_change_cipher_spec();
  if (state.certificate_requested) {  // we have none, and say so (RFC 8446, section 4.4.2)
    negotiated.transcript.add(
        out.send(HandshakeType::certificate, [](Writer& body) { write_certificate(body, Certificate{}); }));
  }
  send_finished(negotiated, Sender::client, out);
  const CipherSuite suite = negotiated.cipher_suite;
  out.protect_writing(suite, secrets.client_application_traffic_secret_0, EncryptionLevel::application);
  out.protect_reading(suite, secrets.server_application_traffic_secret_0, EncryptionLevel::application);
  return {.cipher_suite = suite,
          .read_secret = std::move(secrets.server_application_traffic_secret_0),
          .write_secret = std::move(secrets.client_application_traffic_secret_0),
          .exporter_master_secret = std::move(secrets.exporter_master_secret)};
}

State finish_if_authenticated(WaitAuthentication state, const Client& client, Outbox& out) {
  if (!state.authentication.complete()) return state;
  const PeerVerified chain = *state.authentication.chain;
  const SignatureVerified signature = *state.authentication.signature;
  return finish(std::move(state), chain, signature, client, out);
}

Result<State> on_message(WaitFinished state, const HandshakeMessage& message, const Client& client, Outbox& out) {
  PADLOCK_TRY(check_finished(state.negotiated, Sender::server, message));
  return finish_if_authenticated({std::move(state.negotiated), state.certificate_requested, state.authentication},
                                 client, out);
}

Result<SignatureVerified> check_answer(crypto::SignatureCheckAnswer answer) {
  const auto verified = SignatureVerified::from(answer);
  if (!verified) return broken(rules::signature_wrong, "the server's CertificateVerify has a wrong signature");
  return *verified;
}

Result<State> on_answer(WaitCertificateVerify state, PeerVerified proof, const Client&, Outbox&) {
  state.authentication.chain = proof;
  return state;
}
Result<State> on_answer(WaitFinished state, PeerVerified proof, const Client&, Outbox&) {
  state.authentication.chain = proof;
  return state;
}
Result<State> on_answer(WaitFinished state, crypto::SignatureCheckAnswer answer, const Client&, Outbox&) {
  state.authentication.signature = PADLOCK_TRY(check_answer(answer));
  return state;
}
Result<State> on_answer(WaitAuthentication state, PeerVerified proof, const Client& client, Outbox& out) {
  state.authentication.chain = proof;
  return finish_if_authenticated(std::move(state), client, out);
}
Result<State> on_answer(WaitAuthentication state, crypto::SignatureCheckAnswer answer, const Client& client,
                        Outbox& out) {
  state.authentication.signature = PADLOCK_TRY(check_answer(answer));
  return finish_if_authenticated(std::move(state), client, out);
}

// ---- everything else

template <class Any>
Result<State> on_message(const Any&, const HandshakeMessage& message, const Client&, Outbox&) {
  return unexpected(message, "no message");
}

template <class Any, class Answer>
Result<State> on_answer(const Any&, const Answer&, const Client&, Outbox&) {
  return broken(rules::unknown_question, "the answer came in a state that asked nothing of this kind");
}

Result<void> check_config(const ClientConfig& config) {
  if (config.cipher_suites.empty() || config.groups.empty() || config.key_share_count == 0) {
    return broken(rules::configuration_unusable,
                  "the client's configuration names no cipher suite, group or key share");
  }
  if (shared_groups(config).size() > limits::key_shares) {
    return broken(rules::configuration_unusable, "the client's configuration asks for more than " +
                                                     std::to_string(limits::key_shares) + " key shares");
  }
  PADLOCK_TRY(check_record_settings(config.record_size_limit, config.padding));
  return check_alpn_names(config.alpn);
}

}  // namespace

Result<void> ClientHandshake::start(Outbox& out) {
  PADLOCK_TRY(check_config(*config_));
  const auto groups = shared_groups(*config_);
  for (const NamedGroup group : groups) {
    if (!comes_with_hybrid(group, groups)) out.ask(crypto::KeyShareQuestion{group});
  }
  return {};
}

Result<void> ClientHandshake::on_message(const HandshakeMessage& message, Outbox& out) {
  const Client client{*config_, server_name_};
  state_ = PADLOCK_TRY(std::visit(
      [&](auto&& now) { return client13::on_message(std::forward<decltype(now)>(now), message, client, out); },
      std::move(state_)));
  return {};
}

Result<void> ClientHandshake::on_answer(AnyAnswer answer, Outbox& out) {
  const Client client{*config_, server_name_};
  state_ = PADLOCK_TRY(std::visit(
      [&](auto&& now, auto&& given) {
        return client13::on_answer(std::forward<decltype(now)>(now), std::forward<decltype(given)>(given), client, out);
      },
      std::move(state_), std::move(answer)));
  return {};
}

bool ClientHandshake::waits_for_answer() const {
  return std::holds_alternative<WaitKeyShares>(state_) || std::holds_alternative<WaitRetryKeyShare>(state_) ||
         std::holds_alternative<WaitSharedSecret>(state_) || std::holds_alternative<WaitAuthentication>(state_);
}

std::string_view ClientHandshake::waits_for() const {
  static constexpr std::array<std::string_view, std::variant_size_v<State>> names = {"our key share",
                                                                                     "ServerHello",
                                                                                     "our key share",
                                                                                     "ServerHello",
                                                                                     "our shared secret",
                                                                                     "EncryptedExtensions",
                                                                                     "Certificate",
                                                                                     "Certificate",
                                                                                     "CertificateVerify",
                                                                                     "Finished",
                                                                                     "our verdict on the certificate",
                                                                                     "nothing"};
  return names.at(state_.index());
}

bool ClientHandshake::allows_change_cipher_spec() const { return !std::holds_alternative<WaitKeyShares>(state_); }

std::optional<Connected> ClientHandshake::take_connected() {
  auto* connected = std::get_if<Connected>(&state_);
  if (connected == nullptr) return std::nullopt;
  return std::move(*connected);
}

}  // namespace padlock::tls::client13

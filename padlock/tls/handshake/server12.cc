#include "padlock/tls/handshake/server12.h"

#include <algorithm>
#include <array>
#include <utility>

#include "padlock/crypto/signature.h"
#include "padlock/tls/handshake/choose.h"
#include "padlock/tls/handshake/client_certificate.h"
#include "padlock/tls/handshake/server_checks.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/schedule/pre_master_secret.h"
#include "padlock/tls/session/session_cache.h"
#include "padlock/tls/session/ticket_keys.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/tls/wire/code_points.h"
#include "padlock/tls/wire/post_handshake.h"
#include "padlock/tls/wire/server_hello.h"
#include "padlock/tls/wire/tls12.h"
#include "padlock/x509/certificate.h"

namespace padlock::tls::server12 {

namespace {

// ---- ClientHello

/// RFC 5746, section 3.6: this is a first handshake, and the client must not think otherwise.
Result<void> check_renegotiation_info(const ClientHello& hello) {
  if (!hello.renegotiated_connection || hello.renegotiated_connection->empty()) return {};
  return broken(rules::renegotiation_info_wrong,
                "renegotiated_connection has " + std::to_string(hello.renegotiated_connection->size()) + " bytes");
}

/// A list must name the one form that there is (RFC 8422, section 5.1.2).
Result<void> check_point_formats(const ClientHello& hello) {
  constexpr std::uint8_t uncompressed = 0;
  if (!hello.ec_point_formats) return {};
  if (std::ranges::find(*hello.ec_point_formats, uncompressed) != hello.ec_point_formats->end()) return {};
  return broken(rules::point_format_missing, "ec_point_formats lists " + to_hex(*hello.ec_point_formats));
}

/// What the suites that the hello and the configuration have in common need.
struct CommonSuites {
  bool ecdhe_with_rsa = false;
  bool ecdhe_with_others = false;  ///< ECDSA, Ed25519
  bool dhe = false;
  bool rsa = false;
};
CommonSuites common_suites(const ClientHello& hello, const ServerConfig& config) {
  CommonSuites common;
  for (const CipherSuite suite : config.cipher_suites) {
    if (!allows(config.policy, suite) || !contains(hello.cipher_suites, suite)) continue;
    switch (key_exchange_of(suite)) {
      case KeyExchange::groups: break;  // TLS 1.3
      case KeyExchange::ecdhe: (needs_rsa_key(suite) ? common.ecdhe_with_rsa : common.ecdhe_with_others) = true; break;
      case KeyExchange::dhe: common.dhe = true; break;
      case KeyExchange::rsa: common.rsa = true; break;
    }
  }
  return common;
}

Result<void> check(const ClientHello& hello, const ServerConfig& config, const CommonSuites& common) {
  constexpr std::array<std::uint8_t, 1> null = {0};
  if (std::ranges::search(hello.legacy_compression_methods, null).empty()) {
    return broken(rules::compression_offered,
                  "legacy_compression_methods is \"" + to_hex(hello.legacy_compression_methods) + "\"");
  }
  PADLOCK_TRY(check_extensions_belong(hello.extension_types, ExtensionPlace::client_hello));
  PADLOCK_TRY(check_renegotiation_info(hello));
  PADLOCK_TRY(check_point_formats(hello));
  if (!hello.extended_master_secret && config.policy != Policy::legacy) {
    return broken(rules::extended_master_secret_missing, "ClientHello lacks the extension extended_master_secret");
  }
  // Without the extension a client means SHA-1 (RFC 5246, section 7.4.1.4.1), which never signs here.
  if (!hello.signature_algorithms && !common.rsa) {
    return broken(rules::no_common_signature_scheme, "the client names no scheme, by which it means SHA-1");
  }
  return {};
}

/// The client's schemes, as far as their keys can be used here: RSA keys and others each need suites of their own, and
/// a curve must be one that the client lists (RFC 8422, section 5.1.1). So a site with several certificates can take
/// one that works.
List<SignatureScheme> usable_schemes(const ClientHello& hello, const ServerConfig& config, const CommonSuites& common,
                                     Arena arena) {
  // Where no key exchange is possible at all, the choice of the suite will say why.
  const bool curve_wanted = !common.dhe && !common.rsa;
  const bool has_curve = curve_wanted || choose_curve(config.groups, hello.supported_groups).has_value();
  const bool has_rsa_suite = (has_curve && common.ecdhe_with_rsa) || common.dhe;
  const bool has_other_suite = has_curve && common.ecdhe_with_others;
  List<SignatureScheme> schemes(arena);
  if (hello.signature_algorithms)
    schemes.assign(hello.signature_algorithms->begin(), hello.signature_algorithms->end());
  std::erase_if(schemes, [&](SignatureScheme scheme) {
    const crypto::SignatureSchemeParts* parts = crypto::find_scheme(scheme);
    if (parts == nullptr) return false;
    if (!(crypto::is_rsa(parts->kind) ? has_rsa_suite : has_other_suite)) return true;
    return parts->kind == crypto::SignatureKind::ecdsa && hello.supported_groups &&
           !contains(*hello.supported_groups, parts->curve);
  });
  // A key that decrypts signs nothing: with static RSA any RSA key will do.
  if (common.rsa) {
    schemes.push_back(SignatureScheme::rsa_pss_rsae_sha256);
    schemes.push_back(SignatureScheme::rsa_pkcs1_sha256);
  }
  return schemes;
}

}  // namespace

Result<ServerState> on_client_hello(std::shared_ptr<const ClientHello> hello, const HandshakeMessage& message,
                                    const ServerConfig& config, Outbox& out) {
  const CommonSuites common = common_suites(*hello, config);
  PADLOCK_TRY(check(*hello, config, common));
  const auto alpn = PADLOCK_TRY(choose_alpn(config.alpn, hello->application_layer_protocol_negotiation));
  if (alpn) {
    out.info.alpn = alpn->value;
    out.chose("alpn", alpn->value, alpn->reason);
  }
  out.ask_certificate(hello->server_name, usable_schemes(*hello, config, common, out.arena));
  auto bytes = copy_of(message.bytes, out.arena);
  return WaitCredential{std::move(hello), std::move(bytes), out.info.alpn};
}

// ---- the server's flight

namespace {

KeyTerms terms_of(const ClientHello& hello, CipherSuite suite) {
  return {.extended_master_secret = hello.extended_master_secret,
          .encrypt_then_mac = hello.encrypt_then_mac && cbc_of(suite).has_value()};
}

/// What ServerHello answers. Record limits count from the change of keys on. `credential`: what will be shown; null:
/// nothing, for a session is resumed.
Result<Tls12Answers> answers_to(const ClientHello& hello, const ServerConfig& config, const Credential* credential,
                                const KeyTerms& terms, bool ticket, Outbox& out) {
  Tls12Answers answers;
  answers.server_name = credential != nullptr && hello.server_name;  // never resumed (RFC 6066, section 3)
  if (out.info.alpn) {
    answers.application_layer_protocol_negotiation.emplace(std::size_t{1}, *out.info.alpn, out.arena);
  }
  if (credential != nullptr) {
    answers.status_request = hello.status_request && !credential->ocsp_staple.empty();
    if (hello.signed_certificate_timestamp)
      answers.signed_certificate_timestamps = credential->signed_certificate_timestamps;
  }
  answers.session_ticket = ticket;
  answers.record_size_limit = PADLOCK_TRY(agree_on_record_size(hello, config.record_size_limit, out));
  answers.extended_master_secret = terms.extended_master_secret;
  answers.encrypt_then_mac = terms.encrypt_then_mac;
  if (hello.ec_point_formats) answers.ec_point_formats.emplace(std::size_t{1}, std::uint8_t{0}, out.arena);
  const bool signalled = std::ranges::find(hello.cipher_suites, CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV) !=
                         hello.cipher_suites.end();
  if (hello.renegotiated_connection || signalled) answers.renegotiated_connection.emplace(out.arena);
  return answers;
}

/// In TLS 1.2 a client's groups are also those that it takes in a certificate (RFC 8422, section 5.1.1).
Result<void> check_curve(const ClientHello& hello, const crypto::PublicKeyParts& key) {
  const auto* on_curve = std::get_if<crypto::EcPublicKey>(&key);
  if (on_curve == nullptr || !hello.supported_groups) return {};
  if (std::ranges::find(*hello.supported_groups, on_curve->curve) != hello.supported_groups->end()) return {};
  return broken(rules::no_common_group,
                "the certificate is on " + std::string(crypto::name_of(on_curve->curve)) + ", the client lists it not");
}

/// A server that could have spoken TLS 1.3 says so, where nobody on the way can change it (RFC 8446, section 4.1.3).
Result<Random> server_random(const ServerConfig& config, Outbox& out) {
  Random random = PADLOCK_TRY(out.random());
  if (versions_of(config.policy, config.max_version).front() == ProtocolVersion::TLS_1_3)
    put_downgrade_sentinel(random);
  return random;
}

/// A ticket if the client takes one, else a session ID, as far as there is room for either; nothing where keys are not
/// bound to the handshake (RFC 7627, section 5.3).
Result<Memory> memory_of_full_handshake(const ClientHello& hello, const Credential& credential,
                                        const ServerConfig& config, Outbox& out) {
  Memory memory{.ticket = hello.session_ticket && config.ticket_keys != nullptr,
                .authenticated = out.now.wall,
                .client_authentication = binding_of(credential)};
  if (!hello.extended_master_secret) return Memory{};
  if (memory.ticket || config.session_cache == nullptr) return memory;
  const Random id = PADLOCK_TRY(out.random());
  memory.session_id = copy_of(id, out.arena);
  return memory;
}

/// What the key exchange of a suite would be with this certificate.
struct KeyExchanges {
  Result<Choice<NamedGroup>> curve;
  Result<Choice<NamedGroup>> finite_field;
  Result<Choice<SignatureScheme>> scheme;

  SuiteTerms terms(Policy policy, const Credential& credential) const {
    const auto* const rsa = std::get_if<crypto::RsaPublicKey>(&credential.key->public_key().parts());
    return {.policy = policy,
            .version = ProtocolVersion::TLS_1_2,
            .rsa_key = rsa != nullptr,
            .ecdhe = curve && scheme,
            .dhe = finite_field && scheme,
            .rsa = policy == Policy::legacy && rsa != nullptr && !rsa->pss_only && may_decrypt(credential)};
  }

 private:
  /// RFC 5246, section 7.4.2.
  static bool may_decrypt(const Credential& credential) {
    const auto leaf = x509::parse_certificate(credential.chain.front());
    return leaf && (**leaf).may_be_used_for(x509::KeyUsage::keyEncipherment);
  }
};

/// Of the suites that the key could serve, one whose key exchange is possible too. If there is none, what the first of
/// them lacks is what is wrong.
Result<Choice<CipherSuite>> choose_suite(const ClientHello& hello, const ServerConfig& config,
                                         const Credential& credential, const KeyExchanges& key_exchanges) {
  const SuiteTerms possible = key_exchanges.terms(config.policy, credential);
  auto suite = tls::choose_suite(config.cipher_suites, hello.cipher_suites, possible);
  if (suite) return suite;
  SuiteTerms wished = possible;
  wished.ecdhe = true;
  wished.dhe = true;
  const auto first = PADLOCK_TRY(tls::choose_suite(config.cipher_suites, hello.cipher_suites, wished));
  PADLOCK_TRY(key_exchange_of(first.value) == KeyExchange::dhe ? key_exchanges.finite_field : key_exchanges.curve);
  PADLOCK_TRY(key_exchanges.scheme);
  return suite;
}

/// The choices that need the certificate.
Result<Accepted> choose(const ClientHello& hello, const ServerConfig& config, const Credential& credential,
                        Outbox& out) {
  const crypto::PrivateKey& key = *credential.key;
  const KeyExchanges key_exchanges{
      choose_curve(config.groups, hello.supported_groups), choose_finite_field(hello.supported_groups),
      choose_scheme(key.schemes(),
                    hello.signature_algorithms ? std::span<const SignatureScheme>(*hello.signature_algorithms)
                                               : std::span<const SignatureScheme>(),
                    ProtocolVersion::TLS_1_2)};
  const auto suite = PADLOCK_TRY(choose_suite(hello, config, credential, key_exchanges));
  out.info.cipher_suite = suite.value;
  out.chose("cipher_suite", name_of(suite.value), suite.reason);
  Accepted accepted{.cipher_suite = suite.value,
                    .group = {},
                    .scheme = {},
                    .terms = terms_of(hello, suite.value),
                    .client_version = hello.legacy_version,
                    .client_random = hello.random,
                    .server_random = PADLOCK_TRY(server_random(config, out)),
                    .memory = PADLOCK_TRY(memory_of_full_handshake(hello, credential, config, out))};
  const KeyExchange key_exchange = key_exchange_of(suite.value);
  if (key_exchange == KeyExchange::rsa) return accepted;
  PADLOCK_TRY(check_curve(hello, key.public_key().parts()));
  const auto& group = *(key_exchange == KeyExchange::dhe ? key_exchanges.finite_field : key_exchanges.curve);
  accepted.group = group.value;
  out.info.group = group.value;
  out.chose("group", crypto::name_of(group.value), group.reason);
  const auto& scheme = *key_exchanges.scheme;
  accepted.scheme = scheme.value;
  out.info.signature_scheme = scheme.value;
  out.chose("signature_scheme", crypto::name_of(scheme.value), scheme.reason);
  return accepted;
}

Bytes append_server_hello(List<std::uint8_t>& flight, const ServerHello& hello) {
  return append_message(flight, HandshakeType::server_hello, [&](Writer& body) { write_server_hello(body, hello); });
}

void append_certificate_request(List<std::uint8_t>& flight, Transcript& transcript,
                                const ClientAuthentication& asks_client, const ServerConfig& config) {
  const tls12::CertificateRequest request{.signature_algorithms = config.signature_schemes,
                                          .certificate_authorities = asks_client.authorities};
  transcript.add(append_message(flight, HandshakeType::certificate_request,
                                [&](Writer& body) { tls12::write_certificate_request(body, request); }));
}

/// CertificateRequest, if a certificate is asked for, and ServerHelloDone.
ServerState end_flight(WaitCertificate next, List<std::uint8_t> flight, const ServerConfig& config, Outbox& out) {
  if (next.asks_client != nullptr) append_certificate_request(flight, next.transcript, *next.asks_client, config);
  next.transcript.add(append_message(flight, HandshakeType::server_hello_done, [](Writer&) {}));
  out.send(std::move(flight));
  if (next.asks_client != nullptr) return next;
  return WaitClientKeyExchange{std::move(next.accepted), std::move(next.key), std::move(next.transcript), nullptr, {}};
}

/// ServerHello, Certificate and CertificateStatus; the key exchange needs a key, unless it is the certificate's.
Result<ServerState> begin_flight(WaitCredential state, std::shared_ptr<const Credential> credential,
                                 const ServerConfig& config, Outbox& out) {
  Accepted accepted = PADLOCK_TRY(choose(*state.hello, config, *credential, out));
  const ServerHello hello{.random = accepted.server_random,
                          .legacy_session_id_echo = List<std::uint8_t>(accepted.memory.session_id, out.arena),
                          .cipher_suite = accepted.cipher_suite,
                          .tls12 = PADLOCK_TRY(answers_to(*state.hello, config, credential.get(), accepted.terms,
                                                          accepted.memory.ticket, out))};
  Transcript transcript(hash_of(accepted.cipher_suite));
  if (credential->client_authentication != nullptr) transcript.keep_messages();
  transcript.add(state.message);
  List<std::uint8_t> flight(out.arena);
  flight.reserve(expected_flight_size(*credential));
  transcript.add(append_server_hello(flight, hello));
  transcript.add(append_message(flight, HandshakeType::certificate,
                                [&](Writer& body) { tls12::write_certificate(body, credential->chain); }));
  if (hello.tls12->status_request) {
    transcript.add(append_message(flight, HandshakeType::certificate_status, [&](Writer& body) {
      tls12::write_certificate_status(body, credential->ocsp_staple);
    }));
  }
  if (key_exchange_of(accepted.cipher_suite) == KeyExchange::rsa) {
    return end_flight({.accepted = std::move(accepted),
                       .key = {.ephemeral = nullptr, .rsa = credential->key},
                       .transcript = std::move(transcript),
                       .asks_client = credential->client_authentication},
                      std::move(flight), config, out);
  }
  out.ask(crypto::KeyShareQuestion{accepted.group});
  return WaitKeyShare{std::move(accepted), std::move(credential), std::move(flight), std::move(transcript)};
}

/// The ticket that was promised, which is none after all (RFC 5077, section 3.3).
void say_no_ticket(Negotiated12& negotiated, Outbox& out) {
  negotiated.transcript.add(
      out.send(HandshakeType::new_session_ticket, [](Writer& body) { tls12::write_new_session_ticket(body, {}); }));
}

/// NewSessionTicket, if one was promised; or the cache takes the session (RFC 5077, section 3.3).
void remember(Negotiated12& negotiated, const Memory& memory, const ServerConfig& config, Outbox& out) {
  if (!memory.ticket && memory.session_id.empty()) return;
  if (memory.ticket && !fits_into_ticket(out.info)) return say_no_ticket(negotiated, out);
  Session session{.version = ProtocolVersion::TLS_1_2,
                  .cipher_suite = negotiated.cipher_suite,
                  .secret = crypto::HashSecret(negotiated.master_secret.reveal()),
                  .authenticated = memory.authenticated,
                  .issued = out.now.wall,
                  .server_name = out.info.server_name,
                  .alpn = out.info.alpn,
                  .client_authentication = memory.client_authentication,
                  .peer_chain = out.info.peer_chain};
  if (!memory.ticket) return config.session_cache->put(memory.session_id, std::move(session));
  const tls12::NewSessionTicket message{
      .ticket_lifetime_hint = static_cast<std::uint32_t>(config.ticket_keys->lifetime(out.now.wall).count()),
      .ticket = seal_session(session, config, out)};
  negotiated.transcript.add(out.send(HandshakeType::new_session_ticket,
                                     [&](Writer& body) { tls12::write_new_session_ticket(body, message); }));
}

/// The abbreviated handshake (RFC 5246, section 7.3): ServerHello, and this side's Finished at once.
Result<ServerState> resume(const WaitCredential& state, const Session& session, const ServerConfig& config,
                           Outbox& out) {
  const KeyTerms terms = terms_of(*state.hello, session.cipher_suite);
  if (!terms.extended_master_secret) {  // the session has it (RFC 7627, section 5.3)
    return broken(rules::extended_master_secret_missing, "ClientHello lacks it, though the session was made with it");
  }
  out.info.resumed = true;
  out.info.cipher_suite = session.cipher_suite;
  out.chose("session", "a session", "the client asks to go on from an earlier connection, and it is still known");
  // A ticket that has lived half its time is replaced, so that a client that comes often goes on.
  const bool renew = state.hello->session_ticket && config.ticket_keys != nullptr &&
                     out.now.wall - session.issued > TicketKeys::period / 2;
  const ServerHello hello{.random = PADLOCK_TRY(server_random(config, out)),
                          .legacy_session_id_echo = List<std::uint8_t>(state.hello->legacy_session_id, out.arena),
                          .cipher_suite = session.cipher_suite,
                          .tls12 = PADLOCK_TRY(answers_to(*state.hello, config, nullptr, terms, renew, out))};
  Hellos12 hellos{session.cipher_suite, state.hello->random, hello.random, Transcript(hash_of(session.cipher_suite)),
                  terms};
  hellos.transcript.add(state.message);
  hellos.transcript.add(out.send(HandshakeType::server_hello, [&](Writer& body) { write_server_hello(body, hello); }));
  auto [negotiated, keys] = resume_keys12(std::move(hellos), session.secret.reveal(), out);
  const ClientProofs proofs = server::take_chain_of(session, out);
  if (renew) {
    remember(negotiated,
             {.ticket = true,
              .authenticated = session.authenticated,
              .client_authentication = session.client_authentication},
             config, out);
  }
  out.send_change_cipher_spec_and_protect(session.cipher_suite, std::move(keys.server));
  send_finished12(negotiated, Sender::server, out);
  return WaitChangeCipherSpec{std::move(negotiated), std::move(keys.client), std::nullopt, proofs};
}

}  // namespace

Result<ServerState> on_answer(WaitCredential state, std::shared_ptr<const Credential> credential,
                              const ServerConfig& config, Outbox& out) {
  PADLOCK_TRY(check_credential(credential.get()));
  const auto session = find_session(*state.hello, config, out);
  // What the site asks of its clients may have changed since (docs/threats.md, T26).
  if (session && session->client_authentication == binding_of(*credential)) return resume(state, *session, config, out);
  return begin_flight(std::move(state), std::move(credential), config, out);
}

Result<ServerState> on_answer(WaitKeyShare state, crypto::KeyShareAnswer key, const ServerConfig&, Outbox& out) {
  List<std::uint8_t> params(out.arena);
  params.reserve(1 + 2 + 1 + key->public_share().size());
  Writer writer(params);
  if (key_exchange_of(state.accepted.cipher_suite) == KeyExchange::dhe) {
    tls12::write_server_dh_params(writer, state.accepted.group, key->public_share());
  } else {
    tls12::write_server_ecdh_params(writer, state.accepted.group, key->public_share());
  }
  out.ask(crypto::SignatureQuestion{
      state.credential->key, state.accepted.scheme,
      tls12::signed_content(state.accepted.client_random, state.accepted.server_random, params)});
  return WaitSignature{std::move(state.accepted),
                       state.credential->client_authentication,
                       std::move(key),
                       std::move(params),
                       std::move(state.flight),
                       std::move(state.transcript)};
}

Result<ServerState> on_answer(WaitSignature state, crypto::SignatureAnswer signature, const ServerConfig& config,
                              Outbox& out) {
  state.transcript.add(append_message(state.flight, HandshakeType::server_key_exchange, [&](Writer& body) {
    tls12::write_server_key_exchange(body, state.params, state.accepted.scheme, signature);
  }));
  return end_flight({.accepted = std::move(state.accepted),
                     .key = {.ephemeral = std::move(state.key), .rsa = nullptr},
                     .transcript = std::move(state.transcript),
                     .asks_client = std::move(state.asks_client)},
                    std::move(state.flight), config, out);
}

// ---- the client's answer

Result<ServerState> on_message(WaitCertificate state, const HandshakeMessage& message, const ServerConfig&,
                               Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::certificate));
  auto chain = PADLOCK_TRY(tls12::parse_certificate(Reader(message.body, "Certificate")));
  auto clients_key = PADLOCK_TRY(server::take_chain(std::move(chain), *state.asks_client, out));
  state.transcript.add(message.bytes);
  const bool shown = clients_key != nullptr;
  return WaitClientKeyExchange{std::move(state.accepted),
                               std::move(state.key),
                               std::move(state.transcript),
                               std::move(clients_key),
                               {.chain_wanted = shown, .signature_wanted = shown}};
}

namespace {

/// What cannot be a block of this key is put in the place of one that holds nothing, so that the rest takes its course
/// (docs/threats.md, T21).
Result<ServerState> decrypt(WaitClientKeyExchange state, std::vector<std::uint8_t> ciphertext, Outbox& out) {
  auto substitute = PADLOCK_TRY(tls12::make_pre_master_secret(state.accepted.client_version, out.provider));
  const auto& modulus = std::get<crypto::RsaPublicKey>(state.key.rsa->public_key().parts()).modulus;
  if (!tls12::fits_modulus(ciphertext, modulus)) {
    ciphertext.assign(modulus.size(), 0);
    ciphertext.back() = 1;
  }
  out.ask(crypto::RsaDecryptQuestion{std::move(state.key.rsa), std::move(ciphertext)});
  return WaitDecryption{std::move(state.accepted), std::move(state.transcript), std::move(state.clients_key),
                        state.proofs, std::move(substitute)};
}

/// The master secret; what follows is the client's CertificateVerify, or its change_cipher_spec.
template <class State>
Result<ServerState> derive(State state, const crypto::SharedSecret& pre_master_secret, const Outbox& out) {
  Accepted& accepted = state.accepted;
  auto messages = state.transcript.take_messages();
  auto [negotiated, keys] = derive_keys12({accepted.cipher_suite, accepted.client_random, accepted.server_random,
                                           std::move(state.transcript), accepted.terms},
                                          pre_master_secret, out);
  LastFlight last_flight{std::move(accepted.memory), std::move(keys.server)};
  if (state.clients_key == nullptr) {
    return WaitChangeCipherSpec{std::move(negotiated), std::move(keys.client), std::move(last_flight), state.proofs};
  }
  return WaitCertificateVerify{std::move(negotiated),        std::move(keys.client), std::move(last_flight),
                               std::move(state.clients_key), std::move(messages),    state.proofs};
}

}  // namespace

Result<ServerState> on_message(WaitClientKeyExchange state, const HandshakeMessage& message, const ServerConfig&,
                               Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::client_key_exchange));
  const CipherSuite suite = state.accepted.cipher_suite;
  auto exchange_keys =
      PADLOCK_TRY(tls12::parse_client_key_exchange(Reader(message.body, "ClientKeyExchange"), key_exchange_of(suite)));
  state.transcript.add(message.bytes);
  if (state.key.rsa != nullptr) return decrypt(std::move(state), std::move(exchange_keys), out);
  out.ask(crypto::SharedSecretQuestion{std::move(state.key.ephemeral), std::move(exchange_keys), hash_of(suite)});
  return WaitSharedSecret{std::move(state.accepted), std::move(state.transcript), std::move(state.clients_key),
                          state.proofs};
}

Result<ServerState> on_answer(WaitSharedSecret state, crypto::SharedSecretAnswer shared_secret, const ServerConfig&,
                              Outbox& out) {
  return derive(std::move(state), shared_secret, out);
}

Result<ServerState> on_answer(WaitDecryption state, crypto::RsaDecryptAnswer block, const ServerConfig&, Outbox& out) {
  const auto pre_master_secret =
      tls12::unpad_pre_master_secret(block.reveal(), state.accepted.client_version, state.substitute);
  return derive(std::move(state), pre_master_secret, out);
}

Result<ServerState> on_message(WaitCertificateVerify state, const HandshakeMessage& message, const ServerConfig& config,
                               Outbox& out) {
  PADLOCK_TRY(expect(message, HandshakeType::certificate_verify));
  CertificateVerify verify = PADLOCK_TRY(parse_certificate_verify(Reader(message.body, "CertificateVerify")));
  PADLOCK_TRY(
      check_signature_scheme(verify.algorithm, config.signature_schemes, *state.clients_key, ProtocolVersion::TLS_1_2));
  out.ask(crypto::SignatureCheckQuestion{.key = std::move(state.clients_key),
                                         .scheme = verify.algorithm,
                                         .message = std::move(state.messages),
                                         .signature = std::move(verify.signature),
                                         .any_curve = true});
  state.negotiated.transcript.add(message.bytes);
  return WaitChangeCipherSpec{std::move(state.negotiated), std::move(state.client_keys), std::move(state.last_flight),
                              state.proofs};
}

ServerState on_change_cipher_spec(WaitChangeCipherSpec state, Outbox& out) {
  out.protect_reading(state.negotiated.cipher_suite, std::move(state.client_keys));
  return WaitFinished{std::move(state.negotiated), std::move(state.last_flight), state.proofs};
}

namespace {

ServerState finish_if_believed(WaitProofs state, const ServerConfig& config, Outbox& out) {
  if (!state.proofs.complete()) return state;
  if (state.last_flight) {
    remember(state.negotiated, state.last_flight->memory, config, out);
    out.send_change_cipher_spec_and_protect(state.negotiated.cipher_suite, std::move(state.last_flight->server_keys));
    send_finished12(state.negotiated, Sender::server, out);
  }
  return connected12(std::move(state.negotiated));
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
  PADLOCK_TRY(check_finished12(state.negotiated, Sender::client, message));
  return finish_if_believed({std::move(state.negotiated), std::move(state.last_flight), state.proofs}, config, out);
}

Result<ServerState> on_answer(WaitClientKeyExchange state, PeerVerified proof, const ServerConfig&, Outbox&) {
  return noted(std::move(state), proof);
}
Result<ServerState> on_answer(WaitSharedSecret state, PeerVerified proof, const ServerConfig&, Outbox&) {
  return noted(std::move(state), proof);
}
Result<ServerState> on_answer(WaitDecryption state, PeerVerified proof, const ServerConfig&, Outbox&) {
  return noted(std::move(state), proof);
}
Result<ServerState> on_answer(WaitCertificateVerify state, PeerVerified proof, const ServerConfig&, Outbox&) {
  return noted(std::move(state), proof);
}
Result<ServerState> on_answer(WaitChangeCipherSpec state, PeerVerified proof, const ServerConfig&, Outbox&) {
  return noted(std::move(state), proof);
}
Result<ServerState> on_answer(WaitChangeCipherSpec state, crypto::SignatureCheckAnswer answer, const ServerConfig&,
                              Outbox&) {
  return noted(std::move(state), answer);
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

}  // namespace padlock::tls::server12

#include "padlock/tls/handshake/client_checks.h"

#include <algorithm>
#include <string>

#include "padlock/crypto/finite_field.h"
#include "padlock/tls/handshake/authentication.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/wire/code_points.h"

namespace padlock::tls {

namespace {

/// The extensions of our ClientHello, which answers are compared with; in the hello's arena.
ExtensionTypes types_of(const ClientHello& hello) {
  constexpr std::size_t most = 16;
  ExtensionTypes types(hello.extension_types.get_allocator());
  types.reserve(most);
  types = {ExtensionType::signature_algorithms, ExtensionType::supported_groups};
  if (hello.supported_versions) types.push_back(ExtensionType::supported_versions);
  if (hello.key_share) types.push_back(ExtensionType::key_share);
  if (hello.extended_master_secret) types.push_back(ExtensionType::extended_master_secret);
  if (hello.encrypt_then_mac) types.push_back(ExtensionType::encrypt_then_mac);
  if (hello.ec_point_formats) types.push_back(ExtensionType::ec_point_formats);
  if (hello.renegotiated_connection) types.push_back(ExtensionType::renegotiation_info);
  if (hello.server_name) types.push_back(ExtensionType::server_name);
  if (hello.application_layer_protocol_negotiation) {
    types.push_back(ExtensionType::application_layer_protocol_negotiation);
  }
  if (hello.status_request) types.push_back(ExtensionType::status_request);
  if (hello.signed_certificate_timestamp) types.push_back(ExtensionType::signed_certificate_timestamp);
  if (hello.record_size_limit) types.push_back(ExtensionType::record_size_limit);
  if (hello.session_ticket) types.push_back(ExtensionType::session_ticket);
  if (hello.pre_shared_key) types.push_back(ExtensionType::pre_shared_key);
  if (hello.early_data) types.push_back(ExtensionType::early_data);
  if (hello.quic_transport_parameters) types.push_back(ExtensionType::quic_transport_parameters);
  return types;
}

/// What both versions have in common of the server's choice.
Result<void> check_choice(CipherSuite suite, std::uint8_t compression, ProtocolVersion version,
                          const ClientHello& offered) {
  // What we offer as GREASE stands in the list and is no offer (RFC 8701, section 3.1).
  const bool listed = std::ranges::find(offered.cipher_suites, suite) != offered.cipher_suites.end();
  if (!listed || version_of(suite) != version) {
    return broken(rules::cipher_suite_not_offered,
                  "server chose " + std::string(meaning_of(suite)) + " for " + std::string(name_of(version)));
  }
  if (compression != 0) {
    return broken(rules::compression_chosen, "server chose compression method " + std::to_string(compression));
  }
  return {};
}

Result<void> check_alpn(const std::optional<List<std::string>>& chosen, const ClientHello& offered) {
  if (!chosen) return {};
  const auto& ours = *offered.application_layer_protocol_negotiation;
  if (chosen->size() != 1) {
    return broken(rules::protocol_not_offered, "the server chose " + std::to_string(chosen->size()) + " protocols");
  }
  if (std::ranges::find(ours, chosen->front()) == ours.end()) {
    return broken(rules::protocol_not_offered, "the server chose \"" + escaped(chosen->front()) + "\"");
  }
  return {};
}

Result<void> check_record_size_limit(const std::optional<std::uint16_t>& limit, std::size_t most) {
  if (!limit || (*limit >= limits::least_record_size_limit && *limit <= most)) return {};
  return broken(rules::record_size_limit_out_of_range, "the server's limit is " + std::to_string(*limit));
}

}  // namespace

namespace client12 {

namespace {

/// RFC 7627, section 5.2: a session has it always, for one without it was never kept (section 5.3).
Result<void> check_extended_master_secret(const Tls12Answers& answers, Policy policy, bool resumed) {
  if (answers.extended_master_secret || (policy == Policy::legacy && !resumed)) return {};
  return broken(rules::extended_master_secret_missing, "ServerHello lacks the extension extended_master_secret");
}

/// RFC 5746, section 3.4; RFC 8422, section 5.2; RFC 7366, section 3.
Result<void> check_bindings(const Tls12Answers& answers, CipherSuite suite) {
  if (answers.encrypt_then_mac && !cbc_of(suite)) {
    return broken(rules::encrypt_then_mac_without_cbc, "the suite is " + std::string(name_of(suite)));
  }
  if (!answers.renegotiated_connection) {
    return broken(rules::renegotiation_info_missing, "ServerHello lacks the extension renegotiation_info");
  }
  if (!answers.renegotiated_connection->empty()) {
    return broken(rules::renegotiation_info_wrong,
                  "renegotiated_connection has " + std::to_string(answers.renegotiated_connection->size()) + " bytes");
  }
  constexpr std::uint8_t uncompressed = 0;
  if (answers.ec_point_formats &&
      std::ranges::find(*answers.ec_point_formats, uncompressed) == answers.ec_point_formats->end()) {
    return broken(rules::point_format_missing, "ec_point_formats lists " + to_hex(*answers.ec_point_formats));
  }
  return {};
}

}  // namespace

Result<void> check_server_hello(const ServerHello& hello, const ClientHello& offered, Policy policy, bool resumed) {
  constexpr auto place = ExtensionPlace::server_hello_1_2;
  PADLOCK_TRY(check_choice(hello.cipher_suite, hello.legacy_compression_method, ProtocolVersion::TLS_1_2, offered));
  if (!resumed && !hello.legacy_session_id_echo.empty() && hello.legacy_session_id_echo == offered.legacy_session_id) {
    return broken(rules::session_not_offered, "ServerHello has this client's session_id, as if there were a session");
  }
  PADLOCK_TRY(check_extensions_belong(hello.extension_types, place));
  PADLOCK_TRY(check_extensions_were_offered(hello.extension_types, types_of(offered), place));
  PADLOCK_TRY(check_extended_master_secret(*hello.tls12, policy, resumed));
  PADLOCK_TRY(check_bindings(*hello.tls12, hello.cipher_suite));
  PADLOCK_TRY(check_alpn(hello.tls12->application_layer_protocol_negotiation, offered));
  return check_record_size_limit(hello.tls12->record_size_limit, limits::plaintext);
}

Result<void> check_resumption(const ServerHello& hello, const ClientSession& session) {
  if (hello.cipher_suite == session.cipher_suite) return {};
  return broken(rules::session_suite_changed, "the session has " + std::string(name_of(session.cipher_suite)) +
                                                  ", ServerHello says " + std::string(name_of(hello.cipher_suite)));
}

Result<void> check_key(const crypto::PublicKey& key, CipherSuite suite) {
  const auto* const rsa = std::get_if<crypto::RsaPublicKey>(&key.parts());
  const bool decrypts = rsa != nullptr && !rsa->pss_only;
  const bool fits = key_exchange_of(suite) == KeyExchange::rsa ? decrypts : (rsa != nullptr) == needs_rsa_key(suite);
  if (fits) return {};
  return broken(rules::key_does_not_fit_suite, "the suite is " + std::string(name_of(suite)));
}

namespace {

Result<ServersShare> share_of(tls12::ServerECDHParams params, std::span<const NamedGroup> groups) {
  if (!crypto::is_curve(params.group) || !contains(groups, params.group)) {
    return broken(rules::key_exchange_group_not_offered, "the server chose " + std::string(meaning_of(params.group)));
  }
  return ServersShare{params.group, std::move(params.point)};
}

/// The server names a prime, and nobody can tell in time whether it is a good one: so it is one that is known.
Result<ServersShare> share_of(tls12::ServerDHParams params, std::span<const NamedGroup> /*groups*/) {
  const auto group = crypto::find_finite_field(params.dh_p, params.dh_g);
  if (!group) {
    return broken(rules::finite_field_unknown,
                  "dh_p has " + std::to_string(params.dh_p.size()) + " bytes, dh_g is " +
                      to_hex(Bytes(params.dh_g).first(std::min<std::size_t>(params.dh_g.size(), 8))));
  }
  return ServersShare{*group, std::move(params.dh_Ys)};
}

}  // namespace

Result<ServersShare> check_server_key_exchange(tls12::ServerKeyExchange& exchange, std::span<const NamedGroup> groups,
                                               std::span<const SignatureScheme> schemes, const crypto::PublicKey& key) {
  auto share =
      PADLOCK_TRY(std::visit([&](auto&& params) { return share_of(std::forward<decltype(params)>(params), groups); },
                             std::move(exchange.params)));
  PADLOCK_TRY(check_signature_scheme(exchange.algorithm, schemes, key, ProtocolVersion::TLS_1_2));
  return share;
}

}  // namespace client12

}  // namespace padlock::tls

namespace padlock::tls::client13 {

namespace {

/// The fields that ServerHello and HelloRetryRequest share.
template <class Hello>
Result<void> check_common_fields(const Hello& hello, const ClientHello& offered) {
  if (hello.supported_versions != ProtocolVersion::TLS_1_3 || hello.legacy_version != 0x0303) {
    // Nothing selected: a TLS 1.2 hello that follows a HelloRetryRequest, which only TLS 1.3 has (section 4.1.4).
    const std::string selected =
        hello.supported_versions ? std::string(meaning_of(*hello.supported_versions)) : "none at all";
    return broken(rules::server_version_wrong,
                  "the server says version " + selected + ", in the old field " +
                      std::string(name_of(static_cast<ProtocolVersion>(hello.legacy_version))));
  }
  if (hello.legacy_session_id_echo != offered.legacy_session_id) {
    return broken(rules::session_id_not_echoed, "the server sent back legacy_session_id \"" +
                                                    to_hex(hello.legacy_session_id_echo) + "\", sent was \"" +
                                                    to_hex(offered.legacy_session_id) + "\"");
  }
  return check_choice(hello.cipher_suite, hello.legacy_compression_method, ProtocolVersion::TLS_1_3, offered);
}

std::unexpected<Error> missing(ExtensionPlace place, ExtensionType type) {
  return broken(rules::missing_extension,
                std::string(name_of(place)) + " lacks the extension " + std::string(name_of(type)));
}

}  // namespace

Result<void> check_server_hello(const ServerHello& hello, const ClientHello& offered) {
  PADLOCK_TRY(check_common_fields(hello, offered));
  PADLOCK_TRY(check_extensions_belong(hello.extension_types, ExtensionPlace::server_hello));
  PADLOCK_TRY(check_extensions_were_offered(hello.extension_types, types_of(offered), ExtensionPlace::server_hello));
  if (!hello.key_share) return missing(ExtensionPlace::server_hello, ExtensionType::key_share);
  return {};
}

Result<void> check_chosen_psk(const ServerHello& hello, const client::Offer& offer) {
  if (!hello.pre_shared_key) return {};
  const std::size_t sessions = offer.has_session13() ? 1 : 0;
  const std::size_t chosen = *hello.pre_shared_key;
  if (chosen >= sessions + offer.imported.size()) {
    return broken(rules::psk_identity_not_offered, "the server selected identity " + std::to_string(chosen) + " of " +
                                                       std::to_string(sessions + offer.imported.size()));
  }
  const auto hash = chosen < sessions ? hash_of(offer.session->cipher_suite) : offer.imported[chosen - sessions]->hash;
  if (hash_of(hello.cipher_suite) == hash) return {};
  return broken(rules::psk_hash_wrong, "the server chose " + std::string(name_of(hello.cipher_suite)) +
                                           " with a pre-shared key that is for another hash");
}

Result<void> check_hello_retry_request(const HelloRetryRequest& retry, const ClientHello& offered) {
  constexpr auto place = ExtensionPlace::hello_retry_request;
  if (!retry.supported_versions) return missing(place, ExtensionType::supported_versions);
  PADLOCK_TRY(check_common_fields(retry, offered));
  PADLOCK_TRY(check_extensions_belong(retry.extension_types, place));
  ExtensionTypes types = types_of(offered);
  types.push_back(ExtensionType::cookie);  // the one that a server may send unasked (section 4.2.2)
  PADLOCK_TRY(check_extensions_were_offered(retry.extension_types, types, place));
  if (!retry.key_share && !retry.cookie) {
    return broken(rules::retry_without_change, "HelloRetryRequest asks for nothing new");
  }
  if (!retry.key_share) return {};
  if (is_grease(static_cast<std::uint16_t>(*retry.key_share))) {
    return broken(rules::retry_group_not_offered, "HelloRetryRequest asks for a share of GREASE");
  }
  if (std::ranges::find(*offered.key_share, *retry.key_share, &KeyShareEntry::group) != offered.key_share->end()) {
    return broken(rules::retry_without_change, "HelloRetryRequest asks for a share of " +
                                                   std::string(meaning_of(*retry.key_share)) + ", which it has");
  }
  if (std::ranges::find(*offered.supported_groups, *retry.key_share) == offered.supported_groups->end()) {
    return broken(rules::retry_group_not_offered,
                  "HelloRetryRequest asks for a share of " + std::string(meaning_of(*retry.key_share)));
  }
  return {};
}

Result<void> check_encrypted_extensions(const EncryptedExtensions& extensions, const ClientHello& offered) {
  constexpr auto place = ExtensionPlace::encrypted_extensions;
  PADLOCK_TRY(check_extensions_belong(extensions.extension_types, place));
  PADLOCK_TRY(check_extensions_were_offered(extensions.extension_types, types_of(offered), place));
  PADLOCK_TRY(check_alpn(extensions.application_layer_protocol_negotiation, offered));
  if (offered.quic_transport_parameters && !extensions.quic_transport_parameters) {
    return missing(place, ExtensionType::quic_transport_parameters);
  }
  return check_record_size_limit(extensions.record_size_limit, limits::inner_plaintext);
}

Result<void> check_early_data(const EncryptedExtensions& extensions, CipherSuite suite, const ClientSession* session) {
  if (suite != session->cipher_suite) {
    return broken(rules::early_data_taken_wrongly, "the server takes early data of " +
                                                       std::string(name_of(session->cipher_suite)) + " with " +
                                                       std::string(name_of(suite)));
  }
  const auto& protocols = extensions.application_layer_protocol_negotiation;
  const auto alpn = protocols ? std::optional(protocols->front()) : std::nullopt;
  if (alpn == session->alpn) return {};
  return broken(rules::early_data_taken_wrongly, "the server takes early data of protocol \"" +
                                                     escaped(session->alpn.value_or("")) + "\" as \"" +
                                                     escaped(alpn.value_or("")) + "\"");
}

Result<void> check_certificate_request(const CertificateRequest& request) {
  if (!request.certificate_request_context.empty()) {
    return broken(
        rules::certificate_context_not_empty,
        "CertificateRequest has a context of " + std::to_string(request.certificate_request_context.size()) + " bytes");
  }
  PADLOCK_TRY(check_extensions_belong(request.extension_types, ExtensionPlace::certificate_request));
  if (!request.signature_algorithms) {
    return missing(ExtensionPlace::certificate_request, ExtensionType::signature_algorithms);
  }
  return {};
}

Result<void> check_certificate(const Certificate& certificate, const ExtensionTypes& offered) {
  PADLOCK_TRY(tls::check_certificate(certificate, offered));
  if (!certificate.certificate_list.empty()) return {};
  return broken(rules::certificate_list_empty, "the server sent no certificate");
}

}  // namespace padlock::tls::client13

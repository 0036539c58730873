#include "padlock/tls/handshake/client_checks.h"

#include <algorithm>
#include <string>

#include "padlock/crypto/signature.h"
#include "padlock/tls/handshake/choose.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/wire/code_points.h"

namespace padlock::tls::client13 {

namespace {

/// The extensions of our ClientHello, which answers are compared with.
ExtensionTypes types_of(const ClientHello& hello) {
  ExtensionTypes types = {ExtensionType::supported_versions, ExtensionType::signature_algorithms,
                          ExtensionType::supported_groups, ExtensionType::key_share};
  if (hello.server_name) types.push_back(ExtensionType::server_name);
  if (hello.application_layer_protocol_negotiation) {
    types.push_back(ExtensionType::application_layer_protocol_negotiation);
  }
  if (hello.status_request) types.push_back(ExtensionType::status_request);
  if (hello.signed_certificate_timestamp) types.push_back(ExtensionType::signed_certificate_timestamp);
  if (hello.record_size_limit) types.push_back(ExtensionType::record_size_limit);
  return types;
}

/// The fields that ServerHello and HelloRetryRequest share.
template <class Hello>
Result<void> check_common_fields(const Hello& hello, const ClientHello& offered) {
  if (hello.supported_versions != ProtocolVersion::TLS_1_3 || hello.legacy_version != 0x0303) {
    return broken(rules::server_version_wrong,
                  "the server says version " + std::string(meaning_of(*hello.supported_versions)) +
                      ", in the old field " + std::string(name_of(static_cast<ProtocolVersion>(hello.legacy_version))));
  }
  if (hello.legacy_session_id_echo != offered.legacy_session_id) {
    return broken(rules::session_id_not_echoed, "the server sent back legacy_session_id \"" +
                                                    to_hex(hello.legacy_session_id_echo) + "\", sent was \"" +
                                                    to_hex(offered.legacy_session_id) + "\"");
  }
  // What we offer as GREASE stands in the list and is no offer (RFC 8701, section 3.1).
  const bool grease = is_grease(static_cast<std::uint16_t>(hello.cipher_suite));
  if (grease || std::ranges::find(offered.cipher_suites, hello.cipher_suite) == offered.cipher_suites.end()) {
    return broken(rules::cipher_suite_not_offered, "server chose " + std::string(meaning_of(hello.cipher_suite)));
  }
  if (hello.legacy_compression_method != 0) {
    return broken(rules::compression_chosen,
                  "server chose compression method " + std::to_string(hello.legacy_compression_method));
  }
  return {};
}

std::unexpected<Error> missing(ExtensionPlace place, ExtensionType type) {
  return broken(rules::missing_extension,
                std::string(name_of(place)) + " lacks the extension " + std::string(name_of(type)));
}

}  // namespace

Result<void> check_server_hello(const ServerHello& hello, const ClientHello& offered) {
  if (!hello.supported_versions) {
    const std::string version(name_of(static_cast<ProtocolVersion>(hello.legacy_version)));
    if (has_downgrade_sentinel(hello.random)) {
      return broken(rules::downgrade_sentinel, "the server chose " + version + " and says that it could do better");
    }
    return broken(rules::server_too_old, "the server chose " + version);
  }
  PADLOCK_TRY(check_common_fields(hello, offered));
  PADLOCK_TRY(check_extensions_belong(hello.extension_types, ExtensionPlace::server_hello));
  PADLOCK_TRY(check_extensions_were_offered(hello.extension_types, types_of(offered), ExtensionPlace::server_hello));
  if (!hello.key_share) return missing(ExtensionPlace::server_hello, ExtensionType::key_share);
  return {};
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
  if (const auto& chosen = extensions.application_layer_protocol_negotiation) {
    const auto& ours = *offered.application_layer_protocol_negotiation;
    if (chosen->size() != 1) {
      return broken(rules::protocol_not_offered, "the server chose " + std::to_string(chosen->size()) + " protocols");
    }
    if (std::ranges::find(ours, chosen->front()) == ours.end()) {
      return broken(rules::protocol_not_offered, "the server chose \"" + escaped(chosen->front()) + "\"");
    }
  }
  if (extensions.record_size_limit) {
    const std::size_t limit = *extensions.record_size_limit;
    if (limit < limits::least_record_size_limit || limit > limits::inner_plaintext) {
      return broken(rules::record_size_limit_out_of_range, "the server's limit is " + std::to_string(limit));
    }
  }
  return {};
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
  if (!certificate.certificate_request_context.empty()) {
    return broken(
        rules::certificate_context_not_empty,
        "Certificate has a context of " + std::to_string(certificate.certificate_request_context.size()) + " bytes");
  }
  if (certificate.certificate_list.empty()) {
    return broken(rules::certificate_list_empty, "the server sent no certificate");
  }
  for (const CertificateEntry& entry : certificate.certificate_list) {
    PADLOCK_TRY(check_extensions_belong(entry.extension_types, ExtensionPlace::certificate));
    PADLOCK_TRY(check_extensions_were_offered(entry.extension_types, offered, ExtensionPlace::certificate));
  }
  return {};
}

Result<void> check_signature_scheme(SignatureScheme scheme, std::span<const SignatureScheme> offered,
                                    const crypto::PublicKey& key) {
  if (!may_sign_handshake(scheme) || std::ranges::find(offered, scheme) == offered.end()) {
    return broken(rules::scheme_not_offered, "the server signed with " + std::string(crypto::name_of(scheme)) + " (" +
                                                 std::to_string(static_cast<unsigned>(scheme)) + ")");
  }
  if (!crypto::fits(scheme, key.parts())) {
    return broken(rules::scheme_does_not_fit_key,
                  "the server signed with " + std::string(crypto::name_of(scheme)) + ", its key is of another kind");
  }
  return {};
}

}  // namespace padlock::tls::client13

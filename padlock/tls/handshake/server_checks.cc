#include "padlock/tls/handshake/server_checks.h"

#include <algorithm>
#include <array>
#include <string>

#include "padlock/tls/handshake/negotiated.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/wire/code_points.h"

namespace padlock::tls {

Result<void> check_credential(const Credential* credential) {
  if (credential == nullptr || credential->key == nullptr || credential->chain.empty()) {
    return broken(rules::configuration_unusable, "the credential holds no certificate or no key");
  }
  const ClientAuthentication* const asks = credential->client_authentication.get();
  if (asks == nullptr || asks->policy.size() <= limits::policy_name) return {};
  return broken(rules::configuration_unusable,
                "the policy of client authentication has a name of " + std::to_string(asks->policy.size()) + " bytes");
}

std::size_t expected_flight_size(const Credential& credential) {
  constexpr std::size_t all_but_certificates = 512 + 1024;
  std::size_t size =
      all_but_certificates + credential.ocsp_staple.size() + credential.signed_certificate_timestamps.size();
  for (const auto& certificate : credential.chain) size += certificate.size();
  return size;
}

Result<std::optional<std::uint16_t>> agree_on_record_size(const ClientHello& hello, std::uint16_t ours, Outbox& out) {
  if (!hello.record_size_limit) return std::nullopt;
  const std::uint16_t clients = *hello.record_size_limit;
  if (clients < limits::least_record_size_limit) {
    return broken(rules::record_size_limit_out_of_range, "the client's limit is " + std::to_string(clients));
  }
  return set_record_sizes(ours, clients, out);
}

}  // namespace padlock::tls

namespace padlock::tls::server13 {

std::unexpected<Error> missing(ExtensionType type) {
  return broken(rules::missing_extension, "ClientHello lacks the extension " + std::string(name_of(type)));
}

namespace {

/// A hello with a PSK must be well made, whether we know that or not (RFC 8446, sections 4.2.9 and 4.2.11).
Result<void> check_pre_shared_key(const ClientHello& hello) {
  if (!hello.has(ExtensionType::pre_shared_key)) return {};
  if (hello.extension_types.back() != ExtensionType::pre_shared_key) {
    return broken(rules::psk_not_last, "pre_shared_key stands before another extension");
  }
  if (!hello.has(ExtensionType::psk_key_exchange_modes)) {
    return broken(rules::psk_without_modes, "ClientHello has pre_shared_key, but no psk_key_exchange_modes");
  }
  return {};
}

/// The types that must be the same, in the same order, in a second hello: all but those that a client may add or leave
/// out (RFC 8446, section 4.1.2).
ExtensionTypes types_that_stay(const ClientHello& hello) {
  ExtensionTypes types = hello.extension_types;
  std::erase_if(types, [](ExtensionType type) {
    return type == ExtensionType::padding || type == ExtensionType::early_data ||
           type == ExtensionType::pre_shared_key || type == ExtensionType::cookie;
  });
  return types;
}

}  // namespace

Result<void> check_client_hello(const ClientHello& hello) {
  constexpr std::array<std::uint8_t, 1> null_alone = {0};
  if (!std::ranges::equal(hello.legacy_compression_methods, null_alone)) {
    return broken(rules::compression_offered,
                  "legacy_compression_methods is \"" + to_hex(hello.legacy_compression_methods) + "\"");
  }
  PADLOCK_TRY(check_extensions_belong(hello.extension_types, ExtensionPlace::client_hello));
  PADLOCK_TRY(check_pre_shared_key(hello));
  // Without a PSK there will be a certificate (section 9.2).
  if (!hello.signature_algorithms && !hello.pre_shared_key) return missing(ExtensionType::signature_algorithms);
  if (!hello.supported_groups) return missing(ExtensionType::supported_groups);
  if (!hello.key_share) return missing(ExtensionType::key_share);
  for (const KeyShareEntry& entry : *hello.key_share) {
    if (std::ranges::find(*hello.supported_groups, entry.group) == hello.supported_groups->end()) {
      return broken(rules::key_share_not_listed, "a share is for " + std::string(meaning_of(entry.group)) +
                                                     ", which supported_groups does not list");
    }
  }
  return {};
}

Result<void> check_transport(const ClientHello& hello, const Outbox& out) {
  if (out.carrier() == nullptr) {
    if (!hello.quic_transport_parameters) return {};
    return broken(rules::quic_parameters_without_quic, "ClientHello has quic_transport_parameters");
  }
  if (!hello.quic_transport_parameters) return missing(ExtensionType::quic_transport_parameters);
  if (hello.legacy_session_id.empty()) return {};
  return broken(rules::quic_session_id, "ClientHello has a legacy_session_id");
}

Result<void> check_second_client_hello(const ClientHello& second, const ClientHello& first, NamedGroup asked_for) {
  PADLOCK_TRY(check_client_hello(second));
  ClientHello as_first = second;
  as_first.key_share = first.key_share;
  as_first.pre_shared_key = first.pre_shared_key;
  as_first.early_data = first.early_data;
  as_first.extension_types = first.extension_types;
  // Early data is over with the retry (section 4.2.10).
  if (as_first != first || types_that_stay(second) != types_that_stay(first) || second.early_data) {
    return broken(rules::retry_hello_changed, "the second ClientHello differs in more than its key share");
  }
  if (second.key_share->size() != 1 || second.key_share->front().group != asked_for) {
    return broken(rules::retry_share_wrong, "the second ClientHello has not the one share for " +
                                                std::string(crypto::name_of(asked_for)) + " that was asked for");
  }
  return {};
}

}  // namespace padlock::tls::server13

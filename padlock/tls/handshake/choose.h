#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/tls/config.h"
#include "padlock/tls/types.h"
#include "padlock/tls/wire/client_hello.h"

/// Negotiation as pure functions: what was chosen, and why, for the explainer (docs/threats.md, T14, T29).
namespace padlock::tls {

/// A choice with its reason: a literal that goes on after "because".
template <class Value>
struct Choice {
  Value value;
  std::string_view reason;
};

/// The newest of `ours` that the client offers, or `version_not_supported`, or `inappropriate_fallback` if the client
/// says that it fell back and something newer was there.
Result<Choice<ProtocolVersion>> choose_version(const ClientHello& hello, std::span<const ProtocolVersion> ours);

/// What a suite must be, beside common to both sides.
struct SuiteTerms {
  Policy policy = Policy::modern;
  ProtocolVersion version = ProtocolVersion::TLS_1_3;
  // TLS 1.2's, where a suite says how secrets come to be and what key signs.
  bool rsa_key = false;
  bool ecdhe = true;  ///< there is a curve and a signature for it
  bool dhe = true;    ///< there is a finite field and a signature for it
  bool rsa = true;    ///< the server's key may decrypt

  bool allow(CipherSuite suite) const;
};

/// The server's first suite under `terms` that the client lists too; but ChaCha20 if the client prefers it, for it has
/// no AES hardware then. `no_common_cipher_suite` if there is none.
Result<Choice<CipherSuite>> choose_suite(std::span<const CipherSuite> ours, std::span<const CipherSuite> clients,
                                         const SuiteTerms& terms = {});

struct GroupChoice {
  NamedGroup group;
  bool retry;  ///< the client has sent no share for it: HelloRetryRequest
};
/// Groups stand in tiers of strength. Of the highest tier that both sides have, the server's first group with a share;
/// without a share in that tier a retry asks for the server's first there: never silently a weaker tier.
/// `no_common_group` if there is none.
Result<Choice<GroupChoice>> choose_group(std::span<const NamedGroup> ours, std::span<const NamedGroup> clients,
                                         std::span<const KeyShareEntry> client_shares);

/// TLS 1.2: the server's first curve that the client lists, or has said nothing about (RFC 8422, section 5.1.1).
/// `no_common_group` if there is none.
Result<Choice<NamedGroup>> choose_curve(std::span<const NamedGroup> ours,
                                        const std::optional<List<NamedGroup>>& clients);

/// TLS 1.2 in a finite field: the server's first that the client lists; one of 2048 bits if it lists none (RFC 7919,
/// section 4). `no_common_finite_field` if it lists others alone.
Result<Choice<NamedGroup>> choose_finite_field(const std::optional<List<NamedGroup>>& clients);

/// The key's first scheme that the client accepts and that the version allows in a handshake.
/// `no_common_signature_scheme` if there is none.
Result<Choice<SignatureScheme>> choose_scheme(std::span<const SignatureScheme> keys,
                                              std::span<const SignatureScheme> clients,
                                              ProtocolVersion version = ProtocolVersion::TLS_1_3);

/// The server's first protocol that the client lists; nothing if one side does not speak of protocols at all.
/// `no_application_protocol` if both do and share none.
Result<std::optional<Choice<std::string>>> choose_alpn(std::span<const std::string> ours,
                                                       const std::optional<List<std::string>>& clients);

/// Fails with `configuration_unusable` unless each name is 1 to 255 bytes long (RFC 7301, section 3.1).
Result<void> check_alpn_names(std::span<const std::string> names);

/// Fails with `configuration_unusable` if no version is left.
Result<void> check_versions(Policy policy, ProtocolVersion most);

/// Fails with `configuration_unusable` if there is no group, or one that is for TLS 1.2's finite fields, which are not
/// configured.
Result<void> check_groups(std::span<const NamedGroup> groups);

/// Fails with `configuration_unusable` unless the limit is one that may be said (RFC 8449, section 4).
Result<void> check_record_settings(std::uint16_t record_size_limit, RecordPadding padding);

/// Fails with `configuration_unusable` if there are more algorithms than an extension lists (RFC 8879, section 3).
Result<void> check_certificate_compression(std::span<const CertificateCompression> compressions);

/// True for the schemes of a CertificateVerify or ServerKeyExchange: never with SHA-1, and in TLS 1.3 never RSA-PKCS1
/// (RFC 8446, section 4.2.3).
bool may_sign_handshake(SignatureScheme scheme, ProtocolVersion version = ProtocolVersion::TLS_1_3);

}  // namespace padlock::tls

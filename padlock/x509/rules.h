#pragma once

#include <array>

#include "padlock/base/rule.h"

/// How a certificate or a path can break the rules (RFC 5280, RFC 9525; docs/threats.md, X1 to X9). The alert is what a
/// TLS peer is told about its chain (RFC 8446, section 6.2).
namespace padlock::x509::rules {

// What one certificate says, found while it is read.
inline constexpr Rule certificate_too_large{.code = "x509.certificate.too_large",
                                            .source = {0, "limits.h"},
                                            .alert = AlertDescription::bad_certificate,
                                            .hint = "a certificate may have 64 KiB"};
inline constexpr Rule version{
    .code = "x509.certificate.version",
    .source = {5280, "4.1.2.1"},
    .alert = AlertDescription::bad_certificate,
    .hint = "certificates with extensions are version 3, and unique identifiers need version 2; issue it again"};
inline constexpr Rule serial_number{
    .code = "x509.certificate.serial_number",
    .source = {5280, "4.1.2.2"},
    .alert = AlertDescription::bad_certificate,
    .hint = "serial numbers are positive and have at most 20 octets; issue the certificate again"};
inline constexpr Rule algorithm_mismatch{
    .code = "x509.certificate.algorithm_mismatch",
    .source = {5280, "4.1.1.2"},
    .alert = AlertDescription::bad_certificate,
    .hint = "the algorithm inside the signed part differs from the one outside; the certificate may have been altered"};
inline constexpr Rule unsupported_key{
    .code = "x509.certificate.unsupported_key",
    .source = {5280, "4.1.2.7"},
    .alert = AlertDescription::unsupported_certificate,
    .hint = "use a key of RSA 2048 to 8192 bits, P-256, P-384 or P-521 (as a named curve), or Ed25519"};
inline constexpr Rule malformed_name{
    .code = "x509.name.malformed",
    .source = {5280, "4.2.1.6"},
    .alert = AlertDescription::bad_certificate,
    .hint = "a name in the certificate is not in its form; issue it again with correct subjectAltName entries"};
inline constexpr Rule duplicate_extension{.code = "x509.extension.duplicate",
                                          .source = {5280, "4.2"},
                                          .alert = AlertDescription::bad_certificate,
                                          .hint = "an extension stands twice; the issuer's software is at fault"};
inline constexpr Rule malformed_extension{.code = "x509.extension.malformed",
                                          .source = {5280, "4.2"},
                                          .alert = AlertDescription::bad_certificate,
                                          .hint = "an extension is empty or contradicts its definition"};

inline constexpr Rule malformed_policy{.code = "x509.policy.malformed",
                                       .source = {5280, "4.2.1.4"},
                                       .alert = AlertDescription::bad_certificate,
                                       .hint = "a policy stands twice, or an extension about policies says nothing"};

// What one certificate of a path says.
inline constexpr Rule not_version_3{.code = "x509.path.not_version_3",
                                    .source = {5280, "6.1.4 (k)"},
                                    .alert = AlertDescription::bad_certificate,
                                    .hint = "only version 3 certificates say what they are for; issue it again"};
inline constexpr Rule expired{.code = "x509.validity.expired",
                              .source = {5280, "6.1.3 (a)(2)"},
                              .alert = AlertDescription::certificate_expired,
                              .hint = "renew the certificate on the server"};
inline constexpr Rule not_yet_valid{
    .code = "x509.validity.not_yet_valid",
    .source = {5280, "6.1.3 (a)(2)"},
    .alert = AlertDescription::certificate_expired,
    .hint = "check this machine's clock; if it is right, the certificate was put in place too early"};
inline constexpr Rule unknown_critical_extension{
    .code = "x509.extension.unknown_critical",
    .source = {5280, "4.2"},
    .alert = AlertDescription::unsupported_certificate,
    .hint = "the certificate makes a demand that Padlock does not know, so it cannot say that it is met"};
inline constexpr Rule extension_criticality{
    .code = "x509.extension.criticality",
    .source = {5280, "4.2.1"},
    .alert = AlertDescription::bad_certificate,
    .hint = "an extension is marked critical that must not be, or the reverse; issue the certificate again"};
inline constexpr Rule missing_key_identifier{
    .code = "x509.extension.missing_key_identifier",
    .source = {5280, "4.2.1.1"},
    .alert = AlertDescription::bad_certificate,
    .hint = "issue it again with authorityKeyIdentifier (keyid) and, in a CA, subjectKeyIdentifier"};
inline constexpr Rule root_key_identifier{
    .code = "x509.extension.root_key_identifier",
    .source = {5280, "4.2.1.1"},
    .alert = AlertDescription::bad_certificate,
    .hint = "a root's authorityKeyIdentifier holds its own subjectKeyIdentifier and nothing else"};
inline constexpr Rule inconsistent_ca{
    .code = "x509.ca.inconsistent",
    .source = {5280, "4.2.1.9"},
    .alert = AlertDescription::bad_certificate,
    .hint = "basicConstraints and keyUsage disagree on whether this is a CA; issue the certificate again"};
inline constexpr Rule not_a_ca{.code = "x509.ca.not_a_ca",
                               .source = {5280, "6.1.4 (k)"},
                               .alert = AlertDescription::bad_certificate,
                               .hint = "a certificate that is no CA has signed another; install the right chain"};
inline constexpr Rule may_not_sign_certificates{.code = "x509.ca.key_usage",
                                                .source = {5280, "6.1.4 (n)"},
                                                .alert = AlertDescription::bad_certificate,
                                                .hint = "the CA's keyUsage lacks keyCertSign"};
inline constexpr Rule empty_ca_subject{.code = "x509.ca.empty_subject",
                                       .source = {5280, "4.1.2.6"},
                                       .alert = AlertDescription::bad_certificate,
                                       .hint = "a CA has a name; issue its certificate again with a subject"};
inline constexpr Rule path_length{.code = "x509.ca.path_length",
                                  .source = {5280, "6.1.4 (l)"},
                                  .alert = AlertDescription::bad_certificate,
                                  .hint = "a CA allows fewer CAs below it than this path has"};
inline constexpr Rule key_usage{.code = "x509.leaf.key_usage",
                                .source = {8446, "4.4.2.2"},
                                .alert = AlertDescription::unsupported_certificate,
                                .hint = "issue the certificate again with digitalSignature in keyUsage"};
inline constexpr Rule extended_key_usage{
    .code = "x509.path.extended_key_usage",
    .source = {5280, "4.2.1.12"},
    .alert = AlertDescription::unsupported_certificate,
    .hint = "issue the certificate again with serverAuth (for a server) or clientAuth (for a client)"};
inline constexpr Rule common_name_not_in_san{
    .code = "x509.name.common_name",
    .source = {9525, "2"},
    .alert = AlertDescription::bad_certificate,
    .hint = "the common name reads as a host but subjectAltName does not hold it; issue the certificate again"};
inline constexpr Rule empty_subject{.code = "x509.name.empty_subject",
                                    .source = {5280, "4.1.2.6"},
                                    .alert = AlertDescription::bad_certificate,
                                    .hint = "without a subject, subjectAltName must be there and critical"};

// What the path says.
inline constexpr Rule no_certificate{.code = "x509.path.no_certificate",
                                     .source = {8446, "4.4.2.4"},
                                     .alert = AlertDescription::decode_error,
                                     .hint = "the server sent an empty chain"};
inline constexpr Rule unknown_issuer{
    .code = "x509.path.unknown_issuer",
    .source = {5280, "6.1"},
    .alert = AlertDescription::unknown_ca,
    .hint = "if you run this CA, give its root with --cacert; else the server should send its intermediates"};
inline constexpr Rule self_signed{
    .code = "x509.path.self_signed",
    .source = {5280, "6.1"},
    .alert = AlertDescription::unknown_ca,
    .hint = "if this certificate is yours, give it with --cacert; else nobody vouches for this server"};
inline constexpr Rule bad_signature{
    .code = "x509.path.bad_signature",
    .source = {5280, "6.1.3 (a)(1)"},
    .alert = AlertDescription::bad_certificate,
    .hint = "the certificate was altered, or its issuer has another key than the one found"};
inline constexpr Rule weak_signature{.code = "x509.path.weak_signature",
                                     .source = {8446, "4.2.3"},
                                     .alert = AlertDescription::unsupported_certificate,
                                     .hint = "issue it again, signed with SHA-256 or better by RSA, ECDSA or Ed25519"};
inline constexpr Rule distrusted_root{
    .code = "x509.path.distrusted_root",
    .source = {5937, "1"},
    .alert = AlertDescription::unknown_ca,
    .hint = "the system's bundle gives up this root by a date; use a certificate from another CA"};
inline constexpr Rule name_constraint{
    .code = "x509.path.name_constraint",
    .source = {5280, "4.2.1.10"},
    .alert = AlertDescription::bad_certificate,
    .hint = "a CA above may not issue for this name; use a certificate from another CA"};
inline constexpr Rule unsupported_name_constraint{
    .code = "x509.path.unsupported_name_constraint",
    .source = {5280, "4.2.1.10"},
    .alert = AlertDescription::bad_certificate,
    .hint = "a CA constrains a form of name, and the certificate holds one of it that cannot be compared"};
inline constexpr Rule malformed_name_constraint{
    .code = "x509.path.malformed_name_constraint",
    .source = {5280, "4.2.1.10"},
    .alert = AlertDescription::bad_certificate,
    .hint = "the CA's nameConstraints are not in their form; the CA's certificate must be issued again"};
inline constexpr Rule policy_mapping_of_any{
    .code = "x509.policy.mapping_of_any",
    .source = {5280, "6.1.4 (a)"},
    .alert = AlertDescription::bad_certificate,
    .hint =
        "a CA maps anyPolicy to another policy or another to it, which is not allowed; issue its certificate again"};
inline constexpr Rule no_valid_policy{
    .code = "x509.policy.none_valid",
    .source = {9618, "5.5"},
    .alert = AlertDescription::bad_certificate,
    .hint = "a CA above or the caller demands a policy that holds along the whole path, and there is none"};
inline constexpr Rule policy_budget_exceeded{.code = "x509.policy.budget_exceeded",
                                             .source = {0, "limits.h"},
                                             .alert = AlertDescription::bad_certificate,
                                             .hint = "the chain has too many policies and mappings to follow"};
inline constexpr Rule path_budget_exceeded{
    .code = "x509.path.budget_exceeded",
    .source = {0, "limits.h"},
    .alert = AlertDescription::unknown_ca,
    .hint = "the peer's certificates form too many or too deep paths; send the leaf and its intermediates only"};
inline constexpr Rule name_budget_exceeded{.code = "x509.names.budget_exceeded",
                                           .source = {0, "limits.h"},
                                           .alert = AlertDescription::bad_certificate,
                                           .hint = "the chain has too many names and name constraints to compare"};

// What the caller asked for.
inline constexpr Rule host_name_mismatch{.code = "x509.name.mismatch",
                                         .source = {9525, "6.3"},
                                         .alert = AlertDescription::bad_certificate,
                                         .hint = "use a name that the certificate holds, or issue one for this name"};
inline constexpr Rule no_subject_alternative_name{
    .code = "x509.name.no_subject_alternative_name",
    .source = {9525, "6.3"},
    .alert = AlertDescription::bad_certificate,
    .hint = "issue the certificate again with the name in subjectAltName; the common name does not count"};
inline constexpr Rule wildcard_over_public_suffix{
    .code = "x509.name.wildcard_over_public_suffix",
    .source = {9525, "6.3"},
    .alert = AlertDescription::bad_certificate,
    .hint = "what stands behind the `*.` belongs to many owners; use a certificate for the name itself"};
inline constexpr Rule mail_address_mismatch{.code = "x509.name.mail_mismatch",
                                            .source = {5280, "4.2.1.6"},
                                            .alert = AlertDescription::bad_certificate,
                                            .hint = "use a certificate with this address in subjectAltName"};
inline constexpr Rule malformed_server_name{.code = "x509.name.malformed_server_name",
                                            .source = {9525, "6.2"},
                                            .alert = AlertDescription::internal_error,
                                            .hint = "the name asked for is neither a host name nor an IP address"};
inline constexpr Rule refused_trust_file_entry{
    .code = "x509.trust.refused_entry",
    .source = {5280, "4.1"},
    .alert = AlertDescription::internal_error,
    .hint = "take the certificate out of the trust file, or put one in that follows RFC 5280"};
inline constexpr Rule empty_trust_file{.code = "x509.trust.empty",
                                       .source = {7468, "5.1"},
                                       .alert = AlertDescription::internal_error,
                                       .hint = "a trust file holds at least one -----BEGIN CERTIFICATE----- block"};

inline constexpr std::array all{&certificate_too_large,
                                &version,
                                &serial_number,
                                &algorithm_mismatch,
                                &unsupported_key,
                                &malformed_name,
                                &duplicate_extension,
                                &malformed_extension,
                                &malformed_policy,
                                &not_version_3,
                                &expired,
                                &not_yet_valid,
                                &unknown_critical_extension,
                                &extension_criticality,
                                &missing_key_identifier,
                                &root_key_identifier,
                                &inconsistent_ca,
                                &not_a_ca,
                                &may_not_sign_certificates,
                                &empty_ca_subject,
                                &path_length,
                                &key_usage,
                                &extended_key_usage,
                                &common_name_not_in_san,
                                &empty_subject,
                                &no_certificate,
                                &unknown_issuer,
                                &self_signed,
                                &bad_signature,
                                &weak_signature,
                                &distrusted_root,
                                &name_constraint,
                                &unsupported_name_constraint,
                                &malformed_name_constraint,
                                &policy_mapping_of_any,
                                &no_valid_policy,
                                &policy_budget_exceeded,
                                &path_budget_exceeded,
                                &name_budget_exceeded,
                                &host_name_mismatch,
                                &no_subject_alternative_name,
                                &wildcard_over_public_suffix,
                                &mail_address_mismatch,
                                &malformed_server_name,
                                &refused_trust_file_entry,
                                &empty_trust_file};

}  // namespace padlock::x509::rules

#pragma once

#include <array>

#include "padlock/base/rule.h"

/// Why nothing, or nothing good, can be said of a certificate's revocation (RFC 5280, sections 5 and 6.3; RFC 6960;
/// RFC 7633; docs/threats.md, X10 and X11). The alert is what a peer is told where an answer is demanded.
namespace padlock::x509::rules {

inline constexpr Rule certificate_revoked{.code = "x509.revocation.revoked",
                                          .source = {5280, "6.3.3"},
                                          .alert = AlertDescription::certificate_revoked,
                                          .hint = "its issuer has taken it back; put another certificate in its place"};
inline constexpr Rule must_staple_missing{
    .code = "x509.revocation.must_staple",
    .source = {7633, "4"},
    .alert = AlertDescription::bad_certificate_status_response,
    .hint = "the certificate asks that the server staple a good OCSP response; turn stapling on there"};
inline constexpr Rule no_revocation_source{
    .code = "x509.revocation.no_source",
    .source = {5280, "4.2.1.13"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "the certificate has neither a CRL's URL nor a responder's; nobody can ask"};
inline constexpr Rule no_revocation_answer{
    .code = "x509.revocation.no_answer",
    .source = {5280, "6.3"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "fetch the CRL that the certificate names, or have the server staple an OCSP response"};

// Revocation lists.
inline constexpr Rule crl_too_large{.code = "x509.crl.too_large",
                                    .source = {0, "limits.h"},
                                    .alert = AlertDescription::certificate_unknown,
                                    .hint = "a revocation list may have 10 MiB; ask the CA for a partitioned one"};
inline constexpr Rule malformed_crl{
    .code = "x509.crl.malformed",
    .source = {5280, "5.1"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "the revocation list contradicts its definition; the CA must issue it again"};
inline constexpr Rule crl_algorithm_mismatch{
    .code = "x509.crl.algorithm_mismatch",
    .source = {5280, "5.1.1.2"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "the algorithm inside the signed part differs from the one outside; the list may have been altered"};
inline constexpr Rule crl_other_issuer{.code = "x509.crl.other_issuer",
                                       .source = {5280, "6.3.3 (b)"},
                                       .alert = AlertDescription::certificate_unknown,
                                       .hint = "use the list of the CA that issued the certificate"};
inline constexpr Rule crl_delta{.code = "x509.crl.delta",
                                .source = {5280, "5.2.4"},
                                .alert = AlertDescription::certificate_unknown,
                                .hint = "a delta lists changes alone; use the complete list"};
inline constexpr Rule crl_indirect{.code = "x509.crl.indirect",
                                   .source = {5280, "5.2.5"},
                                   .alert = AlertDescription::certificate_unknown,
                                   .hint = "lists of other issuers' certificates are not read; use the issuer's own"};
inline constexpr Rule crl_some_reasons{.code = "x509.crl.some_reasons",
                                       .source = {5280, "5.2.5"},
                                       .alert = AlertDescription::certificate_unknown,
                                       .hint = "the list is for some reasons alone; use the one for all of them"};
inline constexpr Rule crl_unknown_critical{
    .code = "x509.crl.unknown_critical",
    .source = {5280, "5.2"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "the list makes a demand that Padlock does not know, so it cannot be used"};
inline constexpr Rule crl_out_of_scope{
    .code = "x509.crl.out_of_scope",
    .source = {5280, "6.3.3 (b)(2)"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "the list is a part that does not hold this certificate; fetch it from the URL in the certificate"};
inline constexpr Rule crl_not_yet_valid{.code = "x509.crl.not_yet_valid",
                                        .source = {5280, "5.1.2.4"},
                                        .alert = AlertDescription::certificate_unknown,
                                        .hint = "check this machine's clock; the list is of a later time"};
inline constexpr Rule crl_stale{.code = "x509.crl.stale",
                                .source = {5280, "5.1.2.5"},
                                .alert = AlertDescription::certificate_unknown,
                                .hint = "a newer list must be out; fetch it again"};
inline constexpr Rule crl_without_end{.code = "x509.crl.no_next_update",
                                      .source = {5280, "5.1.2.5"},
                                      .alert = AlertDescription::certificate_unknown,
                                      .hint = "without nextUpdate nobody can tell when the list is stale"};
inline constexpr Rule may_not_sign_crls{.code = "x509.crl.key_usage",
                                        .source = {5280, "6.3.3 (f)"},
                                        .alert = AlertDescription::certificate_unknown,
                                        .hint = "the CA's keyUsage lacks cRLSign"};
inline constexpr Rule crl_weak_signature{
    .code = "x509.crl.weak_signature",
    .source = {8446, "4.2.3"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "the list must be signed with SHA-256 or better by RSA, ECDSA or Ed25519"};
inline constexpr Rule crl_bad_signature{.code = "x509.crl.bad_signature",
                                        .source = {5280, "6.3.3 (g)"},
                                        .alert = AlertDescription::certificate_unknown,
                                        .hint = "the list was altered, or is by another key of that name"};

inline constexpr std::array revocation{&certificate_revoked,    &must_staple_missing, &no_revocation_source,
                                       &no_revocation_answer,   &crl_too_large,       &malformed_crl,
                                       &crl_algorithm_mismatch, &crl_other_issuer,    &crl_delta,
                                       &crl_indirect,           &crl_some_reasons,    &crl_unknown_critical,
                                       &crl_out_of_scope,       &crl_not_yet_valid,   &crl_stale,
                                       &crl_without_end,        &may_not_sign_crls,   &crl_weak_signature,
                                       &crl_bad_signature};

}  // namespace padlock::x509::rules

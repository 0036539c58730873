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

// OCSP responses.
inline constexpr Rule ocsp_too_large{.code = "x509.ocsp.too_large",
                                     .source = {0, "limits.h"},
                                     .alert = AlertDescription::bad_certificate_status_response,
                                     .hint = "an OCSP response may have 16 KiB"};
inline constexpr Rule malformed_ocsp{.code = "x509.ocsp.malformed",
                                     .source = {6960, "4.2.1"},
                                     .alert = AlertDescription::bad_certificate_status_response,
                                     .hint = "the OCSP response contradicts its definition; the responder is at fault"};
inline constexpr Rule ocsp_not_successful{.code = "x509.ocsp.not_successful",
                                          .source = {6960, "2.3"},
                                          .alert = AlertDescription::bad_certificate_status_response,
                                          .hint = "the responder could not answer; ask again later"};
inline constexpr Rule ocsp_unknown_type{.code = "x509.ocsp.unknown_type",
                                        .source = {6960, "4.2.1"},
                                        .alert = AlertDescription::bad_certificate_status_response,
                                        .hint = "only basic responses are understood"};
inline constexpr Rule ocsp_other_certificate{
    .code = "x509.ocsp.other_certificate",
    .source = {6960, "3.2"},
    .alert = AlertDescription::bad_certificate_status_response,
    .hint = "the response is about other certificates; the server staples the wrong file"};
inline constexpr Rule ocsp_unknown_critical{
    .code = "x509.ocsp.unknown_critical",
    .source = {6960, "4.4"},
    .alert = AlertDescription::bad_certificate_status_response,
    .hint = "the response makes a demand that Padlock does not know, so it cannot be used"};
inline constexpr Rule ocsp_unauthorized_responder{
    .code = "x509.ocsp.unauthorized_responder",
    .source = {6960, "4.2.2.2"},
    .alert = AlertDescription::bad_certificate_status_response,
    .hint = "a responder is the issuer itself, or has OCSPSigning in a valid certificate of its"};
inline constexpr Rule ocsp_weak_signature{
    .code = "x509.ocsp.weak_signature",
    .source = {8446, "4.2.3"},
    .alert = AlertDescription::bad_certificate_status_response,
    .hint = "the response must be signed with SHA-256 or better by RSA, ECDSA or Ed25519"};
inline constexpr Rule ocsp_bad_signature{.code = "x509.ocsp.bad_signature",
                                         .source = {6960, "3.2"},
                                         .alert = AlertDescription::bad_certificate_status_response,
                                         .hint = "the response was altered or forged"};
inline constexpr Rule ocsp_not_yet_valid{.code = "x509.ocsp.not_yet_valid",
                                         .source = {6960, "4.2.2.1"},
                                         .alert = AlertDescription::bad_certificate_status_response,
                                         .hint = "check this machine's clock; the response is of a later time"};
inline constexpr Rule ocsp_without_end{.code = "x509.ocsp.no_next_update",
                                       .source = {5019, "2.2.4"},
                                       .alert = AlertDescription::bad_certificate_status_response,
                                       .hint = "without nextUpdate nobody can tell when the response is stale"};
inline constexpr Rule ocsp_stale{.code = "x509.ocsp.stale",
                                 .source = {6960, "4.2.2.1"},
                                 .alert = AlertDescription::bad_certificate_status_response,
                                 .hint = "a newer response must be out; the server should fetch it"};
inline constexpr Rule ocsp_too_old{
    .code = "x509.ocsp.too_old",
    .source = {0, "X11"},
    .alert = AlertDescription::bad_certificate_status_response,
    .hint = "a response is believed for 10 days at most; the server should fetch a newer one"};
inline constexpr Rule ocsp_status_unknown{.code = "x509.ocsp.status_unknown",
                                          .source = {6960, "2.2"},
                                          .alert = AlertDescription::bad_certificate_status_response,
                                          .hint = "the responder has never heard of the certificate; ask the CA"};

// Requests to a responder of ours.
inline constexpr Rule ocsp_request_too_large{
    .code = "x509.ocsp_request.too_large", .source = {0, "limits.h"}, .hint = "an OCSP request may have 4 KiB"};
inline constexpr Rule ocsp_request_too_many{.code = "x509.ocsp_request.too_many",
                                            .source = {0, "limits.h"},
                                            .hint = "ask for at most 16 certificates at a time"};
inline constexpr Rule malformed_ocsp_request{
    .code = "x509.ocsp_request.malformed", .source = {6960, "4.1.1"}, .hint = "the request contradicts its definition"};

inline constexpr std::array revocation{&certificate_revoked,
                                       &must_staple_missing,
                                       &no_revocation_source,
                                       &no_revocation_answer,
                                       &crl_too_large,
                                       &malformed_crl,
                                       &crl_algorithm_mismatch,
                                       &crl_other_issuer,
                                       &crl_delta,
                                       &crl_indirect,
                                       &crl_some_reasons,
                                       &crl_unknown_critical,
                                       &crl_out_of_scope,
                                       &crl_not_yet_valid,
                                       &crl_stale,
                                       &crl_without_end,
                                       &may_not_sign_crls,
                                       &crl_weak_signature,
                                       &crl_bad_signature,
                                       &ocsp_too_large,
                                       &malformed_ocsp,
                                       &ocsp_not_successful,
                                       &ocsp_unknown_type,
                                       &ocsp_other_certificate,
                                       &ocsp_unknown_critical,
                                       &ocsp_unauthorized_responder,
                                       &ocsp_weak_signature,
                                       &ocsp_bad_signature,
                                       &ocsp_not_yet_valid,
                                       &ocsp_without_end,
                                       &ocsp_stale,
                                       &ocsp_too_old,
                                       &ocsp_status_unknown,
                                       &ocsp_request_too_large,
                                       &ocsp_request_too_many,
                                       &malformed_ocsp_request};

}  // namespace padlock::x509::rules

#pragma once

#include <array>

#include "padlock/base/rule.h"

/// What a CA of ours refuses to sign (docs/threats.md, A13).
namespace padlock::x509::rules {

inline constexpr Rule issuer_is_no_ca{.code = "x509.issue.issuer_is_no_ca",
                                      .source = {5280, "4.2.1.9"},
                                      .hint = "only a certificate with cA and keyCertSign may sign others"};
inline constexpr Rule issuer_key_mismatch{.code = "x509.issue.issuer_key_mismatch",
                                          .source = {5280, "6.1.3"},
                                          .hint = "the issuer's key and certificate do not belong together"};
inline constexpr Rule path_length_exceeded{
    .code = "x509.issue.path_length_exceeded",
    .source = {5280, "4.2.1.9"},
    .hint = "the issuer's pathLenConstraint allows no CA of that depth below it"};
inline constexpr Rule outlives_issuer{.code = "x509.issue.outlives_issuer",
                                      .source = {0, "A13"},
                                      .hint = "a certificate lives within its issuer's life; renew the issuer first"};
inline constexpr Rule bad_template{
    .code = "x509.issue.bad_template", .source = {5280, "4.1.2"}, .hint = "no certificate can say that"};
inline constexpr Rule unsupported_issuer_key{
    .code = "x509.issue.unsupported_issuer_key",
    .source = {0, "Keys"},
    .hint = "certificates are signed with ECDSA P-256, P-384, P-521 or Ed25519"};

// Revocation lists and OCSP responses.
inline constexpr Rule issuer_may_not_sign_crls{
    .code = "x509.issue.issuer_may_not_sign_crls",
    .source = {5280, "4.2.1.3"},
    .hint = "only a CA's certificate with cRLSign may sign revocation lists; issue it again with that bit"};
inline constexpr Rule bad_revocation{.code = "x509.issue.bad_revocation",
                                     .source = {5280, "5.1.2"},
                                     .hint = "no revocation list or OCSP response can say that"};
inline constexpr Rule no_responder{
    .code = "x509.issue.no_responder",
    .source = {6960, "4.2.2.2"},
    .hint = "a delegated responder has a certificate with OCSPSigning from the issuer itself"};

inline constexpr std::array issuing{&issuer_is_no_ca,          &issuer_key_mismatch, &path_length_exceeded,
                                    &outlives_issuer,          &bad_template,        &unsupported_issuer_key,
                                    &issuer_may_not_sign_crls, &bad_revocation,      &no_responder};

}  // namespace padlock::x509::rules

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

inline constexpr std::array issuing{&issuer_is_no_ca, &issuer_key_mismatch, &path_length_exceeded,
                                    &outlives_issuer, &bad_template,        &unsupported_issuer_key};

}  // namespace padlock::x509::rules

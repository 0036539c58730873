#pragma once

#include <array>

#include "padlock/base/rule.h"

/// How a certification request can break the rules (RFC 2986; docs/threats.md, X7 and A13); its key, names and
/// extensions go by those of certificates.
namespace padlock::x509::rules {

inline constexpr Rule request_too_large{.code = "x509.request.too_large",
                                        .source = {0, "limits.h"},
                                        .alert = AlertDescription::bad_certificate,
                                        .hint = "a certification request may have 64 KiB"};
inline constexpr Rule malformed_request{.code = "x509.request.malformed",
                                        .source = {2986, "4.1"},
                                        .alert = AlertDescription::bad_certificate,
                                        .hint = "the request contradicts its definition; make it again"};
inline constexpr Rule request_weak_signature{
    .code = "x509.request.weak_signature",
    .source = {8446, "4.2.3"},
    .alert = AlertDescription::bad_certificate,
    .hint = "make the request again, signed with SHA-256 or better by RSA, ECDSA or Ed25519"};
inline constexpr Rule request_bad_signature{
    .code = "x509.request.bad_signature",
    .source = {2986, "4.2"},
    .alert = AlertDescription::bad_certificate,
    .hint = "the request was altered, or whoever made it does not have the private key that belongs to it"};

inline constexpr std::array requests{&request_too_large, &malformed_request, &request_weak_signature,
                                     &request_bad_signature};

}  // namespace padlock::x509::rules

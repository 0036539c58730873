#pragma once

#include <array>
#include <cstddef>

#include "padlock/base/rule.h"

namespace padlock::tls {

/// Certificates that a server sends; clients of ours read no more either (docs/threats.md, handshake limits).
inline constexpr std::size_t max_credential_chain = 16;

}  // namespace padlock::tls

/// What can be wrong with a certificate and key that a user gives (docs/threats.md, X12).
namespace padlock::tls::rules {

inline constexpr Rule no_certificate{.code = "tls.credential.no_certificate",
                                     .source = {8446, "4.4.2"},
                                     .hint = "give a file with -----BEGIN CERTIFICATE----- blocks, the leaf first"};
inline constexpr Rule chain_too_long{
    .code = "tls.credential.chain_too_long",
    .source = {8446, "4.4.2"},
    .hint = "give the leaf and its intermediates; this looks like a whole trust store"};
inline constexpr Rule chain_order{.code = "tls.credential.chain_order",
                                  .source = {8446, "4.4.2"},
                                  .hint = "put the leaf first and behind each certificate the one that issued it"};
inline constexpr Rule no_private_key{.code = "tls.credential.no_private_key",
                                     .source = {5958, "2"},
                                     .hint = "give a file with one -----BEGIN PRIVATE KEY----- block"};
inline constexpr Rule encrypted_private_key{.code = "tls.credential.encrypted_private_key",
                                            .source = {5958, "3"},
                                            .hint = "decrypt it first: `openssl pkey -in key.pem -out plain.pem`"};
inline constexpr Rule key_mismatch{.code = "tls.credential.key_mismatch",
                                   .source = {8446, "4.4.3"},
                                   .hint = "give the key that the certificate was made for, and the leaf first"};

inline constexpr std::array credential{&no_certificate, &chain_too_long,        &chain_order,
                                       &no_private_key, &encrypted_private_key, &key_mismatch};

}  // namespace padlock::tls::rules

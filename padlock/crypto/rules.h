#pragma once

#include <array>

#include "padlock/base/rule.h"

namespace padlock::crypto::rules {

inline constexpr Rule invalid_key_share{.code = "crypto.key_share.invalid",
                                        .source = {8446, "4.2.8.2"},
                                        .alert = AlertDescription::illegal_parameter,
                                        .hint = "the peer's public value is not a valid point of its group"};
inline constexpr Rule invalid_public_key{
    .code = "crypto.public_key.invalid",
    .source = {5280, "4.1.2.7"},
    .alert = AlertDescription::unsupported_certificate,
    .hint = "keys must be RSA of 2048 to 8192 bits, P-256, P-384, P-521 or Ed25519"};
inline constexpr Rule unreadable_private_key{
    .code = "crypto.private_key.unreadable",
    .source = {5958, "2"},
    .hint = "give an unencrypted private key in PEM: PKCS #8, SEC 1 or PKCS #1"};
inline constexpr Rule random_failed{.code = "crypto.random.failed",
                                    .source = {8446, "C.1"},
                                    .hint = "the system's random source failed; nothing can be sent safely"};
inline constexpr Rule operation_failed{.code = "crypto.operation.failed",
                                       .source = {8446, "6.2"},
                                       .hint = "the cryptographic library refused the operation"};

inline constexpr std::array all{&invalid_key_share, &invalid_public_key, &unreadable_private_key, &random_failed,
                                &operation_failed};

}  // namespace padlock::crypto::rules

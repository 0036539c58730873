#pragma once

#include <string_view>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/connection.h"

namespace padlock::tls {

/// A Credential from two PEM texts, as `--cert` and `--key` give them. `certificates`: the leaf first, then each next
/// the issuer of the one before (RFC 8446, section 4.4.2); `private_key`: one unencrypted key, PKCS #8, SEC 1 or PKCS
/// #1. Errors: `rules::no_certificate`, `rules::chain_too_long`, `rules::chain_order`, `rules::no_private_key`,
/// `rules::encrypted_private_key`, `rules::key_mismatch`; those of PEM, of parsing a certificate and of loading a key.
Result<Credential> load_credential(std::string_view certificates, std::string_view private_key,
                                   crypto::Provider& provider);

}  // namespace padlock::tls

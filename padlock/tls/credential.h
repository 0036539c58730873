#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/connection.h"
#include "padlock/x509/certificate.h"

namespace padlock::tls {

/// The certificates of a PEM text: the leaf first, then each next the issuer of the one before (RFC 8446, section
/// 4.4.2). Errors: `rules::no_certificate`, `rules::chain_too_long`, `rules::chain_order`, those of PEM and of parsing.
Result<std::vector<std::shared_ptr<const x509::Certificate>>> parse_chain(std::string_view pem);

/// The one unencrypted key of a PEM text: PKCS #8, SEC 1 or PKCS #1.
/// Errors: `rules::no_private_key`, `rules::encrypted_private_key`, those of PEM and of loading a key.
Result<std::shared_ptr<const crypto::PrivateKey>> parse_private_key(std::string_view pem, crypto::Provider& provider);

/// Both, if they belong together: `rules::key_mismatch`.
Result<Credential> make_credential(std::span<const std::shared_ptr<const x509::Certificate>> chain,
                                   std::shared_ptr<const crypto::PrivateKey> key);

/// All three: what `--cert` and `--key` give.
Result<Credential> load_credential(std::string_view certificates, std::string_view private_key,
                                   crypto::Provider& provider);

}  // namespace padlock::tls

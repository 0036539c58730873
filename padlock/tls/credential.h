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

/// Compresses the Certificate messages that this credential may need, once for all its connections; a form that is not
/// smaller is left out. The last step of making a credential: a form stands for the very bytes that it was made from,
/// and is not used for others. Takes milliseconds. Returns the credential with its forms.
Credential add_compressed_forms(Credential credential, std::span<const CertificateCompression> compressions);

/// All three: what `--cert` and `--key` give.
Result<Credential> load_credential(std::string_view certificates, std::string_view private_key,
                                   crypto::Provider& provider);

}  // namespace padlock::tls

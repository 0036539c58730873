#pragma once

#include <span>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/tls/wire/client_hello.h"
#include "padlock/tls/wire/encrypted_extensions.h"
#include "padlock/tls/wire/server_hello.h"

/// What a client asks of the server's messages, as pure functions: each compares a message with what was offered.
namespace padlock::tls::client13 {

/// RFC 8446, section 4.1.3. Afterwards `key_share` and `supported_versions` are there.
Result<void> check_server_hello(const ServerHello& hello, const ClientHello& offered);

/// RFC 8446, section 4.1.4: it must ask for something new that this client can do.
Result<void> check_hello_retry_request(const HelloRetryRequest& retry, const ClientHello& offered);

/// RFC 8446, section 4.3.1; RFC 7301, section 3.1. Afterwards ALPN, if it is there, holds one name.
Result<void> check_encrypted_extensions(const EncryptedExtensions& extensions, const ClientHello& offered);

/// RFC 8446, section 4.3.2.
Result<void> check_certificate_request(const CertificateRequest& request);

/// RFC 8446, section 4.4.2. `offered`: extensions that may stand beside a certificate. Afterwards there is a leaf.
Result<void> check_certificate(const Certificate& certificate, const ExtensionTypes& offered);

/// RFC 8446, section 4.4.3: the scheme was offered, belongs to TLS 1.3 and to the leaf's key.
Result<void> check_signature_scheme(SignatureScheme scheme, std::span<const SignatureScheme> offered,
                                    const crypto::PublicKey& key);

}  // namespace padlock::tls::client13

#pragma once

#include <memory>

#include "padlock/crypto/provider.h"
#include "padlock/tls/config.h"

namespace padlock::tls::testing {

/// A credential with a fresh key and a chain of two certificates for "server.test". One of each kind is made per
/// process: RSA keys are slow to find.
/// An RSA key may sign and decrypt.
std::shared_ptr<const Credential> credential(crypto::KeyKind kind = crypto::KeyKind::ecdsa_p256);
/// An RSA key that may sign alone (RFC 5280, section 4.2.1.3), as many authorities issue them.
std::shared_ptr<const Credential> signing_rsa_credential();
/// The ECDSA one, of a server that asks for a client's certificate and goes no further without.
std::shared_ptr<const Credential> asking_credential();

}  // namespace padlock::tls::testing

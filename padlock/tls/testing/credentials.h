#pragma once

#include <memory>

#include "padlock/crypto/provider.h"
#include "padlock/tls/config.h"

namespace padlock::tls::testing {

/// A credential with a fresh key and a chain of two certificates for "server.test". One of each kind is made per
/// process: RSA keys are slow to find.
std::shared_ptr<const Credential> credential(crypto::KeyKind kind = crypto::KeyKind::ecdsa_p256);

}  // namespace padlock::tls::testing

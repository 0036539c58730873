#pragma once

#include <memory>

#include "padlock/crypto/provider.h"

namespace padlock::crypto::libcrypto {

/// See the functions of the same names in `Provider`.
Result<std::shared_ptr<const PublicKey>> make_public_key(PublicKeyParts parts);
Result<std::shared_ptr<const PrivateKey>> load_private_key(Bytes der);
Result<GeneratedKey> generate_private_key(KeyKind kind);

}  // namespace padlock::crypto::libcrypto

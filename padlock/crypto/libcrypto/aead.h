#pragma once

#include <memory>

#include "padlock/crypto/provider.h"

namespace padlock::crypto::libcrypto {

/// An AEAD key on libcrypto: one context for the life of the key.
std::unique_ptr<Aead> make_aead(AeadAlgorithm algorithm, Bytes key);

}  // namespace padlock::crypto::libcrypto

#pragma once

#include <memory>

#include "padlock/crypto/provider.h"

namespace padlock::crypto::libcrypto {

/// A key with a fresh exponent, which lives for one handshake (docs/threats.md, T4). `group`: one of
/// finite_field_groups().
Result<std::shared_ptr<const EphemeralKey>> make_finite_field_share(NamedGroup group);

/// See the function of the same name in `Provider`.
Result<SharedSecret> agree_in_finite_field(const EphemeralKey& key, Bytes peer_share, HashAlgorithm prf_hash);

}  // namespace padlock::crypto::libcrypto

#pragma once

#include <cstdint>
#include <vector>

#include "padlock/crypto/provider.h"

namespace padlock::test {

/// RSAEP (RFC 8017, section 5.1.1) without any padding: what a peer sends that makes its own blocks. `block`: below the
/// modulus and as long.
std::vector<std::uint8_t> rsa_raw(const crypto::RsaPublicKey& key, Bytes block);

}  // namespace padlock::test

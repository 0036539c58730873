#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "padlock/base/text.h"
#include "padlock/crypto/algorithm.h"
#include "padlock/crypto/hash.h"

/// Diffie-Hellman in a finite field, as TLS 1.2 has it, over the safe primes of RFC 7919 and RFC 3526 alone: no other
/// prime can be trusted within a handshake (docs/threats.md, T3).
namespace padlock::crypto {

/// Smallest first, RFC 7919 before RFC 3526.
std::span<const NamedGroup> finite_field_groups();
bool is_finite_field(NamedGroup group);

/// The prime p, big-endian, without leading zeros. `group`: one of finite_field_groups().
Bytes prime_of(NamedGroup group);
/// g, of all of them (RFC 7919, appendix A; RFC 3526).
inline constexpr std::uint8_t finite_field_generator = 2;

/// The group of a prime and a generator as a peer says them, leading zeros allowed; nothing for all that is unknown.
std::optional<NamedGroup> find_finite_field(Bytes prime, Bytes generator);

/// What HMAC makes of a shared secret, as long as the prime, that is its key in TLS 1.2's PRF: the zeros at the front
/// are left out (RFC 5246, section 8.1.2), and the rest, longer than a block, is hashed. In constant time
/// (docs/threats.md, T4).
Digest prf_key_of(HashAlgorithm prf_hash, std::span<std::uint8_t> shared_secret);

}  // namespace padlock::crypto

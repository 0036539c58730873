#pragma once

#include <cstddef>

namespace padlock::crypto::limits {

/// RSA keys outside 2048 to 8192 bits are refused: shorter ones are breakable, longer ones cost milliseconds for each
/// verification (docs/threats.md, X7).
inline constexpr std::size_t rsa_modulus_bits_least = 2048;
inline constexpr std::size_t rsa_modulus_bits_most = 8192;

/// Public exponents are odd and 3 <= e < 2^33: a longer one turns a verification into a private-key operation.
inline constexpr std::size_t rsa_exponent_bits_most = 33;

/// A private key file in DER. PKCS #8 of RSA-8192 is 4,700 bytes long; more is something else.
inline constexpr std::size_t private_key_der_bytes = 16384;

}  // namespace padlock::crypto::limits

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "padlock/crypto/mlkem/encoding.h"
#include "padlock/crypto/mlkem/polynomial.h"
#include "padlock/crypto/mlkem/symmetric.h"

/// K-PKE, the encryption scheme inside ML-KEM-768 (FIPS 203, section 5). Not to be used alone: it trusts its inputs.
namespace padlock::crypto::mlkem {

inline constexpr std::size_t vector_length = k * encoded_length(12);              // 1152
inline constexpr std::size_t encryption_key_length = vector_length + 32;          // 1184
inline constexpr std::size_t u_length = k * encoded_length(d_u);                  // 960
inline constexpr std::size_t ciphertext_length = u_length + encoded_length(d_v);  // 1088

/// K-PKE.KeyGen(d) (Algorithm 13).
void k_pke_keygen(Bytes32 d, std::span<std::uint8_t, encryption_key_length> ek_pke,
                  std::span<std::uint8_t, vector_length> dk_pke);
/// K-PKE.Encrypt(ek, m, r) (Algorithm 14).
void k_pke_encrypt(std::span<const std::uint8_t, encryption_key_length> ek_pke, Bytes32 m, Bytes32 r,
                   std::span<std::uint8_t, ciphertext_length> c);
/// K-PKE.Decrypt(dk, c) (Algorithm 15).
void k_pke_decrypt(std::span<const std::uint8_t, vector_length> dk_pke,
                   std::span<const std::uint8_t, ciphertext_length> c, Out32 m);

/// The modulus check of section 7.2: ek is what ByteEncode_12 writes, that is, all coefficients are below q.
bool passes_modulus_check(std::span<const std::uint8_t, encryption_key_length> ek_pke);

}  // namespace padlock::crypto::mlkem

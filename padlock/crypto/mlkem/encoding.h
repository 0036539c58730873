#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "padlock/crypto/mlkem/polynomial.h"

/// FIPS 203, section 4.2.1: coefficients as bits, whole (12 bits) or rounded to d bits. Coefficients that go in are any
/// representative mod q; those that come out are 0..q-1.
namespace padlock::crypto::mlkem {

inline constexpr std::size_t d_u = 10;  ///< of ML-KEM-768 (FIPS 203, section 8)
inline constexpr std::size_t d_v = 4;
constexpr std::size_t encoded_length(std::size_t d) { return 32 * d; }

/// Compress_d(x) (equation 4.7) of an x in 0..q-1, for d = 1, 4 and 10: 2^d / q times x, rounded, mod 2^d. The division
/// is a multiplication with 2^20 / q or 2^29 / q, rounded up, which is exact for these numbers.
constexpr std::uint16_t compress(unsigned d, std::int16_t x) {
  const std::uint32_t numerator = (static_cast<std::uint32_t>(x) << d) + 1664;
  const std::uint64_t rounded = d <= 4 ? (numerator * 315) >> 20 : (std::uint64_t{numerator} * 161271) >> 29;
  return static_cast<std::uint16_t>(rounded & ((1U << d) - 1));
}
/// Decompress_d(y) (equation 4.8).
constexpr std::int16_t decompress(unsigned d, unsigned y) {
  return static_cast<std::int16_t>((3329U * y + (1U << (d - 1))) >> d);
}

/// ByteEncode_12.
void byte_encode_12(const NttPolynomial& f_hat, std::span<std::uint8_t, encoded_length(12)> out);
/// ByteDecode_12, but for its reduction: coefficients are 0..4095.
void byte_decode_12(std::span<const std::uint8_t, encoded_length(12)> bytes, NttPolynomial& f_hat);

/// ByteEncode_d(Compress_d(f)), ciphertext's halves.
void encode_u(const Polynomial& f, std::span<std::uint8_t, encoded_length(d_u)> out);
void encode_v(const Polynomial& f, std::span<std::uint8_t, encoded_length(d_v)> out);
/// Decompress_d(ByteDecode_d(bytes)).
void decode_u(std::span<const std::uint8_t, encoded_length(d_u)> bytes, Polynomial& f);
void decode_v(std::span<const std::uint8_t, encoded_length(d_v)> bytes, Polynomial& f);

/// The message: one bit a coefficient, d = 1.
void encode_message(const Polynomial& f, std::span<std::uint8_t, 32> m);
void decode_message(std::span<const std::uint8_t, 32> m, Polynomial& f);

}  // namespace padlock::crypto::mlkem

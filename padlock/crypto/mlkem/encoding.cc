#include "padlock/crypto/mlkem/encoding.h"

#include "padlock/crypto/constant_time.h"
#include "padlock/crypto/mlkem/modulus.h"

namespace padlock::crypto::mlkem {

namespace {

/// ByteEncode_d (FIPS 203, Algorithm 5) of numbers below 2^d: `group` of them fill a whole number of bytes.
template <std::size_t d, std::size_t group>
[[gnu::always_inline]] inline void byte_encode(const Coefficients& numbers,
                                               std::span<std::uint8_t, encoded_length(d)> out) {
  static_assert(group * d % 8 == 0 && group * d <= 64);
  constexpr std::size_t bytes = group * d / 8;
  for (std::size_t i = 0; i < n / group; ++i) {
    std::uint64_t bits = 0;
    for (std::size_t j = 0; j < group; ++j) bits |= static_cast<std::uint64_t>(numbers[group * i + j]) << (d * j);
    for (std::size_t j = 0; j < bytes; ++j) out[bytes * i + j] = static_cast<std::uint8_t>(bits >> (8 * j));
  }
}

/// Compress_d of any representatives.
template <std::size_t d>
[[gnu::always_inline]] inline void compress_all(const Coefficients& f, Coefficients& numbers) {
  for (std::size_t i = 0; i < n; ++i) numbers[i] = canonical(f[i]);
  for (std::int16_t& number : numbers) number = static_cast<std::int16_t>(compress(d, number));
}

}  // namespace

void byte_encode_12(const NttPolynomial& f_hat, std::span<std::uint8_t, encoded_length(12)> out) {
  Wiped<Polynomial> f;
  transpose(f_hat.transposed, f.coefficients);
  for (std::int16_t& coefficient : f.coefficients) coefficient = canonical(coefficient);
  byte_encode<12, 4>(f.coefficients, out);
}

void byte_decode_12(std::span<const std::uint8_t, encoded_length(12)> bytes, NttPolynomial& f_hat) {
  Wiped<Polynomial> f;
  for (std::size_t i = 0; i < n / 2; ++i) {
    f.coefficients[2 * i] = static_cast<std::int16_t>(bytes[3 * i] | ((bytes[3 * i + 1] & 15U) << 8));
    f.coefficients[2 * i + 1] = static_cast<std::int16_t>((bytes[3 * i + 1] >> 4) | (bytes[3 * i + 2] << 4));
  }
  transpose(f.coefficients, f_hat.transposed);
}

void encode_u(const Polynomial& f, std::span<std::uint8_t, encoded_length(d_u)> out) {
  Wiped<Polynomial> rounded;
  compress_all<d_u>(f.coefficients, rounded.coefficients);
  byte_encode<d_u, 4>(rounded.coefficients, out);
}

void decode_u(std::span<const std::uint8_t, encoded_length(d_u)> bytes, Polynomial& f) {
  for (std::size_t i = 0; i < n / 4; ++i) {
    std::uint64_t bits = 0;
    for (std::size_t j = 0; j < 5; ++j) bits |= std::uint64_t{bytes[5 * i + j]} << (8 * j);
    for (std::size_t j = 0; j < 4; ++j)
      f.coefficients[4 * i + j] = decompress(d_u, static_cast<unsigned>(bits >> (d_u * j)) & 0x3ffU);
  }
}

void encode_v(const Polynomial& f, std::span<std::uint8_t, encoded_length(d_v)> out) {
  Wiped<Polynomial> rounded;
  compress_all<d_v>(f.coefficients, rounded.coefficients);
  byte_encode<d_v, 4>(rounded.coefficients, out);
}

void decode_v(std::span<const std::uint8_t, encoded_length(d_v)> bytes, Polynomial& f) {
  for (std::size_t i = 0; i < n / 2; ++i) {
    f.coefficients[2 * i] = decompress(d_v, bytes[i] & 15U);
    f.coefficients[2 * i + 1] = decompress(d_v, bytes[i] >> 4);
  }
}

void encode_message(const Polynomial& f, std::span<std::uint8_t, 32> m) {
  Wiped<Polynomial> rounded;
  compress_all<1>(f.coefficients, rounded.coefficients);
  byte_encode<1, 8>(rounded.coefficients, m);
}

void decode_message(std::span<const std::uint8_t, 32> m, Polynomial& f) {
  for (std::size_t i = 0; i < 32; ++i)
    for (std::size_t j = 0; j < 8; ++j)  // a compiler that knew the bit to be 0 or 1 might branch on it
      f.coefficients[8 * i + j] = decompress(1, hidden((m[i] >> j) & 1U));
}

}  // namespace padlock::crypto::mlkem

#include "padlock/crypto/mlkem/encoding.h"

#include "padlock/crypto/mlkem/constant_time.h"
#include "padlock/crypto/mlkem/modulus.h"

namespace padlock::crypto::mlkem {

void byte_encode_12(const NttPolynomial& f_hat, std::span<std::uint8_t, encoded_length(12)> out) {
  Wiped<Polynomial> f;
  transpose(f_hat.transposed, f.coefficients);
  for (std::size_t i = 0; i < n / 2; ++i) {
    const auto first = static_cast<unsigned>(canonical(f.coefficients[2 * i]));
    const auto second = static_cast<unsigned>(canonical(f.coefficients[2 * i + 1]));
    out[3 * i] = static_cast<std::uint8_t>(first);
    out[3 * i + 1] = static_cast<std::uint8_t>((first >> 8) | (second << 4));
    out[3 * i + 2] = static_cast<std::uint8_t>(second >> 4);
  }
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
  for (std::size_t i = 0; i < n / 4; ++i) {  // four times 10 bits are five bytes
    std::uint64_t bits = 0;
    for (std::size_t j = 0; j < 4; ++j)
      bits |= std::uint64_t{compress(d_u, canonical(f.coefficients[4 * i + j]))} << (d_u * j);
    for (std::size_t j = 0; j < 5; ++j) out[5 * i + j] = static_cast<std::uint8_t>(bits >> (8 * j));
  }
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
  for (std::size_t i = 0; i < n / 2; ++i) {
    const unsigned first = compress(d_v, canonical(f.coefficients[2 * i]));
    const unsigned second = compress(d_v, canonical(f.coefficients[2 * i + 1]));
    out[i] = static_cast<std::uint8_t>(first | (second << 4));
  }
}

void decode_v(std::span<const std::uint8_t, encoded_length(d_v)> bytes, Polynomial& f) {
  for (std::size_t i = 0; i < n / 2; ++i) {
    f.coefficients[2 * i] = decompress(d_v, bytes[i] & 15U);
    f.coefficients[2 * i + 1] = decompress(d_v, bytes[i] >> 4);
  }
}

void encode_message(const Polynomial& f, std::span<std::uint8_t, 32> m) {
  for (std::size_t i = 0; i < 32; ++i) {
    unsigned byte = 0;
    for (std::size_t j = 0; j < 8; ++j) byte |= unsigned{compress(1, canonical(f.coefficients[8 * i + j]))} << j;
    m[i] = static_cast<std::uint8_t>(byte);
  }
}

void decode_message(std::span<const std::uint8_t, 32> m, Polynomial& f) {
  for (std::size_t i = 0; i < 32; ++i)
    for (std::size_t j = 0; j < 8; ++j)  // a compiler that knew the bit to be 0 or 1 might branch on it
      f.coefficients[8 * i + j] = decompress(1, hidden((m[i] >> j) & 1U));
}

}  // namespace padlock::crypto::mlkem

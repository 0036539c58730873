#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "padlock/base/secret.h"
#include "padlock/base/text.h"

/// ML-KEM-768 (FIPS 203): a key encapsulation mechanism that stays secure against quantum computers. Calculation only;
/// randomness comes from the caller. The time depends on public values alone.
namespace padlock::crypto::mlkem768 {

// FIPS 203, section 8, table 3.
inline constexpr std::size_t encapsulation_key_length = 1184;
inline constexpr std::size_t decapsulation_key_length = 2400;
inline constexpr std::size_t ciphertext_length = 1088;
inline constexpr std::size_t shared_key_length = 32;

using Seed = std::span<const std::uint8_t, 32>;
using Ciphertext = std::array<std::uint8_t, ciphertext_length>;
using SharedKey = Secret<shared_key_length>;

/// An encapsulation key that passed the checks of FIPS 203, section 7.2.
class EncapsulationKey {
 public:
  /// Nothing if `bytes` are not 1184, or one of the coefficients is not below q.
  static std::optional<EncapsulationKey> from_bytes(Bytes bytes);
  std::span<const std::uint8_t, encapsulation_key_length> bytes() const { return bytes_; }

 private:
  friend class DecapsulationKey;
  EncapsulationKey() = default;
  std::array<std::uint8_t, encapsulation_key_length> bytes_;
};

/// A decapsulation key in its expanded form: dk_PKE, ek, H(ek), z.
class DecapsulationKey {
 public:
  /// ML-KEM.KeyGen_internal(d, z) (FIPS 203, Algorithm 16).
  static DecapsulationKey keygen_internal(Seed d, Seed z);
  /// Nothing if `bytes` are not 2400, or H(ek) is not the hash of ek (FIPS 203, section 7.3).
  static std::optional<DecapsulationKey> from_bytes(Bytes bytes);

  EncapsulationKey encapsulation_key() const;
  const Secret<decapsulation_key_length>& secret() const { return bytes_; }
  /// ML-KEM.Decaps_internal(dk, c) (FIPS 203, Algorithm 18). A ciphertext that nobody made with this key gives a key
  /// that nobody else has, in the same time (implicit rejection).
  SharedKey decapsulate(std::span<const std::uint8_t, ciphertext_length> c) const;

 private:
  explicit DecapsulationKey(Secret<decapsulation_key_length> bytes) : bytes_(std::move(bytes)) {}
  Secret<decapsulation_key_length> bytes_;
};

struct Encapsulated {
  SharedKey shared_key;
  Ciphertext ciphertext;
};
/// ML-KEM.Encaps_internal(ek, m) (FIPS 203, Algorithm 17).
Encapsulated encaps_internal(const EncapsulationKey& ek, Seed m);

}  // namespace padlock::crypto::mlkem768

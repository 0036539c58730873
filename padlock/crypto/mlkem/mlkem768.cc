#include "padlock/crypto/mlkem/mlkem768.h"

#include <algorithm>

#include "padlock/base/memcheck.h"
#include "padlock/crypto/constant_time.h"
#include "padlock/crypto/mlkem/k_pke.h"
#include "padlock/crypto/mlkem/symmetric.h"

namespace padlock::crypto::mlkem768 {
namespace {

static_assert(encapsulation_key_length == mlkem::encryption_key_length);
static_assert(ciphertext_length == mlkem::ciphertext_length);

/// dk = dk_PKE || ek || H(ek) || z, written or read.
template <class Byte>
struct Parts {
  explicit Parts(std::span<Byte, decapsulation_key_length> dk)
      : dk_pke(dk.template first<mlkem::vector_length>()),
        ek(dk.template subspan<mlkem::vector_length, encapsulation_key_length>()),
        ek_hash(dk.template subspan<mlkem::vector_length + encapsulation_key_length, 32>()),
        z(dk.template last<32>()) {}
  std::span<Byte, mlkem::vector_length> dk_pke;
  std::span<Byte, encapsulation_key_length> ek;
  std::span<Byte, 32> ek_hash;
  std::span<Byte, 32> z;
};

Parts<const std::uint8_t> parts_of(const Secret<decapsulation_key_length>& dk) {
  return Parts(dk.reveal().first<decapsulation_key_length>());
}

/// 0xff if all bytes are equal, else 0, without a branch: the answer stays secret.
std::uint8_t equality_mask(std::span<const std::uint8_t, ciphertext_length> a,
                           std::span<const std::uint8_t, ciphertext_length> b) {
  unsigned difference = 0;
  for (std::size_t i = 0; i < ciphertext_length; ++i) difference |= unsigned{a[i]} ^ b[i];
  return static_cast<std::uint8_t>((hidden(difference) - 1) >> 8);
}

}  // namespace

std::optional<EncapsulationKey> EncapsulationKey::from_bytes(Bytes bytes) {
  if (bytes.size() != encapsulation_key_length) return std::nullopt;
  if (!mlkem::passes_modulus_check(bytes.first<encapsulation_key_length>())) return std::nullopt;
  EncapsulationKey key;
  copy_bytes(bytes, key.bytes_);
  return key;
}

DecapsulationKey DecapsulationKey::keygen_internal(Seed d, Seed z) {
  return DecapsulationKey(
      Secret<decapsulation_key_length>::made(decapsulation_key_length, [&](std::span<std::uint8_t> room) {
        const Parts dk(room.first<decapsulation_key_length>());
        mlkem::k_pke_keygen(d, dk.ek, dk.dk_pke);
        mlkem::hash_h(dk.ek, dk.ek_hash);
        copy_bytes(z, dk.z);
      }));
}

std::optional<DecapsulationKey> DecapsulationKey::from_bytes(Bytes bytes) {
  if (bytes.size() != decapsulation_key_length) return std::nullopt;
  const Parts dk(bytes.first<decapsulation_key_length>());
  std::array<std::uint8_t, 32> hash;
  mlkem::hash_h(dk.ek, hash);
  if (!equal_constant_time(hash, dk.ek_hash)) return std::nullopt;
  return DecapsulationKey(Secret<decapsulation_key_length>(bytes));
}

EncapsulationKey DecapsulationKey::encapsulation_key() const {
  EncapsulationKey key;
  copy_bytes(parts_of(bytes_).ek, key.bytes_);
  mark_public(key.bytes_);
  return key;
}

SharedKey DecapsulationKey::decapsulate(std::span<const std::uint8_t, ciphertext_length> c) const {
  const auto dk = parts_of(bytes_);
  mark_public(dk.ek);
  Wiped<std::array<std::uint8_t, 32>> m;
  mlkem::k_pke_decrypt(dk.dk_pke, c, m);
  Wiped<std::array<std::uint8_t, 32>> r;
  Wiped<std::array<std::uint8_t, 32>> rejection;  // K-bar of Algorithm 18
  return SharedKey::made(shared_key_length, [&](std::span<std::uint8_t> shared_key) {
    mlkem::hash_g(m, dk.ek_hash, shared_key.first<32>(), r);
    mlkem::hash_j(dk.z, c, rejection);
    Wiped<Ciphertext> again;
    mlkem::k_pke_encrypt(dk.ek, m, r, again);
    const std::uint8_t equal = equality_mask(c, again);
    for (std::size_t i = 0; i < shared_key_length; ++i) {
      const unsigned difference = unsigned{shared_key[i]} ^ rejection[i];
      shared_key[i] = static_cast<std::uint8_t>(rejection[i] ^ (difference & equal));
    }
  });
}

Encapsulated encaps_internal(const EncapsulationKey& ek, Seed m) {
  std::array<std::uint8_t, 32> ek_hash;
  mlkem::hash_h(ek.bytes(), ek_hash);
  Wiped<std::array<std::uint8_t, 32>> r;
  Encapsulated made{SharedKey::made(shared_key_length,
                                    [&](std::span<std::uint8_t> shared_key) {
                                      mlkem::hash_g(m, ek_hash, shared_key.first<32>(), r);
                                    }),
                    {}};
  mlkem::k_pke_encrypt(ek.bytes(), m, r, made.ciphertext);
  mark_public(made.ciphertext);
  return made;
}

}  // namespace padlock::crypto::mlkem768

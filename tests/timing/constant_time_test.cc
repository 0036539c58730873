// Run under valgrind's memcheck (tools/memcheck.py), each branch and each index that depends on bytes marked secret is
// a report. What valgrind cannot run, it does not test: it hides AVX-512 from the program, so AEADs are libcrypto's
// here, and libipsec-mb's assembly is left to its authors; of our own code around it the comparison of tags is tested.
// libcrypto compares tags itself (CRYPTO_memcmp) and then branches on the answer, which cannot be marked public from
// outside: `open` on libcrypto is left out for that reason, as are its key agreement and signatures.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "padlock/base/memcheck.h"
#include "padlock/base/secret.h"
#include "padlock/crypto/aead_tag.h"
#include "padlock/crypto/hkdf.h"
#include "padlock/crypto/lanes/x25519.h"
#include "padlock/crypto/mlkem/keccak_f1600.h"
#include "padlock/crypto/mlkem/mlkem768.h"
#include "padlock/crypto/provider.h"

namespace padlock::crypto {
namespace {

std::vector<std::uint8_t> secret_bytes(std::size_t size, std::uint8_t first = 1) {
  std::vector<std::uint8_t> bytes(size);
  for (std::uint8_t& byte : bytes) byte = first++;
  mark_secret(bytes);
  return bytes;
}

template <class T>
std::string published(const T& bytes) {
  const Bytes view(bytes);
  mark_public(view);
  return to_hex(view);
}

TEST(EqualConstantTime, DoesNotBranchOnWhatItCompares) {
  const auto one = secret_bytes(32);
  const auto same = secret_bytes(32);
  auto other = secret_bytes(32);
  other.front() ^= 1;
  EXPECT_TRUE(equal_constant_time(one, same));
  EXPECT_FALSE(equal_constant_time(one, other));
}

TEST(AeadTag, IsComparedWithoutBranches) {
  auto record = secret_bytes(100);
  const auto tag = std::vector(record.end() - aead_tag_length, record.end());
  EXPECT_TRUE(accept_or_wipe(tag, record));
  const auto wrong = secret_bytes(aead_tag_length, 0);
  EXPECT_FALSE(accept_or_wipe(wrong, record));
  EXPECT_EQ(published(record), to_hex(std::vector<std::uint8_t>(100, 0)));
}

TEST(Hmac, DoesNotBranchOnKeyAndMessage) {
  for (const auto algorithm : {HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512}) {
    for (const std::size_t key_length : {32U, 48U, 200U}) {
      const Hmac hmac(algorithm, secret_bytes(key_length));
      for (const std::size_t size : {0U, 1U, 64U, 200U})
        EXPECT_EQ(published(hmac.mac(secret_bytes(size)).bytes()).size(), 2 * length_of(algorithm));
    }
  }
}

TEST(Hkdf, DoesNotBranchOnItsKeys) {
  for (const auto algorithm : {HashAlgorithm::sha256, HashAlgorithm::sha384}) {
    const auto key = hkdf_extract(algorithm, secret_bytes(length_of(algorithm)), secret_bytes(32, 9));
    std::vector<std::uint8_t> out(100);
    hkdf_expand(Hmac(algorithm, key.reveal()), as_bytes("label"), out);
    EXPECT_EQ(published(out).size(), 200U);
  }
}

TEST(Secret, MovesAndWipesWithoutLookingAtItsBytes) {
  Secret<32> secret(secret_bytes(32));
  const Secret<32> moved(std::move(secret));
  const Secret<32> copy = moved.duplicate();
  EXPECT_EQ(published(copy.reveal()), published(moved.reveal()));
}

TEST(Aead, SealsWithoutBranchingOnKeyAndPlaintext) {
  const auto provider = make_provider();
  for (const auto algorithm :
       {AeadAlgorithm::aes_128_gcm, AeadAlgorithm::aes_256_gcm, AeadAlgorithm::chacha20_poly1305}) {
    const auto aead = provider->make_aead(algorithm, secret_bytes(key_length_of(algorithm)));
    for (const std::size_t size : {0U, 1U, 16U, 300U}) {
      const auto plaintext = secret_bytes(size);
      const Bytes piece(plaintext);
      std::vector<std::uint8_t> out(size + aead_tag_length);
      aead->seal(std::vector<std::uint8_t>(aead_nonce_length, 3), as_bytes("header"), std::span(&piece, 1), out);
      EXPECT_EQ(published(out).size(), 2 * out.size());
    }
  }
}

std::array<std::uint8_t, 32> secret_seed(std::uint8_t first) {
  std::array<std::uint8_t, 32> seed;
  std::ranges::copy(secret_bytes(seed.size(), first), seed.begin());
  return seed;
}

TEST(MlKem768, DoesNotBranchOnSeedsMessageAndDecapsulationKey) {
  const auto dk = mlkem768::DecapsulationKey::keygen_internal(secret_seed(1), secret_seed(2));
  const auto ek = mlkem768::EncapsulationKey::from_bytes(dk.encapsulation_key().bytes());
  ASSERT_TRUE(ek);
  const auto made = mlkem768::encaps_internal(*ek, secret_seed(3));
  EXPECT_EQ(published(dk.decapsulate(made.ciphertext).reveal()), published(made.shared_key.reveal()));
  auto changed = made.ciphertext;
  changed.back() ^= 0x80;
  EXPECT_NE(published(dk.decapsulate(changed).reveal()), published(made.shared_key.reveal()));
}

TEST(MlKem768, DoesNotBranchOnADecapsulationKeyThatIsRead) {
  const std::array<std::uint8_t, 32> seed{};
  const auto given = mlkem768::DecapsulationKey::keygen_internal(seed, seed);
  const auto made = mlkem768::encaps_internal(given.encapsulation_key(), seed);
  std::vector bytes(given.secret().reveal().begin(), given.secret().reveal().end());
  mark_secret(bytes);
  const auto dk = mlkem768::DecapsulationKey::from_bytes(bytes);
  ASSERT_TRUE(dk);
  EXPECT_EQ(published(dk->decapsulate(made.ciphertext).reveal()), to_hex(made.shared_key.reveal()));
}

/// Of the source that AVX-512 runs too, built for any CPU.
TEST(LanesOfX25519, DoNotBranchOnScalarsAndPoints) {
  const auto scalars = std::array{secret_seed(1), secret_seed(2)};
  const auto points = std::array{secret_seed(3), secret_seed(4)};
  std::array<std::array<std::uint8_t, 32>, 2> results{};
  const std::array wanted{lanes::X25519{scalars[0], points[0], results[0]},
                          lanes::X25519{scalars[1], points[1], results[1]}};
  lanes::x25519(wanted, lanes::x25519_portable);
  EXPECT_NE(published(results[0]), published(results[1]));
}

TEST(Keccak, DoesNotBranchInAnyVersion) {
  for (const auto& version : mlkem::keccak_versions()) {
    if (!version.usable) continue;
    mlkem::KeccakState state{};
    state.front() = secret_bytes(1).front();
    version.permute(state);
    mlkem::KeccakStateX4 states{};
    states.lanes.front().front() = secret_bytes(1).front();
    version.permute_x4(states);
  }
}

// These leak on purpose: memcheck.py fails if they go unreported.

TEST(Planted, EarlyExitIsReported) {
  const auto one = secret_bytes(32);
  const auto other = secret_bytes(32);
  EXPECT_TRUE(std::ranges::equal(one, other));
}

TEST(Planted, SecretIndexIsReported) {
  std::vector<std::uint8_t> table(256);
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<std::uint8_t>(255 - i);
  const auto index = secret_bytes(1);
  const std::array<std::uint8_t, 1> value{table[index.front()]};
  EXPECT_EQ(published(value), "fe");
}

/// What ML-KEM would leak if it told a wrong ciphertext from a good one by a branch.
TEST(Planted, RejectionByABranchIsReported) {
  const auto dk = mlkem768::DecapsulationKey::keygen_internal(secret_seed(1), secret_seed(2));
  const auto made = mlkem768::encaps_internal(dk.encapsulation_key(), secret_seed(3));
  const auto key = dk.decapsulate(made.ciphertext);
  EXPECT_TRUE(std::ranges::equal(key.reveal(), made.shared_key.reveal()));
}

}  // namespace
}  // namespace padlock::crypto

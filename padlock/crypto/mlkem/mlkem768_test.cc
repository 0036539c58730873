#include "padlock/crypto/mlkem/mlkem768.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace padlock::crypto::mlkem768 {
namespace {

using Seed32 = std::array<std::uint8_t, 32>;

Seed32 seed(std::mt19937& random) {
  Seed32 bytes;
  std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(random()); });
  return bytes;
}

TEST(MlKem768, BothSidesHaveTheSameKey) {
  std::mt19937 random(1);
  std::set<std::string> keys;
  for (int round = 0; round < 50; ++round) {
    const auto dk = DecapsulationKey::keygen_internal(seed(random), seed(random));
    const auto ek = EncapsulationKey::from_bytes(dk.encapsulation_key().bytes());
    ASSERT_TRUE(ek);
    const auto made = encaps_internal(*ek, seed(random));
    const std::string key = to_hex(made.shared_key.reveal());
    EXPECT_EQ(key, to_hex(dk.decapsulate(made.ciphertext).reveal()));
    EXPECT_TRUE(keys.insert(key).second);
  }
}

TEST(MlKem768, RejectsAnyFlippedBitImplicitly) {
  std::mt19937 random(2);
  const auto dk = DecapsulationKey::keygen_internal(seed(random), seed(random));
  const auto made = encaps_internal(dk.encapsulation_key(), seed(random));
  std::set<std::string> keys{to_hex(made.shared_key.reveal())};
  for (std::size_t bit = 0; bit < 8 * ciphertext_length; ++bit) {
    Ciphertext changed = made.ciphertext;
    changed.at(bit / 8) ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto key = dk.decapsulate(changed);
    ASSERT_EQ(key.size(), shared_key_length);
    ASSERT_TRUE(keys.insert(to_hex(key.reveal())).second) << "bit " << bit << " gives a key that was there before";
    ASSERT_EQ(to_hex(key.reveal()), to_hex(dk.decapsulate(changed).reveal()));
  }
}

TEST(MlKem768, ChangedDecapsulationKeysRejectImplicitlyToo) {
  std::mt19937 random(3);
  const auto dk = DecapsulationKey::keygen_internal(seed(random), seed(random));
  const auto made = encaps_internal(dk.encapsulation_key(), seed(random));
  const Bytes good = dk.secret().reveal();
  for (std::size_t place = 0; place < 1152; place += 13) {  // dk_PKE: no check covers it
    std::vector changed(good.begin(), good.end());
    changed[place] ^= 0x10;
    const auto other = DecapsulationKey::from_bytes(changed);
    ASSERT_TRUE(other);
    EXPECT_NE(to_hex(other->decapsulate(made.ciphertext).reveal()), to_hex(made.shared_key.reveal())) << place;
  }
}

TEST(EncapsulationKey, MustHaveItsLengthAndCoefficientsBelowQ) {
  std::mt19937 random(4);
  const auto ek = DecapsulationKey::keygen_internal(seed(random), seed(random)).encapsulation_key();
  const std::vector good(ek.bytes().begin(), ek.bytes().end());
  ASSERT_TRUE(EncapsulationKey::from_bytes(good));
  EXPECT_FALSE(EncapsulationKey::from_bytes({}));
  EXPECT_FALSE(EncapsulationKey::from_bytes(Bytes(good).first(1183)));
  auto longer = good;
  longer.push_back(0);
  EXPECT_FALSE(EncapsulationKey::from_bytes(longer));
  for (std::size_t i = 0; i < 768; ++i) {  // each coefficient at q - 1, q, and as large as 12 bits allow
    for (const unsigned value : {3328U, 3329U, 4095U}) {
      auto changed = good;
      std::uint8_t& first = changed[i / 2 * 3 + (i % 2)];
      std::uint8_t& second = changed[i / 2 * 3 + (i % 2) + 1];
      if (i % 2 == 0) {
        first = static_cast<std::uint8_t>(value);
        second = static_cast<std::uint8_t>((second & 0xf0U) | (value >> 8));
      } else {
        first = static_cast<std::uint8_t>((first & 0x0fU) | ((value & 15U) << 4));
        second = static_cast<std::uint8_t>(value >> 4);
      }
      ASSERT_EQ(EncapsulationKey::from_bytes(changed).has_value(), value < 3329) << i << " " << value;
    }
  }
  auto other_rho = good;
  other_rho.back() ^= 0xff;
  EXPECT_TRUE(EncapsulationKey::from_bytes(other_rho)) << "any rho is good";
}

TEST(DecapsulationKey, MustHaveItsLengthAndTheHashOfItsEncapsulationKey) {
  std::mt19937 random(5);
  const auto dk = DecapsulationKey::keygen_internal(seed(random), seed(random));
  const std::vector good(dk.secret().reveal().begin(), dk.secret().reveal().end());
  ASSERT_TRUE(DecapsulationKey::from_bytes(good));
  EXPECT_FALSE(DecapsulationKey::from_bytes({}));
  EXPECT_FALSE(DecapsulationKey::from_bytes(Bytes(good).first(2399)));
  auto longer = good;
  longer.push_back(0);
  EXPECT_FALSE(DecapsulationKey::from_bytes(longer));
  for (std::size_t place = 1152; place < 2400; ++place) {
    auto changed = good;
    changed[place] ^= 1;
    EXPECT_EQ(DecapsulationKey::from_bytes(changed).has_value(), place >= 2368) << place;  // z is free
  }
}

}  // namespace
}  // namespace padlock::crypto::mlkem768

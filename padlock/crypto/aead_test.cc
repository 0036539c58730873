#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>

#include "padlock/crypto/provider.h"

namespace padlock::crypto {
namespace {

constexpr std::array algorithms{AeadAlgorithm::aes_128_gcm, AeadAlgorithm::aes_256_gcm,
                                AeadAlgorithm::chacha20_poly1305};
constexpr std::array backends{AeadBackend::libcrypto, AeadBackend::fastest};

std::vector<std::uint8_t> hex(std::string_view text) { return *from_hex(text); }

std::string sealed(Aead& aead, Bytes nonce, Bytes additional_data, Bytes plaintext) {
  std::vector<std::uint8_t> out(plaintext.size() + aead_tag_length);
  aead.seal(nonce, additional_data, std::span(&plaintext, 1), out);
  return to_hex(out);
}

struct Published {
  AeadAlgorithm algorithm;
  std::string key, nonce, additional_data, plaintext, ciphertext;
};
const std::array published{
    // The Galois/Counter Mode of Operation (McGrew, Viega), appendix B, test cases 4 and 16.
    Published{AeadAlgorithm::aes_128_gcm, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
              "feedfacedeadbeeffeedfacedeadbeefabaddad2",
              "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5"
              "aa0de657"
              "ba637b39",
              "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b39"
              "6a0aac97"
              "3d58e0915bc94fbc3221a5db94fae95ae7121a47"},
    Published{AeadAlgorithm::aes_256_gcm, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
              "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
              "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5"
              "aa0de657"
              "ba637b39",
              "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e63"
              "93ba7a0a"
              "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
    // RFC 8439, section 2.8.2.
    Published{AeadAlgorithm::chacha20_poly1305, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
              "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
              "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c64"
              "206f6666"
              "657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c6420"
              "62652069"
              "742e",
              "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a"
              "9e060b29"
              "05d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d265"
              "86cec64b"
              "61161ae10b594f09e26a7e902ecbd0600691"}};

TEST(Aead, WithAnotherKeyIsAsIfItHadNeverHadTheFirst) {
  for (const auto backend : backends) {
    const auto provider = make_provider(backend);
    for (const auto& vector : published) {
      const auto aead =
          provider->make_aead(vector.algorithm, std::vector<std::uint8_t>(key_length_of(vector.algorithm), 0x5a));
      EXPECT_NE(sealed(*aead, hex(vector.nonce), hex(vector.additional_data), hex(vector.plaintext)),
                vector.ciphertext);
      aead->rekey(hex(vector.key));
      const auto out = sealed(*aead, hex(vector.nonce), hex(vector.additional_data), hex(vector.plaintext));
      EXPECT_EQ(out.substr(0, vector.ciphertext.size()), vector.ciphertext);
      auto record = hex(out);
      EXPECT_TRUE(aead->open(hex(vector.nonce), hex(vector.additional_data), record));
    }
  }
}

TEST(Aead, GivesThePublishedCiphertexts) {
  for (const auto backend : backends) {
    const auto provider = make_provider(backend);
    for (const auto& vector : published) {
      const auto aead = provider->make_aead(vector.algorithm, hex(vector.key));
      EXPECT_EQ(sealed(*aead, hex(vector.nonce), hex(vector.additional_data), hex(vector.plaintext)), vector.ciphertext)
          << name_of(vector.algorithm);
      auto bytes = hex(vector.ciphertext);
      ASSERT_TRUE(aead->open(hex(vector.nonce), hex(vector.additional_data), bytes));
      EXPECT_EQ(to_hex(std::span(bytes).first(bytes.size() - aead_tag_length)), vector.plaintext);
    }
  }
}

const std::vector<std::uint8_t> some_nonce(aead_nonce_length, 5);
const std::vector<std::uint8_t> some_header{23, 3, 3, 0, 64};

TEST(Aead, OpensWhatItSealedAndWipesWhatIsNotGenuine) {
  for (const auto backend : backends) {
    const auto provider = make_provider(backend);
    for (const auto algorithm : algorithms) {
      const auto aead = provider->make_aead(algorithm, std::vector<std::uint8_t>(key_length_of(algorithm), 7));
      const auto good =
          hex(sealed(*aead, some_nonce, some_header, as_bytes("forty-two bytes that nobody else may read")));
      for (std::size_t at = 0; at < good.size(); ++at) {
        auto bad = good;
        bad[at] ^= static_cast<std::uint8_t>(1U << at % 8);
        EXPECT_FALSE(aead->open(some_nonce, some_header, bad)) << name_of(algorithm) << " byte " << at;
        EXPECT_TRUE(std::ranges::all_of(bad, [](std::uint8_t byte) { return byte == 0; }));
      }
      auto wrong_header = good;
      EXPECT_FALSE(aead->open(some_nonce, Bytes(some_header).first(4), wrong_header));
      auto wrong_nonce = good;
      EXPECT_FALSE(aead->open(std::vector<std::uint8_t>(aead_nonce_length, 6), some_header, wrong_nonce));
      auto whole = good;
      EXPECT_TRUE(aead->open(some_nonce, some_header, whole)) << "failures before leave nothing behind";
    }
  }
}

TEST(Aead, RefusesAndWipesWhatIsShorterThanATag) {
  for (const auto backend : backends) {
    const auto provider = make_provider(backend);
    for (const auto algorithm : algorithms) {
      const auto aead = provider->make_aead(algorithm, std::vector<std::uint8_t>(key_length_of(algorithm), 7));
      for (std::size_t size = 0; size < aead_tag_length; ++size) {
        std::vector<std::uint8_t> bytes(size, 9);
        EXPECT_FALSE(aead->open(some_nonce, {}, bytes));
        EXPECT_EQ(bytes, std::vector<std::uint8_t>(size, 0));
      }
    }
  }
}

RC_GTEST_PROP(Aead, SealsPiecesAsIfTheyWereOneAndOneInPlace,
              (const std::vector<std::vector<std::uint8_t>>& pieces, const std::vector<std::uint8_t>& additional_data,
               std::uint8_t kind)) {
  const auto algorithm = algorithms.at(kind % 3);
  const std::vector<std::uint8_t> key(key_length_of(algorithm), kind);
  std::vector<std::uint8_t> whole;
  for (const auto& piece : pieces) whole.insert(whole.end(), piece.begin(), piece.end());
  const auto reference = make_provider(AeadBackend::libcrypto)->make_aead(algorithm, key);
  const std::string expected = sealed(*reference, some_nonce, additional_data, whole);
  for (const auto backend : backends) {
    const auto aead = make_provider(backend)->make_aead(algorithm, key);
    RC_ASSERT(sealed(*aead, some_nonce, additional_data, whole) == expected);

    const std::vector<Bytes> views(pieces.begin(), pieces.end());
    std::vector<std::uint8_t> gathered(whole.size() + aead_tag_length);
    aead->seal(some_nonce, additional_data, views, gathered);
    RC_ASSERT(to_hex(gathered) == expected);

    auto in_place = whole;
    in_place.resize(whole.size() + aead_tag_length);
    const Bytes only = Bytes(in_place).first(whole.size());
    aead->seal(some_nonce, additional_data, std::span(&only, 1), in_place);
    RC_ASSERT(to_hex(in_place) == expected);
    RC_ASSERT(aead->open(some_nonce, additional_data, in_place));
    RC_ASSERT(std::ranges::equal(std::span(in_place).first(whole.size()), whole));
  }
}

}  // namespace
}  // namespace padlock::crypto

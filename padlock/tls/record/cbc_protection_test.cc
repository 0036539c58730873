#include "padlock/tls/record/cbc_protection.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace padlock::tls {
namespace {

using crypto::HashAlgorithm;

constexpr std::array<std::uint8_t, 5> header = {23, 3, 3, 0, 0};
constexpr std::array<std::uint8_t, 32> key_bytes = {1, 2, 3};
constexpr std::array<std::uint8_t, 48> mac_bytes = {4, 5, 6};

struct Kind {
  CbcCipher cipher;
  bool encrypt_then_mac;
};
constexpr std::array ciphers = {CbcCipher{16, HashAlgorithm::sha1}, CbcCipher{32, HashAlgorithm::sha1},
                                CbcCipher{16, HashAlgorithm::sha256}, CbcCipher{32, HashAlgorithm::sha256},
                                CbcCipher{32, HashAlgorithm::sha384}};

TrafficKeys keys_of(const Kind& kind) {
  return {.key = Secret<32>(Bytes(key_bytes).first(kind.cipher.key_length)),
          .iv = {},
          .mac_key = Secret<48>(Bytes(mac_bytes).first(crypto::length_of(kind.cipher.mac))),
          .encrypt_then_mac = kind.encrypt_then_mac};
}
CbcProtection protection(const Kind& kind) { return {kind.cipher, keys_of(kind)}; }

std::vector<std::uint8_t> counted(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t at = 0; at < size; ++at) bytes[at] = static_cast<std::uint8_t>(at);
  return bytes;
}

std::vector<std::uint8_t> sealed(CbcProtection& by, std::uint64_t sequence, Bytes content) {
  std::vector<std::uint8_t> fragment(by.fragment_length(content.size()));
  by.seal(sequence, header, std::span(&content, 1), fragment);
  return fragment;
}

class CbcRecords : public testing::TestWithParam<Kind> {};

TEST_P(CbcRecords, OpenAsTheyWereSealed) {
  CbcProtection writer = protection(GetParam());
  CbcProtection reader = protection(GetParam());
  const auto content = counted(700);
  for (std::size_t size = 0; size <= content.size(); ++size) {
    const Bytes some = std::span(content).first(size);
    auto fragment = sealed(writer, size, some);
    EXPECT_EQ(fragment.size() % 16, GetParam().encrypt_then_mac ? crypto::length_of(GetParam().cipher.mac) % 16 : 0);
    const auto opened = reader.open(size, header, fragment);
    ASSERT_TRUE(opened) << size;
    ASSERT_EQ(to_hex(*opened), to_hex(some));
  }
}

TEST_P(CbcRecords, OpenFromPiecesAndFromWhereTheContentLiesAlready) {
  CbcProtection writer = protection(GetParam());
  CbcProtection reader = protection(GetParam());
  const auto content = counted(100);
  const std::array<Bytes, 3> pieces = {Bytes(content).first(1), Bytes(content).subspan(1, 60),
                                       Bytes(content).subspan(61)};
  std::vector<std::uint8_t> fragment(writer.fragment_length(content.size()));
  writer.seal(0, header, pieces, fragment);
  EXPECT_EQ(to_hex(reader.open(0, header, fragment).value()), to_hex(content));

  fragment.assign(writer.fragment_length(content.size()), 0);
  const auto place = std::span(fragment).subspan(CbcProtection::content_offset, content.size());
  copy_bytes(content, place);
  const Bytes in_place = place;
  writer.seal(1, header, std::span(&in_place, 1), fragment);
  EXPECT_EQ(to_hex(reader.open(1, header, fragment).value()), to_hex(content));
}

TEST_P(CbcRecords, AreRefusedWithAnyBitFlippedAnotherNumberOrTypeAndWiped) {
  CbcProtection writer = protection(GetParam());
  CbcProtection reader = protection(GetParam());
  const auto fragment = sealed(writer, 5, counted(40));
  for (std::size_t bit = 0; bit < fragment.size() * 8; ++bit) {
    auto damaged = fragment;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    ASSERT_FALSE(reader.open(5, header, damaged)) << bit;
    ASSERT_EQ(to_hex(damaged), std::string(2 * damaged.size(), '0'));
  }
  auto other = fragment;
  EXPECT_FALSE(reader.open(6, header, other));
  other = fragment;
  auto other_type = header;
  other_type[0] = 22;
  EXPECT_FALSE(reader.open(5, other_type, other));
}

TEST_P(CbcRecords, AreRefusedWithAnyOtherLength) {
  CbcProtection writer = protection(GetParam());
  CbcProtection reader = protection(GetParam());
  const auto fragment = sealed(writer, 0, counted(40));
  for (std::size_t size = 0; size < fragment.size() + 40; ++size) {
    auto cut = fragment;
    cut.resize(size);
    EXPECT_EQ(reader.open(0, header, cut).has_value(), size == fragment.size()) << size;
  }
}

/// RFC 5246, section 6.2.3.2: whoever knows one IV before it is used can test guesses (docs/threats.md, T20).
TEST_P(CbcRecords, HaveAnIvOfTheirOwn) {
  CbcProtection writer = protection(GetParam());
  std::set<std::string> ivs;
  for (std::uint64_t sequence = 0; sequence < 1000; ++sequence) {
    const auto fragment = sealed(writer, sequence, counted(1));
    ivs.insert(to_hex(Bytes(fragment).first(16)));
  }
  EXPECT_EQ(ivs.size(), 1000U);
}

std::vector<Kind> all_kinds() {
  std::vector<Kind> kinds;
  for (const CbcCipher& cipher : ciphers) {
    kinds.push_back({cipher, false});
    kinds.push_back({cipher, true});
  }
  return kinds;
}
std::string name_of_kind(const testing::TestParamInfo<Kind>& kind) {
  return "Aes" + std::to_string(kind.param.cipher.key_length * 8) + std::string(name_of(kind.param.cipher.mac)) +
         (kind.param.encrypt_then_mac ? "EncryptThenMac" : "MacThenEncrypt");
}
INSTANTIATE_TEST_SUITE_P(Kinds, CbcRecords, testing::ValuesIn(all_kinds()), name_of_kind);

// ---- what a peer can put into a block

/// A MAC-then-encrypt fragment around any plaintext.
std::vector<std::uint8_t> encrypted(const Kind& kind, Bytes plaintext) {
  std::vector<std::uint8_t> fragment(16, 0x77);
  fragment.insert(fragment.end(), plaintext.begin(), plaintext.end());
  crypto::AesCbc cipher(Bytes(key_bytes).first(kind.cipher.key_length));
  cipher.encrypt(Bytes(fragment).first(16), std::span(fragment).subspan(16));
  return fragment;
}
std::vector<std::uint8_t> with_mac(const Kind& kind, Bytes content, std::uint64_t sequence = 0) {
  std::vector<std::uint8_t> mac_over(8, 0);
  mac_over.back() = static_cast<std::uint8_t>(sequence);
  mac_over.insert(mac_over.end(), header.begin(), std::next(header.begin(), 3));
  mac_over.push_back(static_cast<std::uint8_t>(content.size() >> 8));
  mac_over.push_back(static_cast<std::uint8_t>(content.size()));
  const crypto::Hmac key(kind.cipher.mac, Bytes(mac_bytes).first(crypto::length_of(kind.cipher.mac)));
  std::vector<std::uint8_t> bytes(content.begin(), content.end());
  const auto mac = key.mac(std::array{Bytes(mac_over), content});
  bytes.insert(bytes.end(), mac.bytes().begin(), mac.bytes().end());
  return bytes;
}

/// Any padding that RFC 5246 allows, not the shortest alone: up to 255 bytes.
TEST(CbcPadding, MayBeLongerThanItMust) {
  for (const CbcCipher& cipher : ciphers) {
    const Kind kind{cipher, false};
    for (const std::size_t size : {0U, 1U, 13U, 300U}) {
      const auto content = counted(size);
      const auto body = with_mac(kind, content);
      for (std::size_t padding = 0; padding < 256; ++padding) {
        auto plaintext = body;
        plaintext.insert(plaintext.end(), padding + 1, static_cast<std::uint8_t>(padding));
        if (plaintext.size() % 16 != 0) continue;
        auto fragment = encrypted(kind, plaintext);
        const auto opened = protection(kind).open(0, header, fragment);
        ASSERT_TRUE(opened) << size << " with " << padding;
        ASSERT_EQ(to_hex(*opened), to_hex(content));
      }
    }
  }
}

/// docs/threats.md, T20: 512 shapes of a wrong padding or a wrong MAC get one answer: none.
TEST(CbcPadding, GetsOneAnswerHoweverItIsWrong) {
  const Kind kind{{16, HashAlgorithm::sha1}, false};
  const auto content = counted(300);
  std::size_t shapes = 0;
  for (std::size_t said = 0; said < 256; ++said) {
    // A good MAC, then a padding one byte of which is not what the last one says.
    auto body = with_mac(kind, Bytes(content).first(299 - (299 + 20 + said + 1) % 16));
    auto plaintext = body;
    plaintext.insert(plaintext.end(), said + 1, static_cast<std::uint8_t>(said));
    auto wrong = plaintext;
    wrong[wrong.size() - 1 - said / 2] ^= 0x80;
    auto fragment = encrypted(kind, wrong);
    EXPECT_FALSE(protection(kind).open(0, header, fragment)) << said;
    ++shapes;
    // A good padding behind a MAC that is not.
    wrong = plaintext;
    wrong[wrong.size() - 1 - said - 1] ^= 0x01;
    fragment = encrypted(kind, wrong);
    EXPECT_FALSE(protection(kind).open(0, header, fragment)) << said;
    ++shapes;
  }
  EXPECT_EQ(shapes, 512U);
}

/// A padding that leaves no room for a MAC.
TEST(CbcPadding, CannotBeLongerThanTheRecord) {
  const Kind kind{{16, HashAlgorithm::sha1}, false};
  for (const std::size_t size : {32U, 48U, 64U, 256U, 272U}) {
    auto fragment = encrypted(kind, std::vector<std::uint8_t>(size, static_cast<std::uint8_t>(size - 1)));
    EXPECT_FALSE(protection(kind).open(0, header, fragment)) << size;
    fragment = encrypted(kind, std::vector<std::uint8_t>(size, 0xff));
    EXPECT_FALSE(protection(kind).open(0, header, fragment)) << size;
  }
}

}  // namespace
}  // namespace padlock::tls

// What the policy `legacy` does with secrets, under memcheck as constant_time_test.cc has it: static RSA's padding, the
// secret of a finite field, and CBC's padding and MAC (docs/threats.md, T4, T20, T21, T32).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "padlock/base/memcheck.h"
#include "padlock/crypto/finite_field.h"
#include "padlock/tls/record/cbc_protection.h"
#include "padlock/tls/schedule/key_schedule12.h"
#include "padlock/tls/schedule/pre_master_secret.h"

namespace padlock::tls {
namespace {

using crypto::HashAlgorithm;

std::string published(Bytes bytes) {
  mark_public(bytes);
  return to_hex(bytes);
}

/// A block of static RSA: good, or with one byte changed.
std::vector<std::uint8_t> rsa_block(std::size_t changed = SIZE_MAX) {
  std::vector<std::uint8_t> block(256, 0x5a);
  block[0] = 0;
  block[1] = 2;
  block[256 - 49] = 0;
  block[256 - 48] = 3;
  block[256 - 47] = 3;
  if (changed < block.size()) block[changed] = block[changed] == 0 ? 1 : 0;
  mark_secret(block);
  return block;
}

TEST(StaticRsa, IsUnpaddedWithoutBranches) {
  std::array<std::uint8_t, 48> random{7};
  mark_secret(random);
  const crypto::SharedSecret substitute(random);
  const auto good = tls12::unpad_pre_master_secret(rsa_block(), 0x0303, substitute);
  EXPECT_TRUE(published(good.reveal()).starts_with("03035a"));
  for (const std::size_t changed : {0U, 1U, 2U, 100U, 206U, 207U, 208U, 209U}) {
    const auto bad = tls12::unpad_pre_master_secret(rsa_block(changed), 0x0303, substitute);
    EXPECT_TRUE(published(bad.reveal()).starts_with("070000")) << changed;
  }
}

TEST(FiniteField, SecretLosesItsZerosWithoutBranches) {
  for (const HashAlgorithm hash : {HashAlgorithm::sha256, HashAlgorithm::sha384}) {
    std::vector<std::string> keys;
    for (const std::size_t zeros : {0U, 1U, 9U, 40U}) {
      std::vector<std::uint8_t> secret(256, 0x33);
      std::fill_n(secret.begin(), zeros, std::uint8_t{0});
      mark_secret(secret);
      keys.push_back(published(crypto::prf_key_of(hash, secret)));
    }
    std::ranges::sort(keys);
    EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
  }
}

TEST(KeySchedule12, DoesNotBranchOnThePreMasterSecret) {
  for (const CipherSuite suite : cipher_suites_of(ProtocolVersion::TLS_1_2, Policy::legacy)) {
    std::array<std::uint8_t, 48> pre_master_secret{3, 3, 9};
    mark_secret(pre_master_secret);
    const HashAlgorithm hash = hash_of(suite);
    const std::vector<std::uint8_t> session_hash(crypto::length_of(hash), 8);
    const auto bound = tls12::extended_master_secret(hash, pre_master_secret, session_hash);
    const auto plain = tls12::master_secret(hash, pre_master_secret, {}, {});
    const auto keys = tls12::expand_keys(suite, bound, {}, {});
    EXPECT_NE(published(bound.reveal()), published(plain.reveal()));
    EXPECT_NE(published(keys.client.key.reveal()), published(keys.server.key.reveal()));
  }
}

// ---- CBC

constexpr std::array<std::uint8_t, 5> header = {23, 3, 3, 0, 0};

struct Kind {
  CbcCipher cipher;
  bool encrypt_then_mac;
};

/// `secret`: memcheck watches them.
TrafficKeys keys_of(const Kind& kind, bool secret) {
  std::vector<std::uint8_t> key(kind.cipher.key_length, 1);
  std::vector<std::uint8_t> mac_key(crypto::length_of(kind.cipher.mac), 2);
  if (secret) {
    mark_secret(key);
    mark_secret(mac_key);
  }
  return {.key = Secret<32>(key), .iv = {}, .mac_key = Secret<48>(mac_key), .encrypt_then_mac = kind.encrypt_then_mac};
}

constexpr std::array ciphers = {CbcCipher{16, HashAlgorithm::sha1}, CbcCipher{32, HashAlgorithm::sha256},
                                CbcCipher{32, HashAlgorithm::sha384}};

/// A fragment that holds this plaintext, padding and all.
std::vector<std::uint8_t> around(const Kind& kind, std::vector<std::uint8_t> plaintext) {
  std::vector<std::uint8_t> fragment(16, 9);
  fragment.insert(fragment.end(), plaintext.begin(), plaintext.end());
  crypto::AesCbc cipher(keys_of(kind, false).key.reveal());
  cipher.encrypt(Bytes(fragment).first(16), std::span(fragment).subspan(16));
  return fragment;
}

TEST(Cbc, SealsAndOpensWithoutBranchingOnKeysPaddingAndMac) {
  for (const CbcCipher& cipher : ciphers) {
    for (const bool encrypt_then_mac : {false, true}) {
      const Kind kind{cipher, encrypt_then_mac};
      for (const std::size_t size : {0U, 1U, 16U, 300U}) {
        CbcProtection writer(cipher, keys_of(kind, true));
        std::vector<std::uint8_t> content(size, 0x41);
        mark_secret(content);
        const Bytes piece(content);
        std::vector<std::uint8_t> fragment(writer.fragment_length(size));
        writer.seal(1, header, std::span(&piece, 1), fragment);
        mark_public(fragment);
        CbcProtection reader(cipher, keys_of(kind, true));
        const auto opened = reader.open(1, header, fragment);
        ASSERT_TRUE(opened.has_value());
        EXPECT_EQ(published(*opened), published(content));
      }
    }
  }
}

TEST(Cbc, RefusesWithoutBranchingOnWhatIsWrong) {
  for (const CbcCipher& cipher : ciphers) {
    const Kind kind{cipher, false};
    for (const std::uint8_t said : std::array<std::uint8_t, 6>{0, 1, 15, 16, 200, 255}) {
      std::vector<std::uint8_t> plaintext(320, 0x41);
      plaintext.back() = said;
      auto fragment = around(kind, plaintext);
      EXPECT_FALSE(CbcProtection(cipher, keys_of(kind, true)).open(0, header, fragment));
      std::ranges::fill(plaintext, said);
      fragment = around(kind, plaintext);
      EXPECT_FALSE(CbcProtection(cipher, keys_of(kind, true)).open(0, header, fragment));
    }
  }
}

// They leak on purpose: memcheck.py fails if they go unreported.

TEST(Planted, RsaPaddingThatIsToldIsReported) {
  const auto block = rsa_block();
  EXPECT_EQ(std::ranges::find(block, std::uint8_t{2}) - block.begin(), 1);
}

TEST(Planted, CbcPaddingCheckedByteByByteIsReported) {
  std::vector<std::uint8_t> plaintext(32, 3);
  mark_secret(plaintext);
  std::size_t padding = 0;
  while (padding < plaintext.size() && plaintext[plaintext.size() - 1 - padding] == 3) ++padding;
  EXPECT_EQ(padding, 32U);
}

}  // namespace
}  // namespace padlock::tls

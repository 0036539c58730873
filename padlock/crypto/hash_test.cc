#include "padlock/crypto/hash.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace padlock::crypto {
namespace {

std::string sha(HashAlgorithm algorithm, std::string_view text) { return to_hex(hash_of(algorithm, as_bytes(text))); }

TEST(Hash, GivesTheExamplesOfFips180) {
  EXPECT_EQ(sha(HashAlgorithm::sha256, "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha(HashAlgorithm::sha256, ""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha(HashAlgorithm::sha384, "abc"),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(
      sha(HashAlgorithm::sha512, "abc"),
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce8"
      "0e2a9ac94fa54ca49f");
}

TEST(Hash, HasSha1ForMacs) { EXPECT_EQ(sha(HashAlgorithm::sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d"); }

TEST(Hash, GoesOnAfterADigestAndInEachOfItsCopies) {
  for (const auto algorithm :
       {HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512, HashAlgorithm::sha1}) {
    Hash hash(algorithm);
    hash.update(as_bytes("transcript so far"));
    const Digest before = hash.digest();
    EXPECT_EQ(before.bytes().size(), length_of(algorithm));
    Hash fork = hash;
    fork.update(as_bytes(" and more"));
    EXPECT_EQ(to_hex(hash.digest()), to_hex(before));
    EXPECT_EQ(to_hex(fork.digest()), sha(algorithm, "transcript so far and more"));
    EXPECT_EQ(fork.algorithm(), algorithm);
    EXPECT_EQ(to_hex(fork.finish()), sha(algorithm, "transcript so far and more"));
    fork = hash;
    EXPECT_EQ(to_hex(fork.finish()), to_hex(before));
  }
}

RC_GTEST_PROP(Hash, DoesNotDependOnHowTheBytesAreCut,
              (const std::vector<std::vector<std::uint8_t>>& pieces, std::uint8_t kind)) {
  const auto algorithm = static_cast<HashAlgorithm>(kind % 4);
  Hash hash(algorithm);
  std::vector<std::uint8_t> whole;
  for (const auto& piece : pieces) {
    hash.update(piece);
    whole.insert(whole.end(), piece.begin(), piece.end());
  }
  RC_ASSERT(to_hex(hash.digest()) == to_hex(hash_of(algorithm, whole)));
}

TEST(Names, AreTheRegistrys) {
  EXPECT_EQ(name_of(HashAlgorithm::sha384), "SHA384");
  EXPECT_EQ(name_of(AeadAlgorithm::chacha20_poly1305), "CHACHA20_POLY1305");
  EXPECT_EQ(name_of(NamedGroup::x25519), "x25519");
  EXPECT_EQ(name_of(SignatureScheme::rsa_pss_rsae_sha256), "rsa_pss_rsae_sha256");
  EXPECT_EQ(name_of(static_cast<NamedGroup>(0)), "unknown");
  EXPECT_EQ(name_of(static_cast<SignatureScheme>(0)), "unknown");
  EXPECT_EQ(name_of(static_cast<AeadAlgorithm>(9)), "unknown");
  EXPECT_EQ(name_of(static_cast<HashAlgorithm>(9)), "unknown");
}

}  // namespace
}  // namespace padlock::crypto

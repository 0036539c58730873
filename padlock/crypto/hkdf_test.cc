#include "padlock/crypto/hkdf.h"

#include <gtest/gtest.h>

#include <vector>

namespace padlock::crypto {
namespace {

std::vector<std::uint8_t> repeated(std::uint8_t byte, std::size_t count) {
  return std::vector<std::uint8_t>(count, byte);
}
std::vector<std::uint8_t> counting(std::uint8_t first, std::uint8_t last) {
  std::vector<std::uint8_t> bytes;
  for (unsigned byte = first; byte <= last; ++byte) bytes.push_back(static_cast<std::uint8_t>(byte));
  return bytes;
}
std::string expanded(const HashSecret& prk, Bytes info, std::size_t length) {
  std::vector<std::uint8_t> out(length);
  hkdf_expand(Hmac(HashAlgorithm::sha256, prk.reveal()), info, out);
  return to_hex(out);
}

TEST(Hmac, GivesTheTestCasesOfRfc4231) {
  const auto hi = as_bytes("Hi There");
  EXPECT_EQ(to_hex(Hmac(HashAlgorithm::sha256, repeated(0x0b, 20)).mac(hi)),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(Hmac(HashAlgorithm::sha384, repeated(0x0b, 20)).mac(hi)),
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6");
  EXPECT_EQ(
      to_hex(Hmac(HashAlgorithm::sha512, repeated(0x0b, 20)).mac(hi)),
      "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1"
      "702e696c203a126854");
}

TEST(Hmac, HashesAKeyLongerThanABlockFirst) {  // RFC 4231, section 4.7
  const auto text = as_bytes("Test Using Larger Than Block-Size Key - Hash Key First");
  EXPECT_EQ(to_hex(Hmac(HashAlgorithm::sha256, repeated(0xaa, 131)).mac(text)),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(to_hex(Hmac(HashAlgorithm::sha384, repeated(0xaa, 131)).mac(text)),
            "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952");
}

TEST(Hmac, TakesItsMessageInPiecesAndMoreThanOnce) {
  const Hmac hmac(HashAlgorithm::sha256, as_bytes("Jefe"));  // RFC 4231, section 4.3
  const std::string expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  const std::array pieces{as_bytes("what do ya want "), Bytes(), as_bytes("for nothing?")};
  EXPECT_EQ(to_hex(hmac.mac(pieces)), expected);
  EXPECT_EQ(to_hex(hmac.mac(as_bytes("what do ya want for nothing?"))), expected);
}

TEST(Hkdf, GivesTheTestCasesOfRfc5869AppendixA) {
  const auto one = hkdf_extract(HashAlgorithm::sha256, counting(0x00, 0x0c), repeated(0x0b, 22));
  EXPECT_EQ(to_hex(one.reveal()), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  EXPECT_EQ(expanded(one, counting(0xf0, 0xf9), 42),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  const auto two = hkdf_extract(HashAlgorithm::sha256, counting(0x60, 0xaf), counting(0x00, 0x4f));
  EXPECT_EQ(
      expanded(two, counting(0xb0, 0xff), 82),
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09"
      "b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  const auto three = hkdf_extract(HashAlgorithm::sha256, {}, repeated(0x0b, 22));
  EXPECT_EQ(expanded(three, {}, 42),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, ExtractsWithZerosWhereThereIsNoSalt) {
  for (const auto algorithm : {HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512}) {
    const auto zeros = repeated(0, length_of(algorithm));
    const auto without = hkdf_extract(algorithm, {}, as_bytes("ikm"));
    EXPECT_EQ(to_hex(without.reveal()), to_hex(hkdf_extract(algorithm, zeros, as_bytes("ikm")).reveal()));
    EXPECT_EQ(without.size(), length_of(algorithm));
  }
}

TEST(Hkdf, ExpandsUpTo255Blocks) {
  std::vector<std::uint8_t> longest(255UL * 32);
  std::vector<std::uint8_t> shorter(longest.size() - 1);
  const Hmac key(HashAlgorithm::sha256, as_bytes("pseudorandom key"));
  hkdf_expand(key, {}, longest);
  hkdf_expand(key, {}, shorter);
  EXPECT_TRUE(std::ranges::equal(shorter, std::span(longest).first(shorter.size())));
  EXPECT_NE(to_hex(std::span(longest).last(32)), to_hex(repeated(0, 32)));
}

}  // namespace
}  // namespace padlock::crypto

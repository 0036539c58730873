#include "padlock/crypto/aes_cbc.h"

#include <gtest/gtest.h>

#include "padlock/base/text.h"

namespace padlock::crypto {
namespace {

std::vector<std::uint8_t> hex(std::string_view text) { return *padlock::from_hex(text); }

struct Example {
  std::string_view key;
  std::string_view ciphertext;
};

/// NIST SP 800-38A, appendix F.2: CBC-AES128 and CBC-AES256 of the same four blocks under the same IV.
class AesCbcExamples : public testing::TestWithParam<Example> {};

TEST_P(AesCbcExamples, AreThoseOfSp80038a) {
  const auto iv = hex("000102030405060708090a0b0c0d0e0f");
  const auto plaintext =
      hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
          "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
  auto blocks = plaintext;
  AesCbc cbc(hex(GetParam().key));
  cbc.encrypt(iv, blocks);
  EXPECT_EQ(to_hex(blocks), GetParam().ciphertext);
  cbc.decrypt(iv, blocks);
  EXPECT_EQ(to_hex(blocks), to_hex(plaintext));
  cbc.encrypt(iv, blocks);
  EXPECT_EQ(to_hex(blocks), GetParam().ciphertext) << "each call begins anew";
}

INSTANTIATE_TEST_SUITE_P(KeyLengths, AesCbcExamples,
                         testing::Values(Example{"2b7e151628aed2a6abf7158809cf4f3c",
                                                 "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
                                                 "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"},
                                         Example{"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
                                                 "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
                                                 "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"}));

}  // namespace
}  // namespace padlock::crypto

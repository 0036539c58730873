#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "padlock/crypto/limits.h"
#include "padlock/crypto/provider.h"

namespace padlock::crypto {
namespace {

using enum SignatureScheme;

std::vector<std::uint8_t> file(const std::string& name) {
  std::ifstream in("padlock/crypto/testdata/" + name + ".der", std::ios::binary);
  EXPECT_TRUE(in) << name;
  std::vector<std::uint8_t> bytes;
  std::transform(std::istreambuf_iterator<char>(in), {}, std::back_inserter(bytes),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return bytes;
}

struct Readable {
  std::string name;
  std::vector<SignatureScheme> schemes;
};
const std::vector<SignatureScheme> rsa_schemes{rsa_pss_rsae_sha256, rsa_pss_rsae_sha384, rsa_pss_rsae_sha512,
                                               rsa_pkcs1_sha256,    rsa_pkcs1_sha384,    rsa_pkcs1_sha512};
const std::array readable{Readable{"p256_pkcs8", {ecdsa_secp256r1_sha256}},
                          Readable{"p256_sec1", {ecdsa_secp256r1_sha256}},
                          Readable{"p256_sec1_without_public", {ecdsa_secp256r1_sha256}},
                          Readable{"p521_sec1", {ecdsa_secp521r1_sha512}},
                          Readable{"ed25519_pkcs8", {ed25519}},
                          Readable{"rsa_pkcs8", rsa_schemes},
                          Readable{"rsa_pkcs1", rsa_schemes},
                          Readable{"rsa_pss", {rsa_pss_pss_sha256, rsa_pss_pss_sha384, rsa_pss_pss_sha512}},
                          Readable{"rsa_pss_sha384", {rsa_pss_pss_sha384}}};

TEST(PrivateKeyFile, IsReadInEveryFormThatUsersBring) {
  const auto provider = make_provider();
  for (const auto& [name, schemes] : readable) {
    const auto key = provider->load_private_key(file(name));
    ASSERT_TRUE(key) << name << ": " << key.error().to_string();
    EXPECT_TRUE(std::ranges::equal((*key)->schemes(), schemes)) << name;
    for (const auto scheme : schemes) {
      const auto signature = (*key)->sign(scheme, as_bytes("message"));
      ASSERT_TRUE(signature) << name << " " << name_of(scheme);
      EXPECT_TRUE((*key)->public_key().verify(scheme, as_bytes("message"), *signature)) << name;
    }
  }
}

TEST(PrivateKeyFile, HasTheSamePublicHalfInEachForm) {
  const auto provider = make_provider();
  const auto point = [&](const std::string& name) {
    const auto key = provider->load_private_key(file(name));
    return to_hex(std::get<EcPublicKey>((*key)->public_key().parts()).point);
  };
  EXPECT_EQ(point("p256_pkcs8"), point("p256_sec1"));
  EXPECT_EQ(point("p256_pkcs8"), point("p256_sec1_without_public"));
}

std::string refusal(Bytes der) {
  const auto key = make_provider()->load_private_key(der);
  if (key) return "was read";
  EXPECT_EQ(key.error().rule, &rules::unreadable_private_key);
  return key.error().what;
}

TEST(PrivateKeyFile, IsRefusedWithItsReason) {
  EXPECT_EQ(refusal(file("bad_p256_explicit")), "its curve is not P-256, P-384 or P-521 by name");
  EXPECT_EQ(refusal(file("bad_secp256k1")), "its curve is not P-256, P-384 or P-521 by name");
  EXPECT_EQ(refusal(file("bad_x25519")), "its type is not RSA, ECDSA or Ed25519");
  EXPECT_EQ(refusal(file("bad_rsa_1024")), "an RSA modulus of 1024 bits");
  EXPECT_EQ(refusal(file("bad_encrypted")), "not the DER of an unencrypted private key");
  EXPECT_EQ(refusal({}), "not the DER of an unencrypted private key");
  EXPECT_EQ(refusal(as_bytes("-----BEGIN PRIVATE KEY-----")), "not the DER of an unencrypted private key");
}

TEST(PrivateKeyFile, MustNotBeLongerThanItsContentNorThanTheLimit) {
  auto longer = file("p256_pkcs8");
  longer.push_back(0);
  EXPECT_EQ(refusal(longer), "bytes follow the private key");
  auto padded = file("p256_pkcs8");
  padded.resize(limits::private_key_der_bytes);
  EXPECT_EQ(refusal(padded), "bytes follow the private key") << "at the limit it is still read";
  padded.push_back(0);
  EXPECT_EQ(refusal(padded), "16385 bytes are more than a private key has");
}

TEST(PrivateKeyFile, IsRefusedIfItsHalvesDoNotBelongTogether) {
  const auto other = make_provider()->generate_private_key(KeyKind::ecdsa_p256);
  const auto& point = std::get<EcPublicKey>(other->key->public_key().parts()).point;
  auto mixed = file("p256_sec1");  // ends with the public point (RFC 5915, section 3)
  std::ranges::copy(point, std::span(mixed).last(point.size()).begin());
  EXPECT_EQ(refusal(mixed), "its private and public halves do not belong together");
}

TEST(PrivateKeyFile, IsRefusedWhereverItIsCut) {
  for (const auto* name : {"p256_pkcs8", "p256_sec1", "ed25519_pkcs8", "rsa_pkcs1"}) {
    const auto whole = file(name);
    for (std::size_t size = 0; size < whole.size(); size += 1 + size / 100)
      EXPECT_NE(refusal(Bytes(whole).first(size)), "was read") << name << " cut to " << size;
  }
}

TEST(RsaEncryption, GivesTheBlockBackWithItsPadding) {
  const auto provider = make_provider();
  const auto key = provider->generate_private_key(KeyKind::rsa_2048)->key;
  const std::vector<std::uint8_t> message(48, 0x5a);
  const auto ciphertext = key->public_key().encrypt(message);
  ASSERT_TRUE(ciphertext);
  EXPECT_EQ(ciphertext->size(), 256U);
  const auto block = key->decrypt_raw(*ciphertext);
  ASSERT_TRUE(block);
  const Bytes bytes = block->reveal();
  ASSERT_EQ(bytes.size(), 256U);
  EXPECT_EQ(to_hex(bytes.first(2)), "0002");
  EXPECT_EQ(std::ranges::count(bytes.subspan(2, 205), 0), 0);
  EXPECT_EQ(bytes[207], 0);
  EXPECT_EQ(to_hex(bytes.last(48)), to_hex(message));
  EXPECT_FALSE(key->public_key().encrypt(std::vector<std::uint8_t>(246))) << "11 bytes are the padding's";
}

TEST(RsaEncryption, RefusesWhatIsNoBlockOfTheKey) {
  const auto provider = make_provider();
  const auto key = provider->generate_private_key(KeyKind::rsa_2048)->key;
  const std::vector<std::uint8_t> one = {1};
  for (const std::size_t size : {0U, 1U, 255U, 257U}) {
    EXPECT_FALSE(key->decrypt_raw(std::vector<std::uint8_t>(size, 1))) << size;
  }
  EXPECT_FALSE(key->decrypt_raw(std::vector<std::uint8_t>(256, 0xff))) << "above the modulus";
  const auto other = provider->generate_private_key(KeyKind::ecdsa_p256)->key;
  EXPECT_FALSE(other->decrypt_raw(std::vector<std::uint8_t>(72, 1)));
  EXPECT_FALSE(other->public_key().encrypt(one));
}

}  // namespace
}  // namespace padlock::crypto

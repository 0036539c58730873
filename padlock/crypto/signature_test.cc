#include "padlock/crypto/signature.h"

#include <gtest/gtest.h>

#include <chrono>

namespace padlock::crypto {
namespace {

using enum SignatureScheme;

constexpr std::array all_schemes{
    rsa_pkcs1_sha256,       rsa_pkcs1_sha384,    rsa_pkcs1_sha512,    ecdsa_secp256r1_sha256, ecdsa_secp384r1_sha384,
    ecdsa_secp521r1_sha512, rsa_pss_rsae_sha256, rsa_pss_rsae_sha384, rsa_pss_rsae_sha512,    ed25519,
    rsa_pss_pss_sha256,     rsa_pss_pss_sha384,  rsa_pss_pss_sha512};
constexpr std::array kinds{KeyKind::ecdsa_p256, KeyKind::ecdsa_p384, KeyKind::ed25519, KeyKind::rsa_2048,
                           KeyKind::rsa_3072};

TEST(PrivateKey, SignsWhatItsPublicHalfVerifiesUnderEachOfItsSchemesAndNoOther) {
  const auto provider = make_provider();
  const auto message = as_bytes("a message");
  for (const auto kind : kinds) {
    const auto generated = provider->generate_private_key(kind);
    ASSERT_TRUE(generated) << generated.error().to_string();
    const PrivateKey& key = *generated->key;
    ASSERT_FALSE(key.schemes().empty());
    for (const auto scheme : all_schemes) {
      const auto signature = key.sign(scheme, message);
      ASSERT_EQ(signature.has_value(), fits(scheme, key.public_key().parts())) << name_of(scheme);
      if (!signature) {
        EXPECT_EQ(signature.error().rule, &rules::operation_failed);
        continue;
      }
      for (const auto other : all_schemes)
        EXPECT_EQ(key.public_key().verify(other, message, *signature), other == scheme) << name_of(other);
      EXPECT_FALSE(key.public_key().verify(scheme, as_bytes("another"), *signature));
      EXPECT_FALSE(key.public_key().verify(scheme, message, Bytes(*signature).first(signature->size() - 1)));
      auto longer = *signature;
      longer.push_back(0);
      EXPECT_FALSE(key.public_key().verify(scheme, message, longer));
      EXPECT_FALSE(key.public_key().verify(scheme, message, {}));
    }
  }
}

TEST(PrivateKey, ReadsBackThePkcs8ItWasGeneratedWith) {
  const auto provider = make_provider();
  for (const auto kind : kinds) {
    const auto generated = provider->generate_private_key(kind);
    ASSERT_TRUE(generated);
    const auto loaded = provider->load_private_key(generated->pkcs8.reveal());
    ASSERT_TRUE(loaded) << loaded.error().to_string();
    const auto scheme = (*loaded)->schemes().front();
    const auto signature = (*loaded)->sign(scheme, as_bytes("m"));
    ASSERT_TRUE(signature);
    EXPECT_TRUE(generated->key->public_key().verify(scheme, as_bytes("m"), *signature));
    const auto rebuilt = provider->make_public_key((*loaded)->public_key().parts());
    ASSERT_TRUE(rebuilt);
    EXPECT_TRUE((*rebuilt)->verify(scheme, as_bytes("m"), *signature));
  }
}

TEST(PrivateKey, OffersPssBeforePkcs1) {
  const auto rsa = make_provider()->generate_private_key(KeyKind::rsa_2048);
  ASSERT_TRUE(rsa);
  EXPECT_EQ(rsa->key->schemes().front(), rsa_pss_rsae_sha256);
  EXPECT_EQ(rsa->key->schemes().back(), rsa_pkcs1_sha512);
}

RsaPublicKey rsa_of(std::size_t bits, std::vector<std::uint8_t> exponent = {1, 0, 1}) {
  std::vector<std::uint8_t> modulus((bits + 7) / 8, 0xff);
  modulus.front() = static_cast<std::uint8_t>(0xffU >> (8 * modulus.size() - bits));
  return {std::move(modulus), std::move(exponent)};
}

TEST(PublicKey, RefusesRsaOutsideItsBoundsBeforeAnyArithmetic) {
  const auto provider = make_provider();
  auto even = rsa_of(2048);
  even.modulus.back() = 0xfe;
  auto zero_ahead = rsa_of(2048);
  zero_ahead.modulus.insert(zero_ahead.modulus.begin(), std::uint8_t{0});
  std::vector<RsaPublicKey> bad{rsa_of(1024),
                                rsa_of(2047),
                                rsa_of(8193),
                                rsa_of(65536),
                                even,
                                zero_ahead,
                                {{}, {1, 0, 1}},
                                rsa_of(2048, {}),
                                rsa_of(2048, {1}),
                                rsa_of(2048, {2}),
                                rsa_of(2048, {0, 3}),
                                rsa_of(2048, {4}),
                                rsa_of(2048, {2, 0, 0, 0, 1}),
                                rsa_of(2048, {1, 0, 0, 0, 0, 0, 0, 0, 1})};
  const auto before = std::chrono::steady_clock::now();
  for (auto& key : bad) {
    const auto made = provider->make_public_key(std::move(key));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().rule, &rules::invalid_public_key);
    EXPECT_EQ(made.error().rule->alert, AlertDescription::unsupported_certificate);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(100));
  for (auto& key : {rsa_of(2048), rsa_of(2049), rsa_of(8191), rsa_of(8192), rsa_of(2048, {3}),
                    rsa_of(2048, {1, 0xff, 0xff, 0xff, 0xff})})
    EXPECT_TRUE(provider->make_public_key(key));
}

TEST(PublicKey, SaysWhatIsWrongWithAKey) {
  const auto provider = make_provider();
  EXPECT_EQ(provider->make_public_key(rsa_of(1024)).error().what, "an RSA modulus of 1024 bits");
  EXPECT_EQ(provider->make_public_key(rsa_of(2048, {1})).error().what, "an RSA exponent that is even or below 3");
}

TEST(PublicKey, RefusesPointsThatAreNotUncompressedOnTheCurve) {
  const auto provider = make_provider();
  for (const auto kind : {KeyKind::ecdsa_p256, KeyKind::ecdsa_p384}) {
    const auto generated = provider->generate_private_key(kind);
    ASSERT_TRUE(generated);
    const auto good = std::get<EcPublicKey>(generated->key->public_key().parts());
    ASSERT_TRUE(provider->make_public_key(good));
    std::vector<EcPublicKey> bad(6, good);
    bad[0].point.back() ^= 1;
    bad[1].point.front() = 2;
    bad[2].point.pop_back();
    bad[3].point.clear();
    bad[4].curve = NamedGroup::x25519;
    bad[5].point.assign(1, 0);
    for (auto& key : bad) {
      const auto made = provider->make_public_key(std::move(key));
      ASSERT_FALSE(made);
      EXPECT_EQ(made.error().rule, &rules::invalid_public_key);
    }
  }
}

TEST(PublicKey, RefusesEd25519KeysOfAnotherLength) {
  for (const std::size_t length : {0U, 31U, 33U})
    EXPECT_FALSE(make_provider()->make_public_key(Ed25519PublicKey{std::vector<std::uint8_t>(length, 1)}));
}

TEST(SignatureScheme, HasItsPartsOrIsNoneOfOurs) {
  for (const auto scheme : all_schemes) ASSERT_NE(find_scheme(scheme), nullptr) << name_of(scheme);
  EXPECT_EQ(find_scheme(static_cast<SignatureScheme>(0x0201)), nullptr) << "rsa_pkcs1_sha1";
  RsaPublicKey pss = rsa_of(2048);
  pss.pss_only = true;
  EXPECT_FALSE(fits(rsa_pkcs1_sha256, pss));
  EXPECT_FALSE(fits(rsa_pss_rsae_sha256, pss));
  EXPECT_TRUE(fits(rsa_pss_pss_sha256, pss));
  EXPECT_FALSE(fits(rsa_pss_pss_sha256, rsa_of(2048)));
}

}  // namespace
}  // namespace padlock::crypto

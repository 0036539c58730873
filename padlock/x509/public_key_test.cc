// Encodings of keys that must be refused before any arithmetic (docs/threats.md, X7), and those that must not.
#include <gtest/gtest.h>

#include <ctime>

#include "padlock/x509/limits.h"
#include "padlock/x509/parse.h"
#include "padlock/x509/rules.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::x509 {
namespace {

using namespace testing;

std::string told(const Octets& info) {
  const auto key = parse_subject_public_key_info(info);
  return key ? "good" : std::string(key.error().rule->code);
}

constexpr std::string_view unsupported = rules::unsupported_key.code;

/// An odd number of exactly this many bits.
Octets modulus(std::size_t bits) {
  Octets number((bits + 7) / 8, 0xff);
  number.front() = static_cast<std::uint8_t>(0xff >> (number.size() * 8 - bits));
  return number;
}

std::string rsa(const Octets& n, const Octets& e) { return told(public_key_info(crypto::RsaPublicKey{n, e})); }

TEST(RsaKeys, Have2048To8192Bits) {
  const Octets exponent{1, 0, 1};
  EXPECT_EQ(rsa(modulus(min_rsa_bits), exponent), "good");
  EXPECT_EQ(rsa(modulus(min_rsa_bits + 1), exponent), "good");
  EXPECT_EQ(rsa(modulus(max_rsa_bits - 1), exponent), "good");
  EXPECT_EQ(rsa(modulus(max_rsa_bits), exponent), "good");
  for (const std::size_t bits : {8U, 512U, 1024U, 2047U, 8193U, 16384U, 65536U})
    EXPECT_EQ(rsa(modulus(bits), exponent), unsupported) << bits;
}

TEST(RsaKeys, HaveAnOddModulusAndASmallOddExponent) {
  Octets even = modulus(2048);
  even.back() = 0xfe;
  EXPECT_EQ(rsa(even, {1, 0, 1}), unsupported);
  for (const Octets& bad : {Octets{0}, Octets{1}, Octets{2}, Octets{4}, Octets{1, 0, 0}, Octets{2, 0, 0, 0, 1},
                            Octets{1, 0, 0, 0, 0, 0, 0, 0, 0}, Octets(256, 0xff)})
    EXPECT_EQ(rsa(modulus(2048), bad), unsupported) << to_hex(bad);
  for (const Octets& good : {Octets{3}, Octets{17}, Octets{1, 0, 1}, Octets{1, 0xff, 0xff, 0xff, 0xff}})
    EXPECT_EQ(rsa(modulus(2048), good), "good") << to_hex(good);
}

TEST(RsaKeys, AreRefusedInNoTimeWhenHuge) {
  const Octets info = public_key_info(crypto::RsaPublicKey{modulus(65536), {1, 0, 1}});
  const std::clock_t start = std::clock();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(told(info), unsupported);
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / 100, 0.001);
}

/// SubjectPublicKeyInfo of raw parts.
Octets key_info(const der::Oid& algorithm, const Octets& parameters, const Octets& bits) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& info) {
      info.sequence([&](der::Writer& fields) {
        fields.object_identifier(algorithm);
        fields.raw(parameters);
      });
      info.bit_string(bits);
    });
  });
}
Octets oid_der(const der::Oid& oid) {
  return der::make_der([&](der::Writer& out) { out.object_identifier(oid); });
}
const Octets null_der{0x05, 0x00};
Octets point(std::size_t coordinate, std::uint8_t form = 4) {
  Octets octets(form == 4 ? 1 + 2 * coordinate : 1 + coordinate, 0x11);
  octets.front() = form;
  return octets;
}

TEST(EcKeys, AreUncompressedPointsOfNamedCurves) {
  using namespace der::oid;
  EXPECT_EQ(told(key_info(ecPublicKey, oid_der(secp256r1), point(32))), "good");
  EXPECT_EQ(told(key_info(ecPublicKey, oid_der(secp384r1), point(48))), "good");
  EXPECT_EQ(told(key_info(ecPublicKey, oid_der(secp521r1), point(66))), "good");
  const der::Oid secp256k1 = der::make_oid("1.3.132.0.10");
  const der::Oid secp192r1 = der::make_oid("1.2.840.10045.3.1.1");
  const Octets explicit_curve =
      der::make_der([](der::Writer& out) { out.sequence([](der::Writer& fields) { fields.integer(1); }); });
  for (const Octets& bad :
       {key_info(ecPublicKey, oid_der(secp256k1), point(32)), key_info(ecPublicKey, oid_der(secp192r1), point(24)),
        key_info(ecPublicKey, explicit_curve, point(32)), key_info(ecPublicKey, null_der, point(32)),
        key_info(ecPublicKey, {}, point(32)), key_info(ecPublicKey, oid_der(secp256r1), point(32, 2)),
        key_info(ecPublicKey, oid_der(secp256r1), point(32, 6)), key_info(ecPublicKey, oid_der(secp256r1), point(48)),
        key_info(ecPublicKey, oid_der(secp256r1), point(31)), key_info(ecPublicKey, oid_der(secp256r1), Octets{0}),
        key_info(ecPublicKey, oid_der(secp256r1), {})})
    EXPECT_EQ(told(bad), unsupported) << to_hex(bad);
}

TEST(EcKeys, OffTheirCurveMakeNoIssuer) {
  Chain chain;
  chain.intermediate.public_key_info = key_info(der::oid::ecPublicKey, oid_der(der::oid::secp256r1), point(32));
  EXPECT_EQ(code_of(verify(chain)), unsupported) << "the provider finds out, and the verdict says it";
}

TEST(OtherKeys, AreEd25519OrRefused) {
  using namespace der::oid;
  EXPECT_EQ(told(key_info(ed25519, {}, Octets(32, 1))), "good");
  const der::Oid ed448 = der::make_oid("1.3.101.113");
  const der::Oid x25519 = der::make_oid("1.3.101.110");
  const der::Oid dsa = der::make_oid("1.2.840.10040.4.1");
  for (const Octets& bad :
       {key_info(ed25519, null_der, Octets(32, 1)), key_info(ed25519, {}, Octets(31, 1)),
        key_info(ed448, {}, Octets(57, 1)), key_info(x25519, {}, Octets(32, 1)), key_info(dsa, {}, Octets(128, 1))})
    EXPECT_EQ(told(bad), unsupported) << to_hex(bad);
}

TEST(RsaKeys, NeedTheirParametersInForm) {
  using namespace der::oid;
  Octets good_key = der::make_der([](der::Writer& out) {
    out.sequence([](der::Writer& fields) {
      fields.unsigned_integer(modulus(2048));
      fields.integer(65537);
    });
  });
  EXPECT_EQ(told(key_info(rsaEncryption, null_der, good_key)), "good");
  EXPECT_EQ(told(key_info(rsassaPss, {}, good_key)), "good");
  EXPECT_EQ(told(key_info(rsaEncryption, {}, good_key)), unsupported);
  EXPECT_EQ(told(key_info(rsassaPss, null_der, good_key)), unsupported);
  good_key.push_back(0);
  EXPECT_EQ(told(key_info(rsaEncryption, null_der, good_key)), "der.trailing_bytes");
}

TEST(PublicKeyInfo, OfBrokenDerIsRefused) {
  Octets info = public_key_info(key(0).public_key().parts());
  info.push_back(0);
  EXPECT_EQ(told(info), "der.trailing_bytes");
  EXPECT_EQ(told({}), "der.unexpected_tag");
}

}  // namespace
}  // namespace padlock::x509

#include "padlock/tls/handshake/choose.h"

#include <gtest/gtest.h>

#include <array>

#include "padlock/tls/rules.h"

namespace padlock::tls {
namespace {

using enum NamedGroup;
using enum CipherSuite;

constexpr auto aes_128 = TLS_AES_128_GCM_SHA256;
constexpr auto aes_256 = TLS_AES_256_GCM_SHA384;
constexpr auto chacha = TLS_CHACHA20_POLY1305_SHA256;

std::vector<KeyShareEntry> shares_for(std::initializer_list<NamedGroup> groups) {
  std::vector<KeyShareEntry> shares;
  for (const NamedGroup group : groups) shares.push_back({group, {1}});
  return shares;
}

constexpr std::array only_13 = {ProtocolVersion::TLS_1_3};

TEST(ChooseVersion, TakesTheNewestOfBoth) {
  const std::array both = {ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2};
  ClientHello hello;
  hello.supported_versions = {ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3};
  EXPECT_EQ(choose_version(hello, both)->value, ProtocolVersion::TLS_1_3);
  hello.supported_versions = {ProtocolVersion::TLS_1_1, ProtocolVersion::TLS_1_2};
  EXPECT_EQ(choose_version(hello, both)->value, ProtocolVersion::TLS_1_2);
  hello.cipher_suites = {TLS_FALLBACK_SCSV};
  EXPECT_EQ(choose_version(hello, both).error().rule, &rules::inappropriate_fallback);
  EXPECT_EQ(choose_version(hello, std::span(both).last(1))->value, ProtocolVersion::TLS_1_2) << "nothing newer is here";
  hello.cipher_suites.clear();
  hello.supported_versions.reset();
  for (unsigned version = 0x0200; version <= 0x0305; ++version) {  // docs/threats.md, T1
    hello.legacy_version = static_cast<std::uint16_t>(version);
    const auto chosen = choose_version(hello, both);
    EXPECT_EQ(chosen.has_value(), version >= 0x0303) << version;
    EXPECT_TRUE(!chosen || chosen->value == ProtocolVersion::TLS_1_2) << version;
  }
  hello.legacy_version = 0x0400;  // TLS of a distant future, which had to know the extension to be told so
  EXPECT_EQ(choose_version(hello, both)->value, ProtocolVersion::TLS_1_2);
}

TEST(ChooseVersion, TakesOnly13WhereThatIsAll) {
  ClientHello hello;
  hello.supported_versions = {ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3};
  EXPECT_EQ(choose_version(hello, only_13)->value, ProtocolVersion::TLS_1_3);
  EXPECT_FALSE(choose_version(hello, only_13)->reason.empty());
  for (std::uint16_t version = 0x0200; version <= 0x0305; ++version) {  // docs/threats.md, T1
    if (version == 0x0304) continue;
    hello.supported_versions = {static_cast<ProtocolVersion>(version)};
    EXPECT_EQ(choose_version(hello, only_13).error().rule, &rules::version_not_supported) << version;
    hello.supported_versions.reset();
    hello.legacy_version = version;
    EXPECT_EQ(choose_version(hello, only_13).error().rule, &rules::version_not_supported) << version;
    hello.cipher_suites = {TLS_FALLBACK_SCSV};
    EXPECT_EQ(choose_version(hello, only_13).error().rule, &rules::inappropriate_fallback) << version;
    hello.cipher_suites.clear();
  }
}

TEST(ChooseSuite, FollowsTheServerUnlessTheClientHasNoAesHardware) {
  const std::vector<CipherSuite> ours = default_cipher_suites();
  const auto chosen = [&](std::vector<CipherSuite> clients) { return choose_suite(ours, clients)->value; };
  EXPECT_EQ(chosen({aes_256, aes_128, chacha}), aes_128);
  EXPECT_EQ(chosen({aes_256, chacha}), aes_256);
  EXPECT_EQ(chosen({chacha, aes_128}), chacha);
  EXPECT_EQ(chosen({static_cast<CipherSuite>(0x0a0a), chacha, aes_128}), chacha) << "GREASE is not a preference";
  EXPECT_EQ(choose_suite(ours, std::vector{TLS_FALLBACK_SCSV}).error().rule, &rules::no_common_cipher_suite);
}

TEST(ChooseSuite, KnowsNoneOfTheOtherRegisteredSuites) {  // docs/threats.md, T3
  const std::vector<CipherSuite> ours = default_cipher_suites();
  for (unsigned suite = 0; suite < 65536; ++suite) {
    const std::vector clients = {static_cast<CipherSuite>(suite)};
    EXPECT_EQ(choose_suite(ours, clients).has_value(), suite >= 0x1301 && suite <= 0x1303) << suite;
  }
}

TEST(ChooseGroup, PrefersAGroupWithAShareInsideATier) {
  const std::vector ours = {x25519, secp256r1, secp384r1};
  const auto choice = choose_group(ours, std::vector{secp256r1, x25519}, shares_for({secp256r1}));
  EXPECT_EQ(choice->value.group, secp256r1);
  EXPECT_FALSE(choice->value.retry);
}

TEST(ChooseGroup, AsksForTheServersFirstGroupWhenNoShareFits) {
  const std::vector ours = {x25519, secp256r1};
  const auto choice = choose_group(ours, std::vector{secp384r1, secp256r1, x25519}, shares_for({secp384r1}));
  EXPECT_EQ(choice->value.group, x25519);
  EXPECT_TRUE(choice->value.retry);
}

TEST(ChooseGroup, NeverSilentlyTakesAWeakerTier) {  // docs/threats.md, T14
  const std::vector ours = {x25519, X25519MLKEM768};
  const std::vector clients = {x25519, X25519MLKEM768};
  const auto without = choose_group(ours, clients, shares_for({x25519}));
  EXPECT_EQ(without->value.group, X25519MLKEM768);
  EXPECT_TRUE(without->value.retry);
  const auto with = choose_group(ours, clients, shares_for({x25519, X25519MLKEM768}));
  EXPECT_EQ(with->value.group, X25519MLKEM768);
  EXPECT_FALSE(with->value.retry);
}

TEST(ChooseGroup, FailsWithoutACommonGroup) {
  EXPECT_EQ(choose_group(std::vector{x25519}, std::vector{secp521r1}, {}).error().rule, &rules::no_common_group);
}

TEST(ChooseScheme, FollowsTheKeyAndLeavesPkcs1ToCertificates) {
  const std::vector rsa_key = {SignatureScheme::rsa_pss_rsae_sha256, SignatureScheme::rsa_pkcs1_sha256};
  EXPECT_EQ(choose_scheme(rsa_key, std::vector{SignatureScheme::rsa_pkcs1_sha256, SignatureScheme::rsa_pss_rsae_sha256})
                ->value,
            SignatureScheme::rsa_pss_rsae_sha256);
  EXPECT_EQ(choose_scheme(rsa_key, std::vector{SignatureScheme::rsa_pkcs1_sha256}).error().rule,
            &rules::no_common_signature_scheme);
}

TEST(ChooseScheme, AllowsTheTenSchemesOfTls13Alone) {
  std::size_t allowed = 0;
  for (unsigned scheme = 0; scheme < 65536; ++scheme) {
    if (may_sign_handshake(static_cast<SignatureScheme>(scheme))) ++allowed;
  }
  EXPECT_EQ(allowed, 10U);
  EXPECT_FALSE(may_sign_handshake(static_cast<SignatureScheme>(0x0201))) << "rsa_pkcs1_sha1";
  EXPECT_FALSE(may_sign_handshake(static_cast<SignatureScheme>(0x0203))) << "ecdsa_sha1";
}

TEST(ChooseAlpn, IsSilentUnlessBothSidesSpeakOfIt) {
  const std::vector<std::string> ours = {"h2", "http/1.1"};
  EXPECT_FALSE(choose_alpn(ours, std::nullopt)->has_value());
  EXPECT_FALSE(choose_alpn({}, List<std::string>{"ftp"})->has_value());
  EXPECT_EQ((*choose_alpn(ours, List<std::string>{"http/1.1", "h2"}))->value, "h2");
  EXPECT_EQ(choose_alpn(ours, List<std::string>{"ftp"}).error().rule, &rules::no_application_protocol);
  EXPECT_EQ(choose_alpn(ours, List<std::string>{"H2"}).error().rule, &rules::no_application_protocol)
      << "compared byte for byte";
  const List<std::string> many(256, "proto");
  EXPECT_LT(choose_alpn(ours, many).error().what.size(), 200U) << "a hostile list makes no long message";
}

}  // namespace
}  // namespace padlock::tls

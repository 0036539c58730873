#include <gtest/gtest.h>

#include "padlock/crypto/libcrypto/key_agreement.h"
#include "padlock/crypto/provider.h"

namespace padlock::crypto {
namespace {

std::vector<std::uint8_t> hex(std::string_view text) { return *from_hex(text); }

struct GivenPair {
  NamedGroup group;
  std::string_view private_key, public_share, peer_share, secret;
};
// RFC 7748, section 6.1; RFC 5903, sections 8.1 to 8.3 (points there without 0x04).
const GivenPair x25519_pair{NamedGroup::x25519, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
                            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
                            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"};
const GivenPair p256_pair{NamedGroup::secp256r1, "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
                          "04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37725811805271a0461cdb8252d61f1c456f"
                          "a3e59ab1f45b33accf5f58389e0577b8990bb3",
                          "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13"
                          "c58d6aac23f046ada30f8353e74f33039872ab",
                          "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"};

TEST(KeyAgreement, GivesThePublishedSecrets) {
  const auto provider = make_provider();
  for (const auto& pair : {x25519_pair, p256_pair}) {
    const auto key = libcrypto::key_share_from_private(pair.group, hex(pair.private_key));
    ASSERT_TRUE(key) << key.error().to_string();
    EXPECT_EQ(to_hex((*key)->public_share()), pair.public_share);
    const auto secret = provider->agree(**key, hex(pair.peer_share));
    ASSERT_TRUE(secret) << secret.error().to_string();
    EXPECT_EQ(to_hex(secret->reveal()), pair.secret);
  }
}

TEST(KeyAgreement, RemembersNothingOfTheShareBefore) {
  const auto provider = make_provider();
  for (const auto& pair : {x25519_pair, p256_pair}) {
    const auto key = libcrypto::key_share_from_private(pair.group, hex(pair.private_key));
    const auto other = *provider->make_key_share(pair.group);
    auto bad = hex(pair.peer_share);
    bad.back() ^= 1;
    if (pair.group == NamedGroup::x25519) bad.pop_back();
    EXPECT_NE(to_hex(provider->agree(**key, other->public_share())->reveal()), pair.secret);
    EXPECT_EQ(to_hex(provider->agree(**key, hex(pair.peer_share))->reveal()), pair.secret);
    EXPECT_FALSE(provider->agree(**key, bad)) << "not even the good one before it";
    EXPECT_EQ(to_hex(provider->agree(**key, hex(pair.peer_share))->reveal()), pair.secret);
  }
}

struct Lengths {
  NamedGroup group;
  std::size_t share, secret;
};
constexpr std::array lengths{Lengths{NamedGroup::x25519, 32, 32}, Lengths{NamedGroup::secp256r1, 65, 32},
                             Lengths{NamedGroup::secp384r1, 97, 48}, Lengths{NamedGroup::secp521r1, 133, 66}};

TEST(KeyAgreement, BothSidesHaveTheSameFreshSecret) {
  const auto provider = make_provider();
  for (const auto& [group, share_length, secret_length] : lengths) {
    const auto ours = provider->make_key_share(group);
    const auto theirs = provider->make_key_share(group);
    ASSERT_TRUE(ours && theirs) << name_of(group);
    EXPECT_EQ((*ours)->group(), group);
    EXPECT_EQ((*ours)->public_share().size(), share_length);
    EXPECT_NE(to_hex((*ours)->public_share()), to_hex((*theirs)->public_share()));
    const auto secret = provider->agree(**ours, (*theirs)->public_share());
    ASSERT_TRUE(secret) << name_of(group);
    EXPECT_EQ(secret->size(), secret_length);
    EXPECT_EQ(to_hex(secret->reveal()), to_hex(provider->agree(**theirs, (*ours)->public_share())->reveal()));
  }
}

TEST(KeyAgreement, RefusesPointsOfSmallOrder) {
  const auto provider = make_provider();
  const auto key = *provider->make_key_share(NamedGroup::x25519);
  const std::string zeros(60, '0');
  for (const std::string& point :
       {zeros + "0000", "01" + zeros + "00",
        std::string("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        std::string("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        "ec" + std::string(60, 'f') + "7f", "ed" + std::string(60, 'f') + "7f", "ee" + std::string(60, 'f') + "7f"}) {
    const auto secret = provider->agree(*key, hex(point));
    ASSERT_FALSE(secret) << point;
    EXPECT_EQ(secret.error().rule, &rules::invalid_key_share);
    EXPECT_EQ(secret.error().rule->alert, AlertDescription::illegal_parameter);
  }
}

TEST(KeyAgreement, RefusesSharesThatAreNoUncompressedPointOfTheCurve) {
  const auto provider = make_provider();
  for (const auto& [group, share_length, secret_length] : lengths) {
    if (group == NamedGroup::x25519) continue;
    const auto key = *provider->make_key_share(group);
    const auto peer = *provider->make_key_share(group);
    const std::vector good(peer->public_share().begin(), peer->public_share().end());
    std::vector<std::vector<std::uint8_t>> bad(5, good);
    bad[0].back() ^= 1;                                                   // off the curve
    bad[1].front() = 2;                                                   // a compressed form's first byte
    bad[2].front() = 6;                                                   // the hybrid form
    std::ranges::fill(std::span(bad[3]).subspan(1), std::uint8_t{0});     // (0, 0)
    std::ranges::fill(std::span(bad[4]).subspan(1), std::uint8_t{0xff});  // coordinates above p
    bad.emplace_back(1, std::uint8_t{0});                                 // the point at infinity
    bad.emplace_back();
    bad.emplace_back(good.begin(), good.end() - 1);
    bad.push_back(good);
    bad.back().push_back(0);
    bad.emplace_back(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(share_length / 2 + 1));
    bad.back().front() = 2;  // compressed
    for (const auto& share : bad) {
      const auto secret = provider->agree(*key, share);
      ASSERT_FALSE(secret) << to_hex(share);
      EXPECT_EQ(secret.error().rule, &rules::invalid_key_share);
    }
  }
}

TEST(KeyAgreement, RefusesX25519SharesOfAnotherLength) {
  const auto provider = make_provider();
  const auto key = *provider->make_key_share(NamedGroup::x25519);
  for (const std::size_t length : {0U, 31U, 33U, 64U}) {
    const auto secret = provider->agree(*key, std::vector<std::uint8_t>(length, 9));
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().what, "a share of " + std::to_string(length) + " bytes is no valid x25519 point");
  }
}

TEST(KeyAgreement, SaysWhichGroupsItHasNot) {
  EXPECT_EQ(make_provider()->make_key_share(static_cast<NamedGroup>(0)).error().rule, &rules::operation_failed);
}

struct StrangersKey final : EphemeralKey {
  NamedGroup group() const override { return NamedGroup::x25519; }
  Bytes public_share() const override { return {}; }
};

TEST(KeyAgreement, RefusesAKeyOfAnotherProvider) {
  EXPECT_EQ(make_provider()->agree(StrangersKey{}, hex(x25519_pair.peer_share)).error().rule, &rules::operation_failed);
}

TEST(GivenPrivateKeys, MustBeInRange) {
  const auto zero = std::vector<std::uint8_t>(32, 0);
  const auto order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  EXPECT_FALSE(libcrypto::key_share_from_private(NamedGroup::secp256r1, zero));
  EXPECT_FALSE(libcrypto::key_share_from_private(NamedGroup::secp256r1, order));
  EXPECT_FALSE(libcrypto::key_share_from_private(NamedGroup::secp256r1, hex("01")));
  EXPECT_FALSE(libcrypto::key_share_from_private(NamedGroup::X25519MLKEM768, zero));
}

}  // namespace
}  // namespace padlock::crypto

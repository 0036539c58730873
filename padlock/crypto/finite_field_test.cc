#include "padlock/crypto/finite_field.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "padlock/crypto/provider.h"

namespace padlock::crypto {
namespace {

constexpr std::array<std::uint8_t, 1> generator = {finite_field_generator};

TEST(FiniteField, KnowsThePrimesOfRfc7919AndRfc3526) {
  for (const NamedGroup group : finite_field_groups()) {
    const std::string name(name_of(group));
    const std::string prime = to_hex(prime_of(group));
    const bool ffdhe = name.starts_with("ffdhe");
    EXPECT_EQ(prime.size() * 4, std::stoul(name.substr(ffdhe ? 5 : 4)));
    // 64 ones at both ends; between them the digits of e, or those of pi.
    EXPECT_TRUE(prime.starts_with(ffdhe ? "ffffffffffffffffadf85458a2bb4a9a" : "ffffffffffffffffc90fdaa22168c234"));
    EXPECT_TRUE(prime.ends_with("ffffffffffffffff"));
    EXPECT_TRUE(is_finite_field(group));
    EXPECT_EQ(find_finite_field(prime_of(group), generator), group);
  }
  EXPECT_EQ(finite_field_groups().size(), 10U);
  EXPECT_FALSE(is_finite_field(NamedGroup::x25519));
}

TEST(FiniteField, TrustsNoOtherPrimeOrGenerator) {
  std::vector<std::uint8_t> prime(prime_of(NamedGroup::ffdhe2048).begin(), prime_of(NamedGroup::ffdhe2048).end());
  std::vector<std::uint8_t> padded(prime.size() + 1);
  copy_bytes(prime, std::span(padded).subspan(1));
  EXPECT_EQ(find_finite_field(padded, std::array<std::uint8_t, 2>{0, 2}), NamedGroup::ffdhe2048);
  EXPECT_EQ(find_finite_field(prime, std::array<std::uint8_t, 1>{5}), std::nullopt);
  EXPECT_EQ(find_finite_field(prime, {}), std::nullopt);
  EXPECT_EQ(find_finite_field({}, generator), std::nullopt);
  prime[40] ^= 1;
  EXPECT_EQ(find_finite_field(prime, generator), std::nullopt);
}

class FiniteFieldAgreement : public testing::TestWithParam<NamedGroup> {};

TEST_P(FiniteFieldAgreement, GivesBothSidesOneKey) {
  const auto provider = make_provider();
  const auto ours = *provider->make_key_share(GetParam());
  const auto theirs = *provider->make_key_share_for(GetParam(), ours->public_share());
  EXPECT_EQ(ours->group(), GetParam());
  EXPECT_EQ(ours->public_share().size(), prime_of(GetParam()).size());
  for (const HashAlgorithm hash : {HashAlgorithm::sha256, HashAlgorithm::sha384}) {
    const auto one = provider->agree_in_finite_field(*ours, theirs->public_share(), hash);
    const auto other = provider->agree_in_finite_field(*theirs, ours->public_share(), hash);
    ASSERT_TRUE(one && other);
    EXPECT_EQ(to_hex(one->reveal()), to_hex(other->reveal()));
    EXPECT_EQ(one->size(), length_of(hash));
  }
}

TEST_P(FiniteFieldAgreement, RefusesValuesThatFixTheSecret) {
  const auto provider = make_provider();
  const auto ours = *provider->make_key_share(GetParam());
  const Bytes prime = prime_of(GetParam());
  std::vector<std::uint8_t> p(prime.begin(), prime.end());
  std::vector<std::uint8_t> p_minus_1 = p;
  p_minus_1.back() -= 1;
  std::vector<std::uint8_t> longer(p.size() + 1, 1);
  const std::vector<std::vector<std::uint8_t>> bad = {{}, {0}, {1}, p_minus_1, p, longer};
  for (const auto& share : bad) {
    const auto secret = provider->agree_in_finite_field(*ours, share, HashAlgorithm::sha256);
    ASSERT_FALSE(secret) << to_hex(share);
    EXPECT_EQ(secret.error().rule, &rules::invalid_key_share);
  }
  std::vector<std::uint8_t> p_minus_2 = p;
  p_minus_2.back() -= 2;
  EXPECT_TRUE(provider->agree_in_finite_field(*ours, std::array<std::uint8_t, 1>{2}, HashAlgorithm::sha256));
  EXPECT_TRUE(provider->agree_in_finite_field(*ours, p_minus_2, HashAlgorithm::sha256));
}

INSTANTIATE_TEST_SUITE_P(Groups, FiniteFieldAgreement,
                         testing::Values(NamedGroup::ffdhe2048, NamedGroup::ffdhe3072, NamedGroup::ffdhe4096,
                                         NamedGroup::modp2048, NamedGroup::modp8192),
                         [](const auto& group) { return std::string(name_of(group.param)); });

/// docs/threats.md, T4: an exponent that is used again makes one observed handshake an oracle for the next.
TEST(FiniteField, TakesAFreshExponentEachTime) {
  const auto provider = make_provider();
  std::set<std::string> shares;
  for (int each = 0; each < 200; ++each) {
    shares.insert(to_hex((*provider->make_key_share(NamedGroup::ffdhe2048))->public_share()));
  }
  EXPECT_EQ(shares.size(), 200U);
}

/// RFC 5246, section 8.1.2, with as many zeros at the front as one likes.
TEST(FiniteField, LeavesOutTheZerosAtTheFrontOfASecret) {
  for (const HashAlgorithm hash : {HashAlgorithm::sha256, HashAlgorithm::sha384}) {
    for (const std::size_t zeros : {0U, 1U, 2U, 9U, 17U, 63U, 100U}) {
      std::vector<std::uint8_t> secret(256, 0);
      for (std::size_t at = zeros; at < secret.size(); ++at) secret[at] = static_cast<std::uint8_t>(at | 1);
      const std::string expected = to_hex(hash_of(hash, std::span(secret).subspan(zeros)));
      EXPECT_EQ(to_hex(prf_key_of(hash, secret)), expected) << zeros;
    }
  }
}

}  // namespace
}  // namespace padlock::crypto

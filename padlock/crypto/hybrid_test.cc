#include "padlock/crypto/hybrid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace padlock::crypto {
namespace {

constexpr auto group = NamedGroup::X25519MLKEM768;
using Share = std::vector<std::uint8_t>;

Share share_of(const EphemeralKey& key) { return {key.public_share().begin(), key.public_share().end()}; }

TEST(Hybrid, BothSidesHaveTheSameFreshSecret) {
  const auto provider = make_provider();
  const auto client = *provider->make_key_share(group);
  const auto server = *provider->make_key_share_for(group, client->public_share());
  EXPECT_EQ(client->group(), group);
  EXPECT_EQ(server->group(), group);
  EXPECT_EQ(client->public_share().size(), hybrid::initiator_share_length);
  EXPECT_EQ(server->public_share().size(), hybrid::responder_share_length);
  const auto secret = provider->agree(*client, server->public_share());
  ASSERT_TRUE(secret) << secret.error().to_string();
  EXPECT_EQ(secret->size(), hybrid::secret_length);
  EXPECT_EQ(to_hex(secret->reveal()), to_hex(provider->agree(*server, client->public_share())->reveal()));
  const auto other = *provider->make_key_share_for(group, client->public_share());
  EXPECT_NE(to_hex(provider->agree(*client, other->public_share())->reveal()), to_hex(secret->reveal()));
}

TEST(Hybrid, ItsX25519PartIsAKeyOfItsOwn) {
  const auto provider = make_provider();
  const auto client = *provider->make_key_share(group);
  const auto part = client->traditional_part();
  ASSERT_NE(part, nullptr);
  EXPECT_EQ(part->group(), NamedGroup::x25519);
  EXPECT_TRUE(std::ranges::equal(part->public_share(), client->public_share().last(32)));
  const auto peer = *provider->make_key_share(NamedGroup::x25519);
  EXPECT_EQ(peer->traditional_part(), nullptr);
  EXPECT_EQ(to_hex(provider->agree(*part, peer->public_share())->reveal()),
            to_hex(provider->agree(*peer, part->public_share())->reveal()));
}

TEST(Hybrid, ItsSecretIsMlKemsThenX25519s) {
  const auto provider = make_provider();
  const auto client = *provider->make_key_share(group);
  const auto server = *provider->make_key_share_for(group, client->public_share());
  const auto x25519 = *provider->agree(*client->traditional_part(), server->public_share().last(32));
  const auto secret = *provider->agree(*client, server->public_share());
  EXPECT_EQ(to_hex(secret.reveal().last(32)), to_hex(x25519.reveal()));
  // A ciphertext that was changed: implicit rejection, so that Finished will not fit (FIPS 203, section 6.3).
  Share changed = share_of(*server);
  changed.front() ^= 1;
  const auto rejected = provider->agree(*client, changed);
  ASSERT_TRUE(rejected);
  EXPECT_EQ(to_hex(rejected->reveal().last(32)), to_hex(x25519.reveal()));
  EXPECT_NE(to_hex(rejected->reveal().first(32)), to_hex(secret.reveal().first(32)));
}

void expect_invalid(const auto& result) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().rule, &rules::invalid_key_share) << result.error().to_string();
  EXPECT_EQ(result.error().rule->alert, AlertDescription::illegal_parameter);
}

TEST(Hybrid, RefusesAClientsShareOfAnotherLengthOrWithACoefficientOfQ) {
  const auto provider = make_provider();
  const auto client = *provider->make_key_share(group);
  const Share good = share_of(*client);
  for (const std::size_t length : {0U, 1U, 32U, 1120U, 1184U, 1215U, 1217U, 2000U}) {
    Share share = good;
    share.resize(length);
    expect_invalid(provider->make_key_share_for(group, share));
  }
  Share out_of_range = good;
  out_of_range[0] = 0x01;  // 3329 in twelve bits
  out_of_range[1] = static_cast<std::uint8_t>((out_of_range[1] & 0xf0U) | 0x0dU);
  expect_invalid(provider->make_key_share_for(group, out_of_range));
  Share all_ones(good.size(), 0xff);
  expect_invalid(provider->make_key_share_for(group, all_ones));
}

TEST(Hybrid, RefusesX25519PartsOfSmallOrderInBothRoles) {
  const auto provider = make_provider();
  const auto client = *provider->make_key_share(group);
  Share clients = share_of(*client);
  std::ranges::fill(std::span(clients).last(32), std::uint8_t{0});
  const auto server = *provider->make_key_share_for(group, clients);
  expect_invalid(provider->agree(*server, clients));
  Share servers = share_of(*server);
  std::ranges::fill(std::span(servers).last(32), std::uint8_t{0});
  expect_invalid(provider->agree(*client, servers));
}

TEST(Hybrid, RefusesAServersShareOfAnotherLengthOrRole) {
  const auto provider = make_provider();
  const auto client = *provider->make_key_share(group);
  const auto server = *provider->make_key_share_for(group, client->public_share());
  for (const std::size_t length : {0U, 32U, 1088U, 1119U, 1121U, 1216U}) {
    Share share = share_of(*server);
    share.resize(length);
    expect_invalid(provider->agree(*client, share));
  }
  expect_invalid(provider->agree(*client, client->public_share()));
  expect_invalid(provider->agree(*server, server->public_share()));
}

TEST(Hybrid, RespondersOfOtherGroupsNeedNoShareOfThePeer) {
  const auto provider = make_provider();
  const auto client = *provider->make_key_share(NamedGroup::x25519);
  const auto server = *provider->make_key_share_for(NamedGroup::x25519, client->public_share());
  EXPECT_EQ(server->group(), NamedGroup::x25519);
}

struct StrangersKey final : EphemeralKey {
  NamedGroup group() const override { return NamedGroup::X25519MLKEM768; }
  Bytes public_share() const override { return {}; }
};

TEST(Hybrid, RefusesAKeyOfAnotherProvider) {
  const Share share(hybrid::responder_share_length);
  EXPECT_EQ(make_provider()->agree(StrangersKey{}, share).error().rule, &rules::operation_failed);
}

}  // namespace
}  // namespace padlock::crypto

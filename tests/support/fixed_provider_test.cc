#include "tests/support/fixed_provider.h"

#include <gtest/gtest.h>

namespace padlock::test {
namespace {

using crypto::NamedGroup;

std::string drawn(FixedProvider& provider) {
  std::vector<std::uint8_t> bytes(40);
  EXPECT_TRUE(provider.random(bytes));
  return to_hex(bytes);
}

TEST(FixedProvider, RepeatsItsRandomnessAndKeysForTheSameSeed) {
  FixedProvider one(7);
  FixedProvider same(7);
  FixedProvider other(8);
  EXPECT_EQ(drawn(one), drawn(same));
  EXPECT_NE(drawn(one), drawn(other));
  drawn(same);
  for (const auto group : {NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1, NamedGroup::secp521r1}) {
    const auto share = one.make_key_share(group);
    ASSERT_TRUE(share) << share.error().to_string();
    EXPECT_EQ(to_hex((*share)->public_share()), to_hex((*same.make_key_share(group))->public_share()));
    const auto peer = crypto::make_provider()->make_key_share(group);
    ASSERT_TRUE(peer);
    EXPECT_EQ(to_hex(one.agree(**share, (*peer)->public_share())->reveal()),
              to_hex(one.agree(**peer, (*share)->public_share())->reveal()));
  }
}

TEST(FixedProvider, RepeatsHybridKeysOfBothRoles) {
  FixedProvider one(7);
  FixedProvider same(7);
  constexpr auto group = NamedGroup::X25519MLKEM768;
  const auto client = *one.make_key_share(group);
  EXPECT_EQ(to_hex(client->public_share()), to_hex((*same.make_key_share(group))->public_share()));
  const auto server = *one.make_key_share_for(group, client->public_share());
  EXPECT_EQ(to_hex(server->public_share()),
            to_hex((*same.make_key_share_for(group, client->public_share()))->public_share()));
  EXPECT_EQ(to_hex(one.agree(*client, server->public_share())->reveal()),
            to_hex(one.agree(*server, client->public_share())->reveal()));
}

TEST(FixedProvider, UsesGivenPrivateKeysOnceAndGivenRandomBytesFirst) {
  FixedProvider provider;
  // RFC 7748, section 6.1: Alice.
  provider.use_private_key(NamedGroup::x25519,
                           *from_hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  const std::string alice = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
  ASSERT_TRUE(provider.make_key_share(NamedGroup::secp256r1)) << "another group leaves it alone";
  EXPECT_EQ(to_hex((*provider.make_key_share(NamedGroup::x25519))->public_share()), alice);
  EXPECT_NE(to_hex((*provider.make_key_share(NamedGroup::x25519))->public_share()), alice);
  provider.use_random(*from_hex("0102"));
  EXPECT_EQ(drawn(provider).substr(0, 4), "0102");
}

TEST(FixedProvider, FailsFromTheGivenDrawOn) {
  FixedProvider provider;
  provider.fail_after(1);
  drawn(provider);
  std::vector<std::uint8_t> bytes(1);
  EXPECT_EQ(provider.random(bytes).error().rule, &crypto::rules::random_failed);
  EXPECT_EQ(provider.make_key_share(NamedGroup::x25519).error().rule, &crypto::rules::random_failed);
}

}  // namespace
}  // namespace padlock::test

#include "padlock/crypto/lanes/x25519.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "padlock/crypto/libcrypto/key_agreement.h"

namespace padlock::crypto::lanes {
namespace {

using Number = std::array<std::uint8_t, 32>;

struct Way {
  const char* name;
  X25519Eight eight;
  int rounds;
};

std::vector<Way> ways() {
  std::vector<Way> found{{"portable", x25519_portable, 3}};
  if (usable()) found.push_back({"AVX-512 IFMA", x25519_ifma, 300});
  return found;
}

Number number(std::string_view text) {
  Number bytes{};
  copy_bytes(*from_hex(text), bytes);
  return bytes;
}

Number drawn(std::mt19937_64& random) {
  Number bytes{};
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

/// libcrypto's X25519; all zeros where it refuses the point.
Number by_libcrypto(const Number& scalar, const Number& point) {
  const auto provider = make_provider(AeadBackend::libcrypto);
  const auto key = libcrypto::key_share_from_private(NamedGroup::x25519, scalar);
  const auto secret = provider->agree(**key, point);
  Number bytes{};
  if (secret) copy_bytes(secret->reveal(), bytes);
  return bytes;
}

std::vector<Number> results_of(const Way& way, const std::vector<Number>& scalars, const std::vector<Number>& points) {
  std::vector<Number> results(scalars.size());
  std::vector<X25519> wanted;
  wanted.reserve(scalars.size());
  for (std::size_t i = 0; i < scalars.size(); ++i) wanted.push_back({scalars[i], points[i], results[i]});
  x25519(wanted, way.eight);
  return results;
}

/// Points of small order and others at the edges: 0, 1, p - 1, p, p + 1, 2^255 - 1, and those of order 8.
const std::array<std::string_view, 9> edges{"0000000000000000000000000000000000000000000000000000000000000000",
                                            "0100000000000000000000000000000000000000000000000000000000000000",
                                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                                            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"};

TEST(LanesOfX25519, GiveWhatRfc7748Says) {
  for (const Way& way : ways()) {  // section 5.2
    const std::vector<Number> scalars{number("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                                      number("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d")};
    const std::vector<Number> points{number("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
                                     number("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")};
    const auto results = results_of(way, scalars, points);
    EXPECT_EQ(to_hex(results[0]), "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552") << way.name;
    EXPECT_EQ(to_hex(results[1]), "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957") << way.name;
  }
}

TEST(LanesOfX25519, AgreeWithLibcryptoOnAnyNumbers) {
  std::mt19937_64 random(1);  // NOLINT: the same in each run
  for (const Way& way : ways()) {
    for (int round = 0; round < way.rounds; ++round) {
      std::vector<Number> scalars;
      std::vector<Number> points;
      for (std::size_t i = 0; i < lane_count + 3; ++i) {  // more than one batch, the second one not full
        scalars.push_back(drawn(random));
        points.push_back(drawn(random));
      }
      const auto results = results_of(way, scalars, points);
      for (std::size_t i = 0; i < results.size(); ++i) {
        ASSERT_EQ(to_hex(results[i]), to_hex(by_libcrypto(scalars[i], points[i]))) << way.name;
      }
    }
  }
}

TEST(LanesOfX25519, DoNotDisturbEachOther) {
  std::mt19937_64 random(2);  // NOLINT: the same in each run
  Number none{};
  Number full;
  full.fill(0xff);
  for (const Way& way : ways()) {
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
      std::vector<Number> scalars;
      std::vector<Number> points;
      for (std::size_t i = 0; i < lane_count; ++i) {
        scalars.push_back(i == lane ? drawn(random) : i % 2 == 0 ? none : full);
        points.push_back(i == lane ? drawn(random) : number(edges.at((lane + i) % edges.size())));
      }
      const auto results = results_of(way, scalars, points);
      for (std::size_t i = 0; i < lane_count; ++i) {
        EXPECT_EQ(to_hex(results[i]), to_hex(by_libcrypto(scalars[i], points[i]))) << way.name << ", lane " << i;
      }
    }
  }
}

TEST(LanesOfX25519, AnswerSharesThatAgreeWithTheirInitiators) {
  if (!usable()) GTEST_SKIP() << "this CPU has no AVX-512 IFMA";
  const auto provider = make_provider();
  const auto other = make_provider(AeadBackend::libcrypto);
  std::vector<std::shared_ptr<const EphemeralKey>> initiators;
  std::vector<Question> questions;
  for (int i = 0; i < 11; ++i) {
    const NamedGroup group = i % 3 == 0 ? NamedGroup::X25519MLKEM768 : NamedGroup::x25519;
    initiators.push_back(*other->make_key_share(i == 5 ? NamedGroup::secp256r1 : group));
    const Bytes share = initiators.back()->public_share();
    questions.emplace_back(KeyShareQuestion{initiators.back()->group(), {share.begin(), share.end()}});
  }
  const auto answers = provider->answer(questions);
  ASSERT_EQ(answers.size(), questions.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto& key = std::get<KeyShareAnswer>(*answers[i]);
    ASSERT_EQ(key->group(), initiators[i]->group());
    const auto ours = provider->agree(*key, initiators[i]->public_share());
    const auto theirs = other->agree(*initiators[i], key->public_share());
    ASSERT_TRUE(ours) << ours.error().to_string();
    EXPECT_EQ(to_hex(ours->reveal()), to_hex(theirs->reveal()));
  }
}

TEST(LanesOfX25519, RefuseBadSharesWhenTheyAreToAgree) {
  if (!usable()) GTEST_SKIP() << "this CPU has no AVX-512 IFMA";
  const auto provider = make_provider();
  const Number good = number("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  for (const std::string_view edge : edges) {
    const Number point = number(edge);
    const auto key = *provider->make_key_share_for(NamedGroup::x25519, point);
    const bool small_order = edge != edges[5] && edge != edges[6];
    const auto agreed = provider->agree(*key, point);
    EXPECT_EQ(agreed.has_value(), !small_order) << edge;
    if (!agreed) {
      EXPECT_EQ(agreed.error().rule, &rules::invalid_key_share);
    }
    EXPECT_TRUE(provider->agree(*key, good)) << "another share than the one that it was made for";
  }
  const auto key = *provider->make_key_share_for(NamedGroup::x25519, Bytes(good).first(31));
  EXPECT_FALSE(provider->agree(*key, Bytes(good).first(31)));
  EXPECT_TRUE(provider->agree(*key, good));
}

}  // namespace
}  // namespace padlock::crypto::lanes

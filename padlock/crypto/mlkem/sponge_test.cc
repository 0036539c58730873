#include "padlock/crypto/mlkem/sponge.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <random>

namespace padlock::crypto::mlkem {
namespace {

struct Named {
  const char* name;  ///< libcrypto's
  SpongeFunction function;
  std::size_t digest_length;  ///< 0: any
};
constexpr std::array functions{Named{"SHA3-256", SHA3_256, 32}, Named{"SHA3-512", SHA3_512, 64},
                               Named{"SHAKE128", SHAKE128, 0}, Named{"SHAKE256", SHAKE256, 0}};

std::vector<std::uint8_t> pattern(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return bytes;
}

std::string libcryptos(const Named& named, Bytes message, std::size_t length) {
  EVP_MD* const algorithm = EVP_MD_fetch(nullptr, named.name, nullptr);
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  std::vector<std::uint8_t> out(length);
  EXPECT_EQ(EVP_DigestInit_ex2(context, algorithm, nullptr), 1);
  EXPECT_EQ(EVP_DigestUpdate(context, message.data(), message.size()), 1);
  EXPECT_EQ(named.digest_length == 0 ? EVP_DigestFinalXOF(context, out.data(), length)
                                     : EVP_DigestFinal_ex(context, out.data(), nullptr),
            1);
  EVP_MD_CTX_free(context);
  EVP_MD_free(algorithm);
  return to_hex(out);
}

std::string ours(const Named& named, Bytes message, std::size_t length) {
  std::vector<std::uint8_t> out(length);
  Sponge sponge(named.function);
  sponge.absorb(message);
  sponge.squeeze(out);
  return to_hex(out);
}

TEST(Sponge, AgreesWithLibcryptoOnEveryLength) {
  for (const Named& named : functions) {
    for (std::size_t size = 0; size < 600; ++size) {
      const std::size_t length = named.digest_length != 0 ? named.digest_length : 1 + size;
      EXPECT_EQ(ours(named, pattern(size), length), libcryptos(named, pattern(size), length)) << named.name << size;
    }
    const std::size_t length = named.digest_length != 0 ? named.digest_length : 5000;
    EXPECT_EQ(ours(named, pattern(100000), length), libcryptos(named, pattern(100000), length)) << named.name;
  }
}

TEST(Sponge, AbsorbsAndSqueezesInStepsOfAnySize) {
  std::mt19937 random(1);
  const auto message = pattern(1000);
  for (const Named& named : functions) {
    const std::size_t length = named.digest_length != 0 ? named.digest_length : 700;
    for (int round = 0; round < 20; ++round) {
      const auto piece = [&](std::size_t left) {
        return std::min(left, std::uniform_int_distribution<std::size_t>(0, 200)(random));
      };
      Sponge sponge(named.function);
      for (Bytes left = message; !left.empty();) {
        const std::size_t size = piece(left.size());
        sponge.absorb(left.first(size));
        left = left.subspan(size);
      }
      std::vector<std::uint8_t> out(length);
      for (std::span<std::uint8_t> left = out; !left.empty();) {
        const std::size_t size = piece(left.size());
        sponge.squeeze(left.first(size));
        left = left.subspan(size);
      }
      EXPECT_EQ(to_hex(out), ours(named, message, length)) << named.name;
    }
  }
}

TEST(Keccak, PermutesAlikeInEveryVersionOfThisCpu) {
  std::mt19937_64 random(2);
  for (const KeccakVersion& version : keccak_versions()) {
    if (!version.usable) continue;
    KeccakStateX4 states;
    std::array<KeccakState, 4> alone;
    for (std::size_t lane = 0; lane < 25; ++lane)
      for (std::size_t i = 0; i < 4; ++i) states.lanes.at(lane).at(i) = alone.at(i).at(lane) = random();
    version.permute_x4(states);
    for (KeccakState& state : alone) {
      KeccakState again = state;
      keccak_versions().front().permute(state);
      version.permute(again);
      EXPECT_EQ(again, state) << version.name;
    }
    for (std::size_t lane = 0; lane < 25; ++lane)
      for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(states.lanes.at(lane).at(i), alone.at(i).at(lane)) << version.name;
  }
}

TEST(SpongeX4, GivesWhatFourSpongesGive) {
  const std::array<std::vector<std::uint8_t>, 4> inputs{pattern(0), pattern(34), pattern(7), pattern(135)};
  for (const Named& named : {functions[2], functions[3]}) {
    SpongeX4 four(named.function, {inputs[0], inputs[1], inputs[2], inputs[3]});
    std::array<std::vector<std::uint8_t>, 4> out;
    for (int block = 0; block < 3; ++block) {
      four.next_block();
      for (std::size_t i = 0; i < 4; ++i) {
        std::vector<std::uint8_t> bytes(named.function.rate);
        four.read(i, bytes);
        out.at(i).insert(out.at(i).end(), bytes.begin(), bytes.end());
      }
    }
    for (std::size_t i = 0; i < 4; ++i)
      EXPECT_EQ(to_hex(out.at(i)), ours(named, inputs.at(i), 3 * named.function.rate)) << named.name;
  }
}

}  // namespace
}  // namespace padlock::crypto::mlkem

#include "padlock/crypto/provider.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <set>
#include <string>
#include <thread>

namespace padlock::crypto {
namespace {

TEST(Provider, AnswersABatchInOrderAndEachQuestionOnItsOwn) {
  const auto provider = make_provider();
  const std::shared_ptr<const PrivateKey> signer = provider->generate_private_key(KeyKind::ecdsa_p256)->key;
  const auto ours = *provider->make_key_share(NamedGroup::x25519);
  const auto theirs = *provider->make_key_share(NamedGroup::x25519);
  const std::vector<std::uint8_t> share(theirs->public_share().begin(), theirs->public_share().end());
  const std::vector<std::uint8_t> message{1, 2, 3};
  const auto signature = *signer->sign(SignatureScheme::ecdsa_secp256r1_sha256, message);
  const std::vector<Question> questions{
      KeyShareQuestion{NamedGroup::secp256r1},
      SharedSecretQuestion{ours, share},
      SharedSecretQuestion{ours, {}},
      SignatureQuestion{signer, SignatureScheme::ecdsa_secp256r1_sha256, message},
      SignatureQuestion{signer, SignatureScheme::ed25519, message},
      SignatureCheckQuestion{signer->shared_public_key(), SignatureScheme::ecdsa_secp256r1_sha256, message, signature},
      SignatureCheckQuestion{signer->shared_public_key(), SignatureScheme::ecdsa_secp256r1_sha256, {}, signature}};
  const auto answers = provider->answer(questions);
  ASSERT_EQ(answers.size(), questions.size());
  EXPECT_EQ(std::get<KeyShareAnswer>(*answers[0])->group(), NamedGroup::secp256r1);
  EXPECT_EQ(to_hex(std::get<SharedSecretAnswer>(*answers[1]).reveal()),
            to_hex(provider->agree(*theirs, ours->public_share())->reveal()));
  EXPECT_EQ(answers[2].error().rule, &rules::invalid_key_share);
  EXPECT_TRUE(signer->public_key().verify(SignatureScheme::ecdsa_secp256r1_sha256, message,
                                          std::get<SignatureAnswer>(*answers[3])));
  EXPECT_EQ(answers[4].error().rule, &rules::operation_failed);
  EXPECT_TRUE(std::get<SignatureCheckAnswer>(*answers[5]).good);
  EXPECT_FALSE(std::get<SignatureCheckAnswer>(*answers[6]).good);
  EXPECT_TRUE(provider->answer({}).empty());
}

TEST(Provider, NeverGivesTheSameRandomBytesTwice) {
  const auto provider = make_provider();
  const auto other = make_provider();
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    std::array<std::uint8_t, 32> bytes{};
    ASSERT_TRUE((i % 2 == 0 ? *provider : *other).random(bytes));
    EXPECT_TRUE(seen.insert(to_hex(bytes)).second);
  }
  EXPECT_TRUE(provider->random({}));
}

using Draw = std::array<std::uint8_t, 16>;

std::vector<Draw> draws(std::size_t count) {
  const auto provider = make_provider();
  std::vector<Draw> drawn(count);
  for (Draw& bytes : drawn)
    if (!provider->random(bytes)) return {};
  return drawn;
}

TEST(Provider, DrawsDifferentBytesInEachOf16Workers) {
  std::vector<std::vector<Draw>> drawn(16);
  {
    std::vector<std::jthread> workers;
    workers.reserve(drawn.size());
    for (auto& own : drawn) workers.emplace_back([&own] { own = draws(10'000); });
  }
  std::set<Draw> seen;
  for (const auto& own : drawn) seen.insert(own.begin(), own.end());
  EXPECT_EQ(seen.size(), 160'000U);
}

TEST(Provider, DrawsOtherBytesInAChildProcess) {
  const auto provider = make_provider();
  Draw before{};
  ASSERT_TRUE(provider->random(before));  // so that the generator has a state to be copied
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  Draw own{};
  const pid_t child = fork();
  if (child == 0) {
    const bool sent = provider->random(own) && write(ends[1], own.data(), own.size()) == ssize_t{sizeof(own)};
    _exit(sent ? 0 : 1);
  }
  Draw childs{};
  EXPECT_EQ(read(ends[0], childs.data(), childs.size()), ssize_t{sizeof(childs)});
  int status = 1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  ASSERT_TRUE(provider->random(own));
  EXPECT_NE(own, childs);
  for (const int end : ends) close(end);
}

TEST(Provider, LetsThreadsShareKeys) {
  using enum SignatureScheme;
  for (const auto& [kind, scheme] :
       {std::pair{KeyKind::ecdsa_p256, ecdsa_secp256r1_sha256}, std::pair{KeyKind::ed25519, ed25519},
        std::pair{KeyKind::rsa_2048, rsa_pss_rsae_sha256}}) {
    const auto key = make_provider()->generate_private_key(kind)->key;
    std::atomic<int> good = 0;
    {
      std::vector<std::jthread> workers;
      workers.reserve(4);
      for (int worker = 0; worker < 4; ++worker) {
        workers.emplace_back([&, chosen = scheme] {
          for (int i = 0; i < 10; ++i) {
            const auto signature = key->sign(chosen, as_bytes("m"));
            if (signature && key->public_key().verify(chosen, as_bytes("m"), *signature)) ++good;
          }
        });
      }
    }
    EXPECT_EQ(good, 40) << name_of(scheme);
  }
}

TEST(Provider, SealsInEachThread) {
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> workers;
    workers.reserve(4);
    for (int worker = 0; worker < 4; ++worker) {
      workers.emplace_back([&] {
        const auto provider = make_provider();
        const auto aead = provider->make_aead(AeadAlgorithm::chacha20_poly1305, std::vector<std::uint8_t>(32, 1));
        const Bytes text = as_bytes("small enough for a job of libipsec-mb");
        std::vector<std::uint8_t> out(text.size() + aead_tag_length);
        for (int i = 0; i < 100; ++i) {
          aead->seal(std::vector<std::uint8_t>(12, 1), {}, std::span(&text, 1), out);
          if (aead->open(std::vector<std::uint8_t>(12, 1), {}, out)) ++good;
        }
      });
    }
  }
  EXPECT_EQ(good, 400);
}

TEST(Provider, SaysWhatItStandsOn) {
  EXPECT_EQ(make_provider(AeadBackend::libcrypto)->description().rfind("libcrypto 3.", 0), 0U);
}

TEST(Rules, HaveCodesOfThisFolder) {
  std::set<std::string_view> codes;
  for (const Rule* rule : rules::all) {
    EXPECT_EQ(rule->code.rfind("crypto.", 0), 0U);
    EXPECT_FALSE(rule->hint.empty());
    EXPECT_TRUE(codes.insert(rule->code).second);
  }
}

}  // namespace
}  // namespace padlock::crypto

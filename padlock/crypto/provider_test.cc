#include "padlock/crypto/provider.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

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

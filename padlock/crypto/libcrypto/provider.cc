#include "padlock/crypto/libcrypto/provider.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>

#include "padlock/crypto/finite_field.h"
#include "padlock/crypto/hybrid.h"
#include "padlock/crypto/lanes/x25519.h"
#include "padlock/crypto/libcrypto/finite_field.h"
#include "padlock/crypto/libcrypto/key_agreement.h"
#include "padlock/crypto/libcrypto/keys.h"
#include "padlock/crypto/libcrypto/library.h"

namespace padlock::crypto::libcrypto {
namespace {

class LibcryptoProvider final : public Provider {
 public:
  LibcryptoProvider(AeadFactory factory, std::string also, bool lanes)
      : make_aead_(factory), also_(std::move(also)), lanes_(lanes) {}

  std::unique_ptr<Aead> make_aead(AeadAlgorithm algorithm, Bytes key) override { return make_aead_(algorithm, key); }

  /// libcrypto's generator: one a thread, seeded by getrandom, and seeded anew after a fork (docs/threats.md, T33).
  Result<void> random(std::span<std::uint8_t> out) override {
    const ErrorScope errors;
    if (RAND_bytes_ex(library().context, out.data(), out.size(), 0) != 1)
      return broken(rules::random_failed, "no " + std::to_string(out.size()) + " random bytes from the system");
    return {};
  }

  Result<std::shared_ptr<const EphemeralKey>> make_key_share(NamedGroup group) override {
    if (is_finite_field(group)) return make_finite_field_share(group);
    return has_kem(group) ? hybrid::make_key_share(*this) : key_agreement_.make_key_share(group);
  }
  Result<std::shared_ptr<const EphemeralKey>> make_key_share_for(NamedGroup group, Bytes peer_share) override {
    if (has_kem(group)) return hybrid::make_key_share_for(*this, peer_share);
    if (!lanes_ || group != NamedGroup::x25519) return make_key_share(group);
    std::shared_ptr<const EphemeralKey> key;
    PADLOCK_TRY(lanes::answer_shares(*this, std::span(&peer_share, 1), std::span(&key, 1)));
    return key;
  }
  Result<SharedSecret> agree(const EphemeralKey& key, Bytes peer_share) override {
    if (has_kem(key.group())) return hybrid::agree(*this, key, peer_share);
    if (auto agreed = lanes::agree(key, peer_share)) return *std::move(agreed);
    return key_agreement_.agree(key, peer_share);
  }
  Result<SharedSecret> agree_in_finite_field(const EphemeralKey& key, Bytes peer_share,
                                             HashAlgorithm prf_hash) override {
    return libcrypto::agree_in_finite_field(key, peer_share, prf_hash);
  }
  Result<std::shared_ptr<const PublicKey>> make_public_key(PublicKeyParts parts) override {
    return libcrypto::make_public_key(std::move(parts));
  }
  Result<std::shared_ptr<const PrivateKey>> load_private_key(Bytes der) override {
    return libcrypto::load_private_key(der);
  }
  Result<GeneratedKey> generate_private_key(KeyKind kind) override { return libcrypto::generate_private_key(kind); }

  /// Shares of X25519 that are to be answered go into lanes together, those inside hybrid ones too.
  std::vector<Result<Answer>> answer(std::span<const Question> questions) override {
    if (!lanes_) return Provider::answer(questions);
    std::vector<Result<Answer>> answers;
    answers.reserve(questions.size());
    while (!questions.empty()) {
      const std::size_t some = answer_some(questions, answers);
      questions = questions.subspan(some);
    }
    return answers;
  }

  std::string description() const override { return "libcrypto " + version() + also_; }

 private:
  static Bytes x25519_share_in(const Question& question) {
    const auto* const wanted = std::get_if<KeyShareQuestion>(&question);
    if (wanted == nullptr) return {};
    if (wanted->group == NamedGroup::X25519MLKEM768) return hybrid::x25519_part(wanted->peer_share);
    return wanted->group == NamedGroup::x25519 ? Bytes(wanted->peer_share) : Bytes{};
  }

  /// Answers questions from the first one up to as many shares as fill the lanes. Returns how many.
  std::size_t answer_some(std::span<const Question> questions, std::vector<Result<Answer>>& answers) {
    std::array<Bytes, lanes::responders_at_once> shares;
    std::array<std::shared_ptr<const EphemeralKey>, lanes::responders_at_once> keys;
    std::size_t count = 0;
    std::size_t taken = 0;
    for (; taken < questions.size() && count < shares.size(); ++taken) {
      const Bytes share = x25519_share_in(questions[taken]);
      if (!share.empty()) shares.at(count++) = share;
    }
    Result<void> made;
    if (count > 0) made = lanes::answer_shares(*this, std::span(shares).first(count), keys);
    std::size_t next = 0;
    for (const Question& question : questions.first(taken)) {
      if (x25519_share_in(question).empty()) {
        answers.push_back(answer_one(question));
      } else if (made) {
        answers.push_back(answer_share(std::get<KeyShareQuestion>(question), std::move(keys.at(next++))));
      } else {
        answers.push_back(std::unexpected(made.error()));
      }
    }
    return taken;
  }

  Result<Answer> answer_share(const KeyShareQuestion& question, std::shared_ptr<const EphemeralKey> key) {
    if (question.group == NamedGroup::x25519) return key;
    return PADLOCK_TRY(hybrid::make_key_share_for(*this, question.peer_share, std::move(key)));
  }

  AeadFactory make_aead_;
  std::string also_;
  bool lanes_;
  KeyAgreement key_agreement_;
};

}  // namespace

std::string version() { return OpenSSL_version(OPENSSL_VERSION_STRING); }

std::unique_ptr<Provider> make_provider(AeadFactory factory, std::string also, bool lanes) {
  return std::make_unique<LibcryptoProvider>(factory, std::move(also), lanes);
}

}  // namespace padlock::crypto::libcrypto

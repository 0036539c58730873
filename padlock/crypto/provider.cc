#include "padlock/crypto/provider.h"

#include <utility>

#include "padlock/crypto/finite_field.h"
#include "padlock/crypto/signature.h"

namespace padlock::crypto {
namespace {

struct Answerer {
  Provider& provider;

  Result<Answer> operator()(const KeyShareQuestion& question) const {
    if (question.peer_share.empty()) return PADLOCK_TRY(provider.make_key_share(question.group));
    return PADLOCK_TRY(provider.make_key_share_for(question.group, question.peer_share));
  }
  Result<Answer> operator()(const SharedSecretQuestion& question) const {
    if (is_finite_field(question.key->group())) {
      return PADLOCK_TRY(provider.agree_in_finite_field(*question.key, question.peer_share, question.prf_hash));
    }
    return PADLOCK_TRY(provider.agree(*question.key, question.peer_share));
  }
  Result<Answer> operator()(const SignatureQuestion& question) const {
    return PADLOCK_TRY(question.key->sign(question.scheme, question.message));
  }
  Result<Answer> operator()(const SignatureCheckQuestion& question) const {
    const SignatureSchemeParts* scheme = find_scheme(question.scheme);
    if (question.any_curve && scheme != nullptr && scheme->kind == SignatureKind::ecdsa) {
      return SignatureCheckAnswer{question.key->verify_ecdsa(scheme->hash, question.message, question.signature)};
    }
    return SignatureCheckAnswer{question.key->verify(question.scheme, question.message, question.signature)};
  }
  Result<Answer> operator()(const RsaDecryptQuestion& question) const {
    return PADLOCK_TRY(question.key->decrypt_raw(question.ciphertext));
  }
};

}  // namespace

Result<Answer> Provider::answer_one(const Question& question) { return std::visit(Answerer{*this}, question); }

std::vector<Result<Answer>> Provider::answer(std::span<const Question> questions) {
  std::vector<Result<Answer>> answers;
  answers.reserve(questions.size());
  for (const Question& question : questions) answers.push_back(answer_one(question));
  return answers;
}

}  // namespace padlock::crypto

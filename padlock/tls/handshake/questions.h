#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/config.h"
#include "padlock/tls/events.h"
#include "padlock/tls/rules.h"

namespace padlock::tls {

/// Whatever a question may be answered with.
using AnyAnswer = std::variant<crypto::KeyShareAnswer, crypto::SharedSecretAnswer, crypto::SignatureAnswer,
                               crypto::SignatureCheckAnswer, std::shared_ptr<const Credential>, PeerVerified>;

/// Which alternative of AnyAnswer a question waits for.
enum class AnswerKind : std::size_t { key_share, shared_secret, signature, signature_check, credential, verified };

/// The questions of one connection that have no answer yet.
class Questions {
 public:
  QuestionId open(AnswerKind kind) {
    open_.push_back({next_id_, kind});
    return next_id_++;
  }
  /// Closes question `id`; fails and changes nothing if there is none or it waits for another kind of answer.
  Result<void> close(QuestionId id, std::size_t answer_kind) {
    const auto question = std::ranges::find(open_, id, &Open::id);
    if (question == open_.end() || static_cast<std::size_t>(question->kind) != answer_kind) {
      return broken(rules::unknown_question, "question " + std::to_string(id) + " does not wait for this answer");
    }
    open_.erase(question);
    return {};
  }
  /// Closes question `id`, whatever it waits for.
  Result<void> close(QuestionId id) {
    const auto question = std::ranges::find(open_, id, &Open::id);
    return close(id, question == open_.end() ? 0 : static_cast<std::size_t>(question->kind));
  }
  void forget_all() { open_ = std::vector<Open>(); }

 private:
  struct Open {
    QuestionId id;
    AnswerKind kind;
  };
  std::vector<Open> open_;
  QuestionId next_id_ = 1;
};

}  // namespace padlock::tls

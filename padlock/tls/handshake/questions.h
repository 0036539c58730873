#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/config.h"
#include "padlock/tls/events.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"

namespace padlock::tls {

/// Whatever a question may be answered with.
using AnyAnswer = std::variant<crypto::KeyShareAnswer, crypto::SharedSecretAnswer, crypto::SignatureAnswer,
                               crypto::SignatureCheckAnswer, crypto::RsaDecryptAnswer,
                               std::shared_ptr<const Credential>, PeerVerified, EarlyDataAnswer>;

inline AnyAnswer any_answer(crypto::Answer answer) {
  return std::visit([](auto&& given) { return AnyAnswer(std::forward<decltype(given)>(given)); }, std::move(answer));
}

/// Which alternative of AnyAnswer a question waits for.
enum class AnswerKind : std::size_t {
  key_share,
  shared_secret,
  signature,
  signature_check,
  rsa_decrypt,
  credential,
  verified,
  early_data
};

/// The questions of one connection that have no answer yet.
class Questions {
 public:
  QuestionId open(AnswerKind kind) {
    assert(count_ < open_.size());
    open_.at(count_++) = {next_id_, kind};
    return next_id_++;
  }
  /// Closes question `id`; fails and changes nothing if there is none or it waits for another kind of answer.
  Result<void> close(QuestionId id, std::size_t answer_kind) {
    Open* const question = find(id);
    if (question == nullptr || static_cast<std::size_t>(question->kind) != answer_kind) {
      return broken(rules::unknown_question, "question " + std::to_string(id) + " does not wait for this answer");
    }
    *question = open_.at(--count_);
    return {};
  }
  /// Closes question `id`, whatever it waits for.
  Result<void> close(QuestionId id) {
    const Open* const question = find(id);
    return close(id, question == nullptr ? 0 : static_cast<std::size_t>(question->kind));
  }
  void forget_all() { count_ = 0; }

 private:
  struct Open {
    QuestionId id;
    AnswerKind kind;
  };
  Open* find(QuestionId id) {
    const auto open = std::span(open_).first(count_);
    const auto question = std::ranges::find(open, id, &Open::id);
    return question == open.end() ? nullptr : &*question;
  }

  std::array<Open, limits::key_shares> open_{};  // a client's shares are the most that are asked for at once
  std::size_t count_ = 0;
  QuestionId next_id_ = 1;
};

}  // namespace padlock::tls

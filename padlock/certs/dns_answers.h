#pragma once

#include <span>

#include "padlock/certs/acme_challenges.h"

namespace padlock::certs {

/// Answers of dns-01 as records that somebody sets; those of other kinds go to `others`, which outlives it.
class DnsAnswers : public ChallengeAnswers {
 public:
  explicit DnsAnswers(ChallengeAnswers& others) : others_(&others) {}

  /// Errors: those of `others` and of who sets records.
  net::Awaitable<Result<void>> show(std::span<const acme::ChallengeAnswer> answers) final;
  net::Awaitable<void> hide(std::span<const acme::ChallengeAnswer> answers) final;

 protected:
  /// Sets the record of an answer of dns-01.
  virtual net::Awaitable<Result<void>> add(const acme::ChallengeAnswer& answer) = 0;
  /// All of these are added: returns when whoever asks sees them. Other orders may have added theirs.
  virtual net::Awaitable<Result<void>> settle(std::span<const acme::ChallengeAnswer> /*added*/) {
    co_return Result<void>();
  }
  /// Takes back what `add` did, if it did something.
  virtual net::Awaitable<void> remove(const acme::ChallengeAnswer& answer) = 0;

 private:
  ChallengeAnswers* others_;
};

}  // namespace padlock::certs

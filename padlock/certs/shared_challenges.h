#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "padlock/certs/acme_challenges.h"
#include "padlock/certs/redis_store.h"

namespace padlock::certs {

/// Answers to challenges as one stored value: who asks them is asked soon, so they end by themselves.
std::string write_challenges(std::span<const acme::ChallengeAnswer> answers, WallTime until);
/// Those of an identifier. Nothing: they are none, or have ended.
std::vector<acme::ChallengeAnswer> parse_challenges(std::string_view text, const StoreKey& key, WallTime now);

/// The answers of http-01 and tls-alpn-01 that every node of a fleet gives: `show` returns when all nodes have them
/// that are there. Answers by DNS are none of its own.
class SharedChallenges final : public ChallengeAnswers {
 public:
  /// `ca`: what they are for, in the store. The others outlive it.
  SharedChallenges(std::string ca, RedisStore& store, ChallengeBoard& board)
      : ca_(std::move(ca)), store_(&store), board_(&board) {}

  /// Errors: those of the store, and of making certificates.
  net::Awaitable<Result<void>> show(std::span<const acme::ChallengeAnswer> answers) override;
  net::Awaitable<void> hide(std::span<const acme::ChallengeAnswer> answers) override;

 private:
  net::Awaitable<Result<void>> wait_for_nodes();

  std::string ca_;
  RedisStore* store_;
  ChallengeBoard* board_;
};

/// Shows on this node what others have put into the store.
class SharedChallengesView {
 public:
  /// The others outlive it.
  SharedChallengesView(RedisStore& store, ChallengeBoard& board) : store_(&store), board_(&board) {}
  /// Looks once. Errors: those of the store.
  net::Awaitable<Result<void>> look();

 private:
  struct Shown {
    std::uint64_t version = 0;
    std::vector<acme::ChallengeAnswer> answers;
  };
  RedisStore* store_;
  ChallengeBoard* board_;
  std::map<std::string, Shown> shown_;  ///< by key
};

}  // namespace padlock::certs

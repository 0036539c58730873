#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <asio/steady_timer.hpp>

#include "padlock/base/result.h"
#include "padlock/base/secret.h"
#include "padlock/certs/redis_settings.h"
#include "padlock/certs/resp.h"
#include "padlock/client/trust.h"
#include "padlock/crypto/provider.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/clock.h"

namespace padlock::certs {

/// A connection to Redis that is made when it is needed, and again when it has broken: not before a pause that grows.
/// Several coroutines of one loop may call; one after the other is answered.
class RedisConnection {
 public:
  /// Reads password and roots. `provider` outlives it. Errors: `password_unusable`; those of files and trust.
  static Result<RedisConnection> make(RedisSettings settings, crypto::Provider& provider);

  /// What it answers. Errors: `away`, at once while a pause lasts, and if an answer takes longer than the settings'
  /// `patience`; `refused`: it answers with an error; those of replies. After `not_after` it is not asked any more:
  /// `away`.
  net::Awaitable<Result<RespReply>> call(std::vector<std::string> command, net::Deadline not_after = net::no_deadline);
  /// For people.
  std::string name() const { return to_string(settings_); }
  /// Lets the connection go, before its loop does.
  void close() { open_.reset(); }

 private:
  struct Open;
  struct Turn;
  RedisConnection(RedisSettings settings, crypto::Provider& provider)
      : settings_(std::move(settings)), provider_(&provider), turns_(std::make_shared<Turns>()) {}

  net::Awaitable<Result<RespReply>> call_in_turn(const std::vector<std::string>& command);
  net::Awaitable<Result<std::shared_ptr<Open>>> connect() const;
  net::Awaitable<Result<void>> introduce(Open& open) const;
  static net::Awaitable<Result<RespReply>> ask(Open& open, Bytes command, net::Deadline deadline);
  Error note_failure(const Error& why);

  /// Who waits for the connection.
  struct Turns {
    bool taken = false;
    std::deque<std::shared_ptr<asio::steady_timer>> waiting;
  };
  class Pass;
  static net::Awaitable<std::shared_ptr<Pass>> enter(std::shared_ptr<Turns> turns);

  RedisSettings settings_;
  crypto::Provider* provider_;
  SecretBytes greeting_;  ///< AUTH, as it is sent; empty: there is none
  std::shared_ptr<const client::Trust> trust_;
  std::shared_ptr<Turns> turns_;
  std::shared_ptr<Open> open_;  ///< running calls keep it too
  unsigned failures_ = 0;
  net::Deadline not_before_{};
  std::string reason_;  ///< why it is away
};

}  // namespace padlock::certs

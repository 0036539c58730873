#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <asio/steady_timer.hpp>

#include "padlock/base/result.h"
#include "padlock/certs/limits.h"
#include "padlock/certs/redis_connection.h"
#include "padlock/certs/redis_settings.h"
#include "padlock/crypto/provider.h"
#include "padlock/net/awaitable.h"
#include "padlock/tls/session/early_data_store.h"

namespace padlock::certs {

/// Which tickets have brought early data to any server of a fleet: each may once (RFC 8446, section 8.1).
///
///     PREFIX:early/SHA-256       a ticket that has; it goes when no copy of its hello can look new any more
///     PREFIX:early:since         which run of Redis has marked all that came, and since when
///
/// Only a store that has forgotten nothing can say that a ticket is new: one that has run for less than `mark_life`,
/// was emptied, may evict keys, or whose clock and ours lie apart says so, and then nobody takes early data. What a
/// Redis says that is somebody else's cannot be checked: who writes there can have a safe request answered twice.
///
/// For one worker, with a connection of its own. Handshakes wait for it, so it is bounded (docs/threats.md, rule 11).
class SharedMarks : public std::enable_shared_from_this<SharedMarks> {
 public:
  /// How far the clocks of nodes and of Redis may lie apart.
  static constexpr std::chrono::seconds clock_skew{2};
  /// A hello looks new for this long on whatever node of the fleet.
  static constexpr std::chrono::seconds mark_life = tls::EarlyDataStore::remembered + 2 * clock_skew;

  /// One for each worker. Errors: those of RedisConnection::make.
  static Result<std::vector<std::shared_ptr<SharedMarks>>> open(const RedisSettings& settings, std::size_t workers);

  /// True: this is the ticket's first use in the fleet. False: it is not, or nobody can tell within `patience`.
  net::Awaitable<bool> use(std::vector<std::uint8_t> ticket, std::chrono::nanoseconds patience = mark_patience);
  /// Lets the connection go, before its loop does.
  void close() { connection_.close(); }

 private:
  /// A question that a handshake waits for.
  struct Asked {
    explicit Asked(const asio::any_io_executor& executor, net::Deadline end) : timer(executor, end), deadline(end) {}
    asio::steady_timer timer;
    net::Deadline deadline;
    bool first = false;
  };
  SharedMarks(std::unique_ptr<crypto::Provider> provider, RedisConnection connection, std::string prefix)
      : provider_(std::move(provider)), connection_(std::move(connection)), prefix_(std::move(prefix)) {}
  static net::Awaitable<void> ask(std::shared_ptr<SharedMarks> self, std::vector<std::uint8_t> ticket,
                                  std::shared_ptr<Asked> asked);

  std::unique_ptr<crypto::Provider> provider_;
  RedisConnection connection_;
  std::string prefix_;
  std::size_t waiting_ = 0;
};

}  // namespace padlock::certs

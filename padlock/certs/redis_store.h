#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/certs/redis_connection.h"
#include "padlock/certs/seal.h"
#include "padlock/certs/store.h"

namespace padlock::certs {

/// Values on a Redis server, sealed, shared by all nodes of a fleet:
///
///     PREFIX:KIND/CA/NAME        a sealed value
///     PREFIX:index:KIND          hash: CA/NAME -> version
///     PREFIX:lock:KIND/CA/NAME   hash: fence, until (milliseconds, by Redis' clock)
///     PREFIX:changes             counts every change; PREFIX:epoch tells whether all was lost since
///     PREFIX:nodes               hash: node -> when it was here, and which change it has seen
///
/// What must not come apart is a script on the server: a lock is taken, and a value is written, under a fencing number
/// that is compared there and then. One loop's.
class RedisStore final : public Store {
 public:
  /// `provider` outlives it. Errors: those of SealKeys::load and RedisConnection::make.
  static Result<RedisStore> open(const RedisSettings& settings, crypto::Provider& provider);

  net::Awaitable<Result<std::optional<SecretBytes>>> get(const StoreKey& key) override;
  net::Awaitable<Result<void>> put(const StoreKey& key, Bytes value, const Lease* held) override;
  net::Awaitable<Result<std::vector<StoreKey>>> list(Kind kind) override;
  net::Awaitable<Result<bool>> remove(const StoreKey& key, const Lease* held) override;
  net::Awaitable<Result<Lease>> lock(const StoreKey& key, std::chrono::seconds life) override;
  net::Awaitable<Result<void>> renew(Lease& lease, std::chrono::seconds life) override;
  net::Awaitable<Result<void>> unlock(const Lease& lease) override;

  /// Does something once in the fleet: by the holder of a lease that has not run out, and by nobody again. `what` names
  /// it: "finalize https://ca.test/order/7". Errors: `rules::lease_lost`, `already_claimed`.
  net::Awaitable<Result<void>> claim(const Lease& lease, std::string_view what);

  /// A key that has a value, and the number of what it has.
  struct Entry {
    StoreKey key;
    std::uint64_t version = 0;
  };
  net::Awaitable<Result<std::vector<Entry>>> versions(Kind kind);
  /// The same as `put`; gives the number that it has.
  net::Awaitable<Result<std::uint64_t>> put_versioned(const StoreKey& key, Bytes value, const Lease* held);
  /// The same as `get`, with its number.
  net::Awaitable<Result<std::optional<Unsealed>>> get_versioned(const StoreKey& key);

  /// What has changed, and how far the nodes are.
  struct Pulse {
    std::string epoch;              ///< another one: all was lost since
    std::uint64_t changes = 0;      ///< another one: something was written or removed
    std::uint64_t seen_by_all = 0;  ///< the change that every node has seen which was here in the last seconds
  };
  /// `node` says that it is here, and which change it has seen; empty: it only asks.
  net::Awaitable<Result<Pulse>> pulse(std::string_view node, std::uint64_t seen);

  /// For people.
  std::string name() const { return connection_.name(); }
  /// Lets the connection go, before its loop does.
  void close() { connection_.close(); }

 private:
  RedisStore(RedisConnection connection, SealKeys keys, std::string prefix, crypto::Provider& provider)
      : connection_(std::move(connection)), keys_(std::move(keys)), prefix_(std::move(prefix)), provider_(&provider) {}

  std::string value_key(const StoreKey& key) const { return prefix_ + ":" + to_string(key); }
  std::string lock_key(const StoreKey& key) const { return prefix_ + ":lock:" + to_string(key); }
  std::string index_key(Kind kind) const { return prefix_ + ":index:" + std::string(folder_of(kind)); }
  std::string changes_key() const { return prefix_ + ":changes"; }
  net::Awaitable<Result<RespReply>> run(std::string_view script, std::vector<std::string> keys,
                                        std::vector<std::string> arguments);
  net::Awaitable<Result<std::uint64_t>> version_of(const StoreKey& key);
  static Error lost(const Lease& lease, std::int64_t now);

  RedisConnection connection_;
  SealKeys keys_;
  std::string prefix_;
  crypto::Provider* provider_;
};

}  // namespace padlock::certs

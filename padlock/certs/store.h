#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/base/secret.h"
#include "padlock/certs/limits.h"
#include "padlock/certs/store_key.h"
#include "padlock/net/awaitable.h"

namespace padlock::certs {

/// A lock on a key, held for a time: whoever is paused past it has lost it, whether he knows or not. So every holder
/// has a number greater than those of all before, and what an old one writes is refused (docs/threats.md, A8).
struct Lease {
  StoreKey key;
  std::uint64_t fence = 0;
  WallTime until{};
};

/// Where certificates, accounts and the state of orders are kept: in files, or shared by a fleet. Values are bytes,
/// bound to their key: what was altered, or put under another key, counts as absent. Nothing on the way of a handshake
/// or a request waits for it.
///
/// Errors of each: `rules::malformed_key`, and those of its medium.
class Store {
 public:
  virtual ~Store() = default;

  /// Nothing: there is none, or what there was is damaged and set aside.
  virtual net::Awaitable<Result<std::optional<SecretBytes>>> get(const StoreKey& key) = 0;
  /// In place as a whole and durable when it returns; after an error or a crash the old value or the new one is there.
  /// `held`: the lock under which it is written, or null. Errors: `rules::lease_lost`, `rules::value_too_large`.
  virtual net::Awaitable<Result<void>> put(const StoreKey& key, Bytes value, const Lease* held) = 0;
  /// The keys of a kind that have a value, in order.
  virtual net::Awaitable<Result<std::vector<StoreKey>>> list(Kind kind) = 0;
  /// Whether there was one. Error: `rules::lease_lost`.
  virtual net::Awaitable<Result<bool>> remove(const StoreKey& key, const Lease* held) = 0;

  /// Error: `rules::lock_held`, by another one whose lease has not ended.
  virtual net::Awaitable<Result<Lease>> lock(const StoreKey& key, std::chrono::seconds life) = 0;
  /// Holds it for `life` from now on. Error: `rules::lease_lost`.
  virtual net::Awaitable<Result<void>> renew(Lease& lease, std::chrono::seconds life) = 0;
  /// Lets it go. One that was lost already is no error.
  virtual net::Awaitable<Result<void>> unlock(const Lease& lease) = 0;
};

}  // namespace padlock::certs

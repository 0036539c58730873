#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/base/secret.h"
#include "padlock/certs/store.h"

namespace padlock::certs {

/// Values in files of the state folder, each bound to its key by a checksum:
///
///     DIRECTORY/certs/CA/NAME/entry      the value behind one line
///     DIRECTORY/certs/CA/NAME/lease      who holds its lock, once somebody did
///     DIRECTORY/certs/.lock              held while a file is replaced
///
/// Files 0600 in folders 0700, replaced atomically; damaged ones are set aside, which `notices` tells; such as are open
/// to others are refused. Several processes may use one folder. One object is one thread's.
class StoreFolder {
 public:
  /// `directory`: the state folder, made when something is written. `clock`: of leases; by default the system's.
  explicit StoreFolder(std::filesystem::path directory, std::function<WallTime()> clock = {});

  // As those of Store, at once. Errors more: those of net/atomic_file.h.
  Result<std::optional<SecretBytes>> get(const StoreKey& key);
  Result<void> put(const StoreKey& key, Bytes value, const Lease* held = nullptr);
  Result<std::vector<StoreKey>> list(Kind kind) const;
  Result<bool> remove(const StoreKey& key, const Lease* held = nullptr);
  Result<Lease> lock(const StoreKey& key, std::chrono::seconds life = lease_life);
  Result<void> renew(Lease& lease, std::chrono::seconds life = lease_life);
  Result<void> unlock(const Lease& lease);

  /// Takes a value out of the way that its reader makes nothing of. Error: `file_unwritable`.
  Result<void> set_aside(const StoreKey& key, const std::string& why);
  /// What the user should know, oldest first: files that were set aside.
  const std::vector<std::string>& notices() const { return notices_; }

 private:
  struct Held;
  Result<Held> open(const StoreKey& key) const;
  Result<std::optional<Lease>> read_lease(const StoreKey& key, const std::filesystem::path& folder);
  Result<void> write_lease(const Lease& lease, const std::filesystem::path& folder) const;
  Result<void> check_lease(const Lease* held, const std::filesystem::path& folder);
  Result<std::optional<SecretBytes>> read(const StoreKey& key, const std::filesystem::path& file);

  std::filesystem::path directory_;
  std::function<WallTime()> clock_;
  std::vector<std::string> notices_;
};

/// The same as a store.
class FileStore final : public Store {
 public:
  explicit FileStore(StoreFolder folder) : folder_(std::move(folder)) {}
  StoreFolder& folder() { return folder_; }

  net::Awaitable<Result<std::optional<SecretBytes>>> get(const StoreKey& key) override { co_return folder_.get(key); }
  net::Awaitable<Result<void>> put(const StoreKey& key, Bytes value, const Lease* held) override {
    co_return folder_.put(key, value, held);
  }
  net::Awaitable<Result<std::vector<StoreKey>>> list(Kind kind) override { co_return folder_.list(kind); }
  net::Awaitable<Result<bool>> remove(const StoreKey& key, const Lease* held) override {
    co_return folder_.remove(key, held);
  }
  net::Awaitable<Result<Lease>> lock(const StoreKey& key, std::chrono::seconds life) override {
    co_return folder_.lock(key, life);
  }
  net::Awaitable<Result<void>> renew(Lease& lease, std::chrono::seconds life) override {
    co_return folder_.renew(lease, life);
  }
  net::Awaitable<Result<void>> unlock(const Lease& lease) override { co_return folder_.unlock(lease); }

 private:
  StoreFolder folder_;
};

}  // namespace padlock::certs

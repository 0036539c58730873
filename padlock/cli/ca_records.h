#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "padlock/acme/server/ca_server.h"
#include "padlock/base/result.h"
#include "padlock/net/atomic_file.h"

namespace padlock::cli {

/// What our ACME server remembers, in a folder of this user's own, a file for each thing:
///
///     DIRECTORY/accounts/ID.json, orders/ID.json, certificates/ID.json, lock
///
/// 0600 in folders 0700, replaced atomically and durably. One process has it at a time.
class RecordFolder {
 public:
  /// Errors: net's of files; `rules::ca_served_already`.
  static Result<RecordFolder> open(std::filesystem::path directory);

  /// Gives the server all that there is. Files that are damaged are set aside: a line each.
  std::vector<std::string> restore(acme::CaServer& server) const;
  /// Has it on the disk when this returns. Errors: net's of files.
  Result<void> apply(std::span<const acme::RecordChange> changes) const;

 private:
  RecordFolder(std::filesystem::path directory, net::FileLock lock)
      : directory_(std::move(directory)), lock_(std::move(lock)) {}
  std::filesystem::path directory_;
  net::FileLock lock_;
};

}  // namespace padlock::cli

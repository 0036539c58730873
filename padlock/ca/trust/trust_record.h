#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/ca/trust/root_store.h"

namespace padlock::ca {

/// A root that was put into a store, by us.
struct InstalledRoot {
  std::string fingerprint;
  StoreKind kind;
  std::filesystem::path place;
  WallTime at{};

  bool is(const std::string& other, const RootStore& store) const {
    return fingerprint == other && kind == store.kind() && place == store.place();
  }
};

/// What `padlock trust install` has done, so that all of it can be undone, the roots of earlier CAs too: a file in the
/// state folder, trust.json, with mode 0600. A line is written before its change: who is interrupted knows of it.
class TrustRecord {
 public:
  /// Reads it; a missing one is empty. A damaged one is set aside and said in `notice`. Errors: net's of files.
  static Result<TrustRecord> open(std::filesystem::path directory);

  const std::vector<InstalledRoot>& installed() const { return installed_; }
  const std::optional<std::string>& notice() const { return notice_; }

  Result<void> note(InstalledRoot root);
  Result<void> forget(const std::string& fingerprint, StoreKind kind, const std::filesystem::path& place);

 private:
  explicit TrustRecord(std::filesystem::path directory) : directory_(std::move(directory)) {}
  Result<void> save() const;

  std::filesystem::path directory_;
  std::vector<InstalledRoot> installed_;
  std::optional<std::string> notice_;
};

/// As the file holds them. Error: `rules::damaged_record`.
std::string write_trust_record(const std::vector<InstalledRoot>& installed);
Result<std::vector<InstalledRoot>> parse_trust_record(std::string_view text);

}  // namespace padlock::ca

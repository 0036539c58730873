#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/ca/trust/root_store.h"
#include "padlock/ca/trust/store_program.h"

namespace padlock::ca {

/// A certificate as `certutil -L` lists it.
struct NssEntry {
  std::string nickname;
  bool trusted_for_servers = false;  ///< C or T among the flags for SSL

  friend bool operator==(const NssEntry&, const NssEntry&) = default;
};
/// The entries of its table: a nickname, which may hold spaces, and three groups of flags.
std::vector<NssEntry> parse_nss_list(std::string_view table);

/// A store of NSS: a folder with cert9.db, kept by certutil.
class NssStore final : public RootStore {
 public:
  /// `certutil`: nothing if this machine has none. A folder without a store is made one when a root is added.
  NssStore(StoreKind kind, std::filesystem::path folder, std::optional<std::filesystem::path> certutil,
           std::filesystem::path home)
      : kind_(kind), folder_(std::move(folder)), certutil_(std::move(certutil)), home_(std::move(home)) {}

  StoreKind kind() const override { return kind_; }
  std::filesystem::path place() const override { return folder_; }
  Standing standing(const std::string& fingerprint) const override;
  std::vector<std::string> steps_to_add(const std::string& fingerprint) const override;
  std::vector<std::string> steps_to_remove(const std::string& fingerprint) const override;
  Result<void> add(Bytes der) override;
  Result<void> remove(const std::string& fingerprint) override;

 private:
  bool made() const;
  Result<void> make();
  Result<std::string> run(std::vector<std::string> arguments, std::string input = {}) const;
  std::vector<std::string> with_store(std::vector<std::string> arguments) const;
  Result<std::vector<NssEntry>> entries_with(const std::string& fingerprint) const;

  StoreKind kind_;
  std::filesystem::path folder_;
  std::optional<std::filesystem::path> certutil_;
  std::filesystem::path home_;
};

/// A store that this machine does not have, with the reason: for who asks after it.
class AbsentStore final : public RootStore {
 public:
  AbsentStore(StoreKind kind, std::string why) : kind_(kind), why_(std::move(why)) {}
  StoreKind kind() const override { return kind_; }
  std::filesystem::path place() const override { return {}; }
  Standing standing(const std::string&) const override { return {Presence::absent, why_}; }
  std::vector<std::string> steps_to_add(const std::string&) const override { return {}; }
  std::vector<std::string> steps_to_remove(const std::string&) const override { return {}; }
  Result<void> add(Bytes) override { return {}; }
  Result<void> remove(const std::string&) override { return {}; }

 private:
  StoreKind kind_;
  std::string why_;
};

}  // namespace padlock::ca

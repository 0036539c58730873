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

/// How a family of distributions keeps its roots: a folder for those of the administrator, a program that makes the
/// bundle from it. Paths are relative to "/".
struct SystemLayout {
  std::string_view anchors;
  std::string_view bundle;
  std::string_view program;
  std::string_view argument;  ///< of the program; empty: none
  bool keeps_within = false;  ///< the program can be told to keep within another root
};

/// The store that curl, wget, git, OpenSSL and `padlock get` read.
class SystemStore final : public RootStore {
 public:
  /// The one that this machine has, if any. `root`: prefix of all its paths, "/" but in tests and images; below another
  /// one nothing of this machine's own store is touched, and the folders are made.
  static std::optional<SystemStore> find(const std::filesystem::path& root);

  StoreKind kind() const override { return StoreKind::system; }
  std::filesystem::path place() const override { return in_root(layout_.anchors); }
  Standing standing(const std::string& fingerprint) const override;
  std::vector<std::string> steps_to_add(const std::string& fingerprint) const override;
  std::vector<std::string> steps_to_remove(const std::string& fingerprint) const override;
  bool needs_root() const override;
  Result<void> add(Bytes der) override;
  Result<void> remove(const std::string& fingerprint) override;

 private:
  SystemStore(const SystemLayout& layout, std::filesystem::path root, std::filesystem::path program)
      : layout_(layout), root_(std::move(root)), program_{std::move(program), root_} {}

  std::filesystem::path in_root(std::string_view relative) const { return root_ / relative; }
  std::filesystem::path anchor(const std::string& fingerprint) const;
  std::vector<std::filesystem::path> anchors_with(const std::string& fingerprint) const;
  std::vector<std::string> update_arguments(bool fresh) const;
  Result<void> update(bool fresh);
  Result<void> make_folders() const;
  Result<void> strip_bundle(const std::string& fingerprint) const;
  bool bundle_holds(const std::string& fingerprint) const;

  SystemLayout layout_;
  std::filesystem::path root_;
  StoreProgram program_;
};

}  // namespace padlock::ca

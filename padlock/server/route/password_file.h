#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "padlock/base/result.h"

namespace padlock::server {

/// Names and hashes of passwords as htpasswd and mkpasswd write them, a line each: "name:$y$...". Hashes are those of
/// crypt(3): bcrypt ($2b$, $2y$), yescrypt ($y$), SHA-512 ($6$) and SHA-256 ($5$).
class PasswordFile {
 public:
  /// Empty lines and those that begin with # are passed over. Errors: those of net::read_file;
  /// rules::password_file_malformed, with the line; nothing of a hash is in them.
  static Result<PasswordFile> read(const std::filesystem::path& file);
  static Result<PasswordFile> parse(std::string_view text);

  /// Takes as long for a name that is not there as for one that is. Tens of milliseconds of work and more: never on a
  /// thread that serves clients.
  bool verify(std::string_view name, const std::string& password) const;

 private:
  std::vector<std::pair<std::string, std::string>> users_;  ///< at least one
};

}  // namespace padlock::server

#include "padlock/server/route/password_file.h"

#include <crypt.h>

#include <algorithm>
#include <array>
#include <memory>

#include "padlock/base/secret.h"
#include "padlock/base/text.h"
#include "padlock/net/atomic_file.h"
#include "padlock/server/limits.h"
#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

bool is_known_hash(std::string_view hash) {
  constexpr std::array<std::string_view, 6> prefixes{"$2a$", "$2b$", "$2y$", "$y$", "$6$", "$5$"};
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return hash.starts_with(prefix); });
}

/// crypt(3) answers what it cannot do by a text that begins with an asterisk, which is no hash.
bool matches(const std::string& password, const std::string& hash) {
  const auto room = std::make_unique<crypt_data>();  // zero: as it wants to be at its first use
  const char* const made = ::crypt_r(password.c_str(), hash.c_str(), room.get());
  return made != nullptr && equal_constant_time(as_bytes(made), as_bytes(hash));
}

}  // namespace

Result<PasswordFile> PasswordFile::read(const std::filesystem::path& file) {
  const auto bytes = PADLOCK_TRY(net::read_file(file, limits::password_file_bytes));
  auto parsed = parse(as_text(bytes));
  if (!parsed) return broken(*parsed.error().rule, escaped(file.native()) + ": " + parsed.error().what);
  return parsed;
}

Result<PasswordFile> PasswordFile::parse(std::string_view text) {
  PasswordFile file;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t colon = line.find(':');
    const bool good = colon != std::string_view::npos && colon > 0 && is_known_hash(line.substr(colon + 1));
    if (!good) return broken(rules::password_file_malformed, "line " + std::to_string(number) + " is no name and hash");
    file.users_.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  if (file.users_.empty()) return broken(rules::password_file_malformed, "there is no user");
  return file;
}

bool PasswordFile::verify(std::string_view name, const std::string& password) const {
  const auto found = std::ranges::find(users_, name, [](const auto& one) { return one.first; });
  const bool known = found != users_.end();
  const bool good = matches(password, known ? found->second : users_.front().second);
  return known && good;
}

}  // namespace padlock::server

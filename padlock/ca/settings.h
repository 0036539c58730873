#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"

namespace padlock::ca {

inline constexpr std::string_view default_ca_name = "Padlock local CA";

/// What a local CA was told when it was made: a file beside its root, settings.json.
struct Settings {
  std::string name{default_ca_name};   ///< the common name of its root
  std::string url{};                   ///< "http://host[:port]" where it answers for its certificates; empty: nowhere
  std::vector<std::string> domains{};  ///< that its root is made for besides; canonical

  friend bool operator==(const Settings&, const Settings&) = default;
};

/// The settings in the CA's folder; without a file the usual ones. Errors: `rules::damaged_settings`, net's of files.
Result<Settings> read_settings(const std::filesystem::path& folder);
Result<void> write_settings(const std::filesystem::path& folder, const Settings& settings);

/// As the file holds them. Error: `rules::damaged_settings`.
std::string settings_to_text(const Settings& settings);
Result<Settings> parse_settings(std::string_view text);

/// A name for a root: 1 to 50 printable characters of ASCII. Error: `rules::malformed_ca_name`.
Result<void> check_ca_name(std::string_view name);
/// A URL of plain http without a path, in its canonical form: who wants to know whether a certificate is revoked cannot
/// ask over TLS before he knows (RFC 5280, section 8). Error: `rules::malformed_ca_url`.
Result<std::string> canonical_ca_url(std::string_view url);

}  // namespace padlock::ca

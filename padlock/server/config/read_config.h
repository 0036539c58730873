#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/server/config/config.h"
#include "padlock/server/config/problem.h"

namespace padlock::server {

/// Everything that is wrong, at least one thing.
using ConfigProblems = std::vector<ConfigProblem>;

/// A part of a configuration: a file's name and what stands in it. Paths in it are relative to the file's folder.
struct ConfigText {
  std::filesystem::path file;
  std::string text;
};

/// Reads a configuration: its main text, then drop-ins, which hold sites alone. Checks all that can be checked without
/// opening other files. See docs/guide/configuration.md for the keys.
std::expected<Config, ConfigProblems> parse_config(const ConfigText& main, const std::vector<ConfigText>& drop_ins);

/// A name that a site can have: a host name, a `*.` name or an address, in lower case; nothing: it is none.
std::optional<std::string> parse_site_name(std::string_view text);

/// The same from `file` and, in the order of their names, the files conf.d/*.toml beside it. A file that cannot be read
/// is a problem.
std::expected<Config, ConfigProblems> read_config(const std::filesystem::path& file);

// ---- services of a host: sites that come and go while it runs

/// A service's name, in lower case: one label or several, without the domain or with it; nothing: it is none.
std::optional<std::string> parse_service_name(std::string_view text, std::string_view domain);

/// The files NAME.toml of a folder, by name; no folder is none. One that cannot be read is a problem, and left out.
std::vector<ConfigText> read_services(const std::filesystem::path& folder, ConfigProblems& problems);

/// Adds a site for each service, NAME.DOMAIN by the name of its file, which has the keys of a site's table. The one
/// place where services become sites, wherever they come from. One with a problem is left out.
ConfigProblems add_services(Config& config, const std::vector<ConfigText>& services);

}  // namespace padlock::server

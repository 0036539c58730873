#pragma once

#include <filesystem>
#include <string>

#include "padlock/server/config/config.h"
#include "padlock/server/config/config_table.h"

namespace padlock::server {

/// Reads how a site's folder is served: `dir`, whose value is given, and the keys beside it that are about files. What
/// is wrong becomes a problem of `table`. Relative paths begin at `base`.
FolderSource read_folder(ConfigTable& table, const std::string& dir, const std::filesystem::path& base);

}  // namespace padlock::server

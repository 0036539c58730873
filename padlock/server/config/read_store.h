#pragma once

#include <filesystem>
#include <optional>

#include "padlock/certs/redis_settings.h"
#include "padlock/server/config/config_table.h"

namespace padlock::server {

/// The table [store]: what a fleet shares, and where. Files are named from `folder`. Nothing: it is of no use, and the
/// problems say why.
std::optional<certs::RedisSettings> read_store(ConfigTable& table, const std::filesystem::path& folder);

}  // namespace padlock::server

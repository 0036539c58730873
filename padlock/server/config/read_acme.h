#pragma once

#include <filesystem>
#include <optional>

#include "padlock/certs/acme_settings.h"
#include "padlock/server/config/config_table.h"

namespace padlock::server {

/// The table [acme]: which CA certifies public names, and how they are proved to it. Files are named from `folder`.
/// Nothing: it is of no use, and the problems say why.
std::optional<certs::AcmeSettings> read_acme(ConfigTable& table, const std::filesystem::path& folder);

}  // namespace padlock::server

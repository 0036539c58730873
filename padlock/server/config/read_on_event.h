#pragma once

#include <filesystem>
#include <optional>

#include "padlock/certs/event_settings.h"
#include "padlock/server/config/config_table.h"

namespace padlock::server {

/// The table [on_event]: who is told what happens to certificates. Files are named from `folder`. Nothing: it is of no
/// use, and the problems say why.
std::optional<certs::EventSettings> read_on_event(ConfigTable& table, const std::filesystem::path& folder);

}  // namespace padlock::server

#pragma once

#include <string>
#include <string_view>

#include "padlock/server/config/config_table.h"

namespace padlock::server {

/// Whether `text`, the value of a key, is a URL to which nobody reads or changes what is said on its way: https, or
/// plain http that stays on this machine. Else a problem says so. `example`: one for this key.
bool check_private_url(ConfigTable& table, std::string_view key, const std::string& text, std::string_view example);

}  // namespace padlock::server

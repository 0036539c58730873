#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "padlock/net/address_range.h"
#include "padlock/server/config/config_table.h"
#include "padlock/server/route/route_config.h"

namespace padlock::server {

/// A range of addresses, or a list of them.
std::vector<net::AddressRange> read_address_ranges(ConfigTable& table, std::string_view key);

/// Reads the keys that hold whatever answers. What is not there stays what `options` says; `false` turns off what is an
/// offer of its own (maintenance, rate_limit, cors, auth). Relative file names begin at `folder`.
void read_route_options(ConfigTable& table, const std::filesystem::path& folder, RouteOptions& options);

}  // namespace padlock::server

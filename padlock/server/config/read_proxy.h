#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "padlock/net/address_range.h"
#include "padlock/server/config/config_table.h"
#include "padlock/server/proxy/target.h"

namespace padlock::server {

/// "http://127.0.0.1:3000", "https://app.internal", "localhost:3000", "3000"; behind it maybe " weight=3". Nothing if
/// it is anything else.
std::optional<UpstreamConfig> parse_upstream(std::string_view text);

/// The keys `proxy` and `upstream` of a site; nothing if they are wrong, which is a problem then. `folder`: what file
/// names are relative to.
std::optional<ProxyTarget> read_proxy(ConfigTable& site, const std::filesystem::path& folder,
                                      const std::vector<net::AddressRange>& trusted_proxies);

}  // namespace padlock::server

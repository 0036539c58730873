#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "padlock/net/address_range.h"
#include "padlock/server/config/config_table.h"
#include "padlock/server/route/route_config.h"

namespace padlock::server {

/// Reads what a site, or a path of it, answers with and how: by the same keys for both. What is wrong becomes a problem
/// of the table.
struct RouteReader {
  const std::filesystem::path& folder;  ///< where relative paths begin
  const std::vector<net::AddressRange>& trusted_proxies;

  /// Of a site's table. It may leave all content to its paths.
  RouteConfig site(ConfigTable& table) const;
  /// The tables of [sites."a.test".paths."/api/"]. What a path does not say is as its site says.
  std::vector<PathConfig> paths(ConfigTable& site, const RouteOptions& options) const;

 private:
  ContentConfig content(ConfigTable& table, std::string_view whose, bool may_be_nothing) const;
};

}  // namespace padlock::server

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/server/file_cache.h"
#include "padlock/server/route.h"
#include "padlock/server/route/route_config.h"

namespace padlock::server {

/// Opens what a route's configuration names. Errors: those of net::Folder::open and UpstreamGroup::make.
Result<std::shared_ptr<Route>> open_route(const RouteConfig& config, const std::shared_ptr<FileCache>& cache);

/// A site's route with those of its paths.
Result<std::shared_ptr<const Route>> open_route(const RouteConfig& config, const std::vector<PathConfig>& paths,
                                                const std::shared_ptr<FileCache>& cache);

/// Requests of connections that still have the old route go where the new one leads, in each part that both pass on to
/// upstreams. Once for each old route.
void supersede(const Route& old, const Route& next);
/// Requests that upstreams of a route and its paths are at work on.
std::uint32_t at_work(const Route& route);

}  // namespace padlock::server

#pragma once

#include <memory>

#include <asio/any_io_executor.hpp>

#include "padlock/net/awaitable.h"
#include "padlock/server/proxy/upstream_group.h"

namespace padlock::server {

/// Asks each upstream of the group again and again whether it is well, as long as the group lives.
void begin_health_checks(const std::shared_ptr<const UpstreamGroup>& group, const asio::any_io_executor& executor);

/// Asks an upstream of the group once, for the target of its health check or else "/", on a connection of its own: the
/// status of its answer. Errors: those of the connection; net::rules::deadline_passed.
net::Awaitable<Result<int>> ask_health(std::shared_ptr<const UpstreamGroup> group, const Upstream& upstream);
/// Whether that is a good answer: below 400 where a health check is configured, else below 500.
bool is_well(const UpstreamGroup& group, int status);

}  // namespace padlock::server

#pragma once

#include <memory>

#include <asio/any_io_executor.hpp>

#include "padlock/server/proxy/upstream_group.h"

namespace padlock::server {

/// Asks each upstream of the group again and again whether it is well, as long as the group lives.
void begin_health_checks(const std::shared_ptr<const UpstreamGroup>& group, const asio::any_io_executor& executor);

}  // namespace padlock::server

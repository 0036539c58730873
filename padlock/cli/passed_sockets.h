#pragma once

#include <vector>

#include "padlock/base/result.h"
#include "padlock/net/service_manager.h"
#include "padlock/server/config/config.h"
#include "padlock/server/server.h"

namespace padlock::cli {

/// What each socket that this process was started with is for: `https` or `http` by its name, else by its port.
/// Error: rules::passed_socket_unmatched.
Result<server::BoundSockets> sort_passed_sockets(std::vector<net::PassedSocket> passed, const server::Config& config);

}  // namespace padlock::cli

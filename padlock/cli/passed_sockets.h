#pragma once

#include <vector>

#include "padlock/base/result.h"
#include "padlock/net/service_manager.h"
#include "padlock/server/config/config.h"
#include "padlock/server/server.h"

namespace padlock::cli {

struct PassedForService {
  server::BoundSockets bound;
  net::Descriptor admin, metrics;  ///< for the administration; may be none
};

/// What each socket that this process was started with is for: `https`, `http`, or what a keeper passes, by its name,
/// else by its port. Error: rules::passed_socket_unmatched.
Result<PassedForService> sort_passed_sockets(std::vector<net::PassedSocket> passed, const server::Config& config);

}  // namespace padlock::cli

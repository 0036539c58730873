#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/net/descriptor.h"
#include "padlock/server/config/config.h"

// The first of two processes (docs/guide/operation.md): it binds, starts the worker, and starts another one when that
// is wanted or the worker has ended. It reads no byte that comes from a network.

namespace padlock::cli {

/// Whom a worker runs as.
struct WorkerUser {
  std::string name, home;
  uid_t user;
  gid_t group;
};

/// Error: rules::no_such_user; ::user_needs_root, if this process cannot become somebody else.
Result<WorkerUser> find_worker_user(const std::string& name);

/// Binds what the configuration says, and serves by workers until it is told to stop. Gives the exit code.
int keep(const server::Config& config);

/// Whether this process was started by `keep`.
bool is_kept_worker();

}  // namespace padlock::cli

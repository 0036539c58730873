#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "padlock/base/result.h"

// Where the administration's socket of a server stands (docs/guide/operation.md).

namespace padlock::cli {

/// Where a server puts it unless it is told otherwise: admin-PORT.sock, by its https port, in the folder that systemd
/// made for it ($RUNTIME_DIRECTORY), else in $XDG_RUNTIME_DIR/padlock, as root in /run/padlock, else in `run` in the
/// state folder. Nothing: there is no such folder.
std::optional<std::filesystem::path> usual_admin_socket(std::uint16_t https_port);

/// The socket of the one server that runs here and that this user may administer.
/// Errors: rules::no_server_found, which says where was looked; ::several_servers.
Result<std::filesystem::path> find_admin_socket();

}  // namespace padlock::cli

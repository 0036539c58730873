#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "padlock/net/sandbox.h"
#include "padlock/server/config/config.h"

namespace padlock::cli {

/// What a server needs of the file system while it runs. Served by flags, it is what they name. With a `file` of
/// configuration a reload, and of a host a new service, may name anything that this user may read, so all of that is
/// left to be read; written is in all cases the state folder, the folder of the log and that of the administration's
/// socket alone. `responder_ports`: of those who are asked about our own certificates.
net::SandboxRules sandbox_rules(const server::Config& config, const std::filesystem::path& file,
                                const std::filesystem::path& admin_socket,
                                const std::vector<std::uint16_t>& responder_ports);

}  // namespace padlock::cli

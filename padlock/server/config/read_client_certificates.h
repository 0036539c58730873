#pragma once

#include <filesystem>
#include <optional>

#include "padlock/server/client_authority.h"
#include "padlock/server/config/config_table.h"

namespace padlock::server {

/// What a site asks of its clients, in `[sites."NAME".client_certificates]`. Relative paths begin at `folder`. Nothing:
/// it names nobody whose certificates count, which is a problem of the table.
std::optional<ClientCertificatesConfig> read_client_certificates(ConfigTable& table,
                                                                 const std::filesystem::path& folder);

}  // namespace padlock::server

#pragma once

#include <string>

#include "padlock/cli/verdict_json.h"

namespace padlock::cli {

/// What a server says of itself (server/admin/status.h), for people: many lines.
std::string status_text(const Json& status);

/// The numbers that move, on one line; with those of a look before, how many more.
std::string status_line(const Json& status, const Json* before);

}  // namespace padlock::cli

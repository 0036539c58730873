#pragma once

#include "padlock/cli/command.h"

namespace padlock::cli {

/// `padlock cert status`, below `cert`.
void add_cert_status(CLI::App& cert, Run& run);

}  // namespace padlock::cli

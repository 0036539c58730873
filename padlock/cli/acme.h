#pragma once

#include "padlock/cli/command.h"

namespace padlock::cli {

/// `padlock acme`, as the commands of command.h.
void add_acme(CLI::App& app, Run& run);

}  // namespace padlock::cli

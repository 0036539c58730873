#pragma once

#include "padlock/cli/command.h"

namespace padlock::cli {

/// `padlock ca serve`: the local CA as an ACME server. Added to the command `ca`.
void add_ca_serve(CLI::App& ca, Run& run);

}  // namespace padlock::cli

#pragma once

#include "padlock/base/result.h"
#include "padlock/net/sandbox.h"

namespace padlock::net {

/// Restricts this thread's files and ports by Landlock. Gives the version of the kernel's interface; 0: it has none.
/// Error: rules::sandbox_failed.
Result<int> restrict_by_landlock(const SandboxRules& rules);

}  // namespace padlock::net

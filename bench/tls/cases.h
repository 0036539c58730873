#pragma once

#include <vector>

#include "bench/harness.h"

namespace padlock::bench {

/// What the engine is made of: AEADs, key agreement, signatures, HKDF.
std::vector<Case> primitive_cases();

}  // namespace padlock::bench

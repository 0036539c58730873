#pragma once

#include <vector>

#include "bench/harness.h"

namespace padlock::bench {

/// A usual chain (leaf, intermediate, root; ECDSA P-256) judged in memory, from its bytes to the verdict.
std::vector<Case> verify_cases();
/// One certificate from its bytes to a value, and away again.
std::vector<Case> parse_cases();
/// Names and constraints in numbers that only an attacker sends (docs/threats.md, X1).
std::vector<Case> constraint_cases();

}  // namespace padlock::bench

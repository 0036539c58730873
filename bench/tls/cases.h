#pragma once

#include <vector>

#include "bench/harness.h"

namespace padlock::bench {

/// What the engine is made of: AEADs, key agreement, signatures, HKDF.
std::vector<Case> primitive_cases();

/// Handshakes of both roles, in memory.
std::vector<Case> handshake_cases();

/// Application data both ways, and what an idle connection holds.
std::vector<Case> record_cases();
std::vector<MemoryCase> memory_cases();

/// ML-KEM-768 beside X25519, which it joins in a hybrid.
std::vector<Case> ml_kem_cases();

}  // namespace padlock::bench

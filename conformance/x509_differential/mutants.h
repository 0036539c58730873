#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

// Chains that are almost good, for verifiers to disagree on.

namespace padlock::differential {

using Octets = std::vector<std::uint8_t>;

/// A chain for "example.test", leaf first, with the root that is trusted.
struct Mutant {
  std::vector<Octets> chain;
  Octets root;
  std::string what;  ///< what was changed, in words
};

/// One to three changes of a good chain: of what its certificates say, which are signed anew, or of their bytes, before
/// or after they are signed. The same generator makes the same mutant.
Mutant make_mutant(std::mt19937_64& random);

}  // namespace padlock::differential

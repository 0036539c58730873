#pragma once

#include <string>
#include <vector>

#include "conformance/tls_states/table.h"

namespace padlock::tls_states {

/// One flight to play to a new connection.
struct Case {
  std::string name;
  Tested tested;
  Flight flight;
};

/// Honest flights, and each one with every letter left out, said twice, swapped with any other, joined with the next,
/// cut in two, and with every row of the table and every handshake type put in everywhere.
std::vector<Case> all_cases();

}  // namespace padlock::tls_states

#pragma once

#include <string>
#include <string_view>

namespace padlock::explain::testing {

/// Compares `actual` with padlock/explain/testdata/`name`. With PADLOCK_UPDATE_GOLDEN set in the environment it writes
/// the file instead; read the difference before you commit it.
void expect_golden(std::string_view name, const std::string& actual);

}  // namespace padlock::explain::testing

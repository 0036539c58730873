#pragma once

#include <string>

#include "padlock/explain/ink.h"
#include "padlock/explain/ladder.h"

namespace padlock::explain {

/// What to show beside the steps.
struct ViewOptions {
  bool bytes = false;    ///< each message's fields with their bytes
  bool wiretap = false;  ///< what a listener reads, and what still leaks
};

/// The ladder as text for a terminal. Every line fits `style.columns` (at least 32; at most 100 are used).
std::string to_terminal(const Ladder& ladder, const ViewOptions& options, const TerminalStyle& style);

}  // namespace padlock::explain

#pragma once

#include <string>

#include "padlock/explain/ladder.h"
#include "padlock/explain/terminal.h"

namespace padlock::explain {

/// The ladder as one JSON object, indented, with a line end (docs/guide/explain-json.md). `bytes` adds each message
/// with its fields, `wiretap` what a listener saw of each step.
std::string to_json(const Ladder& ladder, const ViewOptions& options);

}  // namespace padlock::explain

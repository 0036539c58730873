#pragma once

#include "padlock/acme/json_document.h"
#include "padlock/acme/problem.h"

// What one reader of JSON in this folder has for another.

namespace padlock::acme {

/// A problem within another document.
Result<Problem> parse_problem(const Json& object);

}  // namespace padlock::acme

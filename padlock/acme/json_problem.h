#pragma once

#include "padlock/acme/json_document.h"
#include "padlock/acme/objects.h"
#include "padlock/acme/problem.h"

// What one reader of JSON in this folder has for another.

namespace padlock::acme {

/// A problem within another document.
Result<Problem> parse_problem(const Json& object);
/// The same in a field `error`; nothing if there is none. Error: `field_malformed`.
Result<std::optional<Problem>> optional_problem(const Json& object, std::string_view structure);
/// The problem as a document says it: types of ACME's namespace by their URN.
Json json_of(const Problem& problem);
/// The field `status` of a resource. Error: `field_malformed`.
Result<Status> status_field(const Json& object, std::string_view structure);

}  // namespace padlock::acme

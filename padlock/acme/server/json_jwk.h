#pragma once

#include "padlock/acme/json_document.h"
#include "padlock/acme/server/jwk.h"

// What one reader of JSON in this folder has for another.

namespace padlock::acme {

/// A key within another document.
Result<Jwk> read_jwk(const Json& object);

}  // namespace padlock::acme

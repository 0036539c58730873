#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "padlock/acme/rules.h"
#include "padlock/base/result.h"
#include "padlock/base/text.h"

// JSON for sources of this folder alone: it is no part of its public headers.

namespace padlock::acme {

using Json = nlohmann::ordered_json;

/// A document whose top is an object. Errors: `json_too_large`, `json_too_deep`, `json_malformed` (also a name twice in
/// one object, which two readers would understand differently).
Result<Json> parse_json_object(Bytes text, std::string_view structure);

/// JSON in ASCII, as it goes into a JWS.
std::string write_json(const Json& value);

/// "Order: its field `status` ...".
std::unexpected<Error> malformed_field(std::string_view structure, std::string_view field, std::string_view what);

/// A field that must be a text. Error: `field_malformed`.
Result<std::string> text_field(const Json& object, std::string_view structure, const char* field);
/// The same; nothing if it is absent or null.
Result<std::optional<std::string>> optional_text(const Json& object, std::string_view structure, const char* field);
/// The same for a bool; false if absent.
Result<bool> flag_field(const Json& object, std::string_view structure, const char* field);
/// An array of at most `most` values; null pointer if absent. Errors: `field_malformed`, `too_many_values`.
Result<const Json*> optional_array(const Json& object, std::string_view structure, const char* field, std::size_t most);
/// The same, which must be there.
Result<const Json*> array_field(const Json& object, std::string_view structure, const char* field, std::size_t most);

}  // namespace padlock::acme

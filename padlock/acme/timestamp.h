#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "padlock/base/instant.h"

namespace padlock::acme {

/// A date and time as JSON has it (RFC 3339, section 5.6): "2026-03-01T12:00:00Z", perhaps with a fraction, which is
/// dropped, or an offset. Nothing if it is none.
std::optional<WallTime> parse_timestamp(std::string_view text);

/// The same as we write it: "2026-03-01T12:00:00Z".
std::string timestamp_text(WallTime time);

}  // namespace padlock::acme

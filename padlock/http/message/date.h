#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "padlock/base/instant.h"

namespace padlock::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7: IMF-fixdate).
std::string to_http_date(WallTime time);

/// Reads an HTTP-date in each of its three forms; nothing if it is none. A two-digit year that would lie more than 50
/// years after `now` is one of the century before.
std::optional<WallTime> parse_http_date(std::string_view text, WallTime now);

}  // namespace padlock::http

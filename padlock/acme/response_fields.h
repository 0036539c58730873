#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/http/message/message.h"

// Header fields of an ACME server's responses (RFC 8555, sections 6.5, 6.6 and 7.4.2).

namespace padlock::acme {

/// Replay-Nonce, if there is a good one: base64url.
std::optional<std::string> nonce_of(const http::Fields& fields);

/// Retry-After (RFC 9110, section 10.2.3): seconds or a date, at most `limits::retry_after`. Nothing: absent, malformed
/// or past.
std::optional<std::chrono::seconds> retry_after_of(const http::Fields& fields, WallTime now);

/// The targets of Link fields with rel="alternate" (RFC 8288, section 3), at most `limits::alternates`; what is
/// malformed is passed over, as the chain itself is there.
std::vector<std::string> alternates_of(const http::Fields& fields);

/// True if Content-Type is this one, with or without parameters.
bool has_content_type(const http::Fields& fields, std::string_view type);

}  // namespace padlock::acme

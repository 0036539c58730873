#pragma once

#include <cstdint>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/http/message/message.h"

/// Heads as they are sent (RFC 9112, sections 3 to 5). Whatever could break out of its line is refused, not encoded
/// (docs/threats.md, H12).
namespace padlock::http::h1 {

/// "GET /path HTTP/1.1", Host, the caller's fields, the connection's. Errors: rules::head_unsendable,
/// ::field_injection, ::reserved_field.
Result<void> write_request_head(std::vector<std::uint8_t>& out, const Request& request,
                                const std::vector<Field>& framing);

/// "HTTP/1.1 200 OK", the caller's fields, the connection's. Errors as above.
Result<void> write_response_head(std::vector<std::uint8_t>& out, const Response& response,
                                 const std::vector<Field>& framing);

/// Trailer fields and the empty line after them.
Result<void> write_trailers(std::vector<std::uint8_t>& out, const Fields& trailers);

/// A whole response for an error that a rule describes: its status, a short page in plain text, `Connection: close`.
/// Also for those who have no connection, such as a TLS port that was spoken to in plain HTTP.
void write_error_response(std::vector<std::uint8_t>& out, const Rule& rule, WallTime now, bool with_body = true);

}  // namespace padlock::http::h1

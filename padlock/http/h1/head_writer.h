#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/http/face.h"
#include "padlock/http/message/message.h"

/// Heads as they are sent (RFC 9112, sections 3 to 5). Whatever could break out of its line is refused, not encoded
/// (docs/threats.md, H12).
namespace padlock::http::h1 {

/// "GET /path HTTP/1.1", Host, the caller's fields; the connection's own follow, and `end_head`. Errors, with nothing
/// written: rules::head_unsendable, ::field_injection, ::reserved_field.
Result<void> begin_request_head(std::vector<std::uint8_t>& out, const Request& request);

/// "HTTP/1.1 200 OK", the caller's fields; the connection's own follow, and `end_head`. Errors as above.
Result<void> begin_response_head(std::vector<std::uint8_t>& out, const Response& response);

/// Unchecked: for fields of the connection's own.
void write_field(std::vector<std::uint8_t>& out, std::string_view name, std::string_view value);

/// The field that says how a body is framed, if one does.
void write_framing(std::vector<std::uint8_t>& out, const BodyFraming& framing);

/// The fields that ask for another protocol, or agree to it.
void write_switch(std::vector<std::uint8_t>& out, std::string_view protocol);

void end_head(std::vector<std::uint8_t>& out);

/// Trailer fields and the empty line after them.
Result<void> write_trailers(std::vector<std::uint8_t>& out, const Fields& trailers);

/// A whole response for an error that a rule describes: its status, a short page in plain text, `Connection: close`.
/// Also for those who have no connection, such as a TLS port that was spoken to in plain HTTP.
void write_error_response(std::vector<std::uint8_t>& out, const Rule& rule, WallTime now, bool with_body = true);

}  // namespace padlock::http::h1

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "padlock/base/result.h"
#include "padlock/http/message/message.h"

/// What is asked of a head whatever HTTP version carries it, so that no version is laxer than the other.
namespace padlock::http {

// ---- received

/// `/path?query`, or `*` with OPTIONS (RFC 9112, sections 3.2.1 and 3.2.4), of the characters that may stand there.
bool is_origin_or_asterisk_form(std::string_view method, std::string_view target);
/// Nothing without the field. Errors: rules::content_length_malformed, ::content_length_repeated.
Result<std::optional<std::uint64_t>> content_length_of(const Fields& fields);
/// Whether the sender waits for 100 (Continue). Error: rules::expectation_unknown.
Result<bool> expects_continue(const Fields& fields);
/// Fields that frame, route, authenticate or describe the message come too late in a trailer (RFC 9110, section 6.5.1).
/// Error: rules::trailer_forbidden.
Result<void> check_trailers(const Fields& trailers);
/// Whether a response to `method` with `status` never has a body (RFC 9112, section 6.3, first case).
bool has_no_body(int status, std::string_view method);
/// Whether it asks for no change (RFC 9110, section 9.2.1).
bool is_safe(std::string_view method);
/// Whether asking again has no other effect than asking once (section 9.2.2).
bool is_idempotent(std::string_view method);

// ---- sent

/// Errors: rules::field_injection, and ::reserved_field for what the connection alone writes, so that a head cannot
/// contradict its bytes. `Connection: close` is let through.
Result<void> check_sendable(const Fields& fields);
/// The fields, and rules::head_unsendable for method, target and authority.
Result<void> check_sendable(const Request& request);
/// The fields, and rules::head_unsendable for the status.
Result<void> check_sendable(const Response& response);

}  // namespace padlock::http

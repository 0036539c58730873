#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "padlock/base/result.h"
#include "padlock/http/h1/start_line.h"
#include "padlock/http/message/message.h"

/// How long the body of a received message is (RFC 9112, section 6.3), decided once and strictly: whatever two readers
/// could understand differently is an error (docs/threats.md, H1, H2).
namespace padlock::http::h1 {

struct EmptyBody {};
struct FixedBody {
  std::uint64_t bytes;
};
struct ChunkedBody {};
struct BodyUntilClose {};  ///< responses only
using IncomingBody = std::variant<EmptyBody, FixedBody, ChunkedBody, BodyUntilClose>;

/// Errors: every rule of http/rules.h about framing.
Result<IncomingBody> framing_of_request(Version version, const Fields& fields);

/// `method`: of the request that this answers; `status`: of a final response.
Result<IncomingBody> framing_of_response(Version version, int status, std::string_view method, const Fields& fields);

/// Whether the Connection field lists this option (RFC 9110, section 7.6.1).
bool has_connection_option(const Fields& fields, std::string_view option);

/// Whether the sender of these fields wants the connection kept (RFC 9112, section 9.3).
bool wants_keep_alive(Version version, const Fields& fields);

}  // namespace padlock::http::h1

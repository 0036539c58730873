#pragma once

#include <string>
#include <string_view>

#include "padlock/base/result.h"

namespace padlock::http::h1 {

/// HTTP/1.x (RFC 9112, section 2.3); a higher minor version is read as 1.1 (RFC 9110, section 2.5).
enum class Version : std::uint8_t { HTTP_1_0, HTTP_1_1 };

/// RFC 9112, section 3.
struct RequestLine {
  std::string method;
  std::string target;  ///< in origin, authority (CONNECT) or asterisk form
  /// Of an absolute-form target, as received; empty otherwise.
  std::string scheme;
  std::string authority;
  Version version;
};

/// RFC 9112, section 4. The reason phrase says nothing that the status does not, so it is dropped.
struct StatusLine {
  int status;
  Version version;
};

/// Errors: rules::request_line_malformed, ::method_malformed, ::target_malformed, ::version_malformed,
/// ::version_unsupported.
Result<RequestLine> parse_request_line(std::string_view line);

/// Error: rules::status_line_malformed, ::version_unsupported. Takes a line without the space before an empty reason,
/// which many servers leave out.
Result<StatusLine> parse_status_line(std::string_view line);

}  // namespace padlock::http::h1

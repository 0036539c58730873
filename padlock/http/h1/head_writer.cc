#include "padlock/http/h1/head_writer.h"

#include <cassert>

#include "padlock/base/text.h"
#include "padlock/http/message/checks.h"
#include "padlock/http/message/error_response.h"

namespace padlock::http::h1 {
namespace {

void append(std::vector<std::uint8_t>& out, std::string_view text) {
  const Bytes bytes = as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_field(std::vector<std::uint8_t>& out, std::string_view name, std::string_view value) {
  append(out, name);
  append(out, ": ");
  append(out, value);
  append(out, "\r\n");
}

void append_fields(std::vector<std::uint8_t>& out, const Fields& fields) {
  for (const Field& field : fields.all())
    // `Connection: close` of the caller's comes again among the connection's own fields.
    if (!equal_ignoring_ascii_case(field.name, "Connection")) append_field(out, field.name, field.value);
}

void append_fields(std::vector<std::uint8_t>& out, const std::vector<Field>& fields) {
  for (const Field& field : fields) append_field(out, field.name, field.value);
}

}  // namespace

Result<void> write_request_head(std::vector<std::uint8_t>& out, const Request& request,
                                const std::vector<Field>& framing) {
  PADLOCK_TRY(check_sendable(request));
  append(out, request.method);
  append(out, " ");
  append(out, request.target);
  append(out, " HTTP/1.1\r\n");
  append_field(out, "Host", request.authority);
  append_fields(out, request.fields);
  append_fields(out, framing);
  append(out, "\r\n");
  return {};
}

Result<void> write_response_head(std::vector<std::uint8_t>& out, const Response& response,
                                 const std::vector<Field>& framing) {
  PADLOCK_TRY(check_sendable(response));
  append(out, "HTTP/1.1 ");
  append(out, std::to_string(response.status));
  append(out, " ");
  append(out, reason_phrase(response.status));
  append(out, "\r\n");
  append_fields(out, response.fields);
  append_fields(out, framing);
  append(out, "\r\n");
  return {};
}

Result<void> write_trailers(std::vector<std::uint8_t>& out, const Fields& trailers) {
  PADLOCK_TRY(check_sendable(trailers));
  append_fields(out, trailers);
  append(out, "\r\n");
  return {};
}

void write_error_response(std::vector<std::uint8_t>& out, const Rule& rule, WallTime now, bool with_body) {
  const ErrorResponse error = make_error_response(rule, now);
  const auto written = write_response_head(
      out, error.response, {{"Content-Length", std::to_string(error.body.size())}, {"Connection", "close"}});
  assert(written);
  if (with_body) append(out, error.body);
}

}  // namespace padlock::http::h1

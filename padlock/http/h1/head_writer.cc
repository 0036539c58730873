#include "padlock/http/h1/head_writer.h"

#include <algorithm>
#include <array>

#include "padlock/base/text.h"
#include "padlock/http/message/authority.h"
#include "padlock/http/message/date.h"
#include "padlock/http/message/syntax.h"
#include "padlock/http/rules.h"

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

/// The connection alone says how a message is framed and routed, so that its head cannot contradict its bytes.
bool is_reserved(const Field& field) {
  constexpr std::array<std::string_view, 3> names{"Host", "Content-Length", "Transfer-Encoding"};
  if (equal_ignoring_ascii_case(field.name, "Connection")) return !equal_ignoring_ascii_case(field.value, "close");
  return std::ranges::any_of(names, [&](std::string_view name) { return equal_ignoring_ascii_case(field.name, name); });
}

Result<void> check_fields(const Fields& fields) {
  for (const Field& field : fields.all()) {
    if (!is_token(field.name) || !is_field_value(field.value))
      return broken(rules::field_injection, "the field \"" + escaped(field.name) + ": " + escaped(field.value) + "\"");
    if (is_reserved(field)) return broken(rules::reserved_field, "the field " + field.name + ": " + field.value);
  }
  return {};
}

void append_fields(std::vector<std::uint8_t>& out, const Fields& fields) {
  for (const Field& field : fields.all())
    // `Connection: close` of the caller's comes again among the connection's own fields.
    if (!equal_ignoring_ascii_case(field.name, "Connection")) append_field(out, field.name, field.value);
}

void append_fields(std::vector<std::uint8_t>& out, const std::vector<Field>& fields) {
  for (const Field& field : fields) append_field(out, field.name, field.value);
}

bool is_sendable(const Request& request) {
  const bool target = request.target.starts_with('/') || (request.target == "*" && request.method == "OPTIONS");
  return is_token(request.method) && request.method != "CONNECT" && target &&
         std::ranges::all_of(request.target, is_target_char) && parse_authority(request.authority).has_value();
}

}  // namespace

Result<void> write_request_head(std::vector<std::uint8_t>& out, const Request& request,
                                const std::vector<Field>& framing) {
  if (!is_sendable(request))
    return broken(rules::head_unsendable, escaped(request.method) + " " + escaped(request.target) + " of host \"" +
                                              escaped(request.authority) + "\"");
  PADLOCK_TRY(check_fields(request.fields));
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
  if (response.status < 100 || response.status > 599)
    return broken(rules::head_unsendable, "the status " + std::to_string(response.status));
  PADLOCK_TRY(check_fields(response.fields));
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
  PADLOCK_TRY(check_fields(trailers));
  append_fields(out, trailers);
  append(out, "\r\n");
  return {};
}

void write_error_response(std::vector<std::uint8_t>& out, const Rule& rule, WallTime now, bool with_body) {
  const int status = rule.status == 0 ? 400 : rule.status;
  const std::string title = std::to_string(status) + " " + std::string(reason_phrase(status));
  const std::string body = title + "\n" + std::string(rule.hint) + "\n";
  append(out, "HTTP/1.1 " + title + "\r\n");
  append_field(out, "Date", to_http_date(now));
  append_field(out, "Content-Type", "text/plain; charset=utf-8");
  append_field(out, "Content-Length", std::to_string(body.size()));
  append_field(out, "X-Content-Type-Options", "nosniff");
  append_field(out, "Connection", "close");
  append(out, "\r\n");
  if (with_body) append(out, body);
}

}  // namespace padlock::http::h1

#include "padlock/http/h1/head_writer.h"

#include <cassert>
#include <initializer_list>
#include <span>

#include "padlock/base/text.h"
#include "padlock/http/message/checks.h"
#include "padlock/http/message/error_response.h"

namespace padlock::http::h1 {
namespace {

void append(std::vector<std::uint8_t>& out, std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) out.insert(out.end(), text.begin(), text.end());
}

/// For a head with these fields at one go: an idle connection has no buffer.
void make_room(std::vector<std::uint8_t>& out, std::size_t first_line, const Fields& fields) {
  constexpr std::size_t added = 128;  // the connection's own fields
  std::size_t size = out.size() + first_line + added;
  for (const FieldView& field : fields.all()) size += field.name.size() + field.value.size() + 4;
  out.reserve(size);
}

void append_fields(std::vector<std::uint8_t>& out, const Fields& fields) {
  for (const FieldView& field : fields.all())
    // `Connection: close` of the caller's comes again among the connection's own fields.
    if (!equal_ignoring_ascii_case(field.name, "Connection")) write_field(out, field.name, field.value);
}

}  // namespace

Result<void> begin_request_head(std::vector<std::uint8_t>& out, const Request& request) {
  PADLOCK_TRY(check_sendable(request));
  make_room(out, request.method.size() + request.target.size() + request.authority.size() + 32, request.fields);
  append(out, {request.method, " ", request.target, " HTTP/1.1\r\n"});
  write_field(out, "Host", request.authority);
  append_fields(out, request.fields);
  return {};
}

Result<void> begin_response_head(std::vector<std::uint8_t>& out, const Response& response) {
  PADLOCK_TRY(check_sendable(response));
  const Decimal status(static_cast<std::uint64_t>(response.status));
  make_room(out, 64, response.fields);
  append(out, {"HTTP/1.1 ", status.text(), " ", reason_phrase(response.status), "\r\n"});
  append_fields(out, response.fields);
  return {};
}

void write_field(std::vector<std::uint8_t>& out, std::string_view name, std::string_view value) {
  append(out, {name, ": ", value, "\r\n"});
}

void write_framing(std::vector<std::uint8_t>& out, const BodyFraming& framing) {
  if (const auto* known = std::get_if<KnownLength>(&framing))
    write_field(out, "Content-Length", Decimal(known->bytes).text());
  else if (std::holds_alternative<UnknownLength>(framing))
    write_field(out, "Transfer-Encoding", "chunked");
}

void write_switch(std::vector<std::uint8_t>& out, std::string_view protocol) {
  write_field(out, "Connection", "Upgrade");
  write_field(out, "Upgrade", protocol);
}

void end_head(std::vector<std::uint8_t>& out) { append(out, {"\r\n"}); }

Result<void> write_trailers(std::vector<std::uint8_t>& out, const Fields& trailers) {
  PADLOCK_TRY(check_sendable(trailers));
  append_fields(out, trailers);
  end_head(out);
  return {};
}

void write_error_response(std::vector<std::uint8_t>& out, const Rule& rule, WallTime now, bool with_body) {
  const ErrorResponse error = make_error_response(rule, now);
  const auto begun = begin_response_head(out, error.response);
  assert(begun);
  write_framing(out, KnownLength{error.body.size()});
  write_field(out, "Connection", "close");
  end_head(out);
  if (with_body) append(out, {error.body});
}

}  // namespace padlock::http::h1

#include "padlock/http/message/checks.h"

#include <algorithm>
#include <array>

#include "padlock/base/text.h"
#include "padlock/http/message/authority.h"
#include "padlock/http/message/syntax.h"
#include "padlock/http/rules.h"

namespace padlock::http {
namespace {

template <std::size_t size>
bool is_one_of(std::string_view name, const std::array<std::string_view, size>& names) {
  return std::ranges::any_of(names, [&](std::string_view other) { return equal_ignoring_ascii_case(name, other); });
}

bool is_reserved(const FieldView& field) {
  constexpr std::array<std::string_view, 3> names{"Host", "Content-Length", "Transfer-Encoding"};
  if (equal_ignoring_ascii_case(field.name, "Connection")) return !equal_ignoring_ascii_case(field.value, "close");
  return is_one_of(field.name, names);
}

bool has_good_start(const Request& request) {
  return is_token(request.method) && request.method != "CONNECT" &&
         is_origin_or_asterisk_form(request.method, request.target) && parse_authority(request.authority).has_value();
}

}  // namespace

bool is_origin_or_asterisk_form(std::string_view method, std::string_view target) {
  const bool form = target.starts_with('/') || (target == "*" && method == "OPTIONS");
  return form && std::ranges::all_of(target, is_target_char);
}

Result<std::optional<std::uint64_t>> content_length_of(const Fields& fields) {
  const std::size_t count = fields.count("Content-Length");
  if (count == 0) return std::nullopt;
  if (count > 1) return broken(rules::content_length_repeated, std::to_string(count) + " Content-Length fields");
  const std::string_view value = *fields.find("Content-Length");
  const auto number = parse_decimal(value);
  if (!number)
    return broken(rules::content_length_malformed, "Content-Length is \"" + escaped(value.substr(0, 64)) + "\"");
  return *number;
}

Result<bool> expects_continue(const Fields& fields) {
  const std::size_t count = fields.count("Expect");
  if (count == 0) return false;
  const std::string_view value = *fields.find("Expect");
  if (count > 1 || !equal_ignoring_ascii_case(value, "100-continue"))
    return broken(rules::expectation_unknown, "the client expects \"" + escaped(value.substr(0, 64)) + "\"");
  return true;
}

Result<void> check_trailers(const Fields& trailers) {
  constexpr std::array<std::string_view, 14> forbidden{
      "Content-Length", "Transfer-Encoding", "Host",          "Connection", "Content-Encoding",
      "Content-Type",   "Content-Range",     "Trailer",       "TE",         "Authorization",
      "Cookie",         "Set-Cookie",        "Cache-Control", "Expect"};
  for (const FieldView& field : trailers.all())
    if (is_one_of(field.name, forbidden))
      return broken(rules::trailer_forbidden, "the field " + std::string(field.name) + " in a trailer");
  return {};
}

bool has_no_body(int status, std::string_view method) {
  return status < 200 || status == 204 || status == 304 || method == "HEAD";
}

bool is_safe(std::string_view method) {
  constexpr std::array<std::string_view, 4> methods{"GET", "HEAD", "OPTIONS", "TRACE"};
  return std::ranges::find(methods, method) != methods.end();
}

bool is_idempotent(std::string_view method) { return is_safe(method) || method == "PUT" || method == "DELETE"; }

Result<void> check_sendable(const Fields& fields) {
  for (const FieldView& field : fields.all()) {
    if (!is_token(field.name) || !is_field_value(field.value))
      return broken(rules::field_injection, "the field \"" + escaped(field.name) + ": " + escaped(field.value) + "\"");
    if (is_reserved(field))
      return broken(rules::reserved_field, "the field " + std::string(field.name).append(": ").append(field.value));
  }
  return {};
}

Result<void> check_sendable(const Request& request) {
  if (!has_good_start(request))
    return broken(rules::head_unsendable, escaped(request.method) + " " + escaped(request.target) + " of host \"" +
                                              escaped(request.authority) + "\"");
  return check_sendable(request.fields);
}

Result<void> check_sendable(const Response& response) {
  if (response.status < 100 || response.status > 599)
    return broken(rules::head_unsendable, "the status " + std::to_string(response.status));
  return check_sendable(response.fields);
}

}  // namespace padlock::http

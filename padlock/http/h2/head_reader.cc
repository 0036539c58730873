#include "padlock/http/h2/head_reader.h"

#include <algorithm>

#include "padlock/base/text.h"
#include "padlock/http/h2/rules.h"
#include "padlock/http/limits.h"
#include "padlock/http/message/authority.h"
#include "padlock/http/message/checks.h"
#include "padlock/http/message/syntax.h"
#include "padlock/http/rules.h"

namespace padlock::http::h2 {
namespace {

std::string shown(std::string_view text) { return "\"" + escaped(text.substr(0, 64)) + "\""; }

/// They speak of one HTTP/1.1 connection (RFC 9113, section 8.2.2).
bool is_about_a_connection(std::string_view name) {
  constexpr std::array<std::string_view, 5> names{"connection", "keep-alive", "proxy-connection", "transfer-encoding",
                                                  "upgrade"};
  return std::ranges::find(names, name) != names.end();
}

bool is_lower_token(std::string_view name) {
  return is_token(name) && std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

bool HeadReader::add(std::string_view name, std::string_view value) {
  constexpr std::size_t overhead = 32;  // of a field, as RFC 9113, section 6.5.2, counts
  bytes_ += name.size() + value.size() + overhead;
  ++count_;
  if (error_) return bytes_ <= limits::h2_decoded_bytes;
  if (auto good = check(name, value); !good) error_ = std::move(good).error();
  return true;
}

Result<void> HeadReader::check(std::string_view name, std::string_view value) {
  if (bytes_ > fields_bytes_)
    return broken(rules::fields_too_large, "more than " + std::to_string(fields_bytes_) + " bytes of fields");
  if (count_ > field_count_)
    return broken(rules::too_many_fields, "more than " + std::to_string(field_count_) + " fields");
  if (!is_field_value(value))
    return broken(rules::h2_field_value, "the value of " + shown(name) + " is " + shown(value));
  if (name.starts_with(':')) return add_pseudo(name, value);
  if (!is_lower_token(name)) return broken(rules::h2_field_name, "the field name is " + shown(name));
  if (is_about_a_connection(name)) return broken(rules::h2_connection_field, "the field " + std::string(name));
  if (name == "te" && value != "trailers") return broken(rules::h2_connection_field, "te is " + shown(value));
  if (name == "cookie" && kind_ == Kind::request) {  // crumbs, put together again (RFC 9113, section 8.2.3)
    cookie_.append(cookie_.empty() ? "" : "; ").append(value);
    return {};
  }
  constexpr std::size_t usual_count = 12;
  if (fields_.empty()) fields_.reserve(usual_count);
  fields_.add(name, value);
  return {};
}

Result<void> HeadReader::add_pseudo(std::string_view name, std::string_view value) {
  const auto field = find_pseudo(name);
  if (!field) return broken(rules::h2_pseudo_field_unknown, "the pseudo-field " + shown(name));
  if (!fields_.empty() || !cookie_.empty())
    return broken(rules::h2_pseudo_field_late, std::string(name) + " after other fields");
  if (has(*field)) return broken(rules::h2_pseudo_field_repeated, "two " + std::string(name));
  seen_.set(static_cast<std::size_t>(*field));
  pseudo(*field) = value;
  return {};
}

std::optional<HeadReader::Pseudo> HeadReader::find_pseudo(std::string_view name) const {
  constexpr std::array<std::string_view, 5> of_requests{":method", ":scheme", ":authority", ":path", ":protocol"};
  if (kind_ == Kind::response && name == ":status") return Pseudo::status;
  if (kind_ != Kind::request) return std::nullopt;
  const auto found = std::ranges::find(of_requests, name);
  if (found == of_requests.end()) return std::nullopt;
  return static_cast<Pseudo>(found - of_requests.begin());
}

Result<void> HeadReader::finish() {
  if (error_) return std::unexpected(std::move(*error_));
  if (!cookie_.empty()) fields_.add("cookie", cookie_);
  return {};
}

/// The authority in its canonical form; :authority and Host may both be there if they say the same (RFC 9113, section
/// 8.3.1).
Result<std::string> HeadReader::authority() const {
  const std::size_t hosts = fields_.count("host");
  if (hosts > 1) return broken(rules::host_repeated, std::to_string(hosts) + " Host fields");
  if (hosts == 0 && !has(Pseudo::authority))
    return broken(rules::host_missing, "a request without :authority and Host");
  const auto host = PADLOCK_TRY(parse_authority(hosts == 1 ? *fields_.find("host") : pseudo(Pseudo::authority)));
  std::string text = to_string(host);
  if (hosts == 1 && has(Pseudo::authority)) {
    const auto authority = PADLOCK_TRY(parse_authority(pseudo(Pseudo::authority)));
    if (to_string(authority) != text)
      return broken(rules::h2_host_differs, ":authority is " + to_string(authority) + " and Host is " + text);
  }
  return text;
}

Result<void> HeadReader::check_method(bool extended_connect) const {
  const std::string& method = pseudo(Pseudo::method);
  if (!has(Pseudo::method)) return broken(rules::h2_pseudo_field_missing, "a request without :method");
  if (!is_token(method)) return broken(rules::method_malformed, "the method is " + shown(method));
  if (has(Pseudo::protocol) && (!extended_connect || method != "CONNECT" || !is_token(pseudo(Pseudo::protocol))))
    return broken(rules::h2_protocol_unasked, method + " with :protocol " + shown(pseudo(Pseudo::protocol)));
  if (method == "CONNECT" && !has(Pseudo::protocol))
    return broken(rules::h2_connect_refused, "CONNECT to " + shown(pseudo(Pseudo::authority)));
  return {};
}

Result<std::optional<std::uint64_t>> HeadReader::request(RequestHead& head, std::string_view scheme,
                                                         bool extended_connect) && {
  PADLOCK_TRY(finish());
  PADLOCK_TRY(check_method(extended_connect));
  std::string& target = pseudo(Pseudo::path);
  if (!has(Pseudo::scheme)) return broken(rules::h2_pseudo_field_missing, "a request without :scheme");
  if (target.empty()) return broken(rules::h2_pseudo_field_missing, "a request without :path");
  if (pseudo(Pseudo::scheme) != scheme)
    return broken(rules::scheme_mismatch,
                  ":scheme is " + shown(pseudo(Pseudo::scheme)) + " on a connection for " + std::string(scheme));
  if (!is_origin_or_asterisk_form(pseudo(Pseudo::method), target))
    return broken(rules::target_malformed, "the target is " + shown(target));
  const auto content_length = PADLOCK_TRY(content_length_of(fields_));
  head.expects_continue = PADLOCK_TRY(expects_continue(fields_));
  head.request.authority = PADLOCK_TRY(authority());
  head.request.method = std::move(pseudo(Pseudo::method));
  head.request.scheme = scheme;
  head.request.target = std::move(target);
  head.request.fields = std::move(fields_);
  head.protocol = std::move(pseudo(Pseudo::protocol));
  return content_length;
}

Result<Response> HeadReader::response() && {
  PADLOCK_TRY(finish());
  const std::string& status = pseudo(Pseudo::status);
  const bool good =
      status.size() == 3 && status.front() >= '1' && status.front() <= '9' && std::ranges::all_of(status, is_digit);
  if (!good) return broken(rules::h2_pseudo_field_missing, ":status is " + shown(status));
  return Response{static_cast<int>(*parse_decimal(status)), std::move(fields_)};
}

Result<Fields> HeadReader::trailers() && {
  PADLOCK_TRY(finish());
  PADLOCK_TRY(check_trailers(fields_));
  return std::move(fields_);
}

}  // namespace padlock::http::h2

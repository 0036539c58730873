#include "padlock/http/h1/start_line.h"

#include <algorithm>

#include "padlock/base/text.h"
#include "padlock/http/message/authority.h"
#include "padlock/http/message/checks.h"
#include "padlock/http/message/syntax.h"
#include "padlock/http/rules.h"

namespace padlock::http::h1 {
namespace {

Result<Version> parse_version(std::string_view text) {
  const bool well_formed =
      text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
  if (!well_formed) return broken(rules::version_malformed, "the version is \"" + escaped(text.substr(0, 64)) + "\"");
  if (text[5] != '1') return broken(rules::version_unsupported, "the peer speaks " + std::string(text));
  return text[7] == '0' ? Version::HTTP_1_0 : Version::HTTP_1_1;
}

std::unexpected<Error> bad_target(std::string_view target) {
  return broken(rules::target_malformed, "the target is \"" + escaped(target.substr(0, 256)) + "\"");
}

/// scheme "://" authority path-abempty [ "?" query ]; an empty path means "/", or "*" for OPTIONS (section 3.2.4).
Result<void> split_absolute_form(std::string_view target, RequestLine& line) {
  const std::size_t scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos) return bad_target(target);
  line.scheme = to_lower_ascii(target.substr(0, scheme_end));
  if (line.scheme != "http" && line.scheme != "https") return bad_target(target);
  const std::string_view rest = target.substr(scheme_end + 3);
  const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  line.authority = rest.substr(0, authority_end);
  if (line.authority.empty()) return bad_target(target);
  line.target = rest.substr(authority_end);
  if (line.target.empty() && line.method == "OPTIONS")
    line.target = "*";
  else if (!line.target.starts_with('/'))
    line.target.insert(0, "/");
  return {};
}

/// host ":" port, both there (RFC 9112, section 3.2.3).
bool is_authority_form(std::string_view target) {
  const auto authority = parse_authority(target);
  return authority && authority->port;
}

Result<void> parse_target(std::string_view target, RequestLine& line) {
  if (target.empty() || !std::ranges::all_of(target, is_target_char)) return bad_target(target);
  const bool connect = line.method == "CONNECT";
  if (!connect && !target.starts_with('/') && target != "*") return split_absolute_form(target, line);
  if (!connect && !is_origin_or_asterisk_form(line.method, target)) return bad_target(target);
  if (connect && !is_authority_form(target)) return bad_target(target);
  line.target = target;
  return {};
}

}  // namespace

Result<RequestLine> parse_request_line(std::string_view text) {
  const std::size_t method_end = text.find(' ');
  const std::size_t target_end = text.rfind(' ');
  if (method_end == std::string_view::npos || method_end == target_end)
    return broken(rules::request_line_malformed, "the request line is \"" + escaped(text.substr(0, 256)) + "\"");
  RequestLine line{
      .method = std::string(text.substr(0, method_end)), .target = {}, .scheme = {}, .authority = {}, .version = {}};
  if (!is_token(line.method))
    return broken(rules::method_malformed, "the method is \"" + escaped(line.method.substr(0, 64)) + "\"");
  PADLOCK_TRY(parse_target(text.substr(method_end + 1, target_end - method_end - 1), line));
  line.version = PADLOCK_TRY(parse_version(text.substr(target_end + 1)));
  return line;
}

Result<StatusLine> parse_status_line(std::string_view text) {
  const bool well_formed = text.size() >= 12 && text.starts_with("HTTP/") && text[8] == ' ' && text[9] >= '1' &&
                           text[9] <= '9' && is_digit(text[10]) && is_digit(text[11]) &&
                           (text.size() == 12 || text[12] == ' ');
  const auto version = parse_version(text.substr(0, 8));
  if (!version && version.error().rule == &rules::version_unsupported) return std::unexpected(version.error());
  if (!well_formed || !version)
    return broken(rules::status_line_malformed, "the answer begins \"" + escaped(text.substr(0, 64)) + "\"");
  return StatusLine{static_cast<int>(parse_decimal(text.substr(9, 3)).value()), *version};
}

}  // namespace padlock::http::h1

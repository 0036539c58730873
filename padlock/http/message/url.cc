#include "padlock/http/message/url.h"

#include <algorithm>

#include "padlock/base/text.h"
#include "padlock/http/limits.h"
#include "padlock/http/message/authority.h"
#include "padlock/http/message/syntax.h"
#include "padlock/http/rules.h"

namespace padlock::http {
namespace {

std::unexpected<Error> malformed(std::string_view text, std::string_view why) {
  return broken(rules::url_malformed, "the URL \"" + escaped(text.substr(0, 256)) + "\" " + std::string(why));
}

/// Every % stands before two hexadecimal digits (RFC 3986, section 2.1).
bool is_well_encoded(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1))
    if (text.size() - at < 3 || !is_hex_digit(text[at + 1]) || !is_hex_digit(text[at + 2])) return false;
  return true;
}

/// RFC 3986, section 5.2.4.
std::string without_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    const bool up = segment == "/..";
    if (up) out.erase(std::min(out.rfind('/'), out.size()));
    if (!up && segment != "/.") out += segment;
    if (path.empty() && (up || segment == "/.")) out += '/';
  }
  return out;
}

/// Sets path and query from `text`, whose fragment is cut off before.
void set_target(Url& url, std::string_view text) {
  const std::size_t mark = std::min(text.find('?'), text.size());
  url.path = without_dot_segments(text.substr(0, mark));
  if (url.path.empty()) url.path = "/";
  url.has_query = mark < text.size();
  url.query = url.has_query ? text.substr(mark + 1) : std::string_view();
}

Result<void> set_authority(Url& url, std::string_view text) {
  if (text.find('@') != std::string_view::npos) return broken(rules::url_userinfo, "the URL names a user before \"@\"");
  Authority authority = PADLOCK_TRY(parse_authority(text));
  url.host = std::move(authority.host);
  url.ipv6 = authority.ipv6;
  url.port = authority.port.value_or(default_port(url.scheme));
  return {};
}

/// RFC 3986, section 3.1; nothing if the text begins otherwise.
std::string_view scheme_of(std::string_view text) {
  const auto in_scheme = [](char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; };
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_alpha(text.front())) return {};
  const std::string_view scheme = text.substr(0, colon);
  return std::ranges::all_of(scheme, in_scheme) ? scheme : std::string_view();
}

/// Checks lengths and characters; gives the text without its fragment.
Result<std::string_view> checked(std::string_view text) {
  if (text.size() > limits::url_bytes)
    return malformed(text, "is longer than " + std::to_string(limits::url_bytes) + " bytes");
  const std::string_view url = text.substr(0, text.find('#'));
  const auto bad = std::ranges::find_if_not(url, is_target_char);
  if (bad != url.end()) return malformed(text, "holds the character \"" + escaped(std::string_view(&*bad, 1)) + "\"");
  if (!is_well_encoded(url)) return malformed(text, "has a % without two hexadecimal digits");
  return url;
}

}  // namespace

std::uint16_t default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

std::string Url::authority() const {
  Authority authority{host, std::nullopt, ipv6};
  if (port != default_port(scheme)) authority.port = port;
  return http::to_string(authority);
}

std::string Url::target() const { return has_query ? path + "?" + query : path; }

Result<Url> parse_url(std::string_view text) {
  const std::string_view checked_text = PADLOCK_TRY(checked(text));
  Url url;
  const std::string_view scheme = scheme_of(checked_text);
  if (scheme.empty()) return malformed(text, "has no scheme");
  url.scheme = to_lower_ascii(scheme);
  if (url.scheme != "https" && url.scheme != "http")
    return broken(rules::url_scheme, "the scheme of \"" + escaped(text.substr(0, 256)) + "\" is " + url.scheme);
  std::string_view rest = checked_text.substr(scheme.size() + 1);
  if (!rest.starts_with("//")) return malformed(text, "has no // after its scheme");
  rest.remove_prefix(2);
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  PADLOCK_TRY(set_authority(url, rest.substr(0, end)));
  set_target(url, rest.substr(end));
  return url;
}

Result<Url> parse_typed_url(std::string_view text) {
  return text.find("://") == std::string_view::npos ? parse_url("https://" + std::string(text)) : parse_url(text);
}

Result<Url> resolve_url(const Url& base, std::string_view reference) {
  const std::string_view text = PADLOCK_TRY(checked(reference));
  if (!scheme_of(text).empty()) return parse_url(reference);
  if (text.starts_with("//")) return parse_url(base.scheme + ":" + std::string(text));
  Url url = base;
  if (text.empty()) return url;
  if (text.starts_with('/'))
    set_target(url, text);
  else if (text.starts_with('?'))
    set_target(url, base.path + std::string(text));
  else
    set_target(url, base.path.substr(0, base.path.rfind('/') + 1) + std::string(text));
  return url;
}

}  // namespace padlock::http

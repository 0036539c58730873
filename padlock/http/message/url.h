#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "padlock/base/result.h"

namespace padlock::http {

/// An absolute http or https URL (RFC 9110, section 4.2), strict and in canonical form. The fragment is for the reader
/// of a page only, so it is dropped.
struct Url {
  std::string scheme;  ///< "https" or "http"
  std::string host;    ///< lower case; an IPv6 address stands without brackets
  bool ipv6 = false;   ///< `host` is written in brackets
  std::uint16_t port = 0;
  std::string path;   ///< begins with "/", still encoded
  std::string query;  ///< without "?"
  bool has_query = false;

  bool secure() const { return scheme == "https"; }
  /// host, and :port if it is not the scheme's own: for Host.
  std::string authority() const;
  /// path[?query]: for the request line.
  std::string target() const;
  /// scheme://authority: two URLs of one origin may share credentials (RFC 6454, section 4).
  std::string origin() const { return scheme + "://" + authority(); }
  std::string to_string() const { return origin() + target(); }
};

/// 443 or 80.
std::uint16_t default_port(std::string_view scheme);

/// Errors: rules::url_malformed, ::url_scheme, ::url_userinfo, ::host_malformed.
Result<Url> parse_url(std::string_view text);

/// The same for what a person types: without a scheme it is https.
Result<Url> parse_typed_url(std::string_view text);

/// What a reference (of a Location field) means on the page `base` (RFC 3986, section 5.2). Errors as above.
Result<Url> resolve_url(const Url& base, std::string_view reference);

}  // namespace padlock::http

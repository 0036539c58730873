#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "padlock/base/result.h"

namespace padlock::http {

/// A request target as a file's path beneath a served folder (docs/threats.md, H8).
struct FilePath {
  std::string relative;         ///< "a/b.html"; decoded once, `.`, `..` and empty segments resolved; "" is the folder
  bool trailing_slash = false;  ///< a folder is meant; also for ""
  bool hidden = false;          ///< a segment begins with a dot
};

/// Decodes the path of an origin-form target once. Errors: rules::path_malformed (bad %, bytes that are not UTF-8),
/// ::path_forbidden (NUL, encoded `/`, any `\`), ::path_outside (more `..` than folders).
Result<FilePath> parse_file_path(std::string_view target);

/// Each %XX as its byte (RFC 3986, section 2.1); nothing if a % does not stand before two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text);

/// A path or one of its segments with %XX for all but unreserved characters, `/` and the harmless delimiters; good for
/// a Location field whatever the bytes are.
std::string encode_path(std::string_view path);

/// Whether the bytes are UTF-8 (RFC 3629, section 4: no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

}  // namespace padlock::http

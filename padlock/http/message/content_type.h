#pragma once

#include <string_view>

namespace padlock::http {

/// The Content-Type of a file by the extension of its name, with charset for text; "application/octet-stream" for
/// others. "index.html" gives "text/html; charset=utf-8".
std::string_view content_type_of(std::string_view path);

/// Whether contents of this type are shortened by compression: texts, and formats that are not compressed themselves.
bool is_compressible(std::string_view content_type);

}  // namespace padlock::http

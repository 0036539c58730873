#pragma once

#include <string_view>

namespace padlock::http {

/// The Content-Type of a file by the extension of its name, with charset for text; "application/octet-stream" for
/// others. "index.html" gives "text/html; charset=utf-8".
std::string_view content_type_of(std::string_view path);

}  // namespace padlock::http

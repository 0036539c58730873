#pragma once

#include <string>

namespace padlock::http::h2 {

/// The version of nghttp2 as it is loaded, "1.52.0".
std::string nghttp2_version();

}  // namespace padlock::http::h2

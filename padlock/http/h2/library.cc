#include "padlock/http/h2/library.h"

#include <nghttp2/nghttp2.h>

namespace padlock::http::h2 {

std::string nghttp2_version() { return ::nghttp2_version(0)->version_str; }

}  // namespace padlock::http::h2

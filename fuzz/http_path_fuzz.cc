// A request target as a file's path, and the same text as a URL: whatever is taken leads nowhere above the root, and
// what was put together is read again as the same.
#include <cstdlib>
#include <span>
#include <string>

#include "padlock/base/text.h"
#include "padlock/http/message/path.h"
#include "padlock/http/message/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  const std::string_view text = padlock::as_text(input);
  if (const auto path = padlock::http::parse_file_path(text)) {
    if (("/" + path->relative + "/").find("/../") != std::string::npos || path->relative.starts_with('/')) std::abort();
    const auto again = padlock::http::parse_file_path("/" + padlock::http::encode_path(path->relative));
    if (!again || again->relative != path->relative) std::abort();
  }
  if (const auto url = padlock::http::parse_url(text)) {
    const auto again = padlock::http::parse_url(url->to_string());
    if (!again || again->to_string() != url->to_string()) std::abort();
    if (const auto next = padlock::http::resolve_url(*url, text); !next) std::abort();
  }
  return 0;
}

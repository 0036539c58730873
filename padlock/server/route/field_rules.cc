#include "padlock/server/route/field_rules.h"

#include <algorithm>
#include <array>

#include "padlock/base/text.h"

namespace padlock::server {

bool FieldRules::same(const std::vector<http::Field>& a, const std::vector<http::Field>& b) {
  return std::ranges::equal(
      a, b, [](const http::Field& x, const http::Field& y) { return x.name == y.name && x.value == y.value; });
}

bool is_framing_field(std::string_view name) {
  constexpr std::array<std::string_view, 15> names{
      "Connection", "Keep-Alive",     "Proxy-Connection", "Transfer-Encoding",  "Upgrade",
      "TE",         "Content-Length", "Trailer",          "Proxy-Authenticate", "Proxy-Authorization",
      "Host",       "HTTP2-Settings", "Expect",           "Sec-WebSocket-Key",  "Sec-WebSocket-Accept"};
  return std::ranges::any_of(names, [&](std::string_view other) { return equal_ignoring_ascii_case(name, other); });
}

}  // namespace padlock::server

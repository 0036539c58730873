#include "padlock/tls/wire/server_name.h"

#include <algorithm>

#include "padlock/tls/rules.h"

namespace padlock::tls {

namespace {

constexpr std::uint8_t host_name_type = 0;

bool is_host_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

}  // namespace

Result<std::string> parse_server_name_list(Reader& in) {
  Reader list = PADLOCK_TRY(in.vec16("server_name_list", 1));
  const std::uint8_t name_type = PADLOCK_TRY(list.u8("name_type"));
  list.meaning(name_type == host_name_type ? "host_name" : "unknown");
  Reader host_name = PADLOCK_TRY(list.vec16("host_name", 1));
  const std::string_view name = as_text(host_name.rest());
  if (list.sink() != nullptr) list.meaning(escaped(name));
  const bool alone = list.empty();
  while (!list.empty()) {  // read, so that a length that is wrong is told from a second name
    static_cast<void>(PADLOCK_TRY(list.u8("name_type")));
    static_cast<void>(PADLOCK_TRY(list.vec16("host_name", 1)));
  }
  if (name_type != host_name_type || !alone) {
    return broken(rules::server_name_invalid, "server_name holds something else than one host_name");
  }
  // 253 characters is the longest DNS name in text (RFC 1035, section 2.3.4).
  if (name.size() > 253 || name.ends_with('.') || !std::ranges::all_of(name, is_host_name_character)) {
    return broken(rules::server_name_invalid, "server_name \"" + escaped(name.substr(0, 253)) + "\" is no host name");
  }
  return to_lower_ascii(name);
}

void write_server_name_list(Writer& out, std::string_view host_name) {
  out.vec16([&](Writer& list) {
    list.u8(host_name_type);
    list.vec16([&](Writer& name) { name.bytes(as_bytes(host_name)); });
  });
}

}  // namespace padlock::tls

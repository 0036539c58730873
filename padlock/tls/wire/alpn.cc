#include "padlock/tls/wire/alpn.h"

namespace padlock::tls {

Result<List<std::string>> parse_protocol_name_list(Reader& in, Arena arena) {
  List<std::string> names(arena);
  Reader list = PADLOCK_TRY(in.vec16("protocol_name_list", 2));
  while (!list.empty()) {
    Reader name = PADLOCK_TRY(list.vec8("protocol_name", 1));
    names.emplace_back(as_text(name.rest()));
    if (list.sink() != nullptr) list.meaning(escaped(names.back()));
  }
  return names;
}

void write_protocol_name_list(Writer& out, std::span<const std::string> names) {
  out.vec16([&](Writer& list) {
    for (const std::string& name : names) list.vec8([&](Writer& body) { body.bytes(as_bytes(name)); });
  });
}

}  // namespace padlock::tls

#include "padlock/tls/wire/certificate_authorities.h"

#include "padlock/tls/wire/code_points.h"

namespace padlock::tls {

Result<DistinguishedNames> parse_certificate_authorities(Reader& in, std::size_t least) {
  Reader list = PADLOCK_TRY(in.vec16("certificate_authorities", least));
  DistinguishedNames names;
  while (!list.empty()) names.push_back(PADLOCK_TRY(copy_of(list.vec16("distinguished_name", 1))));
  return names;
}

void write_certificate_authorities(Writer& out, std::span<const std::vector<std::uint8_t>> authorities) {
  out.vec16([&](Writer& list) {
    for (const auto& authority : authorities) list.vec16([&](Writer& name) { name.bytes(authority); });
  });
}

}  // namespace padlock::tls

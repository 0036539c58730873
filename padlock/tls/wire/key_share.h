#pragma once

#include <cstdint>
#include <span>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/tls/types.h"
#include "padlock/tls/wire/list.h"

namespace padlock::tls {

/// struct { NamedGroup group; opaque key_exchange<1..2^16-1>; } KeyShareEntry;   (RFC 8446, section 4.2.8)
struct KeyShareEntry {
  NamedGroup group;
  List<std::uint8_t> key_exchange{};
  friend bool operator==(const KeyShareEntry&, const KeyShareEntry&) = default;
};
Result<KeyShareEntry> parse_key_share_entry(Reader& in, Arena arena = std::pmr::get_default_resource());
void write_key_share_entry(Writer& out, const KeyShareEntry& entry);

/// struct { KeyShareEntry client_shares<0..2^16-1>; } KeyShareClientHello;
/// More than `limits::key_shares` entries or two of one group are errors.
Result<List<KeyShareEntry>> parse_key_share_client_hello(Reader& in, Arena arena);
void write_key_share_client_hello(Writer& out, std::span<const KeyShareEntry> client_shares);

}  // namespace padlock::tls

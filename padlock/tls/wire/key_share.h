#pragma once

#include <cstdint>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

/// struct { NamedGroup group; opaque key_exchange<1..2^16-1>; } KeyShareEntry;   (RFC 8446, section 4.2.8)
struct KeyShareEntry {
  NamedGroup group;
  std::vector<std::uint8_t> key_exchange{};
  friend bool operator==(const KeyShareEntry&, const KeyShareEntry&) = default;
};
Result<KeyShareEntry> parse_key_share_entry(Reader& in);
void write_key_share_entry(Writer& out, const KeyShareEntry& entry);

/// struct { KeyShareEntry client_shares<0..2^16-1>; } KeyShareClientHello;
/// More than `limits::key_shares` entries or two of one group are errors.
Result<std::vector<KeyShareEntry>> parse_key_share_client_hello(Reader& in);
void write_key_share_client_hello(Writer& out, const std::vector<KeyShareEntry>& client_shares);

}  // namespace padlock::tls

#pragma once

#include <cstddef>
#include <cstdint>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/tls/wire/list.h"

namespace padlock::tls {

/// enum { psk_ke(0), psk_dhe_ke(1), (255) } PskKeyExchangeMode;   (RFC 8446, section 4.2.9)
/// psk_ke is never used: it has no forward secrecy.
inline constexpr std::uint8_t psk_dhe_ke = 1;

/// struct { opaque identity<1..2^16-1>; uint32 obfuscated_ticket_age; } PskIdentity;   (RFC 8446, section 4.2.11)
struct PskIdentity {
  List<std::uint8_t> identity{};
  std::uint32_t obfuscated_ticket_age = 0;
  friend bool operator==(const PskIdentity&, const PskIdentity&) = default;
};

/// struct { PskIdentity identities<7..2^16-1>; PskBinderEntry binders<33..2^16-1>; } OfferedPsks;   (section 4.2.11)
struct OfferedPsks {
  List<PskIdentity> identities{};      ///< the first `limits::psk_identities`; what follows is read, not kept
  List<List<std::uint8_t>> binders{};  ///< of the same
  std::size_t binders_length = 0;      ///< of the whole list on the wire, with its own length; read, not written
  friend bool operator==(const OfferedPsks&, const OfferedPsks&) = default;
};
/// Fails with `rules::psk_binder_count` unless there are as many binders as identities.
Result<OfferedPsks> parse_offered_psks(Reader& in, Arena arena = std::pmr::get_default_resource());
void write_offered_psks(Writer& out, const OfferedPsks& psks);

}  // namespace padlock::tls

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"

namespace padlock::tls {

/// opaque DistinguishedName<1..2^16-1>, DER; struct { DistinguishedName authorities<..2^16-1>; }   (RFC 8446, section
/// 4.2.4; RFC 5246, section 7.4.4, where the list may be empty)
using DistinguishedNames = std::vector<std::vector<std::uint8_t>>;
Result<DistinguishedNames> parse_certificate_authorities(Reader& in, std::size_t least);
void write_certificate_authorities(Writer& out, std::span<const std::vector<std::uint8_t>> authorities);

}  // namespace padlock::tls

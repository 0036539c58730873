#pragma once

#include <span>
#include <string>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/tls/wire/list.h"

namespace padlock::tls {

/// opaque ProtocolName<1..2^8-1>; struct { ProtocolName protocol_name_list<2..2^16-1>; } ProtocolNameList;
/// (RFC 7301, section 3.1)
Result<List<std::string>> parse_protocol_name_list(Reader& in, Arena arena = std::pmr::get_default_resource());
void write_protocol_name_list(Writer& out, std::span<const std::string> names);

}  // namespace padlock::tls

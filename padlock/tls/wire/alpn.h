#pragma once

#include <string>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"

namespace padlock::tls {

/// opaque ProtocolName<1..2^8-1>; struct { ProtocolName protocol_name_list<2..2^16-1>; } ProtocolNameList;
/// (RFC 7301, section 3.1)
Result<std::vector<std::string>> parse_protocol_name_list(Reader& in);
void write_protocol_name_list(Writer& out, const std::vector<std::string>& names);

}  // namespace padlock::tls

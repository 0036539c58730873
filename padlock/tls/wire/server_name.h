#pragma once

#include <string>
#include <string_view>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"

namespace padlock::tls {

/// enum { host_name(0), (255) } NameType;
/// struct { NameType name_type; HostName name; } ServerName;
/// struct { ServerName server_name_list<1..2^16-1>; } ServerNameList;   (RFC 6066, section 3)
/// Gives the one host name, in lower case. A second name, a name of another type, and a host name that is no DNS name
/// in ASCII are refused: nobody has ever defined what they would mean.
Result<std::string> parse_server_name_list(Reader& in);
void write_server_name_list(Writer& out, std::string_view host_name);

}  // namespace padlock::tls

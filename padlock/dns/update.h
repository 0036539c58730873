#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "padlock/dns/message.h"

// Changes of a zone (RFC 2136).

namespace padlock::dns {

/// Adds one TXT record to those of its name (RFC 2136, section 2.5.1). `ttl`: seconds.
std::vector<std::uint8_t> write_txt_addition(std::uint16_t id, const Name& zone, const Name& name,
                                             std::string_view text, std::uint32_t ttl);
/// Removes this one TXT record, whatever others its name has (RFC 2136, section 2.5.4).
std::vector<std::uint8_t> write_txt_removal(std::uint16_t id, const Name& zone, const Name& name,
                                            std::string_view text);

/// What the server said to a change of `name` (RFC 2136, section 3.8). Errors: `rules::update_refused`,
/// `not_authoritative`, `server_failed`, `malformed_message` if it is the answer to something else.
Result<void> check_update(const Message& answer, std::uint16_t id, const Name& zone, const Name& name);

}  // namespace padlock::dns

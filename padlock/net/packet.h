#pragma once

#include <optional>

#include "padlock/base/text.h"
#include "padlock/net/capture.h"

namespace padlock::net {

/// Reads a TCP segment out of an IPv4 or IPv6 packet, cut short or not; nothing if it is no whole TCP header. IPv6
/// extension headers are not followed. `time` and `packet_bytes` are the caller's: of the packet before it was cut.
std::optional<Packet> parse_packet(Bytes ip_packet, std::size_t packet_bytes);

}  // namespace padlock::net

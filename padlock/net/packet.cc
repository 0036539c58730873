#include "padlock/net/packet.h"

#include <algorithm>

#include "padlock/base/reader.h"

namespace padlock::net {
namespace {

constexpr std::uint8_t protocol_tcp = 6;

IpAddress address_of(Bytes bytes) {
  IpAddress address{.bytes = {}, .length = bytes.size()};
  copy_bytes(bytes, address.bytes);
  return address;
}

/// What stands before the TCP segment: addresses, and how long the segment is on the wire.
struct IpHeader {
  IpAddress source, destination;
  std::size_t segment_bytes;
};

/// RFC 791, section 3.1.
Result<std::optional<IpHeader>> parse_ipv4(Reader& in) {
  const std::size_t header_bytes = std::size_t{4} * (PADLOCK_TRY(in.u8("version_ihl")) & 0x0fU);
  static_cast<void>(PADLOCK_TRY(in.u8("type_of_service")));
  const std::size_t total_length = PADLOCK_TRY(in.u16("total_length"));
  static_cast<void>(PADLOCK_TRY(in.bytes("identification_flags_offset_ttl", 5)));
  const std::uint8_t protocol = PADLOCK_TRY(in.u8("protocol"));
  static_cast<void>(PADLOCK_TRY(in.u16("header_checksum")));
  const IpAddress source = address_of(PADLOCK_TRY(in.bytes("source", 4)));
  const IpAddress destination = address_of(PADLOCK_TRY(in.bytes("destination", 4)));
  if (protocol != protocol_tcp || header_bytes < 20 || total_length < header_bytes) return std::nullopt;
  static_cast<void>(PADLOCK_TRY(in.bytes("options", header_bytes - 20)));
  return IpHeader{source, destination, total_length - header_bytes};
}

/// RFC 8200, section 3.
Result<std::optional<IpHeader>> parse_ipv6(Reader& in) {
  static_cast<void>(PADLOCK_TRY(in.u32("version_class_flow")));
  const std::size_t payload_length = PADLOCK_TRY(in.u16("payload_length"));
  const std::uint8_t next_header = PADLOCK_TRY(in.u8("next_header"));
  static_cast<void>(PADLOCK_TRY(in.u8("hop_limit")));
  const IpAddress source = address_of(PADLOCK_TRY(in.bytes("source", 16)));
  const IpAddress destination = address_of(PADLOCK_TRY(in.bytes("destination", 16)));
  if (next_header != protocol_tcp) return std::nullopt;
  return IpHeader{source, destination, payload_length};
}

/// RFC 9293, section 3.2. Options that are cut short end the list.
TcpOptions parse_options(Bytes bytes) {
  TcpOptions options;
  Reader in(bytes, "TCP options");
  while (!in.empty()) {
    const auto kind = in.u8("kind");
    if (!kind || *kind == 0) break;
    if (*kind == 1) continue;  // no operation
    const auto length = in.u8("length");
    if (!length || *length < 2) break;
    const auto value = in.bytes("value", *length - 2U);
    if (!value) break;
    if (*kind == 2 && value->size() == 2) options.mss = static_cast<std::uint16_t>((*value)[0] << 8U | (*value)[1]);
    if (*kind == 3 && value->size() == 1) options.window_scale = value->front();
    if (*kind == 4) options.sack_permitted = true;
    if (*kind == 8) options.timestamps = true;
  }
  return options;
}

Result<std::optional<Packet>> parse_tcp(Reader& in, const IpHeader& ip) {
  Packet packet;
  packet.source = {.address = ip.source, .port = PADLOCK_TRY(in.u16("source_port"))};
  packet.destination = {.address = ip.destination, .port = PADLOCK_TRY(in.u16("destination_port"))};
  packet.sequence = PADLOCK_TRY(in.u32("sequence_number"));
  packet.acknowledgement = PADLOCK_TRY(in.u32("acknowledgment_number"));
  const std::size_t header_bytes = std::size_t{4} * (PADLOCK_TRY(in.u8("data_offset")) >> 4U);
  const std::uint8_t flags = PADLOCK_TRY(in.u8("control_bits"));
  packet.fin = (flags & 0x01U) != 0;
  packet.syn = (flags & 0x02U) != 0;
  packet.rst = (flags & 0x04U) != 0;
  packet.psh = (flags & 0x08U) != 0;
  packet.ack = (flags & 0x10U) != 0;
  packet.window = PADLOCK_TRY(in.u16("window"));
  static_cast<void>(PADLOCK_TRY(in.u32("checksum_urgent_pointer")));
  if (header_bytes < 20 || header_bytes > ip.segment_bytes) return std::nullopt;
  packet.options = parse_options(PADLOCK_TRY(in.bytes("options", header_bytes - 20)));
  packet.payload_bytes = ip.segment_bytes - header_bytes;
  return packet;
}

}  // namespace

std::optional<Packet> parse_packet(Bytes ip_packet, std::size_t packet_bytes) {
  if (ip_packet.empty()) return std::nullopt;
  Reader in(ip_packet, "IP packet");
  const unsigned version = ip_packet.front() >> 4U;
  if (version != 4 && version != 6) return std::nullopt;
  const auto ip = version == 4 ? parse_ipv4(in) : parse_ipv6(in);
  if (!ip || !*ip) return std::nullopt;
  auto packet = parse_tcp(in, **ip);
  if (!packet || !*packet) return std::nullopt;
  (*packet)->packet_bytes = packet_bytes;
  return *packet;
}

}  // namespace padlock::net

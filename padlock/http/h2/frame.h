#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace padlock::http::h2 {

/// A stream's identifier: odd for those of the client (RFC 9113, section 5.1.1).
using StreamId = std::int32_t;

/// RFC 9113, section 6, by the registry's spelling; PRIORITY_UPDATE is RFC 9218's.
enum class FrameType : std::uint8_t {
  DATA = 0x0,
  HEADERS = 0x1,
  PRIORITY = 0x2,
  RST_STREAM = 0x3,
  SETTINGS = 0x4,
  PUSH_PROMISE = 0x5,
  PING = 0x6,
  GOAWAY = 0x7,
  WINDOW_UPDATE = 0x8,
  CONTINUATION = 0x9,
  PRIORITY_UPDATE = 0x10,
};

namespace flags {
inline constexpr std::uint8_t END_STREAM = 0x1;
inline constexpr std::uint8_t ACK = 0x1;
inline constexpr std::uint8_t END_HEADERS = 0x4;
inline constexpr std::uint8_t PADDED = 0x8;
inline constexpr std::uint8_t PRIORITY = 0x20;
}  // namespace flags

/// RFC 9113, section 6.5.2; ENABLE_CONNECT_PROTOCOL is RFC 8441's, NO_RFC7540_PRIORITIES RFC 9218's.
enum class SettingId : std::uint16_t {
  HEADER_TABLE_SIZE = 0x1,
  ENABLE_PUSH = 0x2,
  MAX_CONCURRENT_STREAMS = 0x3,
  INITIAL_WINDOW_SIZE = 0x4,
  MAX_FRAME_SIZE = 0x5,
  MAX_HEADER_LIST_SIZE = 0x6,
  ENABLE_CONNECT_PROTOCOL = 0x8,
  NO_RFC7540_PRIORITIES = 0x9,
};

/// The registries' spelling, or "unknown".
std::string_view name_of(FrameType type);
std::string_view name_of(SettingId id);

struct Setting {
  SettingId id;
  std::uint32_t value;
};

/// RFC 9113, section 7.
enum class ErrorCode : std::uint32_t {
  NO_ERROR = 0x0,
  PROTOCOL_ERROR = 0x1,
  INTERNAL_ERROR = 0x2,
  FLOW_CONTROL_ERROR = 0x3,
  SETTINGS_TIMEOUT = 0x4,
  STREAM_CLOSED = 0x5,
  FRAME_SIZE_ERROR = 0x6,
  REFUSED_STREAM = 0x7,
  CANCEL = 0x8,
  COMPRESSION_ERROR = 0x9,
  CONNECT_ERROR = 0xa,
  ENHANCE_YOUR_CALM = 0xb,
  INADEQUATE_SECURITY = 0xc,
  HTTP_1_1_REQUIRED = 0xd,
};

/// The registry's spelling, or "unknown".
std::string_view name_of(ErrorCode code);

/// What a client sends first (RFC 9113, section 3.4).
inline constexpr std::string_view connection_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// RFC 9113, section 4.1.
struct FrameHeader {
  static constexpr std::size_t size = 9;

  std::uint32_t length;  ///< of the payload
  FrameType type;
  std::uint8_t flags;
  StreamId stream;

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

/// The reserved bit is dropped.
FrameHeader parse_frame_header(std::span<const std::uint8_t, FrameHeader::size> bytes);

}  // namespace padlock::http::h2

#include "padlock/http/h2/frame.h"

namespace padlock::http::h2 {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::NO_ERROR: return "NO_ERROR";
    case ErrorCode::PROTOCOL_ERROR: return "PROTOCOL_ERROR";
    case ErrorCode::INTERNAL_ERROR: return "INTERNAL_ERROR";
    case ErrorCode::FLOW_CONTROL_ERROR: return "FLOW_CONTROL_ERROR";
    case ErrorCode::SETTINGS_TIMEOUT: return "SETTINGS_TIMEOUT";
    case ErrorCode::STREAM_CLOSED: return "STREAM_CLOSED";
    case ErrorCode::FRAME_SIZE_ERROR: return "FRAME_SIZE_ERROR";
    case ErrorCode::REFUSED_STREAM: return "REFUSED_STREAM";
    case ErrorCode::CANCEL: return "CANCEL";
    case ErrorCode::COMPRESSION_ERROR: return "COMPRESSION_ERROR";
    case ErrorCode::CONNECT_ERROR: return "CONNECT_ERROR";
    case ErrorCode::ENHANCE_YOUR_CALM: return "ENHANCE_YOUR_CALM";
    case ErrorCode::INADEQUATE_SECURITY: return "INADEQUATE_SECURITY";
    case ErrorCode::HTTP_1_1_REQUIRED: return "HTTP_1_1_REQUIRED";
  }
  return "unknown";
}

FrameHeader parse_frame_header(std::span<const std::uint8_t, FrameHeader::size> bytes) {
  const auto number = [&](std::size_t at, std::size_t width) {
    std::uint32_t value = 0;
    for (const std::uint8_t byte : bytes.subspan(at, width)) value = value << 8 | byte;
    return value;
  };
  return {.length = number(0, 3),
          .type = static_cast<FrameType>(bytes[3]),
          .flags = bytes[4],
          .stream = static_cast<StreamId>(number(5, 4) & 0x7fffffffU)};
}

}  // namespace padlock::http::h2

#include "padlock/http/h2/frame.h"

namespace padlock::http::h2 {

std::string_view name_of(FrameType type) {
  switch (type) {
    case FrameType::DATA: return "DATA";
    case FrameType::HEADERS: return "HEADERS";
    case FrameType::PRIORITY: return "PRIORITY";
    case FrameType::RST_STREAM: return "RST_STREAM";
    case FrameType::SETTINGS: return "SETTINGS";
    case FrameType::PUSH_PROMISE: return "PUSH_PROMISE";
    case FrameType::PING: return "PING";
    case FrameType::GOAWAY: return "GOAWAY";
    case FrameType::WINDOW_UPDATE: return "WINDOW_UPDATE";
    case FrameType::CONTINUATION: return "CONTINUATION";
    case FrameType::PRIORITY_UPDATE: return "PRIORITY_UPDATE";
  }
  return "unknown";
}

std::string_view name_of(SettingId id) {
  switch (id) {
    case SettingId::HEADER_TABLE_SIZE: return "HEADER_TABLE_SIZE";
    case SettingId::ENABLE_PUSH: return "ENABLE_PUSH";
    case SettingId::MAX_CONCURRENT_STREAMS: return "MAX_CONCURRENT_STREAMS";
    case SettingId::INITIAL_WINDOW_SIZE: return "INITIAL_WINDOW_SIZE";
    case SettingId::MAX_FRAME_SIZE: return "MAX_FRAME_SIZE";
    case SettingId::MAX_HEADER_LIST_SIZE: return "MAX_HEADER_LIST_SIZE";
    case SettingId::ENABLE_CONNECT_PROTOCOL: return "ENABLE_CONNECT_PROTOCOL";
    case SettingId::NO_RFC7540_PRIORITIES: return "NO_RFC7540_PRIORITIES";
  }
  return "unknown";
}

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

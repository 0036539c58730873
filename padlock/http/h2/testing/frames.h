#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "padlock/http/h2/frame.h"

/// For tests: frames by hand, good and bad ones.
namespace padlock::http::h2::testing {

using FieldList = std::vector<std::pair<std::string, std::string>>;

/// `count` bytes, big-endian.
inline std::string number(std::uint64_t value, std::size_t count) {
  std::string text(count, '\0');
  for (auto byte = text.rbegin(); byte != text.rend(); ++byte, value >>= 8) *byte = static_cast<char>(value & 0xff);
  return text;
}

inline std::string frame(FrameType type, std::uint8_t flags, StreamId stream, std::string_view payload = "") {
  return number(payload.size(), 3) + static_cast<char>(type) + static_cast<char>(flags) +
         number(static_cast<std::uint32_t>(stream), 4) + std::string(payload);
}

inline std::string settings(const std::vector<Setting>& entries = {}) {
  std::string payload;
  for (const Setting& entry : entries)
    payload += number(static_cast<std::uint16_t>(entry.id), 2) + number(entry.value, 4);
  return frame(FrameType::SETTINGS, 0, 0, payload);
}
inline std::string settings_ack() { return frame(FrameType::SETTINGS, flags::ACK, 0); }
inline std::string ping() { return frame(FrameType::PING, 0, 0, "12345678"); }
inline std::string data(StreamId stream, std::string_view text, bool end = false) {
  return frame(FrameType::DATA, end ? flags::END_STREAM : 0, stream, text);
}
inline std::string rst_stream(StreamId stream, ErrorCode code = ErrorCode::CANCEL) {
  return frame(FrameType::RST_STREAM, 0, stream, number(static_cast<std::uint32_t>(code), 4));
}
inline std::string window_update(StreamId stream, std::uint32_t increment) {
  return frame(FrameType::WINDOW_UPDATE, 0, stream, number(increment, 4));
}
inline std::string priority(StreamId stream, StreamId dependency) {
  return frame(FrameType::PRIORITY, 0, stream, number(static_cast<std::uint32_t>(dependency), 4) + '\x10');
}
inline std::string priority_update(StreamId stream, std::string_view value, StreamId on = 0) {
  return frame(FrameType::PRIORITY_UPDATE, 0, on, number(static_cast<std::uint32_t>(stream), 4) + std::string(value));
}
inline std::string goaway(StreamId last, ErrorCode code, std::string_view debug = "") {
  return frame(
      FrameType::GOAWAY, 0, 0,
      number(static_cast<std::uint32_t>(last), 4) + number(static_cast<std::uint32_t>(code), 4) + std::string(debug));
}

/// RFC 7541, section 5.1, with a prefix of 7 bits that are all free.
inline std::string hpack_length(std::size_t value) {
  if (value < 127) return {static_cast<char>(value)};
  std::string text{'\x7f'};
  for (value -= 127; value >= 128; value /= 128) text += static_cast<char>(value % 128 + 128);
  return text + static_cast<char>(value);
}
/// A literal without indexing (RFC 7541, section 6.2.2), not Huffman-coded.
inline std::string hpack(const FieldList& fields) {
  std::string block;
  for (const auto& [name, value] : fields)
    block.append(1, '\0')
        .append(hpack_length(name.size()))
        .append(name)
        .append(hpack_length(value.size()))
        .append(value);
  return block;
}

inline std::string headers(StreamId stream, const FieldList& fields, bool end_stream = true) {
  const auto flag = static_cast<std::uint8_t>(flags::END_HEADERS | (end_stream ? flags::END_STREAM : 0));
  return frame(FrameType::HEADERS, flag, stream, hpack(fields));
}

inline FieldList get(std::string_view path = "/", const FieldList& more = {}) {
  FieldList fields{{":method", "GET"}, {":scheme", "https"}, {":authority", "localhost"}, {":path", std::string(path)}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}
inline FieldList post(const FieldList& more = {}) {
  FieldList fields = get("/", more);
  fields.front().second = "POST";
  return fields;
}
/// How a client begins.
inline std::string hello(const std::vector<Setting>& entries = {}) {
  return std::string(connection_preface) + settings(entries) + settings_ack();
}
/// How a server begins.
inline std::string server_hello(const std::vector<Setting>& entries = {}) { return settings(entries) + settings_ack(); }

}  // namespace padlock::http::h2::testing

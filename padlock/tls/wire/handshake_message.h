#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

/// A whole handshake message, as a view (RFC 8446, section 4).
struct HandshakeMessage {
  HandshakeType type;
  Bytes body;   ///< without the header
  Bytes bytes;  ///< header and body: what the transcript hashes
};

inline constexpr std::size_t handshake_header_length = 4;

/// struct { HandshakeType msg_type; uint24 length; ... } Handshake;   (RFC 8446, section 4)
/// `bytes`: exactly one message.
inline Result<HandshakeMessage> parse_handshake_message(Bytes bytes, AnnotationSink* sink = nullptr) {
  Reader in(bytes, "Handshake", sink);
  const auto type = static_cast<HandshakeType>(PADLOCK_TRY(in.u8("msg_type")));
  in.meaning(name_of(type));
  const std::uint32_t length = PADLOCK_TRY(in.u24("length"));
  if (in.remaining() < length) PADLOCK_TRY(in.bytes("body", length));  // says what is missing
  const Bytes body = in.peek().first(length);
  if (!in.skip(length)) return broken(padlock::rules::field_truncated, "Handshake.body");
  PADLOCK_TRY(in.finish());
  return HandshakeMessage{type, body, bytes};
}

/// Appends a message whose body `write_body(Writer&)` writes.
template <class WriteBody>
void write_handshake_message(Writer& out, HandshakeType type, WriteBody&& write_body) {
  out.u8(static_cast<std::uint8_t>(type));
  out.vec24(write_body);
}

/// The same into a buffer; gives the message, header and body, where it lies now.
template <class Buffer, class WriteBody>
Bytes append_message(Buffer& messages, HandshakeType type, WriteBody&& write_body) {
  const std::size_t start = messages.size();
  Writer out(messages);
  write_handshake_message(out, type, write_body);
  return Bytes(messages).subspan(start);
}

/// A message on its own, usually of at most `expected` bytes.
template <class WriteBody>
std::vector<std::uint8_t> compose(HandshakeType type, WriteBody&& write_body, std::size_t expected = 256) {
  std::vector<std::uint8_t> message;
  message.reserve(expected);
  append_message(message, type, write_body);
  return message;
}

}  // namespace padlock::tls

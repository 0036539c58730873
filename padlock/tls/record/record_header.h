#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "padlock/base/text.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

inline constexpr std::size_t record_header_length = 5;

/// struct { ContentType type; ProtocolVersion legacy_record_version; uint16 length; ... } TLSPlaintext;
/// (RFC 8446, section 5.1; TLSCiphertext of section 5.2 begins alike)
struct RecordHeader {
  ContentType type;
  std::uint16_t legacy_record_version;  ///< ignored when read
  std::size_t length;                   ///< of the fragment behind the header
};

/// `bytes`: the five bytes of a header.
inline RecordHeader parse_record_header(std::span<const std::uint8_t, record_header_length> bytes) {
  return {.type = static_cast<ContentType>(bytes[0]),
          .legacy_record_version = static_cast<std::uint16_t>(bytes[1] << 8 | bytes[2]),
          .length = static_cast<std::size_t>(bytes[3]) << 8 | bytes[4]};
}

inline std::array<std::uint8_t, record_header_length> write_record_header(const RecordHeader& header) {
  return {static_cast<std::uint8_t>(header.type), static_cast<std::uint8_t>(header.legacy_record_version >> 8),
          static_cast<std::uint8_t>(header.legacy_record_version), static_cast<std::uint8_t>(header.length >> 8),
          static_cast<std::uint8_t>(header.length)};
}

/// A record's number as it is hashed and sent.
inline std::array<std::uint8_t, 8> big_endian(std::uint64_t sequence) {
  std::array<std::uint8_t, 8> bytes;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte, sequence >>= 8)
    *byte = static_cast<std::uint8_t>(sequence);
  return bytes;
}

/// seq_num + TLSCompressed.type + .version + .length, of which TLS 1.2 makes a MAC, or an AEAD its additional data (RFC
/// 5246, sections 6.2.3.1 and 6.2.3.3). `header`: of the record; `length`: of what is authenticated, which may be a
/// secret.
inline std::array<std::uint8_t, 13> numbered_header(std::uint64_t sequence, Bytes header, std::size_t length) {
  std::array<std::uint8_t, 13> data;
  auto rest = copy_bytes(big_endian(sequence), data);
  rest = copy_bytes(header.first(3), rest);
  rest[0] = static_cast<std::uint8_t>(length >> 8);
  rest[1] = static_cast<std::uint8_t>(length);
  return data;
}

}  // namespace padlock::tls

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

}  // namespace padlock::tls

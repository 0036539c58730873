#pragma once

#include <cstdint>
#include <string_view>

namespace padlock::http::h2 {

/// RFC 9218, section 4.
struct Priority {
  std::uint8_t urgency = 3;  ///< 0 (first) to 7 (background)
  bool incremental = false;  ///< useful in parts: shares the connection with others of its kind
  bool operator==(const Priority&) const = default;
};

/// Reads a Priority field value, a dictionary of Structured Fields (RFC 8941, section 3.2). Members that are unknown,
/// of another type or out of range are ignored, a malformed value is as none (RFC 9218, section 4).
Priority parse_priority(std::string_view value);

}  // namespace padlock::http::h2

#pragma once

#include <cstdint>
#include <string_view>

namespace padlock::client {

/// Which HTTP a connection speaks.
enum class HttpVersion : std::uint8_t { HTTP_1_1, HTTP_2 };

/// As a message's first line shows it: "HTTP/1.1", "HTTP/2".
constexpr std::string_view name_of(HttpVersion version) {
  return version == HttpVersion::HTTP_2 ? "HTTP/2" : "HTTP/1.1";
}
/// As TLS agrees on it (RFC 7301; RFC 9113, section 3.2): "http/1.1", "h2".
constexpr std::string_view alpn_of(HttpVersion version) { return version == HttpVersion::HTTP_2 ? "h2" : "http/1.1"; }

}  // namespace padlock::client

#pragma once

#include <cstddef>
#include <cstdint>

/// What a peer can make grow, and how far (docs/threats.md, H3, H5, H9, H11 and the secure defaults).
namespace padlock::http::limits {

/// Longest request or status line: what nginx and most caches take; longer targets belong into a body.
inline constexpr std::size_t start_line_bytes = std::size_t{8} * 1024;
/// All field lines of a request together, line ends included; also of its trailers.
inline constexpr std::size_t fields_bytes = std::size_t{32} * 1024;
/// Field lines of a request; browsers send about 20.
inline constexpr std::size_t field_count = 100;
/// The same for responses: servers are more talkative (cookies, policies), and the client chose to ask them.
inline constexpr std::size_t response_fields_bytes = std::size_t{64} * 1024;
inline constexpr std::size_t response_field_count = 200;
/// Longest body of a request; a static server needs none, so this is already generous.
inline constexpr std::uint64_t request_body_bytes = std::uint64_t{10} * 1024 * 1024;
/// An unread body of at most this size is read away so that the connection can be kept; beyond it is closed.
inline constexpr std::uint64_t drain_bytes = std::uint64_t{64} * 1024;
/// Digits of a chunk size: 16 hold any 64-bit number, more are an attempt to overflow one.
inline constexpr std::size_t chunk_size_digits = 16;
/// Chunk extensions of a whole body: nobody uses them, so many of them are an attack (CVE-2023-39326).
inline constexpr std::size_t chunk_extension_bytes = std::size_t{4} * 1024;
/// Interim (1xx) answers before the final one; a server has no use for more than a few.
inline constexpr std::size_t interim_responses = 100;
/// Requests on one connection, so that no connection lives for ever.
inline constexpr std::uint64_t requests_per_connection = 10'000;
/// Output that waits unsent before the next pipelined request is looked at: a peer that never reads gains nothing.
inline constexpr std::size_t waiting_output_bytes = std::size_t{64} * 1024;
/// Ranges in one Range field; more, and the whole is sent (CVE-2011-3192).
inline constexpr std::size_t ranges = 16;
/// Entity tags compared in one If-Match or If-None-Match field.
inline constexpr std::size_t entity_tags = 64;
/// Longest host name (RFC 1035, section 2.3.4, in text form).
inline constexpr std::size_t host_bytes = 253;
/// Longest URL that a user may give: what fits a request line.
inline constexpr std::size_t url_bytes = start_line_bytes;

}  // namespace padlock::http::limits

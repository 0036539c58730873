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

// ---- HTTP/2 (docs/threats.md, H16 to H21): what the packaged nghttp2 bounds too late or not at all

/// Requests of one client at work at the same time, those among them that it has cancelled and that still run; what
/// RFC 9113, section 6.5.2, recommends as the least and browsers expect.
inline constexpr std::size_t h2_concurrent_streams = 100;
/// Streams reset, by whichever side: a browser that leaves a page cancels all it has open, twice over; then what a
/// person clicking could cause (CVE-2023-44487, CVE-2025-8671).
inline constexpr std::uint32_t h2_reset_burst = 200;
inline constexpr std::uint32_t h2_resets_per_second = 33;
/// Frames that carry nothing forward: PING, SETTINGS, PRIORITY, unknown types, empty DATA, unneeded WINDOW_UPDATE
/// (CVE-2019-9511 to 9518). Keep-alives and priorities of a busy page are far below.
inline constexpr std::uint32_t h2_useless_frame_burst = 1000;
inline constexpr std::uint32_t h2_useless_frames_per_second = 100;
/// CONTINUATIONs of one field block: with HEADERS nine frames of 16 KiB, more than any list that is accepted
/// (CVE-2024-28182).
inline constexpr std::size_t h2_continuations = 8;
/// WINDOW_UPDATEs that one DATA frame of ours earns: a stream's and the connection's, each in two halves.
inline constexpr std::size_t h2_window_updates_per_data = 4;
/// A smaller DATA frame that does not end its stream earns none: its window was dribbled open (CVE-2019-9517).
inline constexpr std::size_t h2_earning_data_bytes = 256;
/// Earned WINDOW_UPDATEs that are kept in mind.
inline constexpr std::size_t h2_window_update_credit = 10'000;
/// A list of fields that is refused is decoded on, so that the compression's state is kept, but no further than this
/// (CVE-2016-6581).
inline constexpr std::size_t h2_decoded_bytes = std::size_t{256} * 1024;
/// The compression's dynamic table, of both sides: RFC 7541's default.
inline constexpr std::uint32_t h2_header_table_bytes = 4096;
/// Payload of one frame: RFC 9113's default and least.
inline constexpr std::uint32_t h2_frame_bytes = 16'384;
/// Output that waits unsent: above it nothing is taken from the streams' bodies. One full frame and more.
inline constexpr std::size_t h2_waiting_output_bytes = std::size_t{24} * 1024;
/// Frames that wait for room in that output (acknowledgements, resets, heads): above it no input is taken, so that a
/// peer that reads nothing is held up long before nghttp2 has 1,000 acknowledgements to keep. It is what 100 streams
/// answered at once need, and a few.
inline constexpr std::size_t h2_waiting_frames = 128;
/// Body bytes of a stream that wait for the peer's window: above it the source is paused (docs/threats.md, H19).
inline constexpr std::size_t h2_stream_buffer_bytes = std::size_t{64} * 1024;
/// What a client may send before the application has taken it, a stream and all streams together.
inline constexpr std::uint32_t h2_stream_window_bytes = std::uint32_t{64} * 1024;
inline constexpr std::uint32_t h2_connection_window_bytes = std::uint32_t{1} * 1024 * 1024;
/// The same for servers that we ask: what 10 MB/s need at a distance of 100 ms.
inline constexpr std::uint32_t h2_response_stream_window_bytes = std::uint32_t{1} * 1024 * 1024;
inline constexpr std::uint32_t h2_response_connection_window_bytes = std::uint32_t{4} * 1024 * 1024;
/// Streams of which is known how they ended, so that what still comes for them can be told from a broken peer: as many
/// as can be reset while a client's frames are on their way.
inline constexpr std::size_t h2_ended_streams = 128;
/// PRIORITY_UPDATEs kept for streams that have not begun: as many as may begin at once.
inline constexpr std::size_t h2_early_priorities = h2_concurrent_streams;
/// Longest Priority field value that is read: "u=7, i" and room for extensions.
inline constexpr std::size_t h2_priority_bytes = 256;

}  // namespace padlock::http::limits

#pragma once

#include <cstddef>

namespace padlock::explain::limits {

/// What is kept of each direction of a connection. A server can send without end, a reader of a ladder cannot read so:
/// handshake and the beginning of a page are there, of a large page the rest is only counted.
inline constexpr std::size_t stream_bytes_kept = std::size_t{128} * 1024;
/// Events of one trace. A fetch has about 50; a peer that sends tickets, alerts or redirects without end is cut here.
inline constexpr std::size_t events = 4096;
/// Records of application data that are kept one by one; later ones are added up, since a large download has thousands.
inline constexpr std::size_t data_records_kept = 64;
/// Bytes of handshake messages that are kept: twice what the engine reads as one message.
inline constexpr std::size_t message_bytes_kept = std::size_t{128} * 1024;
/// Bytes of requests' and responses' fields that are kept of a trace: four heads as long as our client reads them.
inline constexpr std::size_t head_bytes_kept = std::size_t{256} * 1024;
/// Fields of one message: more than a ClientHello of 64 KiB with the smallest extensions has.
inline constexpr std::size_t fields = 20'000;
/// What a step keeps of its bytes on the wire: the secret of a small page is seen whole, of a large one the beginning.
inline constexpr std::size_t wire_bytes_kept = std::size_t{16} * 1024;
/// Rows of a hex dump in the terminal: readable bytes are shown to about a screen, unreadable ones until one sees that
/// they are.
inline constexpr std::size_t readable_dump_bytes = 1024;
inline constexpr std::size_t unreadable_dump_bytes = 64;
/// Hex of one field under --bytes: a 4,096-bit signature fits.
inline constexpr std::size_t field_hex_bytes = 512;
/// Characters of one value from a peer, for example a header field, in a ladder.
inline constexpr std::size_t value_characters = 512;

}  // namespace padlock::explain::limits

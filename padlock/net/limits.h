#pragma once

#include <chrono>
#include <cstddef>

/// Everything that a peer can make grow or drag out (docs/threats.md), with its reason.
namespace padlock::net::limits {

/// Reads without a wait before other connections of the worker get their turn: a flood on one must not starve the rest.
/// Each brings up to a record, in which there is room for hundreds of small requests: that is a millisecond of work.
inline constexpr std::size_t reads_in_a_row = 1;
/// A partial record that is kept aside while a peer is silent, so that its 64 KiB buffer can serve others meanwhile.
inline constexpr std::size_t stashed_bytes = 4'096;
/// Bytes read and dropped while a connection closes: what a peer may reasonably have under way.
inline constexpr std::size_t lingering_bytes = 65'536;
/// Bytes sealed ahead of the socket by one write: four records keep the kernel busy, more would only take memory.
inline constexpr std::size_t sealed_ahead_bytes = 65'536;
/// Bytes that the kernel holds unsent for a connection, besides those on their way: without this bound it takes
/// megabytes for each peer that reads nothing, and runs short of memory for all (docs/threats.md, H10).
inline constexpr int unsent_bytes = 262'144;
/// Pieces of one gather write handed to the kernel at a time.
inline constexpr std::size_t pieces_at_once = 16;
/// RFC 8305, section 5: the recommended delay between connection attempts.
inline constexpr std::chrono::milliseconds connection_attempt_delay{250};
/// Addresses of one name that are tried: a name server must not send us around the world.
inline constexpr std::size_t addresses_of_a_name = 16;
/// Look-ups that may run at a time, the abandoned ones among them: each holds a thread until the system gives it up.
inline constexpr std::size_t lookups_at_once = 32;
/// Connections accepted before others of the worker get their turn: as many as fill the lanes of a batch of crypto
/// questions twice.
inline constexpr std::size_t accepts_in_a_row = 16;
/// Sockets that one turn of a loop takes up, before the rest of the loop has its own: so many with an event, and after
/// them so many that need none, so that who asks now and then does not wait for who sends without a pause. Many: each
/// newcomer brings several events, and what a turn leaves behind waits with all that comes meanwhile (docs/threats.md,
/// P2).
inline constexpr std::size_t sockets_at_once = 128;
/// The pause of a listener that is out of descriptors or socket memory (docs/threats.md, P1).
inline constexpr std::chrono::milliseconds accept_pause{100};
/// Connections that the kernel queues for a listener until they are accepted.
inline constexpr int accept_backlog = 1'024;
/// Packets that a capture keeps of one connection: those of the handshake and the end, with repetitions.
inline constexpr std::size_t captured_packets = 256;

/// A certificate chain and key in PEM: 16 certificates with many names, and room.
inline constexpr std::size_t certificate_file_bytes = std::size_t{1024} * 1024;

/// What a program that we run may say, on each of its outputs: a store with a few hundred certificates lists in less.
inline constexpr std::size_t program_output_bytes = std::size_t{256} * 1024;
/// What it may be given: it lies in the pipe before anybody reads, and pipes hold 64 KiB.
inline constexpr std::size_t program_input_bytes = std::size_t{32} * 1024;

}  // namespace padlock::net::limits

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// What a peer can make last or grow on a server (docs/threats.md, H10, P1 and the secure defaults).
namespace padlock::server::limits {

using std::chrono::seconds;

/// From accept to the last Finished: nobody honest needs more.
inline constexpr seconds handshake_time{10};
/// From the first byte of a request's head to its last: what slow-header attacks stretch.
inline constexpr seconds head_time{10};
/// A kept connection without a request; browsers close theirs at about the same age.
inline constexpr seconds idle_time{60};
/// Without any progress in writing: the peer has stopped to read.
inline constexpr seconds write_time{30};
/// A body comes with at least so many bytes a second, ...
inline constexpr std::uint64_t body_bytes_per_second = 240;
/// ... over any so long a time, ...
inline constexpr seconds body_window{10};
/// ... but for its beginning, when a slow link has yet to gather speed.
inline constexpr seconds body_grace{5};
/// How long a stopping server lets open requests come to their end.
inline constexpr seconds drain_time{30};
/// How long the last bytes of a connection may take on their way, so that no reset destroys them.
inline constexpr seconds linger_time{2};

/// Share of the process's descriptors that connections may use; the rest is for files and the listeners.
inline constexpr std::size_t descriptor_percent = 90;
/// Share of the connections that may be inside their handshakes.
inline constexpr std::size_t half_open_percent = 25;
/// Connections of one client address: far more than a browser opens, far less than an attack.
inline constexpr std::size_t connections_per_address = 256;

/// TLS 1.2 sessions that a worker remembers by their IDs, for clients without tickets: each takes about 300 bytes.
inline constexpr std::size_t cached_sessions = 1024;

/// A file of configuration: ten thousand sites fit.
inline constexpr std::size_t config_file_bytes = std::size_t{4} << 20;
/// Threads that somebody may ask for: more than any machine has cores.
inline constexpr std::size_t workers = 1024;

/// How often a free port is looked for that all addresses have.
inline constexpr int port_tries = 16;

/// Connections of administrators at one time: people, their scripts, and what reads the metrics.
inline constexpr std::size_t admin_connections = 32;
/// What an administrator sends is small: a head, and at most a service's description.
inline constexpr std::size_t admin_read_bytes = std::size_t{4} * 1024;
inline constexpr std::size_t admin_body_bytes = std::size_t{64} * 1024;
/// How long such a connection may make no progress.
inline constexpr seconds admin_time{10};

/// Longest line of the log; targets can be 8 KiB long and grow fourfold when they are escaped.
inline constexpr std::size_t log_line_bytes = std::size_t{8} * 1024;
/// Lines of one kind of failure a second and worker: more say nothing new and fill the disk.
inline constexpr std::size_t log_lines_per_second = 100;

/// A file that changed so short a time ago may change again within the same tick of its clock, so its entity tag is
/// weak (RFC 9110, section 8.8.2).
inline constexpr seconds settled_after{2};

}  // namespace padlock::server::limits

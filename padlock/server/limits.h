#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "padlock/certs/limits.h"

/// What a peer can make last or grow on a server (docs/threats.md, H10, P1 and the secure defaults).
namespace padlock::server::limits {

using std::chrono::seconds;

/// From accept to the last Finished: nobody honest needs more.
inline constexpr seconds handshake_time{10};
/// From the first byte of a request's head to its last: what slow-header attacks stretch.
inline constexpr seconds head_time{10};
/// Early data of a client (0-RTT): a request or a few, in one record.
inline constexpr std::uint32_t early_data_bytes = 16'384;
/// Tickets whose early data was taken in the last 20 seconds: beyond so many, none is.
inline constexpr std::size_t early_data_tickets = 100'000;
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
/// A tunnel (WebSocket) through which nothing comes: applications send something each minute or so.
inline constexpr seconds tunnel_idle_time{3600};
/// A connection to an upstream that has nothing to do is kept so long, ...
inline constexpr seconds idle_upstream_time{60};
/// ... and so many of them an upstream and worker.
inline constexpr std::size_t idle_upstream_connections = 64;
/// For an upstream's name, connection and handshake.
inline constexpr seconds upstream_connect_time{5};
/// Until an upstream's first byte, and between two.
inline constexpr seconds upstream_response_time{60};
/// Upstreams that are asked for one request.
inline constexpr std::size_t upstream_tries = 3;
/// Failures in a row after which an upstream rests, ...
inline constexpr std::uint32_t upstream_failures = 3;
/// ... for so long.
inline constexpr seconds upstream_rest{10};
/// How often upstreams are asked whether they are well, ...
inline constexpr seconds health_interval{10};
/// ... and how many times in a row they say no, or nothing, before they get no more requests.
inline constexpr std::uint32_t unwell_checks = 2;
/// When an upstream takes so long, it pays to look whether the client is still there.
inline constexpr std::chrono::milliseconds watch_after{100};
/// Bodies that are passed on.
inline constexpr std::uint64_t proxied_body_bytes = std::uint64_t{100} << 20;
/// Gateways of ours that a request may pass before we say that it runs in a circle.
inline constexpr std::size_t passages = 8;

/// How soon a read that only watches for a client's end notices that it is not wanted any more.
inline constexpr seconds watch_step{1};
/// A response that is no longer is queued whole before any of it is sent.
inline constexpr std::uint64_t body_at_once = std::uint64_t{64} << 10;
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

/// Requests that a worker works on at one time (each may keep 64 KiB of its body): more are told to come again.
inline constexpr std::size_t requests_in_work = 4'096;
/// What a request that came in too much work is told to wait.
inline constexpr seconds overloaded_retry{1};
/// Share of a busy worker's time for the public-key work of handshakes. With all that is around it a handshake takes
/// about twice as much, which leaves four fifths to those who are there.
inline constexpr unsigned busy_handshake_percent = 10;
/// By how much their share grows in each window in which the worker has slept: all is given back within two seconds.
inline constexpr unsigned handshake_percent_step = 3;
/// How long a worker is watched before it is called busy: many times what it needs to look at each connection once.
inline constexpr std::chrono::milliseconds load_window{50};
/// A worker with time to spare has waited for work so often in a window.
inline constexpr std::uint64_t sleeps_of_an_idle_window = 5;
/// A connection so old is one that handshakes must not harm.
inline constexpr seconds established_after{1};
/// How long newcomers wait in the kernel's queue while handshakes have had their share, ...
inline constexpr std::chrono::milliseconds handshake_pause{5};
/// ... and how many are turned away at each look while that is half full: their clients learn it at once.
inline constexpr std::size_t turned_away_at_once = 8;
/// How often the log hears of that.
inline constexpr seconds wait_told_apart{10};
/// Shares of the memory cap: above the first no connection is kept after its request, ...
inline constexpr unsigned memory_tight_percent = 80;
/// ... above the second none is accepted, ...
inline constexpr unsigned memory_full_percent = 90;
/// ... and the heap is measured so seldom, as that takes some time.
inline constexpr std::chrono::milliseconds memory_looks_apart{250};

// Certificates on demand (docs/threats.md, A11).

/// How long a handshake waits for its certificate: less than handshake_time, so that its alert still arrives.
inline constexpr seconds on_demand_patience{8};
/// How often it looks.
inline constexpr std::chrono::milliseconds on_demand_looks_apart{25};
/// Handshakes that wait at one time, ...
inline constexpr std::size_t on_demand_waiting = 64;
/// ... and those of one client: a browser opens six connections.
inline constexpr std::size_t on_demand_waiting_of_client = 8;
/// Names that are worked on, with those whose handshakes have given up.
inline constexpr std::size_t on_demand_names_at_work = 64;
/// New names that one client (an IPv4 address or an IPv6 network of 64 bits) may ask for in such a time: who opens a
/// page needs one.
inline constexpr std::uint32_t on_demand_names_of_client = 10;
inline constexpr seconds on_demand_client_span = std::chrono::hours(1);
/// Orders of one registrable domain: Let's Encrypt allows fifty in a week.
inline constexpr std::size_t on_demand_orders_of_domain = 10;
inline constexpr seconds on_demand_domain_span = std::chrono::hours(1);
/// Orders of all names in a short time, ...
inline constexpr std::size_t on_demand_orders_in_burst = 10;
inline constexpr seconds on_demand_burst_span = std::chrono::minutes(1);
/// ... and in certs::orders_span: half of what a CA allows, so that whatever strangers do the rest is there for
/// renewals.
inline constexpr std::size_t on_demand_orders = certs::orders_in_span / 2;
/// For how long a name that is not allowed gets nobody asked again, ...
inline constexpr seconds on_demand_refused_time = std::chrono::minutes(10);
/// ... one whose order has failed: so it fails less often in an hour than CAs bear (certs::failed_validations_in_span),
inline constexpr seconds on_demand_failed_time = std::chrono::minutes(15);
/// ... one for which too much was ordered, ...
inline constexpr seconds on_demand_spent_time = std::chrono::minutes(1);
/// ... and one for which nobody answered, or that another node is at work on.
inline constexpr seconds on_demand_put_off_time{5};
/// Such names that are remembered: a MiB of memory.
inline constexpr std::size_t on_demand_refused = 4'096;
/// Names whose certificates are known to be stored: ten MiB of memory.
inline constexpr std::size_t on_demand_known = certs::max_listed;
/// Certificates in memory, of about 8 KiB each; those that were not used for the longest time are read again when
/// needed.
inline constexpr std::size_t on_demand_kept = 10'000;
/// For whoever says which names are allowed.
inline constexpr seconds on_demand_ask_patience{3};

/// TLS 1.2 sessions that a worker remembers by their IDs, for clients without tickets: each takes about 300 bytes.
inline constexpr std::size_t cached_sessions = 1024;

/// Names of authorities that a request for a client's certificate lists, in bytes together; more are not listed.
inline constexpr std::size_t client_authorities_bytes = std::size_t{4} * 1024;

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

/// What a site that is being worked on tells its clients to wait.
inline constexpr seconds maintenance_retry{300};
/// Clients whose requests one rate limit counts at a time: half a MiB of memory. Among more, those that have asked the
/// least are forgotten.
inline constexpr std::size_t rate_limited_clients = 32768;

/// A name and a password: crypt(3) takes no longer ones.
inline constexpr std::size_t basic_credential_bytes = 512;
/// Passwords that wait to be checked, each for tens of milliseconds of one thread: more would wait for seconds.
inline constexpr std::size_t helper_queue = 64;
/// A good password is known again for so long, ...
inline constexpr seconds credential_known{300};
/// ... and so many of them.
inline constexpr std::size_t known_credentials = 4096;
/// Wrong passwords of one client, ...
inline constexpr std::uint32_t password_failures = 10;
/// ... in so long a time.
inline constexpr seconds password_failure_time{60};
/// A file of names and passwords: ten thousand users fit.
inline constexpr std::size_t password_file_bytes = std::size_t{1} << 20;

/// Longest line of the log; targets can be 8 KiB long and grow fourfold when they are escaped.
inline constexpr std::size_t log_line_bytes = std::size_t{8} * 1024;
/// Lines of one kind of failure a second and worker: more say nothing new and fill the disk.
inline constexpr std::size_t log_lines_per_second = 100;

/// A file that changed so short a time ago may change again within the same tick of its clock, so its entity tag is
/// weak (RFC 9110, section 8.8.2).
inline constexpr seconds settled_after{2};

/// How long a file in memory is taken for the one on disk: a file that is asked for all the time is looked at ten times
/// a second, and one that changes is seen as soon as a person could ask for it.
inline constexpr std::chrono::milliseconds file_trusted{100};
/// Files above this size are read from disk for each answer: what that costs is little beside sending them.
inline constexpr std::size_t stored_file_bytes = std::size_t{256} * 1024;
/// Names in a folder that are looked at for one listing: more than a person reads, and a few milliseconds of work.
inline constexpr std::size_t listed_names = 2000;
/// Files below this size are sent as they are: compressed they would fill as many packets.
inline constexpr std::size_t compressed_least_bytes = 1024;
/// What is compressed in a second, of all sites, and at once: as much keeps one core busy for a quarter of the time.
/// Above it files are sent as they are, so that nobody can make a server compress and do nothing else.
inline constexpr std::uint32_t compressed_kib_per_second = 8 * 1024;
/// Memory for files that are kept, if nobody says how much.
inline constexpr std::size_t file_cache_bytes = std::size_t{64} << 20;

}  // namespace padlock::server::limits

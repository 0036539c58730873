#pragma once

#include <chrono>
#include <cstddef>

namespace padlock::client::limits {

/// A trust file: the largest system bundles have 250 KiB; a file of this size was hardly meant.
inline constexpr std::size_t trust_file_bytes = 16 << 20;
/// Files of an SSL_CERT_DIR folder: distributions have about 300, each twice by its hash.
inline constexpr std::size_t trust_directory_files = 4'096;
/// The largest number of redirects that can be asked for, so that a loop ends.
inline constexpr unsigned redirects = 100;

/// What an observer is shown of an HTTP/2 frame: SETTINGS of ten times as many entries as are defined, or a GOAWAY with
/// a long reason.
inline constexpr std::size_t frame_payload_kept = 512;
/// How long a farewell (GOAWAY) may take when a server does not read.
inline constexpr std::chrono::milliseconds farewell_time{500};

/// TLS sessions that are kept, in all and of one server: servers give two tickets a connection.
inline constexpr std::size_t sessions = 256;
inline constexpr std::size_t sessions_of_a_server = 4;

/// URLs out of certificates that are followed for one connection, and the time for all of it (docs/threats.md, P10).
inline constexpr std::size_t certificate_fetches = 2;
inline constexpr std::chrono::milliseconds certificate_fetch_time{1'000};
/// What is kept between runs: revocation lists (10 MiB each at most), and certificates of intermediate CAs.
inline constexpr std::size_t stored_lists = 32;
inline constexpr std::size_t stored_intermediates = 512;
/// A list that was fetched longer ago is asked for again though it is still current.
inline constexpr std::chrono::seconds list_refresh = std::chrono::hours{24};
/// How often a question begins anew because the cache was replaced meanwhile.
inline constexpr unsigned crlite_retries = 2;

}  // namespace padlock::client::limits

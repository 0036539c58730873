#pragma once

#include <cstddef>

namespace padlock::client::limits {

/// A trust file: the largest system bundles have 250 KiB; a file of this size was hardly meant.
inline constexpr std::size_t trust_file_bytes = 16 << 20;
/// Files of an SSL_CERT_DIR folder: distributions have about 300, each twice by its hash.
inline constexpr std::size_t trust_directory_files = 4'096;
/// The largest number of redirects that can be asked for, so that a loop ends.
inline constexpr unsigned redirects = 100;

/// TLS sessions that are kept, in all and of one server: servers give two tickets a connection.
inline constexpr std::size_t sessions = 256;
inline constexpr std::size_t sessions_of_a_server = 4;

}  // namespace padlock::client::limits

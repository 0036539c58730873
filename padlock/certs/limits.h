#pragma once

#include <chrono>
#include <cstddef>

namespace padlock::certs {

using namespace std::chrono_literals;

/// A stored value: a chain of a hundred long names with its key has about 45 KB.
inline constexpr std::size_t max_value_bytes = std::size_t{256} * 1024;
/// The name of a CA in the store; a folder's name has 255 bytes.
inline constexpr std::size_t max_ca_name = 100;
/// What one list gives.
inline constexpr std::size_t max_listed = 100'000;

/// How long a lock lives without being renewed (docs/threats.md, "Cluster store").
inline constexpr std::chrono::seconds lease_life = 30s;
/// No lease lives longer: one that says so was written before the clock was set back.
inline constexpr std::chrono::seconds max_lease_life = 10min;
/// Another process holds the folder while it replaces a file.
inline constexpr std::chrono::milliseconds folder_patience = 10s;

}  // namespace padlock::certs

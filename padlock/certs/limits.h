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

// A store on Redis.

/// One reply: the largest value, sealed, or a page of a list.
inline constexpr std::size_t max_redis_reply = std::size_t{1024} * 1024;
/// The parts of one reply: Redis gives a small hash whole, whatever page was asked for.
inline constexpr std::size_t max_redis_elements = 16'384;
/// Name, TCP, TLS and AUTH.
inline constexpr std::chrono::milliseconds redis_connect_patience = 2s;
/// How long a handshake waits for a mark (docs/threats.md, rule 11), and how many of a worker may wait at once.
inline constexpr std::chrono::milliseconds mark_patience = 50ms;
inline constexpr std::size_t most_waiting_marks = 256;
/// How often a value is read and written again that others change meanwhile.
inline constexpr int redis_write_tries = 5;

// Renewal (docs/threats.md, A5 to A7).

/// A certificate with a shorter life is renewed with half of it left, any other with a third.
inline constexpr std::chrono::days short_life{10};
/// By how much of that time earlier at most, so that certificates of one day do not come at once.
inline constexpr double renewal_spread = 0.2;
/// After orders that came to nothing.
inline constexpr std::chrono::seconds first_backoff = 1min, last_backoff = 6h;
/// What a CA may ask for; more would be a certificate lost.
inline constexpr std::chrono::seconds longest_retry_after = std::chrono::days(7);
/// CertMagic's, for the sake of CAs.
inline constexpr std::size_t orders_in_burst = 10;
inline constexpr std::chrono::seconds burst_span = 10s;
/// What Let's Encrypt allows an account, and a name.
inline constexpr std::size_t orders_in_span = 300;
inline constexpr std::chrono::seconds orders_span = 3h;
inline constexpr std::size_t failed_validations_in_span = 5;
inline constexpr std::chrono::seconds validations_span = 1h;
/// How often a name is tried with one CA that does not see it proved, before the next CA is asked.
inline constexpr unsigned unproved_before_next_ca = 3;
/// Between two questions for a renewal window, where the CA does not say (RFC 9773, section 4.3.2), and its bounds.
inline constexpr std::chrono::seconds window_question_interval = 6h, least_window_question = 1min,
                                      most_window_question = 24h;
/// From a new certificate to the first question.
inline constexpr std::chrono::seconds first_window_question = 1min;

}  // namespace padlock::certs

#pragma once

#include <chrono>
#include <cstddef>

/// What the clients of our ACME server can make grow, and how far (docs/threats.md, A18).
namespace padlock::acme::server_limits {

/// Nonces that are out: who floods newNonce has others ask once more, and memory does not grow.
inline constexpr std::size_t nonces = 16'384;
inline constexpr std::size_t random_bytes = 16;  ///< of nonces, tokens and names of resources: 128 bits
/// Accounts of a home or an office, with those that forgetful clients leave behind.
inline constexpr std::size_t accounts = 10'000;
/// New accounts from one address.
inline constexpr std::size_t accounts_in_span = 100;
/// Orders that are neither valid nor invalid, of one account and of all.
inline constexpr std::size_t open_orders_of_account = 100;
inline constexpr std::size_t open_orders = 2'000;
/// New orders of one account, as the large CAs count them.
inline constexpr std::size_t orders_in_span = 300;
inline constexpr std::chrono::hours span{3};
/// Orders that are remembered, finished ones too: the oldest of these go first.
inline constexpr std::size_t orders = 20'000;
/// Certificates that are remembered; those that have ended go first.
inline constexpr std::size_t certificates = 20'000;
/// Orders that an account's list shows.
inline constexpr std::size_t listed_orders = 100;
/// Failed validations of one name for one account in an hour.
inline constexpr std::size_t failed_validations = 30;
inline constexpr std::chrono::hours failed_validations_span{1};
/// Keys that are counted by address, account or name at a time.
inline constexpr std::size_t counted_keys = 4'096;
inline constexpr std::size_t contacts = 8;
inline constexpr std::size_t contact_bytes = 320;
/// How long a name may be proved, and a proof used.
inline constexpr std::chrono::hours order_life{24};
/// Between two looks for what has ended.
inline constexpr std::chrono::minutes clean_up{1};
/// What has ended is shown so long.
inline constexpr std::chrono::days memory{7};
/// When a client should ask again for something that is being done.
inline constexpr std::chrono::seconds retry_after{1};
/// Between two questions for a renewal window (RFC 9773, section 4.3.2).
inline constexpr std::chrono::hours renewal_question{6};
/// Of a revocation request's certificate.
inline constexpr std::size_t certificate_bytes = std::size_t{32} * 1024;

}  // namespace padlock::acme::server_limits

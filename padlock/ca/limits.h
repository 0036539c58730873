#pragma once

#include <chrono>
#include <cstddef>

namespace padlock::ca {

using namespace std::chrono_literals;

/// A root is trusted by hand, so it stays long; what it signs changes more often.
inline constexpr std::chrono::seconds root_life = std::chrono::days{3650};
/// The intermediate's key lies open to the server: a year, replaced unseen.
inline constexpr std::chrono::seconds intermediate_life = std::chrono::days{365};
/// Short enough that nobody needs to revoke, long enough for a laptop that sleeps over a weekend.
inline constexpr std::chrono::seconds leaf_life = std::chrono::days{7};
/// The longest that a leaf may be asked for: an intermediate always has more than that left, as it is replaced with a
/// third of its year to go.
inline constexpr std::chrono::seconds max_leaf_life = std::chrono::days{90};
/// Certificates begin an hour ago: a peer whose clock is a little behind takes them too.
inline constexpr std::chrono::seconds backdating = 1h;

/// A CA's name: with " intermediate" behind it it stays within ub-common-name, 64 (RFC 5280, appendix A.1).
inline constexpr std::size_t max_ca_name = 50;
/// A CA's URL: a host name of 253 characters, a port and the scheme.
inline constexpr std::size_t max_ca_url = 300;

/// Names of one leaf; public CAs allow 100.
inline constexpr std::size_t max_names = 100;
/// A DNS name's text and its labels (RFC 1035, section 2.3.4).
inline constexpr std::size_t max_dns_name_length = 253;
inline constexpr std::size_t max_label_length = 63;

/// A file of one key or of a chain of ours: a hundred names with 253 characters make about 40 KB of PEM.
inline constexpr std::size_t max_file_bytes = std::size_t{128} * 1024;
/// The log of certificates: five thousand of the usual ones, or forty of a hundred long names.
inline constexpr std::size_t max_issue_log_bytes = std::size_t{1024} * 1024;
/// How long the log remembers a certificate after its end, once it must forget some.
inline constexpr std::chrono::seconds expired_entry_life = std::chrono::days{30};
/// Files set aside that are kept of one name, "root.pem.set-aside-1" and so on; from then on the last one is
/// overwritten.
inline constexpr std::size_t max_set_aside = 9;

/// Another process holds the folder only while it makes a few keys.
inline constexpr std::chrono::milliseconds lock_patience = 10s;

// ---- revocation
/// Revoked certificates that are remembered: a list of them all has 400 KB.
inline constexpr std::size_t max_revocations = 10'000;
/// How long a revocation list and an OCSP response may be believed.
inline constexpr std::chrono::seconds crl_life = std::chrono::days{7};
inline constexpr std::chrono::seconds ocsp_life = std::chrono::days{1};
/// Answers are made anew at half of the shorter life, and when something is revoked or issued.
inline constexpr std::chrono::seconds answers_life = ocsp_life / 2;

// ---- stores of other programs
/// Debian's script starts openssl for each of its certificates; certutil ends in a moment.
inline constexpr std::chrono::milliseconds store_program_patience = 120s;
/// What is passed on of a program's complaint.
inline constexpr std::size_t max_complaint = 300;
/// Files of the administrator's folder of roots that are looked at.
inline constexpr std::size_t max_anchor_files = 1000;
/// A system's bundle has about 150 roots in 250 KB.
inline constexpr std::size_t max_bundle_bytes = std::size_t{8} * 1024 * 1024;
/// Entries of an NSS store with our name that are looked at: each is a run of certutil.
inline constexpr std::size_t max_nss_entries = 16;
/// Profiles of Firefox that are looked at.
inline constexpr std::size_t max_firefox_profiles = 64;

}  // namespace padlock::ca

#pragma once

#include <chrono>
#include <cstddef>

/// What an ACME server can make grow, and how far (docs/threats.md, A5 and A12).
namespace padlock::acme::limits {

/// A JSON document: an order of 100 names has about 20 KiB.
inline constexpr std::size_t json_bytes = std::size_t{64} * 1024;
/// Objects within objects: a problem's subproblems within an authorization's challenges stand five deep.
inline constexpr std::size_t json_depth = 16;
/// A chain as PEM: a leaf of 100 names and three CAs have about 15 KiB.
inline constexpr std::size_t chain_bytes = std::size_t{128} * 1024;
/// Certificates of a chain, as TLS takes them.
inline constexpr std::size_t chain_certificates = 16;
/// Names of an order; the large CAs allow 100.
inline constexpr std::size_t identifiers = 100;
/// Challenges of an authorization; the large CAs offer three or four.
inline constexpr std::size_t challenges = 32;
/// Profiles of a directory.
inline constexpr std::size_t profiles = 64;
/// Names that CAA records know a CA by; the large ones have two.
inline constexpr std::size_t caa_identities = 32;
/// Names of a CA in a challenge of dns-persist-01, which may have no more (draft-ietf-acme-dns-persist-01).
inline constexpr std::size_t issuer_domain_names = 10;
/// Other chains that are looked at for the one that the user wants.
inline constexpr std::size_t alternates = 8;
/// A URL, a nonce, a token: longer ones have no reason.
inline constexpr std::size_t url_bytes = 2048;
inline constexpr std::size_t nonce_bytes = 512;
inline constexpr std::size_t token_bytes = 256;
/// 128 bits in base64url (RFC 8555, section 8.1).
inline constexpr std::size_t least_token_bytes = 22;
/// How often one request is sent while its nonce is refused (RFC 8555, section 6.5).
inline constexpr unsigned nonce_tries = 3;
/// How long validation and issue may take; the large CAs need seconds, and a person may watch.
inline constexpr std::chrono::minutes polling{10};
/// Between two looks at what the CA is doing, where it does not say.
inline constexpr std::chrono::seconds poll_interval{2};
/// A longer Retry-After is cut to this, so that no server can stop renewal for good.
inline constexpr std::chrono::days retry_after{7};
/// How far a new certificate may begin in the future: it is our clock that is late then, and who refused would order
/// one after the other.
inline constexpr std::chrono::hours clock_skew{24};
/// Characters of a server's text that are shown.
inline constexpr std::size_t shown_text = 500;

}  // namespace padlock::acme::limits

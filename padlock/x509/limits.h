#pragma once

#include <chrono>
#include <cstddef>

namespace padlock::x509 {

/// Bytes of one certificate: what a TLS handshake message can hold (docs/threats.md, handshake limits).
inline constexpr std::size_t max_certificate_bytes = 65536;

/// Octets of a serial number (RFC 5280, section 4.1.2.2).
inline constexpr std::size_t max_serial_octets = 20;

/// Relative names of one Name: 64 is far above any in use and bounds the text that is made of it.
inline constexpr std::size_t max_relative_names = 64;

/// Bytes of a certification request: what it becomes fits a certificate.
inline constexpr std::size_t max_request_bytes = max_certificate_bytes;

/// RSA keys (docs/threats.md, X7): below, they can be broken; above, checking a signature becomes an attack.
inline constexpr std::size_t min_rsa_bits = 2048;
inline constexpr std::size_t max_rsa_bits = 8192;

/// Certificates of a peer that are looked at (docs/threats.md, handshake limits, give TLS 16; limbo's meshes have 100).
inline constexpr std::size_t max_chain_certificates = 128;

/// Policies, and mappings, of one certificate: the largest in use have about a dozen.
inline constexpr std::size_t max_policies = 256;

/// Budgets of one verification (docs/threats.md, X1 and X2; webpki: 100, 200,000, 250,000, 6). A path of 8 certificates
/// between leaf and anchor is deeper than any hierarchy in use.
inline constexpr std::size_t max_signature_checks = 100;
inline constexpr std::size_t max_building_steps = 10'000;
inline constexpr std::size_t max_name_comparisons = 250'000;
inline constexpr std::size_t max_path_depth = 8;

/// Nodes, edges and expected policies of all policy graphs of one verification (docs/threats.md, X3).
inline constexpr std::size_t max_policy_nodes = 1'000;

/// Paths that a verdict keeps for people; later ones are counted in its budgets but not kept.
inline constexpr std::size_t max_reported_paths = 16;

/// Bytes of a revocation list: the largest that public CAs publish are below it, once they are partitioned.
inline constexpr std::size_t max_crl_bytes = std::size_t{10} << 20;

/// Bytes of an OCSP response, with a delegated responder's certificate or two in it; of a request.
inline constexpr std::size_t max_ocsp_response_bytes = 16384;
inline constexpr std::size_t max_ocsp_request_bytes = 4096;

/// Certificates that one request may ask for: each is looked up and written into the response.
inline constexpr std::size_t max_ocsp_request_certificates = 16;

/// Octets of a nonce (RFC 9654, section 2.1).
inline constexpr std::size_t max_ocsp_nonce_octets = 128;

/// Certificates in an OCSP response: each one that bears the responder's name costs two signature checks.
inline constexpr std::size_t max_ocsp_certificates = 4;

/// How long an OCSP response is believed, whatever it says itself (docs/threats.md, X11), and by how much the
/// responder's clock may be ahead of ours.
inline constexpr std::chrono::seconds max_ocsp_age = std::chrono::days(10);
inline constexpr std::chrono::seconds max_ocsp_clock_skew = std::chrono::minutes(5);

/// Signed certificate timestamps of one certificate: those in use have two or three, and each is looked up.
inline constexpr std::size_t max_signed_certificate_timestamps = 64;

/// Bytes of a CRLite cache's index and of one of its filters: about ten times as much as those that are published.
inline constexpr std::size_t max_crlite_index_bytes = std::size_t{8} << 20;
inline constexpr std::size_t max_crlite_filter_bytes = std::size_t{64} << 20;

/// Filters that are asked about one certificate: a base and what came since, which is a few dozen.
inline constexpr std::size_t max_crlite_filters = 256;

/// How old a filter may be that says `good`: as an OCSP response. By how much a log's clock may be ahead of ours.
inline constexpr std::chrono::seconds max_crlite_age = max_ocsp_age;
inline constexpr std::chrono::seconds max_crlite_clock_skew = max_ocsp_clock_skew;

}  // namespace padlock::x509

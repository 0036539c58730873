#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Everything that a peer can make grow, and how far (docs/threats.md, T9, T12, T15, T16, T19).
namespace padlock::tls::limits {

/// TLSPlaintext.length (RFC 8446, section 5.1).
inline constexpr std::size_t plaintext = 1 << 14;
/// Content, type and padding of a protected record (RFC 8446, section 5.4).
inline constexpr std::size_t inner_plaintext = plaintext + 1;
/// The least that a peer may ask us to cut records to (RFC 8449, section 4).
inline constexpr std::uint16_t least_record_size_limit = 64;
/// TLSCiphertext.length (RFC 8446, section 5.2).
inline constexpr std::size_t ciphertext = plaintext + 256;
/// TLSCiphertext.length of TLS 1.2 (RFC 5246, section 6.2.3).
inline constexpr std::size_t tls12_ciphertext = plaintext + 2048;
/// A handshake message's body. Real ClientHellos stay below 4 KiB even with a hybrid key share, real certificate chains
/// below 32 KiB; the format would allow 16 MiB.
inline constexpr std::size_t handshake_message = std::size_t{64} * 1024;
/// What reading a compressed Certificate may take beside its outcome. Honest ones of 64 KiB take up to 120 KiB, those
/// that there are take 40.
inline constexpr std::size_t decompression_memory = std::size_t{176} * 1024;
/// Certificates in a chain. The deepest public chains have five.
inline constexpr std::size_t certificates = 16;
/// Extensions in one block. Browsers send about twenty; duplicates are searched in quadratic time.
inline constexpr std::size_t extensions = 256;
/// Key shares in a ClientHello. Each may cost a key operation at most, browsers send three.
inline constexpr std::size_t key_shares = 8;
/// Pre-shared keys of a ClientHello that are looked at: a client has a few tickets, each look costs a decryption.
inline constexpr std::size_t psk_identities = 16;
/// Bytes of an external key at least: 128 bits (RFC 9257, section 6).
inline constexpr std::size_t least_external_key = 16;
/// Bytes of its identity, and of its context, at most: both stand in each hello.
inline constexpr std::size_t external_identity = 1024;
/// A ticket's life, in seconds (RFC 8446, section 4.6.1), and how long ago a session's certificates may have been
/// shown.
inline constexpr std::uint32_t ticket_lifetime = 7 * 24 * 60 * 60;
/// A client's certificates in a ticket; with more there is none, for a hello would not hold it.
inline constexpr std::size_t chain_in_ticket = std::size_t{8} * 1024;
/// Bytes that name a policy of client authentication.
inline constexpr std::size_t policy_name = 255;
/// Dummy change_cipher_spec records (RFC 8446, appendix D.4 sends one).
inline constexpr std::size_t change_cipher_specs = 32;
/// Empty records or post-handshake messages without application data between them.
inline constexpr std::size_t records_without_data = 32;
/// Alerts that end nothing (user_canceled), in the whole life of a connection: the fourth is one too many.
inline constexpr std::size_t warning_alerts = 3;
/// Early data that was offered but not accepted (RFC 8446, section 4.2.10): so many bytes of content and padding are
/// skipped, or as many as this server's own tickets would allow.
inline constexpr std::size_t skipped_early_data = plaintext;
/// How far the two ends' ideas of a ticket's age may lie apart for its early data to be taken (RFC 8446, section 8.2).
inline constexpr std::chrono::seconds early_data_window{10};

/// Records under one key before our own KeyUpdate (RFC 8446, section 5.5: 2^24.5 full-size records for AES-GCM).
inline constexpr std::uint64_t records_per_gcm_key = std::uint64_t{1} << 24;
/// ChaCha20-Poly1305 has no such limit below 2^64; we change its keys all the same.
inline constexpr std::uint64_t records_per_chacha_key = std::uint64_t{1} << 30;

}  // namespace padlock::tls::limits

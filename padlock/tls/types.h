#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "padlock/crypto/algorithm.h"

namespace padlock::tls {

using crypto::NamedGroup;
using crypto::SignatureScheme;

/// RFC 8446, section 4.2.1.
enum class ProtocolVersion : std::uint16_t { TLS_1_0 = 0x0301, TLS_1_1 = 0x0302, TLS_1_2 = 0x0303, TLS_1_3 = 0x0304 };

/// RFC 8446, appendix B.4, for TLS 1.3; RFC 5289 and RFC 7905 for TLS 1.2; RFC 5246, 5288, 5289 and 7905 for the policy
/// `legacy`; and two values that signal instead of naming a suite (RFC 5746, 7507).
enum class CipherSuite : std::uint16_t {
  TLS_AES_128_GCM_SHA256 = 0x1301,
  TLS_AES_256_GCM_SHA384 = 0x1302,
  TLS_CHACHA20_POLY1305_SHA256 = 0x1303,
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 = 0xc02b,
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 = 0xc02c,
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 = 0xc02f,
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 = 0xc030,
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 = 0xcca8,
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 = 0xcca9,
  TLS_DHE_RSA_WITH_AES_128_GCM_SHA256 = 0x009e,
  TLS_DHE_RSA_WITH_AES_256_GCM_SHA384 = 0x009f,
  TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256 = 0xccaa,
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 = 0xc023,
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256 = 0xc027,
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384 = 0xc024,
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384 = 0xc028,
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA = 0xc009,
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA = 0xc013,
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA = 0xc00a,
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA = 0xc014,
  TLS_DHE_RSA_WITH_AES_128_CBC_SHA256 = 0x0067,
  TLS_DHE_RSA_WITH_AES_256_CBC_SHA256 = 0x006b,
  TLS_DHE_RSA_WITH_AES_128_CBC_SHA = 0x0033,
  TLS_DHE_RSA_WITH_AES_256_CBC_SHA = 0x0039,
  TLS_RSA_WITH_AES_128_GCM_SHA256 = 0x009c,
  TLS_RSA_WITH_AES_256_GCM_SHA384 = 0x009d,
  TLS_RSA_WITH_AES_128_CBC_SHA256 = 0x003c,
  TLS_RSA_WITH_AES_256_CBC_SHA256 = 0x003d,
  TLS_RSA_WITH_AES_128_CBC_SHA = 0x002f,
  TLS_RSA_WITH_AES_256_CBC_SHA = 0x0035,
  TLS_EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff,
  TLS_FALLBACK_SCSV = 0x5600,
};

/// RFC 8446, section 5.1.
enum class ContentType : std::uint8_t { change_cipher_spec = 20, alert = 21, handshake = 22, application_data = 23 };

/// RFC 8446, section 4; RFC 5246, section 7.4.
enum class HandshakeType : std::uint8_t {
  hello_request = 0,  // TLS 1.2
  client_hello = 1,
  server_hello = 2,
  new_session_ticket = 4,
  end_of_early_data = 5,
  encrypted_extensions = 8,
  certificate = 11,
  server_key_exchange = 12,  // TLS 1.2
  certificate_request = 13,
  server_hello_done = 14,  // TLS 1.2
  certificate_verify = 15,
  client_key_exchange = 16,  // TLS 1.2
  finished = 20,
  certificate_status = 22,  // TLS 1.2 (RFC 6066)
  key_update = 24,
  compressed_certificate = 25,  // RFC 8879
  message_hash = 254,
};

/// Code points of the TLS Certificate Compression Algorithm IDs registry (RFC 8879, section 7.3).
enum class CertificateCompressionAlgorithm : std::uint16_t { zlib = 1, brotli = 2, zstd = 3 };

/// Whose protection a byte travels under (RFC 9001, section 2.1, has the same levels for QUIC).
enum class EncryptionLevel : std::uint8_t { plaintext, early_data, handshake, application };

/// What is allowed on a connection, as data; there is no other switch. `modern`: TLS 1.3 alone. `intermediate`: also
/// TLS 1.2 with ECDHE and AEAD. `legacy`: also what old peers need.
enum class Policy : std::uint8_t { modern, intermediate, legacy };

/// Reserved values that keep peers tolerant of what they do not know: 0x0a0a, 0x1a1a, ..., 0xfafa (RFC 8701).
constexpr bool is_grease(std::uint16_t code_point) {
  return (code_point & 0x0f0f) == 0x0a0a && code_point >> 8 == (code_point & 0xff);
}

/// How the two sides come to a secret. In TLS 1.3 that is no matter of the suite: `groups` says it.
enum class KeyExchange : std::uint8_t {
  groups,
  ecdhe,  ///< RFC 8422
  dhe,    ///< in a finite field (RFC 5246, section 7.4.3), `legacy`
  rsa,    ///< encrypted with the server's key (RFC 5246, section 7.4.7.1), `legacy`
};

/// AES-CBC with a MAC (RFC 5246, section 6.2.3.2), `legacy`.
struct CbcCipher {
  std::size_t key_length;  ///< 16 or 32 bytes
  crypto::HashAlgorithm mac;
};

/// Of one of the suites that this engine speaks: the hash of its transcript and key schedule, and its AEAD.
crypto::HashAlgorithm hash_of(CipherSuite suite);
crypto::AeadAlgorithm aead_of(CipherSuite suite);
/// What a suite has instead of an AEAD; nothing for most.
std::optional<CbcCipher> cbc_of(CipherSuite suite);
/// The version that a suite belongs to; nothing for those that this engine does not speak.
std::optional<ProtocolVersion> version_of(CipherSuite suite);
KeyExchange key_exchange_of(CipherSuite suite);
/// True if a TLS 1.2 suite wants a server's RSA key; the others want ECDSA or Ed25519 (RFC 8422, section 5.1.1).
bool needs_rsa_key(CipherSuite suite);
/// True if the policy allows the suite.
bool allows(Policy policy, CipherSuite suite);

/// The registry's spelling, "GREASE", or "unknown".
std::string_view name_of(ProtocolVersion version);
std::string_view name_of(CipherSuite suite);
std::string_view name_of(ContentType type);
std::string_view name_of(HandshakeType type);
std::string_view name_of(CertificateCompressionAlgorithm algorithm);
std::string_view name_of(EncryptionLevel level);
/// As suites' names have it: "ECDHE", "DHE", "RSA".
std::string_view name_of(KeyExchange key_exchange);

/// All suites; the policy says which of them are used. AES-128-GCM, AES-256-GCM, ChaCha20-Poly1305, in this order, of
/// TLS 1.3 and then of TLS 1.2; last what `legacy` adds: forward secrecy first, AEADs before CBC.
std::vector<CipherSuite> default_cipher_suites();
/// Those of one version that the policy allows, in the same order.
std::vector<CipherSuite> cipher_suites_of(ProtocolVersion version, Policy policy = Policy::intermediate);
/// docs/threats.md, secure defaults: X25519MLKEM768, X25519, P-256, P-384. P-521 works where a configuration names it.
std::vector<NamedGroup> default_groups();
/// docs/threats.md, secure defaults: ECDSA, Ed25519, RSA-PSS; RSA-PKCS1 in certificates only.
std::vector<SignatureScheme> default_signature_schemes();

}  // namespace padlock::tls

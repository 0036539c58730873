#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace padlock::crypto {

/// SHA-1 is there for the HMACs of TLS 1.2's CBC suites (docs/threats.md, T5) and as a name of issuers in OCSP (RFC
/// 5019, section 2.1.1) alone: no signature is made with it.
enum class HashAlgorithm : std::uint8_t { sha256, sha384, sha512, sha1 };

/// Hash.length of RFC 8446, section 7.1: 32, 48 or 64 bytes; 20 of SHA-1.
constexpr std::size_t length_of(HashAlgorithm hash) {
  switch (hash) {
    case HashAlgorithm::sha256: return 32;
    case HashAlgorithm::sha384: return 48;
    case HashAlgorithm::sha512: return 64;
    case HashAlgorithm::sha1: return 20;
  }
  return 0;
}
inline constexpr std::size_t max_hash_length = 64;

/// Bytes that the hash takes at a time, and of the message's length that ends its last block (FIPS 180-4, section 1).
constexpr std::size_t block_length_of(HashAlgorithm hash) {
  return hash == HashAlgorithm::sha384 || hash == HashAlgorithm::sha512 ? 128 : 64;
}
constexpr std::size_t length_field_of(HashAlgorithm hash) { return block_length_of(hash) / 8; }
inline constexpr std::size_t max_block_length = 128;

enum class AeadAlgorithm : std::uint8_t { aes_128_gcm, aes_256_gcm, chacha20_poly1305 };

/// All three AEADs have a 96-bit nonce and a 128-bit tag (RFC 5116, section 5; RFC 8439, section 2.8).
inline constexpr std::size_t aead_nonce_length = 12;
inline constexpr std::size_t aead_tag_length = 16;
constexpr std::size_t key_length_of(AeadAlgorithm aead) { return aead == AeadAlgorithm::aes_128_gcm ? 16U : 32U; }

/// Code points of the TLS Supported Groups registry (RFC 8446, section 4.2.7; X25519MLKEM768: RFC 9954; ffdhe: RFC
/// 7919). The groups of RFC 3526 have none, since TLS 1.2 names a prime by its bytes: they stand here for private use,
/// and no message ever says them.
enum class NamedGroup : std::uint16_t {
  secp256r1 = 0x0017,
  secp384r1 = 0x0018,
  secp521r1 = 0x0019,
  x25519 = 0x001d,
  ffdhe2048 = 0x0100,
  ffdhe3072 = 0x0101,
  ffdhe4096 = 0x0102,
  ffdhe6144 = 0x0103,
  ffdhe8192 = 0x0104,
  modp2048 = 0xfe0e,  // group 14 of RFC 3526
  modp3072 = 0xfe0f,
  modp4096 = 0xfe10,
  modp6144 = 0xfe11,
  modp8192 = 0xfe12,
  X25519MLKEM768 = 0x11ec,
};

/// True for groups with a KEM: the responder's share answers the initiator's and cannot be made before it.
constexpr bool has_kem(NamedGroup group) { return group == NamedGroup::X25519MLKEM768; }

/// True for the groups that TLS 1.2 has on its own (RFC 8422, section 5.1.1).
constexpr bool is_curve(NamedGroup group) {
  return group == NamedGroup::x25519 || group == NamedGroup::secp256r1 || group == NamedGroup::secp384r1 ||
         group == NamedGroup::secp521r1;
}

/// Code points of the TLS SignatureScheme registry (RFC 8446, section 4.2.3). Certificates' algorithms map to them too
/// (RFC 5280 gives no curve with ecdsa-with-SHA256: there the curve is the key's).
enum class SignatureScheme : std::uint16_t {
  rsa_pkcs1_sha256 = 0x0401,
  rsa_pkcs1_sha384 = 0x0501,
  rsa_pkcs1_sha512 = 0x0601,
  ecdsa_secp256r1_sha256 = 0x0403,
  ecdsa_secp384r1_sha384 = 0x0503,
  ecdsa_secp521r1_sha512 = 0x0603,
  rsa_pss_rsae_sha256 = 0x0804,
  rsa_pss_rsae_sha384 = 0x0805,
  rsa_pss_rsae_sha512 = 0x0806,
  ed25519 = 0x0807,
  rsa_pss_pss_sha256 = 0x0809,
  rsa_pss_pss_sha384 = 0x080a,
  rsa_pss_pss_sha512 = 0x080b,
};

/// The registry's spelling, or "unknown": for errors and the explainer.
std::string_view name_of(HashAlgorithm hash);
std::string_view name_of(AeadAlgorithm aead);
std::string_view name_of(NamedGroup group);
std::string_view name_of(SignatureScheme scheme);

}  // namespace padlock::crypto

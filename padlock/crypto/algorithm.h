#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace padlock::crypto {

enum class HashAlgorithm : std::uint8_t { sha256, sha384, sha512 };

/// Hash.length of RFC 8446, section 7.1: 32, 48 or 64 bytes.
constexpr std::size_t length_of(HashAlgorithm hash) {
  return hash == HashAlgorithm::sha256 ? 32U : hash == HashAlgorithm::sha384 ? 48U : 64U;
}
inline constexpr std::size_t max_hash_length = 64;

enum class AeadAlgorithm : std::uint8_t { aes_128_gcm, aes_256_gcm, chacha20_poly1305 };

/// All three AEADs have a 96-bit nonce and a 128-bit tag (RFC 5116, section 5; RFC 8439, section 2.8).
inline constexpr std::size_t aead_nonce_length = 12;
inline constexpr std::size_t aead_tag_length = 16;
constexpr std::size_t key_length_of(AeadAlgorithm aead) { return aead == AeadAlgorithm::aes_128_gcm ? 16U : 32U; }

/// Code points of the TLS Supported Groups registry (RFC 8446, section 4.2.7; X25519MLKEM768: RFC 9954).
enum class NamedGroup : std::uint16_t {
  secp256r1 = 0x0017,
  secp384r1 = 0x0018,
  secp521r1 = 0x0019,
  x25519 = 0x001d,
  X25519MLKEM768 = 0x11ec,
};

/// True for groups with a KEM: the responder's share answers the initiator's and cannot be made before it.
constexpr bool has_kem(NamedGroup group) { return group == NamedGroup::X25519MLKEM768; }

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

#include "padlock/crypto/algorithm.h"

namespace padlock::crypto {

std::string_view name_of(HashAlgorithm hash) {
  switch (hash) {
    case HashAlgorithm::sha256: return "SHA256";
    case HashAlgorithm::sha384: return "SHA384";
    case HashAlgorithm::sha512: return "SHA512";
    case HashAlgorithm::sha1: return "SHA1";
  }
  return "unknown";
}

std::string_view name_of(AeadAlgorithm aead) {
  switch (aead) {
    case AeadAlgorithm::aes_128_gcm: return "AES_128_GCM";
    case AeadAlgorithm::aes_256_gcm: return "AES_256_GCM";
    case AeadAlgorithm::chacha20_poly1305: return "CHACHA20_POLY1305";
  }
  return "unknown";
}

std::string_view name_of(NamedGroup group) {
  switch (group) {
    case NamedGroup::secp256r1: return "secp256r1";
    case NamedGroup::secp384r1: return "secp384r1";
    case NamedGroup::secp521r1: return "secp521r1";
    case NamedGroup::x25519: return "x25519";
    case NamedGroup::ffdhe2048: return "ffdhe2048";
    case NamedGroup::ffdhe3072: return "ffdhe3072";
    case NamedGroup::ffdhe4096: return "ffdhe4096";
    case NamedGroup::ffdhe6144: return "ffdhe6144";
    case NamedGroup::ffdhe8192: return "ffdhe8192";
    case NamedGroup::modp2048: return "modp2048";
    case NamedGroup::modp3072: return "modp3072";
    case NamedGroup::modp4096: return "modp4096";
    case NamedGroup::modp6144: return "modp6144";
    case NamedGroup::modp8192: return "modp8192";
    case NamedGroup::X25519MLKEM768: return "X25519MLKEM768";
  }
  return "unknown";
}

std::string_view name_of(SignatureScheme scheme) {
  switch (scheme) {
    case SignatureScheme::rsa_pkcs1_sha256: return "rsa_pkcs1_sha256";
    case SignatureScheme::rsa_pkcs1_sha384: return "rsa_pkcs1_sha384";
    case SignatureScheme::rsa_pkcs1_sha512: return "rsa_pkcs1_sha512";
    case SignatureScheme::ecdsa_secp256r1_sha256: return "ecdsa_secp256r1_sha256";
    case SignatureScheme::ecdsa_secp384r1_sha384: return "ecdsa_secp384r1_sha384";
    case SignatureScheme::ecdsa_secp521r1_sha512: return "ecdsa_secp521r1_sha512";
    case SignatureScheme::rsa_pss_rsae_sha256: return "rsa_pss_rsae_sha256";
    case SignatureScheme::rsa_pss_rsae_sha384: return "rsa_pss_rsae_sha384";
    case SignatureScheme::rsa_pss_rsae_sha512: return "rsa_pss_rsae_sha512";
    case SignatureScheme::ed25519: return "ed25519";
    case SignatureScheme::rsa_pss_pss_sha256: return "rsa_pss_pss_sha256";
    case SignatureScheme::rsa_pss_pss_sha384: return "rsa_pss_pss_sha384";
    case SignatureScheme::rsa_pss_pss_sha512: return "rsa_pss_pss_sha512";
  }
  return "unknown";
}

}  // namespace padlock::crypto

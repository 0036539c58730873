#include "padlock/x509/signature.h"

#include <optional>
#include <variant>

namespace padlock::x509 {

namespace {

/// The hash of a scheme that stands for an ECDSA signature algorithm.
std::optional<crypto::HashAlgorithm> ecdsa_hash(crypto::SignatureScheme scheme) {
  switch (scheme) {
    case crypto::SignatureScheme::ecdsa_secp256r1_sha256: return crypto::HashAlgorithm::sha256;
    case crypto::SignatureScheme::ecdsa_secp384r1_sha384: return crypto::HashAlgorithm::sha384;
    case crypto::SignatureScheme::ecdsa_secp521r1_sha512: return crypto::HashAlgorithm::sha512;
    default: return std::nullopt;
  }
}

/// PSS signatures by a key that is for PSS alone have code points of their own (RFC 8446, section 4.2.3).
crypto::SignatureScheme scheme_for(crypto::SignatureScheme scheme, const crypto::PublicKeyParts& key) {
  const auto* const rsa = std::get_if<crypto::RsaPublicKey>(&key);
  if (rsa == nullptr || !rsa->pss_only) return scheme;
  switch (scheme) {
    case crypto::SignatureScheme::rsa_pss_rsae_sha256: return crypto::SignatureScheme::rsa_pss_pss_sha256;
    case crypto::SignatureScheme::rsa_pss_rsae_sha384: return crypto::SignatureScheme::rsa_pss_pss_sha384;
    case crypto::SignatureScheme::rsa_pss_rsae_sha512: return crypto::SignatureScheme::rsa_pss_pss_sha512;
    default: return scheme;
  }
}

}  // namespace

bool verify_signature(crypto::SignatureScheme scheme, Bytes message, Bytes signature, const crypto::PublicKey& key) {
  if (const auto hash = ecdsa_hash(scheme)) return key.verify_ecdsa(*hash, message, signature);
  return key.verify(scheme_for(scheme, key.parts()), message, signature);
}

}  // namespace padlock::x509

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "padlock/crypto/algorithm.h"
#include "padlock/crypto/provider.h"

namespace padlock::crypto {

enum class SignatureKind : std::uint8_t { rsa_pkcs1, rsa_pss_rsae, rsa_pss_pss, ecdsa, ed25519 };

constexpr bool is_rsa(SignatureKind kind) {
  return kind == SignatureKind::rsa_pkcs1 || kind == SignatureKind::rsa_pss_rsae || kind == SignatureKind::rsa_pss_pss;
}

/// What a SignatureScheme consists of (RFC 8446, section 4.2.3).
struct SignatureSchemeParts {
  SignatureScheme scheme;
  SignatureKind kind;
  HashAlgorithm hash;  ///< of the message, of MGF1, and the length of PSS's salt; Ed25519 hashes by itself
  NamedGroup curve;    ///< of the key, for ECDSA alone
};

/// The parts of a scheme, or nullptr if it is none of ours.
const SignatureSchemeParts* find_scheme(SignatureScheme scheme);

/// Schemes that are ours, in an order and each once; what else there was is left out. A value without memory of its
/// own.
class KnownSchemes {
 public:
  KnownSchemes() = default;
  explicit KnownSchemes(std::span<const SignatureScheme> schemes);
  std::span<const SignatureScheme> all() const { return std::span(schemes_).first(size_); }
  auto begin() const { return all().begin(); }
  auto end() const { return all().end(); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  std::array<SignatureScheme, 13> schemes_{};  // as many as there are
  std::uint8_t size_ = 0;
};

/// The schemes that fit a key, best first: PSS before PKCS #1, the shorter hash before the longer.
std::span<const SignatureScheme> schemes_for(const PublicKeyParts& key);
bool fits(SignatureScheme scheme, const PublicKeyParts& key);
/// The same as TLS 1.2 and certificates have it: an ECDSA scheme names a hash, and goes with any curve
/// (RFC 5246, section 7.4.1.4.1).
bool fits_any_curve(SignatureScheme scheme, const PublicKeyParts& key);

/// The checks that need no arithmetic, so that a hostile key costs nothing (docs/threats.md, X7): sizes, form and
/// bounds. Fails with `rules::invalid_public_key` and says which.
Result<void> check_public_key(const PublicKeyParts& parts);

}  // namespace padlock::crypto

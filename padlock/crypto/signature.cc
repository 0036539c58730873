#include "padlock/crypto/signature.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "padlock/crypto/limits.h"

namespace padlock::crypto {
namespace {

using enum SignatureScheme;

constexpr NamedGroup no_curve{};
constexpr std::array schemes{
    SignatureSchemeParts{ecdsa_secp256r1_sha256, SignatureKind::ecdsa, HashAlgorithm::sha256, NamedGroup::secp256r1},
    SignatureSchemeParts{ecdsa_secp384r1_sha384, SignatureKind::ecdsa, HashAlgorithm::sha384, NamedGroup::secp384r1},
    SignatureSchemeParts{ecdsa_secp521r1_sha512, SignatureKind::ecdsa, HashAlgorithm::sha512, NamedGroup::secp521r1},
    SignatureSchemeParts{ed25519, SignatureKind::ed25519, HashAlgorithm::sha512, no_curve},
    SignatureSchemeParts{rsa_pss_rsae_sha256, SignatureKind::rsa_pss_rsae, HashAlgorithm::sha256, no_curve},
    SignatureSchemeParts{rsa_pss_rsae_sha384, SignatureKind::rsa_pss_rsae, HashAlgorithm::sha384, no_curve},
    SignatureSchemeParts{rsa_pss_rsae_sha512, SignatureKind::rsa_pss_rsae, HashAlgorithm::sha512, no_curve},
    SignatureSchemeParts{rsa_pss_pss_sha256, SignatureKind::rsa_pss_pss, HashAlgorithm::sha256, no_curve},
    SignatureSchemeParts{rsa_pss_pss_sha384, SignatureKind::rsa_pss_pss, HashAlgorithm::sha384, no_curve},
    SignatureSchemeParts{rsa_pss_pss_sha512, SignatureKind::rsa_pss_pss, HashAlgorithm::sha512, no_curve},
    SignatureSchemeParts{rsa_pkcs1_sha256, SignatureKind::rsa_pkcs1, HashAlgorithm::sha256, no_curve},
    SignatureSchemeParts{rsa_pkcs1_sha384, SignatureKind::rsa_pkcs1, HashAlgorithm::sha384, no_curve},
    SignatureSchemeParts{rsa_pkcs1_sha512, SignatureKind::rsa_pkcs1, HashAlgorithm::sha512, no_curve},
};

constexpr std::array rsa_schemes{rsa_pss_rsae_sha256, rsa_pss_rsae_sha384, rsa_pss_rsae_sha512,
                                 rsa_pkcs1_sha256,    rsa_pkcs1_sha384,    rsa_pkcs1_sha512};
constexpr std::array rsa_pss_schemes{rsa_pss_pss_sha256, rsa_pss_pss_sha384, rsa_pss_pss_sha512};
constexpr std::array p256_schemes{ecdsa_secp256r1_sha256};
constexpr std::array p384_schemes{ecdsa_secp384r1_sha384};
constexpr std::array p521_schemes{ecdsa_secp521r1_sha512};
constexpr std::array ed25519_schemes{ed25519};

std::unexpected<Error> invalid(std::string what) { return broken(rules::invalid_public_key, std::move(what)); }

/// Bits of an unsigned big-endian number without leading zeros.
std::size_t bit_length(Bytes number) {
  return number.empty() ? 0 : number.size() * 8 - static_cast<std::size_t>(std::countl_zero(number.front()));
}
bool odd(Bytes number) { return !number.empty() && (number.back() & 1) == 1; }
bool leading_zero(Bytes number) { return !number.empty() && number.front() == 0; }

/// Length of an uncompressed point: 0x04, X, Y (RFC 8446, section 4.2.8.2); 0 for what is no curve of ours.
std::size_t point_length(NamedGroup curve) {
  switch (curve) {
    case NamedGroup::secp256r1: return 65;
    case NamedGroup::secp384r1: return 97;
    case NamedGroup::secp521r1: return 133;
    default: return 0;
  }
}

struct Checker {
  Result<void> operator()(const RsaPublicKey& key) const {
    const std::size_t bits = bit_length(key.modulus);
    if (leading_zero(key.modulus) || leading_zero(key.exponent)) return invalid("an RSA number has a leading zero");
    if (bits < limits::rsa_modulus_bits_least || bits > limits::rsa_modulus_bits_most)
      return invalid("an RSA modulus of " + std::to_string(bits) + " bits");
    if (!odd(key.modulus)) return invalid("an even RSA modulus");
    const std::size_t exponent_bits = bit_length(key.exponent);
    if (exponent_bits > limits::rsa_exponent_bits_most)
      return invalid("an RSA exponent of " + std::to_string(exponent_bits) + " bits");
    if (exponent_bits < 2 || !odd(key.exponent)) return invalid("an RSA exponent that is even or below 3");
    return {};
  }
  Result<void> operator()(const EcPublicKey& key) const {
    const std::size_t length = point_length(key.curve);
    if (length == 0) return invalid("an elliptic curve other than P-256, P-384 and P-521");
    if (key.point.size() != length || key.point.front() != 4)
      return invalid("a point of " + std::string(name_of(key.curve)) + " that is not 0x04 and two coordinates");
    return {};
  }
  Result<void> operator()(const Ed25519PublicKey& key) const {
    if (key.key.size() != 32) return invalid("an Ed25519 key of " + std::to_string(key.key.size()) + " bytes");
    return {};
  }
};

struct SchemesFor {
  std::span<const SignatureScheme> operator()(const RsaPublicKey& key) const {
    if (key.pss_only) return rsa_pss_schemes;
    return rsa_schemes;
  }
  std::span<const SignatureScheme> operator()(const EcPublicKey& key) const {
    switch (key.curve) {
      case NamedGroup::secp256r1: return p256_schemes;
      case NamedGroup::secp384r1: return p384_schemes;
      case NamedGroup::secp521r1: return p521_schemes;
      default: return {};
    }
  }
  std::span<const SignatureScheme> operator()(const Ed25519PublicKey& /*key*/) const { return ed25519_schemes; }
};

}  // namespace

KnownSchemes::KnownSchemes(std::span<const SignatureScheme> all) {
  static_assert(std::tuple_size_v<decltype(schemes_)> == schemes.size());
  for (const SignatureScheme scheme : all) {
    if (find_scheme(scheme) != nullptr && std::ranges::find(*this, scheme) == end()) schemes_.at(size_++) = scheme;
  }
}

const SignatureSchemeParts* find_scheme(SignatureScheme scheme) {
  const auto found = std::ranges::find(schemes, scheme, &SignatureSchemeParts::scheme);
  return found == schemes.end() ? nullptr : &*found;
}

std::span<const SignatureScheme> schemes_for(const PublicKeyParts& key) { return std::visit(SchemesFor{}, key); }

bool fits(SignatureScheme scheme, const PublicKeyParts& key) {
  const auto fitting = schemes_for(key);
  return std::ranges::find(fitting, scheme) != fitting.end();
}

bool fits_any_curve(SignatureScheme scheme, const PublicKeyParts& key) {
  const SignatureSchemeParts* parts = find_scheme(scheme);
  const bool ecdsa = parts != nullptr && parts->kind == SignatureKind::ecdsa;
  return ecdsa ? std::holds_alternative<EcPublicKey>(key) : fits(scheme, key);
}

Result<void> check_public_key(const PublicKeyParts& parts) { return std::visit(Checker{}, parts); }

}  // namespace padlock::crypto

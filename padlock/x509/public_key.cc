#include <algorithm>
#include <bit>
#include <string>

#include "padlock/x509/limits.h"
#include "padlock/x509/octets.h"
#include "padlock/x509/parse.h"
#include "padlock/x509/rules.h"

namespace padlock::x509 {

namespace {

namespace oid = der::oid;

/// docs/threats.md, X7: 2048 to 8192 bits, odd modulus, odd exponent from 3 to 2^33 - 1.
Result<void> check_rsa(const crypto::RsaPublicKey& key) {
  const std::size_t bits = bits_of(key.modulus);
  if (bits < min_rsa_bits || bits > max_rsa_bits)
    return broken(rules::unsupported_key, "an RSA key of " + std::to_string(bits) + " bits");
  if ((key.modulus.back() & 1) == 0) return broken(rules::unsupported_key, "an RSA key with an even modulus");
  const bool odd = (key.exponent.back() & 1) != 0;
  const bool small = key.exponent.size() == 1 && key.exponent.front() < 3;
  if (!odd || small || bits_of(key.exponent) > 33)
    return broken(rules::unsupported_key, "an RSA key with the exponent 0x" + to_hex(key.exponent));
  return {};
}

/// RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }  (RFC 3279, section 2.3.1)
Result<crypto::PublicKeyParts> parse_rsa(Bytes bits, bool pss_only) {
  der::Reader outer(bits, "RSAPublicKey");
  der::Reader in = PADLOCK_TRY(outer.sequence("key"));
  crypto::RsaPublicKey key;
  key.modulus = copy(PADLOCK_TRY(in.unsigned_integer("modulus")));
  key.exponent = copy(PADLOCK_TRY(in.unsigned_integer("publicExponent")));
  key.pss_only = pss_only;
  PADLOCK_TRY(in.finish());
  PADLOCK_TRY(outer.finish());
  PADLOCK_TRY(check_rsa(key));
  return key;
}

struct Curve {
  der::Oid oid;
  crypto::NamedGroup group;
  std::size_t coordinate_bytes;
};
constexpr std::array curves{Curve{oid::secp256r1, crypto::NamedGroup::secp256r1, 32},
                            Curve{oid::secp384r1, crypto::NamedGroup::secp384r1, 48},
                            Curve{oid::secp521r1, crypto::NamedGroup::secp521r1, 66}};

/// ECParameters must be a named curve (RFC 5480, section 2.1.1): explicit ones have been used to forge (X7).
Result<crypto::PublicKeyParts> parse_ec(Bytes parameters, Bytes bits) {
  if (parameters.empty() || parameters.front() != der::tag::object_identifier)
    return broken(rules::unsupported_key, "an EC key without a named curve");
  der::Reader in(parameters, "ECParameters");
  const auto name = PADLOCK_TRY(in.object_identifier("namedCurve"));
  const auto* const curve = std::ranges::find(curves, name, &Curve::oid);
  if (curve == curves.end()) return broken(rules::unsupported_key, "an EC key on the curve " + name.to_string());
  if (bits.size() != 1 + 2 * curve->coordinate_bytes || bits.front() != 0x04)
    return broken(rules::unsupported_key, "an EC point that is not uncompressed or has the wrong length");
  return crypto::EcPublicKey{curve->group, copy(bits)};
}

Result<crypto::PublicKeyParts> parse_ed25519(Bytes parameters, Bytes bits) {
  if (!parameters.empty() || bits.size() != 32)
    return broken(rules::unsupported_key,
                  "an Ed25519 key with parameters or of " + std::to_string(bits.size()) + " bytes");
  return crypto::Ed25519PublicKey{copy(bits)};
}

bool is_null(Bytes parameters) { return parameters.size() == 2 && parameters.front() == der::tag::null; }

}  // namespace

Result<crypto::PublicKeyParts> parse_subject_public_key_info(der::Reader in) {
  const auto algorithm = PADLOCK_TRY(parse_algorithm_identifier(in, "algorithm"));
  const Bytes bits = PADLOCK_TRY(in.octets_in_bit_string("subjectPublicKey"));
  PADLOCK_TRY(in.finish());

  if (algorithm.algorithm == oid::rsaEncryption && is_null(algorithm.parameters)) return parse_rsa(bits, false);
  // RFC 4055, section 1.2: parameters of a PSS key restrict it further; none are in use with TLS.
  if (algorithm.algorithm == oid::rsassaPss && algorithm.parameters.empty()) return parse_rsa(bits, true);
  if (algorithm.algorithm == oid::ecPublicKey) return parse_ec(algorithm.parameters, bits);
  if (algorithm.algorithm == oid::ed25519) return parse_ed25519(algorithm.parameters, bits);
  return broken(rules::unsupported_key, "a key of the algorithm " + describe(algorithm.algorithm));
}

Result<crypto::PublicKeyParts> parse_subject_public_key_info(Bytes der) {
  der::Reader outer(der, "SubjectPublicKeyInfo");
  der::Reader in = PADLOCK_TRY(outer.sequence("subjectPublicKeyInfo"));
  PADLOCK_TRY(outer.finish());
  return parse_subject_public_key_info(in);
}

}  // namespace padlock::x509

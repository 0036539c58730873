#include <algorithm>

#include "padlock/x509/parse.h"

namespace padlock::x509 {

namespace {

using crypto::SignatureScheme;
namespace oid = der::oid;

constexpr std::array<std::uint8_t, 2> null_parameters{der::tag::null, 0};

bool absent_or_null(Bytes parameters) { return parameters.empty() || std::ranges::equal(parameters, null_parameters); }

struct PssParameters {
  der::Oid hash;
  der::Oid mask_hash;
  std::uint64_t salt_length = 0;
};

/// A hash's AlgorithmIdentifier inside an explicit tag of the PSS parameters.
Result<der::Oid> parse_hash(der::Reader in) {
  const auto hash = PADLOCK_TRY(parse_algorithm_identifier(in, "hashAlgorithm"));
  PADLOCK_TRY(in.finish());
  return absent_or_null(hash.parameters) ? hash.algorithm : der::Oid{};
}

/// maskGenAlgorithm: MGF1 with a hash of its own; an empty identifier for any other function.
Result<der::Oid> parse_mask_hash(der::Reader in) {
  const auto mask = PADLOCK_TRY(parse_algorithm_identifier(in, "maskGenAlgorithm"));
  PADLOCK_TRY(in.finish());
  return mask.algorithm == oid::mgf1 ? parse_hash(der::Reader(mask.parameters, "MGF1")) : der::Oid{};
}

/// RSASSA-PSS-params (RFC 4055, section 3.1). All defaults stand for SHA-1, so each field but the trailer must be
/// there.
Result<PssParameters> parse_pss_parameters(Bytes whole) {
  der::Reader outer(whole, "RSASSA-PSS-params");
  der::Reader in = PADLOCK_TRY(outer.sequence("parameters"));
  PssParameters parameters;
  parameters.hash =
      PADLOCK_TRY(parse_hash(PADLOCK_TRY(in.constructed("hashAlgorithm", der::tag::context_constructed(0)))));
  parameters.mask_hash =
      PADLOCK_TRY(parse_mask_hash(PADLOCK_TRY(in.constructed("maskGenAlgorithm", der::tag::context_constructed(1)))));
  der::Reader salt = PADLOCK_TRY(in.constructed("saltLength", der::tag::context_constructed(2)));
  parameters.salt_length = PADLOCK_TRY(salt.small_integer("saltLength", 0xffff));
  PADLOCK_TRY(salt.finish());
  PADLOCK_TRY(in.finish());
  PADLOCK_TRY(outer.finish());
  return parameters;
}

/// PSS as TLS has it: one hash for message and mask, a salt of its length (RFC 8446, section 4.2.3).
std::optional<SignatureScheme> pss_scheme(Bytes parameters) {
  const auto pss = parse_pss_parameters(parameters);
  if (!pss || pss->hash != pss->mask_hash) return std::nullopt;
  if (pss->hash == oid::sha256 && pss->salt_length == 32) return SignatureScheme::rsa_pss_rsae_sha256;
  if (pss->hash == oid::sha384 && pss->salt_length == 48) return SignatureScheme::rsa_pss_rsae_sha384;
  if (pss->hash == oid::sha512 && pss->salt_length == 64) return SignatureScheme::rsa_pss_rsae_sha512;
  return std::nullopt;
}

struct Row {
  der::Oid oid;
  SignatureScheme scheme;
  bool null_allowed;  // RFC 4055, section 5: NULL or absent; RFC 5758, section 3.2, RFC 8410, section 3: absent
};
constexpr std::array rows{
    Row{oid::sha256WithRSAEncryption, SignatureScheme::rsa_pkcs1_sha256, true},
    Row{oid::sha384WithRSAEncryption, SignatureScheme::rsa_pkcs1_sha384, true},
    Row{oid::sha512WithRSAEncryption, SignatureScheme::rsa_pkcs1_sha512, true},
    Row{oid::ecdsaWithSHA256, SignatureScheme::ecdsa_secp256r1_sha256, false},
    Row{oid::ecdsaWithSHA384, SignatureScheme::ecdsa_secp384r1_sha384, false},
    Row{oid::ecdsaWithSHA512, SignatureScheme::ecdsa_secp521r1_sha512, false},
    Row{oid::ed25519, SignatureScheme::ed25519, false},
};

}  // namespace

Result<AlgorithmIdentifier> parse_algorithm_identifier(der::Reader& in, std::string_view field) {
  const auto element = PADLOCK_TRY(in.element(field, der::tag::sequence));
  der::Reader inside = in.inside(element, field);
  AlgorithmIdentifier identifier;
  identifier.whole = element.whole;
  identifier.algorithm = PADLOCK_TRY(inside.object_identifier("algorithm"));
  if (!inside.empty()) identifier.parameters = PADLOCK_TRY(inside.any("parameters")).whole;
  PADLOCK_TRY(inside.finish());
  return identifier;
}

std::optional<SignatureScheme> signature_scheme_of(const AlgorithmIdentifier& algorithm) {
  if (algorithm.algorithm == oid::rsassaPss) return pss_scheme(algorithm.parameters);
  const auto* const row = std::ranges::find(rows, algorithm.algorithm, &Row::oid);
  if (row == rows.end()) return std::nullopt;
  const bool fits = row->null_allowed ? absent_or_null(algorithm.parameters) : algorithm.parameters.empty();
  return fits ? std::optional(row->scheme) : std::nullopt;
}

}  // namespace padlock::x509

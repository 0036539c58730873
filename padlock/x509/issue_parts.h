#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/der/oid.h"
#include "padlock/der/writer.h"
#include "padlock/x509/certificate.h"

/// What certificates, revocation lists, OCSP responses and requests are written with.
namespace padlock::x509 {

/// How a key signs.
struct SignatureAlgorithm {
  crypto::SignatureScheme scheme;
  der::Oid oid;
  bool null_parameters = false;  ///< RFC 4055, section 5: of RSA
};
/// The best algorithm of a CA's key: ECDSA or Ed25519. Fails with `unsupported_issuer_key`.
Result<SignatureAlgorithm> choose_algorithm(const crypto::PrivateKey& key);

void write_signature_algorithm(der::Writer& out, const SignatureAlgorithm& algorithm);

/// SEQUENCE { tbs, signatureAlgorithm, signature, ... }: `tbs` is DER and is signed; `rest` writes what comes behind.
Result<std::vector<std::uint8_t>> sign_tbs(Bytes tbs, const SignatureAlgorithm& algorithm,
                                           const crypto::PrivateKey& key, auto&& rest) {
  const std::vector<std::uint8_t> signature = PADLOCK_TRY(key.sign(algorithm.scheme, tbs));
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& body) {
      body.raw(tbs);
      write_signature_algorithm(body, algorithm);
      body.bit_string(signature);
      rest(body);
    });
  });
}
inline Result<std::vector<std::uint8_t>> sign_tbs(Bytes tbs, const SignatureAlgorithm& algorithm,
                                                  const crypto::PrivateKey& key) {
  return sign_tbs(tbs, algorithm, key, [](der::Writer&) {});
}

/// Extension (RFC 5280, section 4.2); `value` writes its DER.
void write_extension(der::Writer& out, const der::Oid& oid, bool critical, auto&& value) {
  out.sequence([&](der::Writer& extension) {
    extension.object_identifier(oid);
    if (critical) extension.boolean(true);  // DEFAULT FALSE is left out (X.690, section 11.5)
    extension.octet_string_of(value);
  });
}

/// GeneralName (RFC 5280, section 4.2.1.6).
void write_general_name(der::Writer& out, const GeneralName& name);

/// subjectAltName, critical or not.
void write_subject_alternative_name(der::Writer& out, std::span<const GeneralName> names, bool critical);

/// authorityKeyIdentifier with the key's identifier alone; nothing if that is empty.
void write_authority_key_identifier(der::Writer& out, Bytes key_identifier);

/// Empty, or a URL that clients of ours fetch from (docs/threats.md, P10): http, printable ASCII.
bool is_http_url(std::string_view url);

/// DistributionPointName (RFC 5280, section 4.2.1.13) with its explicit tag [0]: a full name of one URL.
void write_distribution_point_name(der::Writer& out, std::string_view url);

}  // namespace padlock::x509

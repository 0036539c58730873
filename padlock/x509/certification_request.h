#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/x509/certificate.h"

namespace padlock::x509 {

/// A certification request (RFC 2986, PKCS #10), parsed strictly and immutable. Owns its DER. It says what somebody
/// wants; what is granted is the CA's to decide.
struct CertificationRequest {
  std::vector<std::uint8_t> der;
  Bytes tbs() const { return Bytes(der).subspan(tbs_offset, tbs_length); }  ///< certificationRequestInfo
  std::size_t tbs_offset = 0;
  std::size_t tbs_length = 0;

  Name subject;
  std::vector<std::uint8_t> subject_public_key_info;  ///< DER
  crypto::PublicKeyParts public_key;
  der::Oid signature_algorithm;
  std::optional<crypto::SignatureScheme> signature_scheme;  ///< nothing: an algorithm that we do not verify
  std::vector<std::uint8_t> signature;

  // The attribute extensionRequest (RFC 2985, section 5.4.2); other attributes are read past.
  std::vector<Extension> extensions;
  std::vector<GeneralName> subject_alternative_names;  ///< each host and address in its form
  std::optional<BasicConstraints> basic_constraints;
  std::optional<std::uint16_t> key_usage;
  std::vector<der::Oid> extended_key_usage;
  bool must_staple = false;                              ///< RFC 7633
  std::vector<std::string> unknown_critical_extensions;  ///< dotted OIDs: a CA refuses them

  bool asks_for_ca() const { return basic_constraints && basic_constraints->ca; }
};

/// Reads a request of at most `max_request_bytes`. Errors: `request_too_large`, `malformed_request` (another version,
/// an attribute twice or without a value, ...), `unsupported_key` (docs/threats.md, X7), those of DER, names and
/// extensions.
Result<std::shared_ptr<const CertificationRequest>> parse_certification_request(Bytes der);

/// The same from a file: DER, or PEM with one "CERTIFICATE REQUEST" block, or one with NEW before it (RFC 7468,
/// section 7).
Result<std::shared_ptr<const CertificationRequest>> read_certification_request(Bytes pem_or_der);

/// Proof of possession: the key in the request signed it (RFC 2986, section 4.2). Errors: `request_weak_signature`,
/// `request_bad_signature`.
Result<void> verify_request(const CertificationRequest& request, crypto::Provider& provider);

/// A request for a certificate of `key` with these names and an empty subject, as ACME servers take them (RFC 8555,
/// section 7.4): DER. Signed with ECDSA, Ed25519, or RSA with SHA-256. Fails with `unsupported_issuer_key` on a key for
/// PSS alone, and with the key's errors.
Result<std::vector<std::uint8_t>> make_certification_request(std::span<const GeneralName> names,
                                                             const crypto::PrivateKey& key);

}  // namespace padlock::x509

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/der/writer.h"
#include "padlock/x509/certificate.h"
#include "padlock/x509/revocation_status.h"

// The Online Certificate Status Protocol (RFC 6960), by the profile for large volumes (RFC 5019): requests and
// responses as bytes; who fetches them, and from where, is somebody else's.

namespace padlock::x509 {

/// Names a certificate by its issuer's name and key, both hashed, and its serial number (RFC 6960, section 4.1.1).
struct CertId {
  der::Oid hash_algorithm;
  std::vector<std::uint8_t> issuer_name_hash;
  std::vector<std::uint8_t> issuer_key_hash;
  std::vector<std::uint8_t> serial;  ///< big-endian, without leading zeros
  friend bool operator==(const CertId&, const CertId&) = default;
};

/// The CertID of a certificate of `issuer`. SHA-1 or SHA-256: here a hash is a name, and nothing rests on it.
CertId make_cert_id(const Certificate& certificate, const Certificate& issuer,
                    crypto::HashAlgorithm hash = crypto::HashAlgorithm::sha1);

/// Whether the CertID, by either hash, is of this issuer's name and key.
bool names_issuer(const CertId& id, const Certificate& issuer);

void write_cert_id(der::Writer& out, const CertId& id);

/// The request for one certificate: a CertID by SHA-1, as every responder knows it (RFC 5019, section 2.1.1), and no
/// nonce, so that responses can be kept and shared.
std::vector<std::uint8_t> make_ocsp_request(const Certificate& certificate, const Certificate& issuer);

/// What a client asks a responder. Its name and signature, if it gave any, are read past.
struct OcspRequest {
  std::vector<CertId> certificates{};
  std::vector<std::uint8_t> nonce{};  ///< empty: none
};

/// Reads a request of at most `max_ocsp_request_bytes` for at most `max_ocsp_request_certificates`. Errors:
/// `ocsp_request_too_large`, `ocsp_request_too_many`, `malformed_ocsp_request` (a critical extension that nobody here
/// knows, a nonce that is not 1 to 128 octets long (RFC 9654, section 2.1), ...) and those of DER.
Result<OcspRequest> parse_ocsp_request(Bytes der);

enum class OcspResponseStatus : std::uint8_t {
  successful = 0,
  malformedRequest = 1,
  internalError = 2,
  tryLater = 3,
  sigRequired = 5,
  unauthorized = 6,
};
/// The RFC's spelling, or "unknown status".
std::string_view name_of(OcspResponseStatus status);

/// What a response says of one certificate (RFC 6960, section 4.2.1).
struct SingleResponse {
  CertId id;
  RevocationState state = RevocationState::unknown;
  std::optional<WallTime> revoked_at{};
  std::optional<CRLReason> reason{};
  WallTime this_update{};
  std::optional<WallTime> next_update{};
  std::string unknown_critical_extension{};  ///< dotted OID; empty: none
};

/// Who signed: a Name's DER, or SHA-1 of a public key.
struct ResponderId {
  std::vector<std::uint8_t> name;      ///< empty: by key
  std::vector<std::uint8_t> key_hash;  ///< empty: by name
};

/// A BasicOCSPResponse.
struct BasicOcspResponse {
  std::size_t tbs_offset = 0;  ///< ResponseData, in the DER of its OcspResponse
  std::size_t tbs_length = 0;
  der::Oid signature_algorithm;
  std::optional<crypto::SignatureScheme> signature_scheme;  ///< nothing: an algorithm that we do not verify
  std::vector<std::uint8_t> signature;
  ResponderId responder;
  WallTime produced_at{};
  std::vector<SingleResponse> responses;
  std::vector<std::uint8_t> nonce;                               ///< empty: none
  std::string unknown_critical_extension;                        ///< dotted OID; empty: none
  std::vector<std::shared_ptr<const Certificate>> certificates;  ///< those that could be read
};

/// A response, parsed strictly. Owns its DER.
struct OcspResponse {
  std::vector<std::uint8_t> der;
  OcspResponseStatus status = OcspResponseStatus::successful;
  der::Oid type;  ///< responseType; empty unless it is successful
  std::optional<BasicOcspResponse> basic;
  /// What the responder signed. Of a response with `basic`.
  Bytes tbs() const { return Bytes(der).subspan(basic->tbs_offset, basic->tbs_length); }
};

/// Reads a response of at most `max_ocsp_response_bytes`. Errors: `ocsp_too_large`, `malformed_ocsp` and those of DER,
/// names and extensions.
Result<OcspResponse> parse_ocsp_response(Bytes der);

/// What the response says of `certificate`, whose issuer in a verified path is `issuer`. Unknown, with the reason,
/// unless it is successful, for this certificate, signed by the issuer or by whom the issuer made a responder (RFC
/// 6960, section 4.2.2.2), and of now: thisUpdate is past (by up to 5 minutes ahead, as clocks differ) and at most 10
/// days, nextUpdate is there and not past. `source`: how it came, staple or ocsp.
RevocationStatus check_ocsp_response(const OcspResponse& response, const Certificate& certificate,
                                     const Certificate& issuer, WallTime now, crypto::Provider& provider,
                                     RevocationSource source = RevocationSource::ocsp);

}  // namespace padlock::x509

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "padlock/x509/issue.h"
#include "padlock/x509/ocsp.h"

// What a CA says of the certificates that it issued: revocation lists (RFC 5280, section 5) and answers to OCSP
// requests (RFC 6960). Calculations, as issue.h.

namespace padlock::x509 {

/// A certificate that its CA took back.
struct RevokedEntry {
  std::vector<std::uint8_t> serial;  ///< as `Certificate::serial`
  WallTime revoked_at{};
  std::optional<CRLReason> reason{};  ///< unspecified is left out, as section 5.3.1 asks
};

struct CertificateListTemplate {
  std::span<const RevokedEntry> entries{};
  std::uint64_t number = 0;  ///< cRLNumber: larger than that of every list before
  WallTime this_update{};
  WallTime next_update{};
  std::string distribution_point{};  ///< the http URL of a partition, as its certificates have it; empty: all of them
};

/// A complete list (or a complete partition), version 2, signed by `issuer`: DER. Errors: `issuer_may_not_sign_crls`,
/// `issuer_key_mismatch`, `unsupported_issuer_key`, `bad_revocation` (no time between the updates, a serial number that
/// is none or stands twice, removeFromCRL, a URL that is not http), `crl_too_large`.
Result<std::vector<std::uint8_t>> issue_certificate_list(const CertificateListTemplate& wanted, const Issuer& issuer);

/// What a CA knows of one certificate: `revoked_at` is there if it is revoked.
struct IssuedStatus {
  RevocationState state = RevocationState::unknown;
  std::optional<WallTime> revoked_at{};
  std::optional<CRLReason> reason{};
};

/// Who answers: the issuer with its own key, or a delegate with its certificate and key.
struct Responder {
  const Certificate& issuer;
  const crypto::PrivateKey& key;
  const Certificate* delegate = nullptr;
};

struct ResponseTimes {
  WallTime produced_at{};
  WallTime this_update{};
  WallTime next_update{};
};

/// The answer to a request; `look_up` is asked for each serial number. What is not of this issuer is unknown; a request
/// for nothing of its gets `unauthorized`, unsigned (RFC 5019, section 2.2.3). A nonce is sent back. For a staple of
/// its own, a server makes the request from `make_cert_id`. Errors: `issuer_key_mismatch`, `no_responder`,
/// `unsupported_issuer_key`, `bad_revocation` (no time between the updates, revoked without a date).
Result<std::vector<std::uint8_t>> issue_ocsp_response(const OcspRequest& request,
                                                      const std::function<IssuedStatus(Bytes serial)>& look_up,
                                                      const Responder& responder, const ResponseTimes& times);

/// A response that says why there is none (RFC 6960, section 2.3). `status` is not `successful`.
std::vector<std::uint8_t> make_ocsp_failure(OcspResponseStatus status);

}  // namespace padlock::x509

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"

namespace padlock::x509 {

/// How much an answer about revocation counts: it is not asked for; a certificate known as revoked is refused; one of
/// which nothing is known is refused as well.
enum class RevocationMode : std::uint8_t { off, soft, hard };
enum class RevocationState : std::uint8_t { good, revoked, unknown };
/// What an answer was taken from.
enum class RevocationSource : std::uint8_t { none, staple, ocsp, crl, crlite };

/// Why a certificate was revoked (RFC 5280, section 5.3.1).
enum class CRLReason : std::uint8_t {
  unspecified = 0,
  keyCompromise = 1,
  cACompromise = 2,
  affiliationChanged = 3,
  superseded = 4,
  cessationOfOperation = 5,
  certificateHold = 6,
  removeFromCRL = 8,
  privilegeWithdrawn = 9,
  aACompromise = 10,
};
/// The RFC's spelling, or "unknown reason".
std::string_view name_of(CRLReason reason);
/// The reason with this number; nothing for 7 and those above 10, which the RFC leaves unused.
std::optional<CRLReason> reason_of(std::uint64_t number);

/// What is known of one certificate. `why` is there unless it is good: the rule `certificate_revoked`, or the one that
/// kept an answer from being believed.
struct RevocationStatus {
  RevocationState state = RevocationState::unknown;
  RevocationSource source = RevocationSource::none;
  std::optional<WallTime> this_update{};
  std::optional<WallTime> next_update{};
  std::optional<WallTime> revoked_at{};
  std::optional<CRLReason> reason{};
  std::optional<Error> why{};
};

/// "good, says the CRL of 2026-11-01, fresh until 2026-11-08", "revoked 2026-10-01 (keyCompromise), says ...",
/// "not checked: ...": a line for people.
std::string describe(const RevocationStatus& status);

/// What a handshake fails with: nothing in mode `off` and for a good certificate; in `soft` the error of a revoked one
/// and of a staple that must be there and is not (RFC 7633); in `hard` every other error too.
std::optional<Error> refusal_of(const RevocationStatus& status, RevocationMode mode);

/// "2026-10-01".
std::string date_of(WallTime time);

}  // namespace padlock::x509

#pragma once

#include <cstdint>
#include <span>

#include "padlock/base/instant.h"
#include "padlock/x509/crlite/question.h"
#include "padlock/x509/revocation_status.h"

namespace padlock::x509::crlite {

/// One filter's word, and how far it reaches.
struct FilterAnswer {
  Answer answer = Answer::not_covered;
  std::uint64_t newest = 0;  ///< as Filter::newest
};

/// What the filters that the index named say together (C2SP upki-revocation, section Step 3). Revoked if one says so,
/// of whatever age: nobody takes a revocation back. Good only by one that is not too old. Else unknown: `stale`,
/// `not_yet_valid`, `not_enrolled`, `not_covered`, `contradicted`.
RevocationStatus status_of(std::span<const FilterAnswer> answers, WallTime now);

/// True if the cache has nothing of the certificate, which is nobody's fault.
bool says_nothing(const RevocationStatus& status);

}  // namespace padlock::x509::crlite

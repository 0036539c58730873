#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "padlock/x509/certificate.h"
#include "padlock/x509/signed_certificate_timestamp.h"

namespace padlock::x509::crlite {

using SpkiHash = std::array<std::uint8_t, 32>;

/// What a cache needs to know of a certificate (C2SP upki-revocation, section Inputs).
struct Question {
  SpkiHash issuer_spki_hash{};         ///< SHA-256 of the issuer's SubjectPublicKeyInfo, DER
  std::vector<std::uint8_t> serial{};  ///< the INTEGER's content: with its leading 00, if it has one
  std::vector<SignedCertificateTimestamp> timestamps{};
};

/// The question about `certificate`, whose issuer in a verified path is `issuer`. Without timestamps no cache can
/// answer. Error: `malformed_timestamp_list`.
Result<Question> question_about(const Certificate& certificate, const Certificate& issuer);

/// What a filter, or a whole cache, says. The last one decides.
enum class Answer : std::uint8_t { not_covered, not_enrolled, not_revoked, revoked };

}  // namespace padlock::x509::crlite

#include "padlock/x509/revocation_status.h"

#include "padlock/x509/revocation_rules.h"

namespace padlock::x509 {

namespace {

std::string_view words_of(RevocationSource source) {
  switch (source) {
    case RevocationSource::none: return "nobody";
    case RevocationSource::staple: return "the stapled OCSP response";
    case RevocationSource::ocsp: return "the OCSP response";
    case RevocationSource::crl: return "the CRL";
    case RevocationSource::crlite: return "the CRLite filter";
  }
  return "nobody";
}

std::string describe_good(const RevocationStatus& status) {
  std::string text = "good, says ";
  text.append(words_of(status.source));
  if (status.this_update) text.append(" of ").append(date_of(*status.this_update));
  if (status.next_update) text.append(", fresh until ").append(date_of(*status.next_update));
  return text;
}

}  // namespace

std::string_view name_of(RevocationState state) {
  switch (state) {
    case RevocationState::good: return "good";
    case RevocationState::revoked: return "revoked";
    case RevocationState::unknown: break;
  }
  return "unknown";
}

std::string_view name_of(RevocationSource source) {
  switch (source) {
    case RevocationSource::none: return "none";
    case RevocationSource::staple: return "staple";
    case RevocationSource::ocsp: return "ocsp";
    case RevocationSource::crl: return "crl";
    case RevocationSource::crlite: return "crlite";
  }
  return "none";
}

std::string_view name_of(CRLReason reason) {
  switch (reason) {
    case CRLReason::unspecified: return "unspecified";
    case CRLReason::keyCompromise: return "keyCompromise";
    case CRLReason::cACompromise: return "cACompromise";
    case CRLReason::affiliationChanged: return "affiliationChanged";
    case CRLReason::superseded: return "superseded";
    case CRLReason::cessationOfOperation: return "cessationOfOperation";
    case CRLReason::certificateHold: return "certificateHold";
    case CRLReason::removeFromCRL: return "removeFromCRL";
    case CRLReason::privilegeWithdrawn: return "privilegeWithdrawn";
    case CRLReason::aACompromise: return "aACompromise";
  }
  return "unknown reason";
}

std::optional<CRLReason> reason_of(std::uint64_t number) {
  if (number == 7 || number > 10) return std::nullopt;
  return static_cast<CRLReason>(number);
}

std::string date_of(WallTime time) { return padlock::to_string(time).substr(0, 10); }

std::string describe(const RevocationStatus& status) {
  std::string why = status.why ? status.why->what : std::string("nothing is known");
  switch (status.state) {
    case RevocationState::good: return describe_good(status);
    case RevocationState::revoked: return why;
    case RevocationState::unknown: break;
  }
  return "not checked: " + why;
}

std::optional<Error> refusal_of(const RevocationStatus& status, RevocationMode mode) {
  if (mode == RevocationMode::off || status.state == RevocationState::good) return std::nullopt;
  const bool decided =
      status.state == RevocationState::revoked || (status.why && status.why->rule == &rules::must_staple_missing);
  return mode == RevocationMode::hard || decided ? status.why : std::nullopt;
}

}  // namespace padlock::x509

#include "padlock/x509/revocation.h"

#include <algorithm>
#include <optional>
#include <string>

#include "padlock/x509/crlite/status.h"
#include "padlock/x509/revocation_rules.h"

namespace padlock::x509 {

namespace {

RevocationStatus check_staple(Bytes staple, const Certificate& certificate, const Certificate& issuer, WallTime now,
                              crypto::Provider& provider) {
  const auto response = parse_ocsp_response(staple);
  if (!response) {
    return {
        .source = RevocationSource::staple,
        .why = Error{&rules::malformed_ocsp, "the stapled OCSP response is not readable: " + response.error().what}};
  }
  return check_ocsp_response(*response, certificate, issuer, now, provider, RevocationSource::staple);
}

/// What decides whether a list applies at all comes before its signature, which costs the most.
RevocationStatus check_list(const std::shared_ptr<const CertificateList>& list, const Certificate& certificate,
                            const Certificate& issuer, WallTime now, ListSignatures& signatures,
                            crypto::Provider& provider) {
  auto good = check_scope(*list, certificate, issuer, now);
  if (good) good = signatures.verify(list, issuer, provider);
  if (!good) return {.source = RevocationSource::crl, .why = std::move(good).error()};
  return look_up(*list, certificate);
}

/// What filters say of this certificate; null: nobody asked them.
const RevocationStatus* filter_status(const Certificate& certificate, const RevocationEvidence& evidence) {
  const auto found = std::ranges::find(evidence.filters, certificate.der, &FilterStatus::certificate);
  return found == evidence.filters.end() ? nullptr : &found->status;
}

/// How little an answer tells: 0 decides, then what went wrong with evidence for this certificate, then what is for
/// another part or keeps filters from telling, then what is for somebody else.
int weight_of(const RevocationStatus& status) {
  if (status.state == RevocationState::revoked) return 0;
  if (status.state == RevocationState::good) return 1;
  const Rule* const rule = status.why->rule;
  if (rule == &rules::crl_other_issuer) return 4;
  if (rule == &rules::ocsp_other_certificate && status.source != RevocationSource::staple) return 4;
  if (crlite::says_nothing(status)) return 4;
  return rule == &rules::crl_out_of_scope || status.source == RevocationSource::crlite ? 3 : 2;
}

Error why_nobody_tells(const Certificate& certificate, const RevocationEvidence& evidence) {
  const auto failure = std::ranges::find(evidence.failures, certificate.der, &RevocationFailure::certificate);
  if (failure != evidence.failures.end()) return {&rules::no_revocation_answer, failure->error.what};
  if (certificate.crl_urls.empty() && certificate.ocsp_urls.empty())
    return {&rules::no_revocation_source, "the certificate names no CRL and no OCSP responder"};
  return {&rules::no_revocation_answer, "there is neither an OCSP response nor a CRL for this certificate"};
}

/// A cache that has nothing of the certificate was asked, at least.
Error why_nothing_is_known(const Certificate& certificate, const RevocationEvidence& evidence) {
  Error why = why_nobody_tells(certificate, evidence);
  const RevocationStatus* const filters = filter_status(certificate, evidence);
  if (filters != nullptr && filters->why) why.what += "; " + filters->why->what;
  return why;
}

Error why_staple_is_missing(const std::optional<RevocationStatus>& staple) {
  if (!staple) return {&rules::must_staple_missing, "the certificate demands a stapled OCSP response, none was sent"};
  return {&rules::must_staple_missing,
          "the certificate demands a good stapled OCSP response, this one does not count: " + staple->why->what};
}

}  // namespace

Result<void> ListSignatures::verify(const std::shared_ptr<const CertificateList>& list, const Certificate& issuer,
                                    crypto::Provider& provider) {
  Key key{list, issuer.der};
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  return known_.emplace(std::move(key), verify_certificate_list(*list, issuer, provider)).first->second;
}

RevocationStatus check_revocation(const Certificate& certificate, const Certificate& issuer,
                                  RevocationEvidence& evidence, bool is_leaf, WallTime now,
                                  crypto::Provider& provider) {
  std::vector<RevocationStatus> answers;
  std::optional<RevocationStatus> staple;
  if (const RevocationStatus* const filters = filter_status(certificate, evidence)) answers.push_back(*filters);
  if (is_leaf && !evidence.staple.empty()) {
    staple = check_staple(evidence.staple, certificate, issuer, now, provider);
    answers.push_back(*staple);
  }
  for (const OcspResponse& response : evidence.responses)
    answers.push_back(check_ocsp_response(response, certificate, issuer, now, provider));
  for (const auto& list : evidence.lists)
    answers.push_back(check_list(list, certificate, issuer, now, evidence.signatures, provider));

  const auto best = std::ranges::min_element(answers, {}, weight_of);
  if (best != answers.end() && best->state == RevocationState::revoked) return *best;
  const bool stapled_good = staple && staple->state == RevocationState::good;
  if (is_leaf && certificate.must_staple && !stapled_good)
    return {.source = RevocationSource::none, .why = why_staple_is_missing(staple)};
  if (best == answers.end() || weight_of(*best) == 4) return {.why = why_nothing_is_known(certificate, evidence)};
  return *best;
}

}  // namespace padlock::x509

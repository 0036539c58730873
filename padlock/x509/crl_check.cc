#include <algorithm>
#include <string>

#include "padlock/x509/crl.h"
#include "padlock/x509/revocation_rules.h"
#include "padlock/x509/signature.h"

namespace padlock::x509 {

namespace {

/// Kinds of list that say nothing here (RFC 5280, sections 5.2.4 and 5.2.5).
Result<void> check_kind(const CertificateList& list) {
  const auto& point = list.issuing_distribution_point;
  if (list.delta) return broken(rules::crl_delta, "the list is a delta, which lists changes alone");
  if (list.names_other_issuers || (point && point->indirect_crl))
    return broken(rules::crl_indirect, "the list is for certificates of several issuers");
  if (point && point->only_some_reasons)
    return broken(rules::crl_some_reasons, "the list is for some reasons of revocation alone");
  if (!list.unknown_critical_extension.empty()) {
    return broken(rules::crl_unknown_critical,
                  "the list has the critical extension " + list.unknown_critical_extension);
  }
  return {};
}

/// Whether the partition holds the certificate (RFC 5280, section 6.3.3 (b)(2)). A name that the certificate does not
/// have would let one partition's list stand in for another's.
Result<void> check_partition(const CertificateList& list, const Certificate& certificate) {
  const auto& point = list.issuing_distribution_point;
  if (!point) return {};
  const auto out = [](std::string what) { return broken(rules::crl_out_of_scope, std::move(what)); };
  if (point->only_contains_attribute_certs) return out("the list is for attribute certificates alone");
  if (point->only_contains_ca_certs && !certificate.ca()) return out("the list is for CAs alone");
  if (point->only_contains_user_certs && certificate.ca()) return out("the list is for certificates of no CA alone");
  const bool named_here = std::ranges::any_of(point->urls, [&](const std::string& url) {
    return std::ranges::find(certificate.crl_urls, url) != certificate.crl_urls.end();
  });
  if (point->named && !named_here) {
    return out("the list is for " + (point->urls.empty() ? "another place" : escaped(point->urls.front())) +
               ", which the certificate does not name");
  }
  return {};
}

Result<void> check_times(const CertificateList& list, WallTime now) {
  if (!list.next_update) return broken(rules::crl_without_end, "the list does not say when the next one comes");
  if (now < list.this_update) {
    return broken(rules::crl_not_yet_valid,
                  "the list is of " + padlock::to_string(list.this_update) + ", now is " + padlock::to_string(now));
  }
  if (now > *list.next_update) {
    return broken(rules::crl_stale, "the next list was due " + padlock::to_string(*list.next_update) + ", now is " +
                                        padlock::to_string(now));
  }
  return {};
}

RevocationStatus unknown(Error why) { return {.source = RevocationSource::crl, .why = std::move(why)}; }

}  // namespace

Result<void> verify_certificate_list(const CertificateList& list, const Certificate& issuer,
                                     crypto::Provider& provider) {
  const std::string who = issuer.subject.text();
  if (!issuer.may_be_used_for(KeyUsage::cRLSign)) return broken(rules::may_not_sign_crls, who + " may not sign lists");
  if (!list.signature_scheme)
    return broken(rules::crl_weak_signature, "the list is signed with " + describe(list.signature_algorithm));
  const auto key = provider.make_public_key(issuer.public_key);
  if (!key || !verify_signature(*list.signature_scheme, list.tbs(), list.signature, **key))
    return broken(rules::crl_bad_signature, "the list's signature is not by the key of " + who);
  return {};
}

Result<void> check_scope(const CertificateList& list, const Certificate& certificate, const Certificate& issuer,
                         WallTime now) {
  if (list.issuer.der != certificate.issuer.der || list.issuer.der != issuer.subject.der) {
    return broken(rules::crl_other_issuer,
                  "the list is by " + list.issuer.text() + ", the certificate by " + certificate.issuer.text());
  }
  PADLOCK_TRY(check_kind(list));
  PADLOCK_TRY(check_partition(list, certificate));
  return check_times(list, now);
}

RevocationStatus look_up(const CertificateList& list, const Certificate& certificate) {
  RevocationStatus status{.state = RevocationState::good,
                          .source = RevocationSource::crl,
                          .this_update = list.this_update,
                          .next_update = list.next_update};
  const auto entry = list.find(certificate.serial);
  // removeFromCRL belongs into deltas; in a complete list it says that the certificate is on hold no more.
  if (!entry || entry->reason == CRLReason::removeFromCRL) return status;
  status.state = RevocationState::revoked;
  status.revoked_at = entry->revocation_date;
  status.reason = entry->reason;
  const std::string reason = entry->reason ? " (" + std::string(name_of(*entry->reason)) + ")" : std::string();
  status.why =
      Error{&rules::certificate_revoked, "revoked " + date_of(entry->revocation_date) + reason + ", says the CRL of " +
                                             list.issuer.text() + ", of " + date_of(list.this_update)};
  return status;
}

RevocationStatus check_crl(const Certificate& certificate, const Certificate& issuer, const CertificateList& list,
                           WallTime now, crypto::Provider& provider) {
  if (auto in_scope = check_scope(list, certificate, issuer, now); !in_scope)
    return unknown(std::move(in_scope).error());
  if (auto genuine = verify_certificate_list(list, issuer, provider); !genuine)
    return unknown(std::move(genuine).error());
  return look_up(list, certificate);
}

}  // namespace padlock::x509

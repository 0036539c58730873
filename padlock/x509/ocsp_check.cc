#include <algorithm>
#include <chrono>
#include <string>

#include "padlock/crypto/hash.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/ocsp.h"
#include "padlock/x509/profile.h"
#include "padlock/x509/public_key_info.h"
#include "padlock/x509/revocation_rules.h"
#include "padlock/x509/signature.h"

namespace padlock::x509 {

namespace {

/// What the response says of this certificate. One that says it was revoked is believed before its neighbours.
const SingleResponse* find_single(const BasicOcspResponse& basic, const Certificate& certificate,
                                  const Certificate& issuer) {
  const SingleResponse* found = nullptr;
  for (const SingleResponse& one : basic.responses) {
    if (one.id.serial != certificate.serial || !names_issuer(one.id, issuer)) continue;
    if (found == nullptr || one.state == RevocationState::revoked) found = &one;
    if (found->state == RevocationState::revoked) break;
  }
  return found;
}

bool is(const ResponderId& responder, const Certificate& certificate) {
  if (!responder.name.empty()) return responder.name == certificate.subject.der;
  const auto hash = crypto::hash_of(crypto::HashAlgorithm::sha1, subject_public_key_of(certificate.public_key));
  return std::ranges::equal(responder.key_hash, hash.bytes());
}

bool signed_by(const Certificate& signer, crypto::SignatureScheme scheme, Bytes message, Bytes signature,
               crypto::Provider& provider) {
  const auto key = provider.make_public_key(signer.public_key);
  return key && verify_signature(scheme, message, signature, **key);
}

/// A responder that the issuer itself made one, and that may sign now (RFC 6960, section 4.2.2.2). Whether it was
/// revoked in its turn is not asked: its id-pkix-ocsp-nocheck or its short life answers for that.
Result<void> check_delegate(const Certificate& delegate, const Certificate& issuer, WallTime now,
                            crypto::Provider& provider) {
  const std::string who = delegate.subject.text();
  const auto refuse = [](std::string what) { return broken(rules::ocsp_unauthorized_responder, std::move(what)); };
  if (delegate.issuer.der != issuer.subject.der)
    return refuse("the responder " + who + " has its certificate from another CA");
  if (std::ranges::find(delegate.extended_key_usage, der::oid::ocspSigning) == delegate.extended_key_usage.end())
    return refuse("the certificate of " + who + " is not for OCSPSigning");
  if (!delegate.may_be_used_for(KeyUsage::digitalSignature))
    return refuse("the keyUsage of " + who + " forbids to sign");
  if (!delegate.unknown_critical_extensions.empty())
    return refuse("the certificate of " + who + " has an unknown critical extension");
  if (auto valid = check_validity(delegate, now); !valid)
    return refuse("the responder " + who + ": " + valid.error().what);
  if (!delegate.signature_scheme ||
      !signed_by(issuer, *delegate.signature_scheme, delegate.tbs(), delegate.signature, provider)) {
    return refuse("the certificate of " + who + " is not signed by " + issuer.subject.text());
  }
  return {};
}

/// Finds who signed, and checks that it may and did.
Result<void> check_responder(const OcspResponse& response, const Certificate& issuer, WallTime now,
                             crypto::Provider& provider) {
  const BasicOcspResponse& basic = *response.basic;
  if (!basic.signature_scheme) {
    return broken(rules::ocsp_weak_signature,
                  "the OCSP response is signed with " + describe(basic.signature_algorithm));
  }
  const auto did_sign = [&](const Certificate& signer) {
    return signed_by(signer, *basic.signature_scheme, response.tbs(), basic.signature, provider);
  };
  const bool by_issuer = is(basic.responder, issuer);
  if (by_issuer && did_sign(issuer)) return {};
  Error why = by_issuer ? Error{&rules::ocsp_bad_signature,
                                "the OCSP response's signature is not by the key of " + issuer.subject.text()}
                        : Error{&rules::ocsp_unauthorized_responder,
                                "the responder is neither the issuer nor in the response's certificates"};
  for (const auto& delegate : basic.certificates) {
    if (!is(basic.responder, *delegate) || delegate->der == issuer.der) continue;
    auto allowed = check_delegate(*delegate, issuer, now, provider);
    if (allowed && did_sign(*delegate)) return {};
    why = allowed ? Error{&rules::ocsp_bad_signature,
                          "the OCSP response's signature is not by the key of " + delegate->subject.text()}
                  : std::move(allowed).error();
  }
  return std::unexpected(std::move(why));
}

Result<void> check_times(const SingleResponse& single, WallTime now) {
  const std::string moment = ", now is " + padlock::to_string(now);
  if (single.this_update > now + max_ocsp_clock_skew) {
    return broken(rules::ocsp_not_yet_valid,
                  "the OCSP response is of " + padlock::to_string(single.this_update) + moment);
  }
  if (!single.next_update)
    return broken(rules::ocsp_without_end, "the OCSP response does not say when the next one comes");
  if (now > *single.next_update) {
    return broken(rules::ocsp_stale,
                  "the next OCSP response was due " + padlock::to_string(*single.next_update) + moment);
  }
  if (now - single.this_update > max_ocsp_age) {
    return broken(rules::ocsp_too_old, "the OCSP response is of " + padlock::to_string(single.this_update) + moment);
  }
  return {};
}

/// The answer about the certificate, once everything around it is good.
Result<const SingleResponse*> trusted_answer(const OcspResponse& response, const Certificate& certificate,
                                             const Certificate& issuer, WallTime now, crypto::Provider& provider) {
  if (response.status != OcspResponseStatus::successful) {
    return broken(rules::ocsp_not_successful, "the OCSP responder answers " + std::string(name_of(response.status)));
  }
  if (!response.basic)
    return broken(rules::ocsp_unknown_type, "the OCSP response is of the type " + describe(response.type));
  const SingleResponse* const single = find_single(*response.basic, certificate, issuer);
  if (single == nullptr || certificate.issuer.der != issuer.subject.der) {
    return broken(rules::ocsp_other_certificate, "the OCSP response is not for serial number " +
                                                     to_hex(certificate.serial) + " of " + issuer.subject.text());
  }
  for (const std::string& extension :
       {response.basic->unknown_critical_extension, single->unknown_critical_extension}) {
    if (!extension.empty())
      return broken(rules::ocsp_unknown_critical, "the OCSP response has the critical extension " + extension);
  }
  PADLOCK_TRY(check_times(*single, now));
  PADLOCK_TRY(check_responder(response, issuer, now, provider));
  return single;
}

Error why_revoked(const SingleResponse& single, const Certificate& issuer, RevocationSource source) {
  std::string text = "revoked " + date_of(*single.revoked_at);
  if (single.reason) text.append(" (").append(name_of(*single.reason)).append(")");
  text.append(source == RevocationSource::staple ? ", says the stapled OCSP response for "
                                                 : ", says the OCSP response for ");
  text.append(issuer.subject.text()).append(", of ").append(date_of(single.this_update));
  return {&rules::certificate_revoked, std::move(text)};
}

}  // namespace

RevocationStatus check_ocsp_response(const OcspResponse& response, const Certificate& certificate,
                                     const Certificate& issuer, WallTime now, crypto::Provider& provider,
                                     RevocationSource source) {
  auto answer = trusted_answer(response, certificate, issuer, now, provider);
  if (!answer) return {.source = source, .why = std::move(answer).error()};
  const SingleResponse& single = **answer;
  RevocationStatus status{.state = single.state,
                          .source = source,
                          .this_update = single.this_update,
                          .next_update = single.next_update,
                          .revoked_at = single.revoked_at,
                          .reason = single.reason};
  if (single.state == RevocationState::revoked) status.why = why_revoked(single, issuer, source);
  if (single.state == RevocationState::unknown)
    status.why = Error{&rules::ocsp_status_unknown, "the OCSP responder does not know the certificate"};
  return status;
}

}  // namespace padlock::x509

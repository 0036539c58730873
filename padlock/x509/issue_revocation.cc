#include "padlock/x509/issue_revocation.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

#include "padlock/crypto/hash.h"
#include "padlock/x509/issue_parts.h"
#include "padlock/x509/issue_rules.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/public_key_info.h"
#include "padlock/x509/revocation_rules.h"

namespace padlock::x509 {

namespace {

std::unexpected<Error> refuse(std::string what) { return broken(rules::bad_revocation, std::move(what)); }

Result<void> check_key(const Certificate& certificate, const crypto::PrivateKey& key) {
  if (same_public_key(certificate.public_key, key.public_key().parts())) return {};
  return broken(rules::issuer_key_mismatch, "the key is not that of " + certificate.subject.text());
}

Result<void> check_updates(WallTime this_update, WallTime next_update) {
  if (this_update < next_update) return {};
  return refuse("the next update, " + padlock::to_string(next_update) + ", does not come after this one");
}

Result<void> check_entries(std::span<const RevokedEntry> entries) {
  std::vector<Bytes> serials;
  for (const RevokedEntry& entry : entries) {
    if (entry.serial.empty() || entry.serial.size() > max_serial_octets)
      return refuse("a serial number of " + std::to_string(entry.serial.size()) + " octets");
    if (entry.reason == CRLReason::removeFromCRL) return refuse("removeFromCRL is for deltas");
    serials.push_back(entry.serial);
  }
  std::ranges::sort(serials, [](Bytes a, Bytes b) { return std::ranges::lexicographical_compare(a, b); });
  const auto twice = std::ranges::adjacent_find(serials, [](Bytes a, Bytes b) { return std::ranges::equal(a, b); });
  if (twice != serials.end()) return refuse("serial number " + to_hex(*twice) + " stands twice");
  return {};
}

void write_entry(der::Writer& out, const RevokedEntry& entry) {
  out.sequence([&](der::Writer& body) {
    body.unsigned_integer(entry.serial);
    body.time(entry.revoked_at);
    if (entry.reason.value_or(CRLReason::unspecified) == CRLReason::unspecified) return;
    body.sequence([&](der::Writer& extensions) {
      write_extension(extensions, der::oid::reasonCode, false,
                      [&](der::Writer& value) { value.enumerated(std::to_underlying(*entry.reason)); });
    });
  });
}

/// crlExtensions (RFC 5280, section 5.2): the first two are always there.
void write_list_extensions(der::Writer& out, const CertificateListTemplate& wanted, const Certificate& issuer) {
  write_authority_key_identifier(out, issuer.subject_key_identifier);
  write_extension(out, der::oid::cRLNumber, false, [&](der::Writer& value) { value.integer(wanted.number); });
  if (wanted.distribution_point.empty()) return;
  write_extension(out, der::oid::issuingDistributionPoint, true, [&](der::Writer& value) {
    value.sequence([&](der::Writer& point) { write_distribution_point_name(point, wanted.distribution_point); });
  });
}

/// TBSCertList (RFC 5280, section 5.1), in its order.
std::vector<std::uint8_t> make_tbs(const CertificateListTemplate& wanted, const Certificate& issuer,
                                   const SignatureAlgorithm& algorithm) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& tbs) {
      tbs.integer(1);  // v2
      write_signature_algorithm(tbs, algorithm);
      tbs.raw(issuer.subject.der);
      tbs.time(wanted.this_update);
      tbs.time(wanted.next_update);
      if (!wanted.entries.empty()) {
        tbs.sequence([&](der::Writer& list) {
          for (const RevokedEntry& entry : wanted.entries) write_entry(list, entry);
        });
      }
      tbs.context(0, [&](der::Writer& tag) {
        tag.sequence([&](der::Writer& extensions) { write_list_extensions(extensions, wanted, issuer); });
      });
    });
  });
}

/// Whose key signs: the delegate's, if there is one and it may.
Result<const Certificate*> signer_of(const Responder& responder) {
  if (responder.delegate == nullptr) return &responder.issuer;
  const Certificate& delegate = *responder.delegate;
  const auto& purposes = delegate.extended_key_usage;
  if (delegate.issuer.der != responder.issuer.subject.der ||
      std::ranges::find(purposes, der::oid::ocspSigning) == purposes.end()) {
    return broken(rules::no_responder,
                  delegate.subject.text() + " may not answer for " + responder.issuer.subject.text());
  }
  return &delegate;
}

/// CertStatus (RFC 6960, section 4.2.1), in the order of its tags.
void write_status(der::Writer& out, const IssuedStatus& status) {
  switch (status.state) {
    case RevocationState::good: return out.context_primitive(0, {});
    case RevocationState::revoked:
      return out.context(1, [&](der::Writer& info) {
        info.generalized_time(*status.revoked_at);
        if (status.reason.value_or(CRLReason::unspecified) == CRLReason::unspecified) return;
        info.context(0, [&](der::Writer& reason) { reason.enumerated(std::to_underlying(*status.reason)); });
      });
    case RevocationState::unknown: break;
  }
  out.context_primitive(2, {});
}

struct Answer {
  const CertId& id;
  IssuedStatus status;
};

/// ResponseData (RFC 6960, section 4.2.1), in its order. The responder goes by its key, which is short.
std::vector<std::uint8_t> make_response_data(std::span<const Answer> answers, Bytes nonce, const Certificate& signer,
                                             const ResponseTimes& times) {
  const auto key_hash = crypto::hash_of(crypto::HashAlgorithm::sha1, subject_public_key_of(signer.public_key));
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& data) {
      data.context(2, [&](der::Writer& by_key) { by_key.octet_string(key_hash); });
      data.generalized_time(times.produced_at);
      data.sequence([&](der::Writer& responses) {
        for (const Answer& answer : answers) {
          responses.sequence([&](der::Writer& single) {
            write_cert_id(single, answer.id);
            write_status(single, answer.status);
            single.generalized_time(times.this_update);
            single.context(0, [&](der::Writer& next) { next.generalized_time(times.next_update); });
          });
        }
      });
      if (nonce.empty()) return;
      data.context(1, [&](der::Writer& tag) {
        tag.sequence([&](der::Writer& extensions) {
          write_extension(extensions, der::oid::ocspNonce, false,
                          [&](der::Writer& value) { value.octet_string(nonce); });
        });
      });
    });
  });
}

/// OCSPResponse around a BasicOCSPResponse.
std::vector<std::uint8_t> make_successful(Bytes basic) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& response) {
      response.enumerated(std::to_underlying(OcspResponseStatus::successful));
      response.context(0, [&](der::Writer& tag) {
        tag.sequence([&](der::Writer& bytes) {
          bytes.object_identifier(der::oid::ocspBasic);
          bytes.octet_string(basic);
        });
      });
    });
  });
}

}  // namespace

Result<std::vector<std::uint8_t>> issue_certificate_list(const CertificateListTemplate& wanted, const Issuer& issuer) {
  const Certificate& ca = issuer.certificate;
  if (!ca.ca() || !ca.may_be_used_for(KeyUsage::cRLSign))
    return broken(rules::issuer_may_not_sign_crls, ca.subject.text() + " may not sign revocation lists");
  PADLOCK_TRY(check_key(ca, issuer.key));
  PADLOCK_TRY(check_updates(wanted.this_update, wanted.next_update));
  PADLOCK_TRY(check_entries(wanted.entries));
  if (!is_http_url(wanted.distribution_point))
    return refuse("the URL " + escaped(wanted.distribution_point) + " is not http");
  const SignatureAlgorithm algorithm = PADLOCK_TRY(choose_algorithm(issuer.key));
  auto list = PADLOCK_TRY(sign_tbs(make_tbs(wanted, ca, algorithm), algorithm, issuer.key));
  if (list.size() > max_crl_bytes)
    return broken(rules::crl_too_large, "the revocation list would have " + std::to_string(list.size()) + " bytes");
  return list;
}

Result<std::vector<std::uint8_t>> issue_ocsp_response(const OcspRequest& request,
                                                      const std::function<IssuedStatus(Bytes serial)>& look_up,
                                                      const Responder& responder, const ResponseTimes& times) {
  const Certificate* const signer = PADLOCK_TRY(signer_of(responder));
  PADLOCK_TRY(check_key(*signer, responder.key));
  PADLOCK_TRY(check_updates(times.this_update, times.next_update));
  std::vector<Answer> answers;
  bool any_of_ours = false;
  for (const CertId& id : request.certificates) {
    const bool ours = names_issuer(id, responder.issuer);
    any_of_ours = any_of_ours || ours;
    answers.push_back({id, ours ? look_up(id.serial) : IssuedStatus{}});
    const IssuedStatus& status = answers.back().status;
    if (status.state == RevocationState::revoked && !status.revoked_at) return refuse("revoked, and no date of it");
  }
  if (!any_of_ours) return make_ocsp_failure(OcspResponseStatus::unauthorized);
  const SignatureAlgorithm algorithm = PADLOCK_TRY(choose_algorithm(responder.key));
  const auto write_certificates = [&](der::Writer& out) {
    if (responder.delegate == nullptr) return;
    out.context(0, [&](der::Writer& tag) {
      tag.sequence([&](der::Writer& certificates) { certificates.raw(responder.delegate->der); });
    });
  };
  const auto data = make_response_data(answers, request.nonce, *signer, times);
  return make_successful(PADLOCK_TRY(sign_tbs(data, algorithm, responder.key, write_certificates)));
}

std::vector<std::uint8_t> make_ocsp_failure(OcspResponseStatus status) {
  assert(status != OcspResponseStatus::successful);
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& response) { response.enumerated(std::to_underlying(status)); });
  });
}

}  // namespace padlock::x509

// Certificates: download, revocation, renewal information (RFC 8555, sections 7.4.2 and 7.6; RFC 9773).
#include <algorithm>
#include <array>
#include <utility>

#include "padlock/acme/certificate_chain.h"
#include "padlock/acme/server/ca_server_impl.h"
#include "padlock/acme/timestamp.h"
#include "padlock/x509/public_key_info.h"

namespace padlock::acme {
namespace {

/// Those that a certificate's owner may give (RFC 5280, section 5.3.1): an issuer's own and certificateHold, which
/// could not be taken back, are not among them.
constexpr std::array reasons{x509::CRLReason::unspecified, x509::CRLReason::keyCompromise,
                             x509::CRLReason::affiliationChanged, x509::CRLReason::superseded,
                             x509::CRLReason::cessationOfOperation};

Granted<x509::CRLReason> reason_of(const Json& payload) {
  const auto found = payload.find("reason");
  if (found == payload.end()) return x509::CRLReason::unspecified;
  const auto is = [&](x509::CRLReason one) { return *found == std::to_underlying(one); };
  const auto* const reason = found->is_number_integer() ? std::ranges::find_if(reasons, is) : reasons.end();
  if (reason == reasons.end()) return refused(server_rules::bad_revocation_reason, "the reason is none of an owner's");
  return *reason;
}

/// When a certificate should be renewed: around two thirds of its life; one that was revoked at once.
struct Window {
  WallTime start, end;
};
Window window_of(const CertificateRecord& record) {
  const x509::Certificate& leaf = *record.leaf;
  if (record.revoked) return {*record.revoked - std::chrono::hours(1), *record.revoked};
  const auto life = leaf.not_after - leaf.not_before;
  constexpr int part = 24;  // of its life, before and after
  const WallTime middle = leaf.not_before + life * 2 / 3;
  return {middle - life / part, middle + life / part};
}

}  // namespace

Granted<Response> CaServer::Impl::certificate(const Post& post) {
  const CertificateRecord* const found = post.path.size() == 2 ? ledger.find_certificate(post.path[1]) : nullptr;
  if (found == nullptr)
    return refused(server_rules::not_found, "there is no certificate at " + shown(post.request.target));
  if (found->account != post.account->id)
    return refused(server_rules::not_yours, "the certificate is another account's");
  if (!post.reads()) return malformed_payload("a certificate cannot be changed");
  Response response{
      .status = 200, .fields = {}, .body = {as_bytes(found->chain).begin(), as_bytes(found->chain).end()}};
  response.fields.add("Content-Type", "application/pem-certificate-chain");
  return response;
}

// ---- revocation -----------------------------------------------------------------------------------------------------

/// RFC 8555, section 7.6: the account that has ordered it, one that has proved all its names, or its own key.
bool CaServer::Impl::may_revoke(const Post& post, const x509::Certificate& certificate, const CertificateRecord* record,
                                WallTime now) const {
  if (post.account == nullptr) return x509::same_public_key(post.jws.jwk->key, certificate.public_key);
  if (record != nullptr && record->account == post.account->id) return true;
  const auto proved = [&](const Identifier& name) {
    return std::ranges::any_of(ledger.orders(), [&](const auto& one) {
      const OrderRecord& order = one.second;
      return order.account == post.account->id && order.created + server_limits::order_life > now &&
             std::ranges::any_of(order.authorizations, [&](const AuthorizationRecord& authorization) {
               return authorization.status == Status::valid && authorization.identifier == name;
             });
    });
  };
  const auto names = identifiers_of(certificate);
  return !names.empty() && std::ranges::all_of(names, proved);
}

Granted<CaServer::Outcome> CaServer::Impl::revoke(const Post& post, Instant now) {
  const auto text = post.reads() ? Result<std::string>("") : text_field(post.payload, "revocation", "certificate");
  const auto der = text ? from_base64url(*text) : std::nullopt;
  if (post.path.size() != 1 || !der || der->empty() || der->size() > server_limits::certificate_bytes)
    return malformed_payload("there is no `certificate` in base64url");
  auto certificate = x509::parse_certificate(*der);
  if (!certificate) return malformed_payload(certificate.error().what);
  const CertificateRecord* const record = ledger.find_issued(*der);
  if (!may_revoke(post, **certificate, record, now.wall))
    return refused(server_rules::not_yours, "this key has neither the certificate nor all of its names");
  const auto reason = PADLOCK_TRY(reason_of(post.payload));
  if (record != nullptr && record->revoked) return refused(server_rules::already_revoked, "it was revoked before");
  return RevokeWanted{.origin = post.request.origin, .certificate = *std::move(certificate), .reason = reason};
}

Response CaServer::on_revoked(const RevokeWanted& wanted, const Result<bool>& revoked, Instant now) {
  const auto answer = [&](Response response) { return impl_->finish(std::move(response), wanted.origin, true); };
  if (!revoked) return answer(refusal_response(revoked.error()));
  if (CertificateRecord* const record = impl_->ledger.find_issued(wanted.certificate->der)) {
    if (!record->revoked) record->revoked = now.wall;
    impl_->ledger.save(*record);
  }
  if (!*revoked) return answer(refusal_response(Error{&server_rules::already_revoked, "it was revoked before"}));
  return answer({.status = 200, .fields = {}, .body = {}});
}

// ---- renewal information --------------------------------------------------------------------------------------------

Granted<Response> CaServer::Impl::renewal_info(const ClientRequest& request, std::string_view identifier) {
  const CertificateRecord* const record = ledger.find_renewable(identifier);
  if (record == nullptr) return refused(server_rules::not_found, "no certificate is at " + shown(request.target));
  const Window window = window_of(*record);
  Response response = document_response(
      200, {{"suggestedWindow", {{"start", timestamp_text(window.start)}, {"end", timestamp_text(window.end)}}}});
  response.fields.add("Retry-After", std::to_string(std::chrono::seconds(server_limits::renewal_question).count()));
  return response;
}

}  // namespace padlock::acme

#include "padlock/acme/job.h"

#include <cassert>
#include <utility>

#include "padlock/acme/json_document.h"
#include "padlock/acme/rules.h"
#include "padlock/base/text.h"

namespace padlock::acme {

// ---- registration ---------------------------------------------------------------------------------------------------

Result<Step> Registration::begin(Session& session, Instant /*now*/) {
  assert(session.directory());
  const Directory& directory = *session.directory();
  if (!directory.terms_of_service.empty() && !wish_.terms_of_service_agreed) {
    return padlock::broken(rules::terms_not_agreed, "the CA of " + session.directory_url() + " has terms of service, " +
                                                        shown(directory.terms_of_service));
  }
  if (directory.external_account_required && !wish_.external)
    return padlock::broken(rules::account_binding_required,
                           "the CA of " + session.directory_url() + " makes no accounts for everybody");
  Json payload = Json::object();
  if (wish_.terms_of_service_agreed) payload["termsOfServiceAgreed"] = true;
  if (!wish_.email.empty()) payload["contact"] = {"mailto:" + wish_.email};
  if (wish_.external) {
    payload["externalAccountBinding"] =
        Json::parse(bind_external_account(*wish_.external, session.key(), directory.new_account));
  }
  return Call{.url = directory.new_account,
              .payload = write_json(payload),
              .signing = Call::Signing::by_key,
              .doing = "the account"};
}

Result<Step> Registration::on_reply(const Reply& reply, Session& session, Instant /*now*/) {
  const Account account = PADLOCK_TRY(parse_account(reply.body));
  if (account.status != Status::valid)
    return padlock::broken(rules::account_unusable, "the account is " + std::string(name_of(account.status)));
  if (reply.location.empty()) return padlock::broken(rules::location_missing, "the account has no URL");
  PADLOCK_TRY(session.set_account_url(reply.location));
  return Finished{};
}

// ---- key rollover ---------------------------------------------------------------------------------------------------

/// The new key signs that it takes over, and the old one signs that.
Result<Step> KeyRollover::begin(Session& session, Instant /*now*/) {
  const std::string& url = session.directory()->key_change;
  const Json payload{{"account", session.account_url()}, {"oldKey", Json::parse(session.key().jwk())}};
  return Call{.url = url,
              .payload = PADLOCK_TRY(sign_jws({.url = url}, write_json(payload), next_)),
              .doing = "the change of the account's key"};
}

Result<Step> KeyRollover::on_reply(const Reply& /*reply*/, Session& session, Instant /*now*/) {
  session.set_key(next_);
  return Finished{};
}

// ---- revocation -----------------------------------------------------------------------------------------------------

Result<Step> Revocation::begin(Session& session, Instant /*now*/) {
  const Json payload{{"certificate", to_base64url(certificate_)}, {"reason", std::to_underlying(reason_)}};
  return Call{.url = session.directory()->revoke_cert, .payload = write_json(payload), .doing = "the revocation"};
}

Result<Step> Revocation::on_reply(const Reply& /*reply*/, Session& /*session*/, Instant /*now*/) { return Finished{}; }

Result<Step> Revocation::on_refusal(const Refusal& refusal, Session& /*session*/, Instant /*now*/) {
  if (refusal.problem && refusal.problem->type == "alreadyRevoked") return Finished{};
  return std::unexpected(refusal.error);
}

// ---- renewal information --------------------------------------------------------------------------------------------

Result<Step> RenewalInquiry::begin(Session& session, Instant /*now*/) {
  const auto& url = session.directory()->renewal_info;
  if (!url) return padlock::broken(rules::not_offered, "the CA says nothing about when to renew");
  const std::string separator = url->ends_with('/') ? "" : "/";
  return Call{
      .url = *url + separator + identifier_, .signing = Call::Signing::none, .doing = "the renewal information"};
}

Result<Step> RenewalInquiry::on_reply(const Reply& reply, Session& /*session*/, Instant /*now*/) {
  info_ = PADLOCK_TRY(parse_renewal_info(reply.body));
  ask_again_in_ = reply.retry_after;
  return Finished{};
}

}  // namespace padlock::acme

#include "padlock/server/router.h"

#include "padlock/base/text.h"
#include "padlock/http/message/authority.h"
#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

std::unexpected<Error> misdirected(const http::Request& request) {
  return broken(rules::misdirected, "a request for " + escaped(request.authority));
}

}  // namespace

Result<const Route*> HttpsRouter::route(const http::Request& request) const {
  if (request.authority.empty()) return choice_.site->route->of(request.target);
  if (last_site_ == nullptr || last_authority_ != request.authority) {
    last_site_ = PADLOCK_TRY(site_of(request));
    last_authority_ = request.authority;
  }
  return last_site_->route->of(request.target);
}

Result<const Site*> HttpsRouter::site_of(const http::Request& request) const {
  const auto authority = PADLOCK_TRY(http::parse_authority(request.authority));
  const Site* const site = snapshot_->sites->find(authority.host);
  if (site == nullptr || !choice_.credential->names.hold(authority.host)) return misdirected(request);
  if (!asked_as(*site)) return broken(rules::other_clients, "a request for " + escaped(request.authority));
  if (!protected_as(*site)) return broken(rules::other_policy, "a request for " + escaped(request.authority));
  return site;
}

/// Policies stand in their order, the strictest first. What a stricter one may have refused here, nobody asks.
bool HttpsRouter::protected_as(const Site& site) const {
  const tls::Policy common = snapshot_->tls->policy;
  return choice_.site->policy.value_or(common) <= site.policy.value_or(common);
}

/// A connection shows one client, who was judged by what its handshake asked for.
bool HttpsRouter::asked_as(const Site& site) const {
  if (&site == choice_.site) return true;
  return ask_the_same(choice_.credential->credential->client_authentication.get(),
                      site.credentials->client_authentication().get());
}

Result<const Route*> PlainRouter::route(const http::Request& request) const {
  if (snapshot_->challenges && snapshot_->challenges->content_at(request.target)) return &snapshot_->challenge;
  if (snapshot_->plain.handler && snapshot_->plain_answers->body_limit(request)) return &snapshot_->plain;
  if (request.authority.empty()) return &snapshot_->redirect;
  const auto authority = PADLOCK_TRY(http::parse_authority(request.authority));
  if (snapshot_->sites->find(authority.host) == nullptr) return misdirected(request);
  return &snapshot_->redirect;
}

}  // namespace padlock::server

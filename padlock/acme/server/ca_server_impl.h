#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "padlock/acme/json_document.h"
#include "padlock/acme/server/attempts.h"
#include "padlock/acme/server/ca_server.h"
#include "padlock/acme/server/limits.h"
#include "padlock/acme/server/nonce_pool.h"
#include "padlock/acme/server/rules.h"
#include "padlock/acme/server/signed_request.h"

// For the sources of ca_server.h alone: JSON is no part of public headers.

namespace padlock::acme {

/// A request whose signature, URL and nonce are good.
struct Post {
  const ClientRequest& request;
  std::vector<std::string_view> path;  ///< behind "/acme/": {"order", "AbC", "finalize"}
  SignedRequest jws;
  AccountRecord* account = nullptr;  ///< null: the key itself signed
  Json payload = nullptr;            ///< null: POST-as-GET (RFC 8555, section 6.3)

  bool reads() const { return payload.is_null(); }
  std::string url(std::string_view rest) const { return request.origin + "/acme/" + std::string(rest); }
};

struct CaServer::Impl {
  Impl(CaServerOptions with, crypto::Provider& by) : options(std::move(with)), provider(by) {}

  // ca_server.cc
  Granted<Outcome> route(const ClientRequest& request, Instant now);
  Granted<Post> authenticate(const ClientRequest& request);
  Granted<Response> get(const ClientRequest& request, std::string_view resource, std::string_view rest);
  Response directory(const ClientRequest& request) const;
  Response finish(Response response, const ClientRequest& request);
  Response finish(Response response, const std::string& origin, bool nonce);

  // ca_server_accounts.cc
  Granted<Response> new_account(const Post& post, Instant now);
  Granted<std::string> bound_by(const Post& post) const;
  Granted<Response> account(const Post& post);
  Granted<Response> key_change(const Post& post);

  // ca_server_orders.cc
  Granted<Response> new_order(const Post& post, Instant now);
  Granted<std::vector<Identifier>> wanted_identifiers(const Post& post) const;
  Granted<void> check_replaced(const Post& post, const std::string& replaces, const std::vector<Identifier>& wanted);
  Granted<void> check_room(const Post& post, Instant now) const;
  Granted<OrderRecord*> own_order(const Post& post, Instant now);
  Granted<Outcome> order(const Post& post, Instant now);
  Granted<Outcome> finalize(const Post& post, OrderRecord& order);
  Granted<Response> authorization(const Post& post, Instant now);
  Granted<Response> challenge(const Post& post, Instant now);
  Granted<void> begin_validation(const Post& post, OrderRecord& order, std::size_t number, ChallengeRecord& challenge,
                                 Instant now);
  Json challenge_json(std::string_view origin, const OrderRecord& order, std::size_t number,
                      const ChallengeRecord& challenge) const;
  Json authorization_json(std::string_view origin, const OrderRecord& order, std::size_t number) const;
  void ask(const OrderRecord& order, std::size_t number, const ChallengeRecord& challenge);
  void settle(OrderRecord& order);

  // ca_server_certificates.cc
  Granted<Response> certificate(const Post& post);
  Granted<Outcome> revoke(const Post& post, Instant now);
  bool may_revoke(const Post& post, const x509::Certificate& certificate, const CertificateRecord* record,
                  WallTime now) const;
  Granted<Response> renewal_info(const ClientRequest& request, std::string_view identifier);

  CaServerOptions options;
  crypto::Provider& provider;
  Ledger ledger;
  NoncePool nonces;
  std::vector<Validation> validations;
  std::chrono::nanoseconds clean_up_at{};
  Attempts new_accounts{server_limits::accounts_in_span, server_limits::span};
  Attempts new_orders{server_limits::orders_in_span, server_limits::span};
  Attempts failures{server_limits::failed_validations, server_limits::failed_validations_span};
};

/// A response with a JSON document.
Response document_response(int status, const Json& document);
/// "/acme/order/AbC" -> {"order", "AbC"}; empty: it is nothing of ours.
std::vector<std::string_view> resource_path(std::string_view target);
Json json_of(const Identifier& identifier);

Json account_json(const Post& post, const AccountRecord& account);
Json order_json(std::string_view origin, const OrderRecord& order);

std::unexpected<Refused> refused(const Rule& rule, std::string what);
/// A fault of the payload.
std::unexpected<Refused> malformed_payload(std::string what);

}  // namespace padlock::acme

// Orders, authorizations, challenges (RFC 8555, sections 7.4 and 7.5).
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "padlock/acme/certificate_chain.h"
#include "padlock/acme/json_problem.h"
#include "padlock/acme/limits.h"
#include "padlock/acme/server/ca_server_impl.h"
#include "padlock/acme/timestamp.h"
#include "padlock/x509/public_key_info.h"

namespace padlock::acme {
namespace {

std::string order_path(const OrderRecord& order) { return "order/" + order.id; }

std::string authorization_path(const OrderRecord& order, std::size_t number) {
  return "authorization/" + order.id + "/" + std::to_string(number);
}

std::string challenge_path(const OrderRecord& order, std::size_t number, const ChallengeRecord& challenge) {
  return "challenge/" + order.id + "/" + std::to_string(number) + "/" + std::string(name_of(challenge.type));
}

/// What a client knows the account by, under the name that it knows this server by.
std::string account_uri(std::string_view origin, const OrderRecord& order) {
  return std::string(origin) + "/acme/account/" + order.account;
}

struct Faults {
  std::vector<Problem::Subproblem> all;
  const Rule* rule = nullptr;  ///< the one of them all; several: `several_faults`

  void add(const Rule& broken_rule, const std::string& name, std::string what) {
    rule = rule == nullptr || rule == &broken_rule ? &broken_rule : &server_rules::several_faults;
    all.push_back({name, std::string(problem_type_of(broken_rule)), std::move(what)});
  }
};

}  // namespace

Json order_json(std::string_view origin, const OrderRecord& order) {
  const auto url = [&](const std::string& path) { return std::string(origin) + "/acme/" + path; };
  Json document{{"status", name_of(order.status)}, {"expires", timestamp_text(order.expires)}};
  document["identifiers"] = Json::array();
  document["authorizations"] = Json::array();
  for (std::size_t at = 0; at < order.authorizations.size(); ++at) {
    document["identifiers"].push_back(json_of(order.authorizations[at].identifier));
    document["authorizations"].push_back(url(authorization_path(order, at)));
  }
  document["finalize"] = url(order_path(order) + "/finalize");
  document["profile"] = order.profile;
  if (!order.replaces.empty()) document["replaces"] = order.replaces;
  if (!order.certificate.empty()) document["certificate"] = url("certificate/" + order.certificate);
  if (order.error) document["error"] = json_of(*order.error);
  return document;
}

// ---- a new order ----------------------------------------------------------------------------------------------------

/// RFC 8555, section 7.4. Every name that cannot be had is told (section 6.7.1).
Granted<std::vector<Identifier>> CaServer::Impl::wanted_identifiers(const Post& post) const {
  const auto list = array_field(post.payload, "order", "identifiers", limits::identifiers);
  if (!list) return malformed_payload(list.error().what);
  if ((*list)->empty()) return malformed_payload("the order is for no name");
  std::vector<Identifier> wanted;
  Faults faults;
  for (const Json& one : **list) {
    const auto type = one.is_object() ? optional_text(one, "order", "type") : std::nullopt;
    const auto value = one.is_object() ? optional_text(one, "order", "value") : std::nullopt;
    if (!type || !*type || !value || !*value) return malformed_payload("an identifier has `type` and `value`");
    auto identifier = make_identifier(**value);
    if (**type != "dns" && **type != "ip") {
      faults.add(server_rules::unsupported_identifier, shown(**value),
                 "identifiers of type " + shown(**type) + " are not had here");
    } else if (!identifier || name_of(identifier->type) != **type) {
      faults.add(server_rules::malformed_identifier, shown(**value), "this is no identifier of type " + shown(**type));
    } else if (!options.permits(*identifier)) {
      faults.add(server_rules::rejected_identifier, identifier->value, "this CA does not certify it");
    } else {
      wanted.push_back(*std::move(identifier));
    }
  }
  std::ranges::sort(wanted);
  const auto twice = std::ranges::unique(wanted);
  wanted.erase(twice.begin(), twice.end());
  for (const Identifier& one : wanted) {
    const auto proves = [&](ChallengeType type) { return can_prove(type, one); };
    if (std::ranges::none_of(options.challenges, proves))
      faults.add(server_rules::rejected_identifier, one.value, "no challenge of this CA can prove it");
  }
  if (faults.all.empty()) return wanted;
  const Problem::Subproblem& first = faults.all.front();
  Refused why(Error{faults.rule, first.identifier + ": " + first.detail +
                                     (faults.all.size() > 1 ? ", and there are other faults" : "")});
  why.subproblems = std::move(faults.all);
  return std::unexpected(std::move(why));
}

/// RFC 9773, section 5.
Granted<void> CaServer::Impl::check_replaced(const Post& post, const std::string& replaces,
                                             const std::vector<Identifier>& wanted) {
  const CertificateRecord* const before = ledger.find_renewable(replaces);
  if (before == nullptr || before->account != post.account->id)
    return refused(server_rules::not_replaceable, "no certificate of this account is " + shown(replaces));
  const auto names = identifiers_of(*before->leaf);
  const auto held = [&](const Identifier& one) { return std::ranges::find(names, one) != names.end(); };
  if (std::ranges::none_of(wanted, held))
    return refused(server_rules::not_replaceable, "the certificate that is replaced has none of the order's names");
  const OrderRecord* const other = before->replaced_by.empty() ? nullptr : ledger.find_order(before->replaced_by);
  if (other != nullptr && other->status != Status::invalid)
    return refused(server_rules::already_replaced, "another order has replaced this certificate");
  return {};
}

Granted<void> CaServer::Impl::check_room(const Post& post, Instant now) const {
  std::size_t open = 0, own = 0;
  for (const auto& [id, order] : ledger.orders()) {
    if (!Ledger::is_open(order)) continue;
    ++open;
    if (order.account == post.account->id) ++own;
  }
  const auto wait = new_orders.wait(post.account->id, now.monotonic);
  if (!wait && open < server_limits::open_orders && own < server_limits::open_orders_of_account) return {};
  Refused why(
      Error{&server_rules::rate_limited, wait ? "this account has made many orders" : "too many orders are open"});
  why.retry_after = wait.value_or(std::chrono::hours(1));
  return std::unexpected(std::move(why));
}

Granted<Response> CaServer::Impl::new_order(const Post& post, Instant now) {
  if (post.path.size() != 1 || post.reads()) return malformed_payload("a new order has a payload");
  auto wanted = PADLOCK_TRY(wanted_identifiers(post));
  for (const char* const field : {"notBefore", "notAfter"}) {
    if (post.payload.contains(field)) return malformed_payload("how long a certificate lives is its profile's to say");
  }
  const auto profile = optional_text(post.payload, "order", "profile");
  const auto replaces = optional_text(post.payload, "order", "replaces");
  if (!profile || !replaces) return malformed_payload("`profile` and `replaces` are texts");
  const std::string name = profile->value_or(options.profiles.front().name);
  if (std::ranges::find(options.profiles, name, &CertificateProfile::name) == options.profiles.end())
    return refused(server_rules::invalid_profile, "there is no profile " + shown(name));
  if (*replaces) PADLOCK_TRY(check_replaced(post, **replaces, wanted));
  PADLOCK_TRY(check_room(post, now));
  OrderRecord record{.id = PADLOCK_TRY(random_name(provider)),
                     .account = post.account->id,
                     .created = now.wall,
                     .expires = now.wall + server_limits::order_life,
                     .identifiers = wanted,
                     .authorizations = {},
                     .profile = name,
                     .replaces = replaces->value_or("")};
  for (const Identifier& one : wanted) {
    AuthorizationRecord authorization{.identifier = one, .challenges = {}};
    for (const ChallengeType type : options.challenges) {
      if (can_prove(type, one))
        authorization.challenges.push_back({.type = type, .token = PADLOCK_TRY(random_name(provider))});
    }
    record.authorizations.push_back(std::move(authorization));
  }
  const OrderRecord& order = ledger.add(std::move(record));
  ledger.save(order);
  new_orders.note(post.account->id, now.monotonic);
  if (auto* const before = order.replaces.empty() ? nullptr : ledger.find_renewable(order.replaces)) {
    before->replaced_by = order.id;
    ledger.save(*before);
  }
  Response response = document_response(201, order_json(post.request.origin, order));
  response.fields.add("Location", post.url(order_path(order)));
  return response;
}

// ---- an order -------------------------------------------------------------------------------------------------------

Granted<OrderRecord*> CaServer::Impl::own_order(const Post& post, Instant now) {
  OrderRecord* const order = post.path.size() < 2 ? nullptr : ledger.find_order(post.path[1]);
  if (order == nullptr) return refused(server_rules::not_found, "there is no order at " + shown(post.request.target));
  if (order->account != post.account->id) return refused(server_rules::not_yours, "the order is another account's");
  Ledger::expire(*order, now.wall);
  return order;
}

Granted<CaServer::Outcome> CaServer::Impl::order(const Post& post, Instant now) {
  OrderRecord* const order = PADLOCK_TRY(own_order(post, now));
  if (post.path.size() == 3 && post.path[2] == "finalize") return finalize(post, *order);
  if (post.path.size() != 2)
    return refused(server_rules::not_found, "there is nothing at " + shown(post.request.target));
  if (!post.reads()) return malformed_payload("an order cannot be changed");
  Response response = document_response(200, order_json(post.request.origin, *order));
  response.fields.add("Location", post.url(order_path(*order)));
  if (order->status == Status::processing)
    response.fields.add("Retry-After", std::to_string(server_limits::retry_after.count()));
  return response;
}

namespace {

/// What a request may hold; a CA grants its names and nothing else (RFC 8555, section 7.4).
Result<void> check_request(const x509::CertificationRequest& request, const OrderRecord& order, const Jwk& account) {
  const auto no = [](std::string what) { return broken(server_rules::bad_csr, std::move(what)); };
  if (x509::same_public_key(request.public_key, account.key)) return no("it is for the account's own key");
  if (request.asks_for_ca()) return no("it asks for a CA's certificate");
  if (!request.unknown_critical_extensions.empty())
    return no("it asks for the critical extension " + request.unknown_critical_extensions.front());
  x509::Certificate names;  // the one reader of alternative names
  names.subject_alternative_names = request.subject_alternative_names;
  const auto wanted = identifiers_of(names);
  if (wanted.size() != request.subject_alternative_names.size())
    return no("it asks for a name twice, or for one that is neither a host's nor an address");
  if (wanted != order.identifiers) return no("it is for other names than the order");
  const std::string common = to_lower_ascii(request.subject.common_name());
  if (!common.empty() && std::ranges::find(wanted, common, &Identifier::value) == wanted.end())
    return no("its common name is none of the order's names");
  return {};
}

}  // namespace

Granted<CaServer::Outcome> CaServer::Impl::finalize(const Post& post, OrderRecord& order) {
  if (order.status != Status::ready)
    return refused(server_rules::order_not_ready, "the order is " + std::string(name_of(order.status)));
  const auto text = post.reads() ? Result<std::string>("") : text_field(post.payload, "finalize", "csr");
  const auto der = text ? from_base64url(*text) : std::nullopt;
  if (!der || der->empty()) return malformed_payload("there is no `csr` in base64url");
  const auto request = x509::parse_certification_request(*der);
  if (!request) return refused(server_rules::bad_csr, request.error().what);
  if (const auto proof = x509::verify_request(**request, provider); !proof)
    return refused(server_rules::bad_csr, proof.error().what);
  PADLOCK_TRY(check_request(**request, order, post.account->key));
  order.status = Status::processing;
  const auto profile = std::ranges::find(options.profiles, order.profile, &CertificateProfile::name);
  IssueWanted wanted{.origin = post.request.origin,
                     .order = order.id,
                     .names = {},
                     .request = *request,
                     .life = profile == options.profiles.end() ? options.profiles.front().life : profile->life};
  for (const Identifier& one : order.identifiers) wanted.names.push_back(one.value);
  return wanted;
}

Response CaServer::on_issued(const IssueWanted& wanted, const Result<std::string>& chain) {
  OrderRecord& order = *impl_->ledger.find_order(wanted.order);  // one at a time: nobody has removed it
  const auto parsed = chain ? read_certificate_chain(*chain) : Result<CertificateChain>(std::unexpected(chain.error()));
  auto id = random_name(impl_->provider);
  if (!parsed || !id) {
    order.status = Status::invalid;
    order.error = problem_of({&server_rules::server_internal, "the CA could not sign"});
  } else {
    order.status = Status::valid;
    order.certificate = *id;
    order.expires = std::max(order.expires, parsed->leaf().not_after);
    impl_->ledger.save(impl_->ledger.add({.id = *id,
                                          .account = order.account,
                                          .order = order.id,
                                          .chain = *chain,
                                          .leaf = parsed->certificates.front()}));
  }
  impl_->ledger.save(order);
  Response response = document_response(200, order_json(wanted.origin, order));
  response.fields.add("Location", wanted.origin + "/acme/" + order_path(order));
  return impl_->finish(std::move(response), wanted.origin, true);
}

// ---- authorizations and challenges ----------------------------------------------------------------------------------

/// RFC 8555, section 7.1.5; dns-persist-01 says who is to be named in place of a token.
Json CaServer::Impl::challenge_json(std::string_view origin, const OrderRecord& order, std::size_t number,
                                    const ChallengeRecord& challenge) const {
  Json document{{"type", name_of(challenge.type)},
                {"url", std::string(origin) + "/acme/" + challenge_path(order, number, challenge)},
                {"status", name_of(challenge.status)}};
  if (challenge.type == ChallengeType::dns_persist_01) {
    document["issuer-domain-names"] = options.issuer_domain_names;
    document["accounturi"] = account_uri(origin, order);
  } else {
    document["token"] = challenge.token;
  }
  if (challenge.validated) document["validated"] = timestamp_text(*challenge.validated);
  if (challenge.error) document["error"] = json_of(*challenge.error);
  return document;
}

/// RFC 8555, section 7.1.4: the wildcard is told apart from its name. A proved authorization shows what proved it.
Json CaServer::Impl::authorization_json(std::string_view origin, const OrderRecord& order, std::size_t number) const {
  const AuthorizationRecord& authorization = order.authorizations.at(number);
  Identifier identifier = authorization.identifier;
  const bool wildcard = identifier.wildcard();
  if (wildcard) identifier.value.erase(0, 2);
  const bool ended = authorization.status == Status::pending && order.status == Status::invalid;
  Json document{{"identifier", json_of(identifier)},
                {"status", name_of(ended ? Status::expired : authorization.status)},
                {"expires", timestamp_text(order.expires)}};
  if (wildcard) document["wildcard"] = true;
  document["challenges"] = Json::array();
  for (const ChallengeRecord& one : authorization.challenges) {
    const bool shown = authorization.status == Status::pending || one.status != Status::pending;
    if (shown) document["challenges"].push_back(challenge_json(origin, order, number, one));
  }
  return document;
}

/// RFC 8555, sections 7.5 and 7.5.2.
Granted<Response> CaServer::Impl::authorization(const Post& post, Instant now) {
  OrderRecord& order = *PADLOCK_TRY(own_order(post, now));
  const auto number = post.path.size() == 3 ? parse_decimal(post.path[2]) : std::nullopt;
  if (!number || *number >= order.authorizations.size())
    return refused(server_rules::not_found, "there is no authorization at " + shown(post.request.target));
  if (!post.reads()) {
    const auto status = optional_text(post.payload, "authorization", "status");
    if (!status || *status != "deactivated") return malformed_payload("an authorization can become `deactivated`");
    AuthorizationRecord& authorization = order.authorizations[*number];
    if (authorization.status != Status::pending && authorization.status != Status::valid)
      return refused(server_rules::authorization_not_open,
                     "the authorization is " + std::string(name_of(authorization.status)));
    authorization.status = Status::deactivated;
    settle(order);
  }
  Response response = document_response(200, authorization_json(post.request.origin, order, *number));
  const auto at_work = [](const ChallengeRecord& one) { return one.status == Status::processing; };
  if (std::ranges::any_of(order.authorizations[*number].challenges, at_work))
    response.fields.add("Retry-After", std::to_string(server_limits::retry_after.count()));
  return response;
}

/// RFC 8555, section 7.5.1.
Granted<Response> CaServer::Impl::challenge(const Post& post, Instant now) {
  OrderRecord& order = *PADLOCK_TRY(own_order(post, now));
  const auto number = post.path.size() == 4 ? parse_decimal(post.path[2]) : std::nullopt;
  const auto type = number ? find_challenge_type(post.path[3]) : std::nullopt;
  const auto none = [&] {
    return refused(server_rules::not_found, "there is no challenge at " + shown(post.request.target));
  };
  if (!type || *number >= order.authorizations.size()) return none();
  auto& challenges = order.authorizations[*number].challenges;
  const auto found = std::ranges::find(challenges, *type, &ChallengeRecord::type);
  if (found == challenges.end()) return none();
  if (!post.reads() && found->status == Status::pending)
    PADLOCK_TRY(begin_validation(post, order, *number, *found, now));
  Response response = document_response(200, challenge_json(post.request.origin, order, *number, *found));
  response.fields.add("Link", "<" + post.url(authorization_path(order, *number)) + ">;rel=\"up\"");
  if (found->status == Status::processing)
    response.fields.add("Retry-After", std::to_string(server_limits::retry_after.count()));
  return response;
}

Granted<void> CaServer::Impl::begin_validation(const Post& post, OrderRecord& order, std::size_t number,
                                               ChallengeRecord& challenge, Instant now) {
  const AuthorizationRecord& authorization = order.authorizations[number];
  if (authorization.status != Status::pending || order.status != Status::pending)
    return refused(server_rules::authorization_not_open, "the authorization is no longer pending");
  if (const auto wait = failures.wait(order.account + " " + authorization.identifier.value, now.monotonic)) {
    Refused why(
        Error{&server_rules::rate_limited, "validations of " + authorization.identifier.value + " fail too often"});
    why.retry_after = wait;
    return std::unexpected(std::move(why));
  }
  challenge.status = Status::processing;
  if (challenge.type == ChallengeType::dns_persist_01) challenge.account_uri = account_uri(post.request.origin, order);
  ledger.save(order);
  ask(order, number, challenge);
  return {};
}

void CaServer::Impl::ask(const OrderRecord& order, std::size_t number, const ChallengeRecord& challenge) {
  const AccountRecord* const account = ledger.find_account(order.account);
  if (account == nullptr) return;  // its file is gone: the order ends with its time
  validations.push_back(
      {.order = order.id,
       .authorization = number,
       .wanted = {.type = challenge.type,
                  .identifier = order.authorizations[number].identifier,
                  .token = challenge.token,
                  .key_authorization = make_key_authorization(challenge.token, account->key.thumbprint()),
                  .persistent = {options.issuer_domain_names, challenge.account_uri}}});
}

void CaServer::on_validated(const Validation& validation, const Result<void>& seen, Instant now) {
  OrderRecord* const order = impl_->ledger.find_order(validation.order);
  if (order == nullptr || validation.authorization >= order->authorizations.size()) return;
  AuthorizationRecord& authorization = order->authorizations[validation.authorization];
  const auto found = std::ranges::find(authorization.challenges, validation.wanted.token, &ChallengeRecord::token);
  if (found == authorization.challenges.end() || found->status != Status::processing) return;
  found->status = seen ? Status::valid : Status::invalid;
  if (seen) found->validated = now.wall;
  if (!seen) {
    found->error = problem_of(seen.error());
    impl_->failures.note(order->account + " " + authorization.identifier.value, now.monotonic);
  }
  if (authorization.status == Status::pending) authorization.status = found->status;
  impl_->settle(*order);
}

/// What its authorizations make of an order (RFC 8555, section 7.1.6).
void CaServer::Impl::settle(OrderRecord& order) {
  const auto has = [&](Status status) {
    return [status](const AuthorizationRecord& one) { return one.status == status; };
  };
  const bool lost = std::ranges::any_of(order.authorizations, has(Status::invalid)) ||
                    std::ranges::any_of(order.authorizations, has(Status::deactivated));
  if (lost && (order.status == Status::pending || order.status == Status::ready)) {
    order.status = Status::invalid;
    for (const AuthorizationRecord& one : order.authorizations) {
      for (const ChallengeRecord& challenge : one.challenges)
        if (challenge.error && !order.error) order.error = challenge.error;
    }
  }
  if (order.status == Status::pending && std::ranges::all_of(order.authorizations, has(Status::valid)))
    order.status = Status::ready;
  ledger.save(order);
}

void CaServer::resume(WallTime now) {
  std::vector<std::string> ids;
  for (const auto& [id, order] : impl_->ledger.orders()) ids.push_back(id);
  for (const std::string& id : ids) {
    OrderRecord& order = *impl_->ledger.find_order(id);
    if (order.status == Status::processing) order.status = Status::ready;  // nothing was signed that anybody has
    Ledger::expire(order, now);
    for (std::size_t at = 0; at < order.authorizations.size(); ++at) {
      for (const ChallengeRecord& one : order.authorizations[at].challenges)
        if (one.status == Status::processing && order.status == Status::pending) impl_->ask(order, at, one);
    }
  }
}

}  // namespace padlock::acme

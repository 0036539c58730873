#include "padlock/acme/server/ca_server.h"

#include <algorithm>
#include <array>
#include <utility>

#include "padlock/acme/server/ca_server_impl.h"
#include "padlock/http/message/syntax.h"

namespace padlock::acme {
namespace {

constexpr std::string_view prefix = "/acme/";

/// What may be asked for by POST, and how it must be signed.
enum class Signing : std::uint8_t { by_key, by_account, by_either };
struct Resource {
  std::string_view name;
  Signing signing;
};
constexpr std::array resources{
    Resource{"new-account", Signing::by_key},       Resource{"new-order", Signing::by_account},
    Resource{"account", Signing::by_account},       Resource{"order", Signing::by_account},
    Resource{"authorization", Signing::by_account}, Resource{"challenge", Signing::by_account},
    Resource{"certificate", Signing::by_account},   Resource{"key-change", Signing::by_account},
    Resource{"revoke", Signing::by_either}};

const Resource* find_resource(const std::vector<std::string_view>& path) {
  const auto* const found =
      path.empty() ? resources.end() : std::ranges::find(resources, path.front(), &Resource::name);
  return found == resources.end() ? nullptr : found;
}

bool is_jose(std::string_view content_type) {
  return equal_ignoring_ascii_case(http::trimmed(content_type.substr(0, content_type.find(';'))),
                                   "application/jose+json");
}

std::unexpected<Refused> wrong_method(const ClientRequest& request, std::string_view allow) {
  constexpr std::size_t shown_method = 20;
  Refused why(
      Error{&server_rules::wrong_method, "`" + escaped(request.method.substr(0, shown_method)) + "` is asked for"});
  why.allow = allow;
  return std::unexpected(std::move(why));
}

Granted<void> check_signing(const SignedRequest& jws, Signing signing) {
  if (jws.kid.has_value() == jws.jwk.has_value())
    return refused(server_rules::key_or_account, jws.kid ? "it has `kid` and `jwk`" : "it has neither `kid` nor `jwk`");
  if (signing == Signing::by_key && !jws.jwk)
    return refused(server_rules::key_or_account, "it has `kid`, and needs `jwk`");
  if (signing == Signing::by_account && !jws.kid)
    return refused(server_rules::key_or_account, "it has `jwk`, and needs `kid`");
  return {};
}

Granted<Json> payload_of(const SignedRequest& jws) {
  if (jws.payload.empty()) return Json(nullptr);
  auto payload = parse_json_object(as_bytes(jws.payload), "payload");
  if (!payload) return malformed_payload(payload.error().what);
  return *std::move(payload);
}

}  // namespace

// ---- what all have --------------------------------------------------------------------------------------------------

std::unexpected<Refused> refused(const Rule& rule, std::string what) {
  return std::unexpected(Refused(Error{&rule, std::move(what)}));
}

std::unexpected<Refused> malformed_payload(std::string what) {
  return refused(server_rules::malformed_payload, std::move(what));
}

Response document_response(int status, const Json& document) {
  const std::string text = write_json(document);
  Response response{.status = status, .fields = {}, .body = {as_bytes(text).begin(), as_bytes(text).end()}};
  response.fields.add("Content-Type", "application/json");
  return response;
}

std::vector<std::string_view> resource_path(std::string_view target) {
  std::vector<std::string_view> parts;
  if (!target.starts_with(prefix)) return parts;
  target.remove_prefix(prefix.size());
  for (;;) {
    const std::size_t end = std::min(target.find('/'), target.size());
    parts.push_back(target.substr(0, end));
    if (end == target.size()) return parts;
    target.remove_prefix(end + 1);
  }
}

Json json_of(const Identifier& identifier) { return {{"type", name_of(identifier.type)}, {"value", identifier.value}}; }

// ---- requests -------------------------------------------------------------------------------------------------------

CaServer::CaServer(CaServerOptions options, crypto::Provider& provider)
    : impl_(std::make_unique<Impl>(std::move(options), provider)) {}
CaServer::~CaServer() = default;

Result<void> CaServer::restore(RecordKind kind, std::string_view text) { return impl_->ledger.restore(kind, text); }
std::vector<RecordChange> CaServer::take_changes() { return impl_->ledger.take_changes(); }
std::vector<Validation> CaServer::take_validations() { return std::exchange(impl_->validations, {}); }

CaServer::Outcome CaServer::take(const ClientRequest& request, Instant now) {
  auto outcome = impl_->route(request, now);
  if (!outcome) return impl_->finish(refusal_response(outcome.error()), request);
  if (auto* const response = std::get_if<Response>(&*outcome)) return impl_->finish(std::move(*response), request);
  return *std::move(outcome);
}

Granted<CaServer::Outcome> CaServer::Impl::route(const ClientRequest& request, Instant now) {
  const auto path = resource_path(request.target);
  const Resource* const resource = find_resource(path);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (resource == nullptr) {
    auto response = get(request, path.empty() ? request.target : path.front(), path.size() == 2 ? path[1] : "");
    if (!response) return std::unexpected(std::move(response).error());
    if (reads) return Outcome(*std::move(response));
    return wrong_method(request, "GET, HEAD");
  }
  if (request.method != "POST") return wrong_method(request, "POST");
  if (now.monotonic >= clean_up_at) {
    ledger.forget_old(now.wall);
    clean_up_at = now.monotonic + server_limits::clean_up;
  }
  const Post post = PADLOCK_TRY(authenticate(request));
  if (path.front() == "order") return order(post, now);
  if (path.front() == "revoke") return revoke(post, now);
  if (path.front() == "new-account") return PADLOCK_TRY(new_account(post, now));
  if (path.front() == "new-order") return PADLOCK_TRY(new_order(post, now));
  if (path.front() == "account") return PADLOCK_TRY(account(post));
  if (path.front() == "authorization") return PADLOCK_TRY(authorization(post, now));
  if (path.front() == "challenge") return PADLOCK_TRY(challenge(post, now));
  if (path.front() == "key-change") return PADLOCK_TRY(key_change(post));
  return PADLOCK_TRY(certificate(post));
}

/// RFC 8555, sections 6.2 to 6.5. The nonce comes last: who has no key uses up nobody's.
Granted<Post> CaServer::Impl::authenticate(const ClientRequest& request) {
  if (!is_jose(request.content_type))
    return refused(server_rules::wrong_media_type, "the body is `" + escaped(request.content_type.substr(0, 80)) + "`");
  Post post{.request = request,
            .path = resource_path(request.target),
            .jws = PADLOCK_TRY(parse_signed_request(request.body))};
  PADLOCK_TRY(check_signing(post.jws, find_resource(post.path)->signing));
  if (post.jws.kid) {
    const std::string accounts = post.url("account/");
    if (post.jws.kid->starts_with(accounts))
      post.account = ledger.find_account(std::string_view(*post.jws.kid).substr(accounts.size()));
    if (post.account == nullptr)
      return refused(server_rules::account_does_not_exist, "there is no account " + shown(*post.jws.kid));
  }
  PADLOCK_TRY(verify_signed_request(post.jws, post.account == nullptr ? *post.jws.jwk : post.account->key, provider));
  if (post.jws.url != request.origin + request.target)
    return refused(server_rules::wrong_url, "what was signed is for " + shown(post.jws.url));
  if (!nonces.use(post.jws.nonce.value_or("")))
    return refused(server_rules::bad_nonce, "the nonce is none of ours, or was used");
  if (post.account != nullptr && post.account->status != Status::valid)
    return refused(server_rules::account_deactivated, "the account was deactivated");
  post.payload = PADLOCK_TRY(payload_of(post.jws));
  return post;
}

// ---- without a signature --------------------------------------------------------------------------------------------

/// RFC 8555, sections 7.1.1 and 7.2; RFC 9773, section 4.1.
Granted<Response> CaServer::Impl::get(const ClientRequest& request, std::string_view resource, std::string_view rest) {
  if (resource == "/directory") return directory(request);
  if (resource == "new-nonce" && rest.empty()) {
    Response response{.status = request.method == "HEAD" ? 200 : 204, .fields = {}, .body = {}};
    return response;
  }
  if (resource == "renewal-info" && !rest.empty()) return renewal_info(request, rest);
  return refused(server_rules::not_found, "there is nothing at " + shown(request.target));
}

Response CaServer::Impl::directory(const ClientRequest& request) const {
  const auto url = [&](std::string_view name) { return request.origin + std::string(prefix) + std::string(name); };
  Json document{{"newNonce", url("new-nonce")},   {"newAccount", url("new-account")},
                {"newOrder", url("new-order")},   {"revokeCert", url("revoke")},
                {"keyChange", url("key-change")}, {"renewalInfo", url("renewal-info")}};
  Json profiles = Json::object();
  for (const CertificateProfile& one : options.profiles) profiles[one.name] = one.description;
  document["meta"] = {{"externalAccountRequired", options.external_account_required}, {"profiles", profiles}};
  if (!options.issuer_domain_names.empty()) document["meta"]["caaIdentities"] = options.issuer_domain_names;
  return document_response(200, document);
}

// ---- responses ------------------------------------------------------------------------------------------------------

Response CaServer::Impl::finish(Response response, const ClientRequest& request) {
  if (request.target == "/directory") return response;
  return finish(std::move(response), request.origin, request.method == "POST" || request.target == "/acme/new-nonce");
}

/// RFC 8555, sections 6.5, 7.1 and 7.2.
Response CaServer::Impl::finish(Response response, const std::string& origin, bool nonce) {
  response.fields.add("Link", "<" + origin + "/directory>;rel=\"index\"");
  response.fields.add("Cache-Control", "no-store");
  if (!nonce) return response;
  auto made = nonces.make(provider);
  if (!made) return refusal_response(Refused(Error{&server_rules::server_internal, made.error().what}));
  response.fields.add("Replay-Nonce", *made);
  return response;
}

}  // namespace padlock::acme

#include "padlock/acme/testing/fake_ca.h"

#include <algorithm>
#include <utility>

#include "padlock/acme/json_document.h"
#include "padlock/acme/server/signed_request.h"
#include "padlock/base/text.h"
#include "padlock/der/pem.h"
#include "padlock/http/message/url.h"
#include "padlock/x509/certification_request.h"
#include "padlock/x509/issue.h"

namespace padlock::acme::testing {
namespace {

constexpr std::string_view origin = "https://ca.example.test/";

std::string url(std::string_view path) { return std::string(origin) + std::string(path); }

std::string decoded(const Json& jws, const char* field) {
  const auto bytes = from_base64url(jws.at(field).get<std::string>());
  return bytes ? std::string(as_text(*bytes)) : std::string("{}");
}

bool signed_by(const Request& request, const std::string& jwk, crypto::Provider& provider) {
  const auto jws = parse_signed_request(as_bytes(request.body));
  const auto key = parse_jwk(jwk);
  return jws && key && verify_signed_request(*jws, *key, provider);
}

}  // namespace

struct FakeCa::Post {
  Json header;
  std::string payload;
  Json fields;  ///< of the payload
};

Response json_response(int status, std::string_view text) {
  Response response{.status = status, .fields = {}, .body = {as_bytes(text).begin(), as_bytes(text).end()}};
  response.fields.add("Content-Type", "application/json");
  return response;
}

Response problem_response(int status, std::string_view type, std::string_view detail) {
  const Json problem{{"type", "urn:ietf:params:acme:error:" + std::string(type)}, {"detail", detail}};
  Response response = json_response(status, problem.dump());
  response.fields.set("Content-Type", "application/problem+json");
  return response;
}

FakeCa::FakeCa(crypto::Provider& provider, WallTime now)
    : provider_(&provider), ca_key_(provider.generate_private_key(crypto::KeyKind::ecdsa_p256).value().key) {
  const std::vector<x509::NameAttribute> name{{der::oid::commonName, "Fake CA"}};
  const x509::CertificateTemplate wanted{.subject = x509::make_name(name),
                                         .not_before = now - std::chrono::days(365),
                                         .not_after = now + std::chrono::days(3650),
                                         .basic_constraints = x509::BasicConstraints{.ca = true, .path_length = {}},
                                         .key_usage = std::to_underlying(x509::KeyUsage::keyCertSign)};
  ca_ = x509::parse_certificate(x509::issue_self_signed(wanted, *ca_key_, provider).value()).value();
}

std::string FakeCa::new_nonce() {
  std::string nonce = "nonce-" + std::to_string(++nonce_count_);
  nonces_.insert(nonce);
  return nonce;
}

// ---- requests -------------------------------------------------------------------------------------------------------

Response FakeCa::answer(const Request& request, WallTime now) {
  const std::string path = http::parse_url(request.url).value().path.substr(1);
  const std::string resource = path.substr(0, path.find('/'));
  requests.push_back(request.method + " " + resource);
  Response response = respond(resource, request, now);
  if (request.method != "GET" && !response.fields.find("Replay-Nonce"))
    response.fields.add("Replay-Nonce", new_nonce());
  if (spoil) spoil(resource, response);
  return response;
}

Response FakeCa::respond(std::string_view resource, const Request& request, WallTime now) {
  if (resource == "directory") return directory();
  if (resource == "nonce") return {.status = 200, .fields = {}, .body = {}};
  if (resource == "renewal") {
    Response info = json_response(
        200, R"({"suggestedWindow":{"start":"2026-03-20T00:00:00Z","end":"2026-03-21T00:00:00.5+01:00"}})");
    info.fields.add("Retry-After", "21600");
    return info;
  }
  Post post;
  if (auto refused = check(request, resource, post)) return *std::move(refused);
  const std::string path = http::parse_url(request.url).value().path;
  return this->post(resource, std::string_view(path).substr(path.rfind('/') + 1), post, now);
}

/// RFC 8555, section 6.2 to 6.5.
std::optional<Response> FakeCa::check(const Request& request, std::string_view resource, Post& post) {
  const Json jws = Json::parse(request.body, nullptr, false);
  const auto mistake = [&](const std::string& what) {
    mistakes.push_back(request.url + ": " + what);
    return problem_response(400, "malformed", what);
  };
  if (request.method != "POST" || request.content_type != "application/jose+json" || !jws.is_object())
    return mistake("no JWS");
  post.header = Json::parse(decoded(jws, "protected"));
  post.payload = decoded(jws, "payload");
  payloads.push_back(post.payload);
  if (!post.payload.empty()) post.fields = Json::parse(post.payload);
  if (post.header.value("alg", "") != "ES256") return mistake("not ES256");
  if (post.header.value("url", "") != request.url) return mistake("another URL");
  const bool new_account = resource == "account";
  if (post.header.contains("jwk") != new_account || post.header.contains("kid") == new_account)
    return mistake("jwk and kid");
  if (nonces_.erase(post.header.value("nonce", "")) == 0) return mistake("a nonce that is not ours, or again");
  if (nonces_to_refuse > 0) {
    --nonces_to_refuse;
    return problem_response(400, "badNonce", "refused for a test");
  }
  if (!new_account && account_jwk.empty()) return problem_response(400, "accountDoesNotExist", "who?");
  if (!signed_by(request, new_account ? post.header["jwk"].dump() : account_jwk, *provider_))
    return mistake("a wrong signature");
  return std::nullopt;
}

Response FakeCa::post(std::string_view resource, std::string_view item, const Post& post, WallTime now) {
  if (resource == "account") return account(post);
  if (resource == "order") return item == "order" ? new_order(post) : look_at_order();
  if (resource == "authorization") return authorization(parse_decimal(item).value());
  if (resource == "challenge") return json_response(200, "{}");
  if (resource == "finalize") return finalize(post, now);
  if (resource == "key-change") {
    account_jwk = Json::parse(decoded(post.fields, "protected")).at("jwk").dump();
    return json_response(200, "{}");
  }
  if (resource == "revoke") return {.status = 200, .fields = {}, .body = {}};
  Response response{.status = 200, .fields = {}, .body = {as_bytes(chain_).begin(), as_bytes(chain_).end()}};
  response.fields.add("Content-Type", "application/pem-certificate-chain");
  if (item == "certificate") response.fields.add("Link", "<" + url("certificate/1") + ">;rel=\"alternate\"");
  return response;
}

// ---- resources ------------------------------------------------------------------------------------------------------

Response FakeCa::directory() const {
  Json document{{"newNonce", url("nonce")},      {"newAccount", url("account")},   {"newOrder", url("order")},
                {"revokeCert", url("revoke")},   {"keyChange", url("key-change")}, {"renewalInfo", url("renewal")},
                {"unknown", Json::array({1, 2})}};
  document["meta"] = {{"externalAccountRequired", wants_external_account},
                      {"profiles", {{"default", "as ever"}, {"shortlived", "six days"}}}};
  if (!terms_of_service.empty()) document["meta"]["termsOfService"] = terms_of_service;
  return json_response(200, document.dump());
}

Response FakeCa::account(const Post& post) {
  account_jwk = post.header.at("jwk").dump();
  if (post.fields.contains("externalAccountBinding")) external_account = post.fields["externalAccountBinding"].dump();
  Response response = json_response(201, R"({"status":"valid"})");
  response.fields.add("Location", url("account/1"));
  return response;
}

Response FakeCa::new_order(const Post& post) {
  identifiers_.clear();
  for (const Json& one : post.fields.at("identifiers"))
    identifiers_.push_back(make_identifier(one.at("value").get<std::string>()).value());
  authorization_status_.assign(identifiers_.size(), "pending");
  looks_.clear();
  order_status_ = "pending";
  processing_ = issues_processing;
  Response response = order();
  response.status = 201;
  response.fields.add("Location", url("order/1"));
  return response;
}

Response FakeCa::order() const {
  Json document{{"status", order_status_}, {"finalize", url("finalize")}};
  document["identifiers"] = Json::array();
  document["authorizations"] = Json::array();
  for (std::size_t at = 0; at < identifiers_.size(); ++at) {
    document["identifiers"].push_back({{"type", name_of(identifiers_[at].type)}, {"value", identifiers_[at].value}});
    document["authorizations"].push_back(url("authorization/" + std::to_string(at)));
  }
  if (order_status_ == "valid") document["certificate"] = url("certificate");
  return json_response(200, document.dump());
}

Response FakeCa::look_at_order() {
  if (order_status_ == "processing" && processing_-- <= 0) order_status_ = "valid";
  return order();
}

Response FakeCa::authorization(std::size_t number) {
  const Identifier& identifier = identifiers_.at(number);
  std::string& status = authorization_status_.at(number);
  const auto shown = [&](const ChallengeAnswer& one) { return one.identifier == identifier; };
  const bool seen = has_persistent_record || std::ranges::any_of(visible_, shown);
  if (status == "pending" && seen && looks_[number]++ >= validations_pending) status = validates ? "valid" : "invalid";
  const bool all = std::ranges::all_of(authorization_status_, [](const auto& one) { return one == "valid"; });
  if (all && order_status_ == "pending") order_status_ = "ready";
  Json document{{"status", status}, {"challenges", Json::array()}};
  document["identifier"] = {{"type", name_of(identifier.type)},
                            {"value", identifier.wildcard() ? identifier.value.substr(2) : identifier.value}};
  if (identifier.wildcard()) document["wildcard"] = true;
  for (const std::string& type : offered) {
    if (identifier.wildcard() && !type.starts_with("dns-")) continue;
    Json challenge{{"type", type}, {"url", url("challenge/" + std::to_string(number))}, {"status", status}};
    if (type == "dns-persist-01") {
      challenge["issuer-domain-names"] = issuer_domain_names;
      if (!persistent_account.empty()) challenge["accounturi"] = persistent_account;
    } else {
      challenge["token"] = "token-of-128-bits-and-more-" + std::to_string(number);
    }
    if (status == "invalid") {
      challenge["error"] = {{"type", "urn:ietf:params:acme:error:connection"}, {"detail", "Connection refused\x1b[2J"}};
    }
    document["challenges"].push_back(challenge);
  }
  return json_response(200, document.dump());
}

Response FakeCa::finalize(const Post& post, WallTime now) {
  if (order_status_ == "processing" || order_status_ == "valid") mistakes.emplace_back("finalize twice");
  if (order_status_ != "ready") return problem_response(403, "orderNotReady", "not yet");
  issue(from_base64url(post.fields.at("csr").get<std::string>()).value(), now);
  order_status_ = issues_processing > 0 ? "processing" : "valid";
  return order();
}

void FakeCa::issue(Bytes request, WallTime now) {
  const auto parsed = x509::parse_certification_request(request).value();
  if (!x509::verify_request(*parsed, *provider_)) mistakes.emplace_back("a request without proof");
  x509::CertificateTemplate wanted{.subject = x509::make_name({}),
                                   .not_before = now - std::chrono::hours(1),
                                   .not_after = now + std::chrono::days(90),
                                   .key_usage = std::to_underlying(x509::KeyUsage::digitalSignature),
                                   .extended_key_usage = {der::oid::serverAuth},
                                   .subject_alternative_names = parsed->subject_alternative_names};
  crypto::PublicKeyParts key = parsed->public_key;
  if (spoil_certificate) spoil_certificate(wanted, key);
  const auto leaf = x509::issue_certificate(wanted, key, {*ca_, *ca_key_}, *provider_).value();
  chain_ = der::write_pem("CERTIFICATE", leaf) + der::write_pem("CERTIFICATE", ca_->der);
}

// ---- the conversation -----------------------------------------------------------------------------------------------

Result<void> talk(Conversation& conversation, FakeCa& ca, Instant& now) {
  Action action = PADLOCK_TRY(conversation.begin(now));
  for (int rounds = 0; rounds < 2000; ++rounds) {
    if (auto* const send = std::get_if<SendRequest>(&action)) {
      const Response response = ca.answer(send->request, now.wall);
      action = PADLOCK_TRY(conversation.on_response(response, now));
    } else if (auto* const publish = std::get_if<PublishAnswers>(&action)) {
      ca.publish(*publish);
      action = PADLOCK_TRY(conversation.go_on(now));
    } else if (const auto* const wait = std::get_if<WaitFor>(&action)) {
      now.monotonic += wait->duration;
      now.wall += wait->duration;
      action = PADLOCK_TRY(conversation.go_on(now));
    } else {
      return {};
    }
  }
  return broken(rules::order_state, "the conversation does not come to its end");
}

}  // namespace padlock::acme::testing

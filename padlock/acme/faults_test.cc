#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "padlock/acme/limits.h"
#include "padlock/acme/order_job.h"
#include "padlock/acme/rules.h"
#include "padlock/acme/testing/fake_ca.h"
#include "padlock/base/text.h"
#include "padlock/der/rules.h"
#include "padlock/http/rules.h"
#include "padlock/x509/test_certificates.h"

// A server that is hostile or broken (docs/threats.md, A12): whatever it does, no certificate comes of it, the error
// says why, and the conversation ends.

namespace padlock::acme {
namespace {

using testing::FakeCa;
using testing::json_response;
using testing::problem_response;
using x509::testing::make_key;
using x509::testing::provider;
using x509::testing::test_now;

/// What a fault changes: answers of one resource, or the certificate, or how the server is.
struct Fault {
  std::string_view name;
  const Rule* rule;
  std::function<void(FakeCa& ca)> break_it;
};

/// Puts another text in the place of a part of an answer's body.
std::function<void(FakeCa&)> replaced(const std::string& resource, const std::string& part, const std::string& other) {
  return [=](FakeCa& ca) {
    ca.spoil = [=](std::string_view at, Response& response) {
      std::string text(as_text(response.body));
      const std::size_t found = text.find(part);
      if (at != resource || found == std::string::npos) return;
      text.replace(found, part.size(), other);
      response.body.assign(as_bytes(text).begin(), as_bytes(text).end());
    };
  };
}

std::function<void(FakeCa&)> changed(const std::string& resource, const std::function<void(Response&)>& change) {
  return [resource, change](FakeCa& ca) {
    ca.spoil = [resource, change](std::string_view at, Response& response) {
      if (at == resource) change(response);
    };
  };
}

std::function<void(FakeCa&)> answered(const std::string& resource, const Response& answer) {
  return changed(resource, [answer](Response& response) { response = answer; });
}

std::function<void(FakeCa&)> issued(
    const std::function<void(x509::CertificateTemplate&, crypto::PublicKeyParts&)>& change) {
  return [change](FakeCa& ca) { ca.spoil_certificate = change; };
}

std::string nested(std::size_t depth) { return R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}"; }

Response plain(int status, std::string_view type = "text/html") {
  Response response = json_response(status, "<h1>proxy</h1>");
  response.fields.set("Content-Type", type);
  return response;
}

void set_body(Response& response, std::string_view text) {
  response.body.assign(as_bytes(text).begin(), as_bytes(text).end());
}

std::vector<Fault> faults() {
  const auto other_key = [](x509::CertificateTemplate&, crypto::PublicKeyParts& key) {
    key = make_key()->public_key().parts();
  };
  const auto named = [](const std::vector<x509::GeneralName>& names) {
    return issued([names](x509::CertificateTemplate& wanted, crypto::PublicKeyParts&) {
      wanted.subject_alternative_names = names;
    });
  };
  const auto dated = [](WallTime from, WallTime to) {
    return issued([=](x509::CertificateTemplate& wanted, crypto::PublicKeyParts&) {
      wanted.not_before = from;
      wanted.not_after = to;
    });
  };
  const auto dns = x509::testing::dns;
  return {
      // the directory
      {"a web page for a directory", &rules::json_malformed, answered("directory", plain(200))},
      {"no directory there", &rules::status_unexpected, answered("directory", plain(404))},
      {"a redirect to plain http", &rules::status_unexpected,
       changed("directory",
               [](Response& response) {
                 response = plain(301);
                 response.fields.add("Location", "http://ca.example.test/");
               })},
      {"a directory of one text", &rules::json_malformed, answered("directory", json_response(200, "\"x\""))},
      {"a directory of invalid UTF-8", &rules::json_malformed,
       answered("directory", json_response(200, "{\"\xff\":1}"))},
      {"half a directory", &rules::json_malformed, answered("directory", json_response(200, R"({"newNonce":)"))},
      {"a directory that is too large", &rules::json_too_large,
       answered("directory", json_response(200, "{\"a\":\"" + std::string(limits::json_bytes, 'a') + "\"}"))},
      {"a directory that is too deep", &rules::json_too_deep, answered("directory", json_response(200, nested(16)))},
      {"a directory 10,000 deep", &rules::json_too_deep, answered("directory", json_response(200, nested(10'000)))},
      {"a name twice", &rules::json_malformed,
       replaced("directory", "\"newNonce\"", R"("newNonce":"https://ca.example.test/x","newNonce")")},
      {"a directory without newOrder", &rules::field_malformed, replaced("directory", "newOrder", "oldOrder")},
      {"a number for a URL", &rules::field_malformed, replaced("directory", "\"https://ca.example.test/order\"", "7")},
      {"a URL of another host", &rules::url_off_origin,
       replaced("directory", "ca.example.test/order", "evil.example.test/order")},
      {"a URL of another port", &rules::url_off_origin,
       replaced("directory", "ca.example.test/order", "ca.example.test:8443/order")},
      {"a URL of plain http", &rules::url_not_https,
       replaced("directory", "https://ca.example.test/order", "http://ca.example.test/order")},
      {"a URL with a user", &http::rules::url_userinfo,
       replaced("directory", "https://ca.example.test/order", "https://ca.example.test@evil.test/order")},
      {"a URL that is none", &http::rules::url_scheme,
       replaced("directory", "https://ca.example.test/order", "javascript:alert(1)")},
      {"a URL without an end", &rules::field_malformed,
       replaced("directory", "ca.example.test/order", "ca.example.test/" + std::string(3000, 'o'))},
      {"a thousand profiles", &rules::too_many_values,
       changed("directory",
               [](Response& response) {
                 std::string text(as_text(response.body));
                 std::string many;
                 for (int at = 0; at < 1000; ++at) many += "\"p" + std::to_string(at) + "\":\"\",";
                 text.insert(text.find("\"default\""), many);
                 set_body(response, text);
               })},
      // nonces
      {"no nonce", &rules::nonce_missing,
       changed("nonce", [](Response& response) { response.fields.remove("Replay-Nonce"); })},
      {"a nonce that is no base64url", &rules::nonce_missing,
       changed("nonce", [](Response& response) { response.fields.set("Replay-Nonce", "a\"b"); })},
      {"an endless nonce", &rules::nonce_missing,
       changed("nonce", [](Response& response) { response.fields.set("Replay-Nonce", std::string(9999, 'a')); })},
      {"a nonce for nobody", &rules::server_internal, answered("nonce", plain(503))},
      {"nonces that are never good", &rules::nonce_refused, [](FakeCa& ca) { ca.nonces_to_refuse = 1'000'000; }},
      {"a nonce refused where none was sent", &rules::nonce_refused,
       answered("nonce", problem_response(400, "badNonce", ""))},
      {"a nonce refused for the directory", &rules::nonce_refused,
       answered("directory", problem_response(400, "badNonce", ""))},
      // the account
      {"an account without a URL", &rules::location_missing,
       changed("account", [](Response& response) { response.fields.remove("Location"); })},
      {"an account elsewhere", &rules::url_off_origin,
       changed("account", [](Response& response) { response.fields.set("Location", "https://evil.test/1"); })},
      {"an account that is revoked", &rules::account_unusable, replaced("account", "valid", "revoked")},
      {"an account in no state", &rules::field_malformed, replaced("account", "valid", "happy")},
      {"terms that nobody agreed to", &rules::terms_not_agreed,
       [](FakeCa& ca) { ca.terms_of_service = "https://ca.example.test/terms"; }},
      {"a binding that nobody has", &rules::account_binding_required,
       [](FakeCa& ca) { ca.wants_external_account = true; }},
      {"an account that is forgotten twice", &rules::account_does_not_exist,
       answered("order", problem_response(400, "accountDoesNotExist", "who?"))},
      // the order
      {"an order without a URL", &rules::location_missing,
       changed("order", [](Response& response) { response.fields.remove("Location"); })},
      {"an order for another name", &rules::order_for_others, replaced("order", "example.test\"}", "evil.test\"}")},
      {"an order for nothing", &rules::order_for_others,
       replaced("order", R"([{"type":"dns","value":"example.test"}])", "[]")},
      {"an order that is valid at once", &rules::order_state, replaced("order", "pending", "valid")},
      {"an order that is invalid", &rules::order_state, replaced("order", "pending", "invalid")},
      {"an authorization elsewhere", &rules::url_off_origin,
       replaced("order", "https://ca.example.test/authorization", "https://evil.test/authorization")},
      {"finalize in plain http", &rules::url_not_https,
       replaced("order", "https://ca.example.test/finalize", "http://ca.example.test/finalize")},
      {"too many orders", &rules::rate_limited, answered("order", problem_response(429, "rateLimited", "later"))},
      {"too many orders, without words", &rules::rate_limited, answered("order", plain(429))},
      {"trouble of the server's own", &rules::server_internal,
       answered("order", problem_response(500, "serverInternal", "oh"))},
      {"a gateway without its server", &rules::server_internal, answered("order", plain(502))},
      {"a name that is not wanted", &rules::rejected_identifier,
       answered("order", problem_response(400, "rejectedIdentifier", "no"))},
      {"records that forbid this CA", &rules::caa, answered("order", problem_response(403, "caa", "no"))},
      {"a problem of no known type", &rules::problem, answered("order", problem_response(400, "moonPhase", "full"))},
      {"a problem that is no JSON", &rules::json_malformed, answered("order", plain(400, "application/problem+json"))},
      // authorizations and challenges
      {"an authorization for another name", &rules::order_for_others,
       replaced("authorization", R"("value":"example.test")", R"("value":"evil.test")")},
      {"an authorization that was revoked", &rules::order_state, replaced("authorization", "pending", "revoked")},
      {"an authorization without a challenge", &rules::no_challenge_fits, [](FakeCa& ca) { ca.offered.clear(); }},
      {"challenges of unknown kinds alone", &rules::no_challenge_fits,
       [](FakeCa& ca) { ca.offered = {"smoke-01", "mirrors-01"}; }},
      {"a token that leads out of its folder", &rules::field_malformed,
       replaced("authorization", "token-of-128-bits", "../../../../etc/passwd")},
      {"a token that can be guessed", &rules::field_malformed,
       replaced("authorization", "token-of-128-bits-and-more-0", "short")},
      {"a challenge elsewhere", &rules::url_off_origin,
       replaced("authorization", "https://ca.example.test/challenge", "https://evil.test/challenge")},
      {"a thousand challenges", &rules::too_many_values,
       [](FakeCa& ca) {
         for (int at = 0; at < 33; ++at) ca.offered.insert("kind-" + std::to_string(at));
       }},
      {"a validation that fails", &rules::connection, [](FakeCa& ca) { ca.validates = false; }},
      {"a validation that fails without a reason", &rules::validation_failed,
       [](FakeCa& ca) {
         ca.validates = false;
         ca.spoil = [](std::string_view at, Response& response) {
           std::string text(as_text(response.body));
           for (std::size_t found = 0; at == "authorization" && (found = text.find("\"error\"")) != std::string::npos;)
             text.replace(found, 7, "\"other\"");
           set_body(response, text);
         };
       }},
      {"an answer that was not ours", &rules::unauthorized,
       answered("challenge", problem_response(403, "unauthorized", "no"))},
      {"a name without an address", &rules::dns, answered("challenge", problem_response(400, "dns", "NXDOMAIN"))},
      {"a validation without an end", &rules::taking_too_long, [](FakeCa& ca) { ca.validations_pending = 1'000'000; }},
      // the certificate
      {"a certificate without an end", &rules::taking_too_long, [](FakeCa& ca) { ca.issues_processing = 1'000'000; }},
      {"a request that is refused", &rules::problem, answered("finalize", problem_response(400, "badCSR", "no"))},
      {"a certificate elsewhere", &rules::url_off_origin,
       replaced("order", "https://ca.example.test/certificate", "https://evil.test/certificate")},
      {"a valid order without a certificate", &rules::field_malformed, replaced("order", "\"certificate\"", "\"c\"")},
      {"a certificate for another key", &rules::certificate_for_another_key, issued(other_key)},
      {"a certificate for another name", &rules::certificate_for_other_names, named({dns("evil.test")})},
      {"a certificate for one name more", &rules::certificate_for_other_names,
       named({dns("evil.test"), dns("example.test")})},
      {"a certificate with a name of another form", &rules::certificate_for_other_names,
       named({dns("example.test"), x509::testing::mail("a@example.test")})},
      {"a certificate that has ended", &rules::certificate_not_valid_now,
       dated(test_now - std::chrono::days(2), test_now - std::chrono::seconds(1))},
      {"a certificate of tomorrow", &rules::certificate_not_valid_now,
       dated(test_now + std::chrono::days(2), test_now + std::chrono::days(9))},
      {"a web page for a certificate", &rules::chain_malformed,
       changed("certificate", [](Response& response) { set_body(response, "<h1>certificate</h1>"); })},
      {"a private key for a certificate", &rules::chain_malformed,
       replaced("certificate", "-----BEGIN CERTIFICATE-----", "-----BEGIN PRIVATE KEY-----")},
      {"a certificate that is cut off", &rules::chain_malformed,
       changed("certificate", [](Response& response) { response.body.resize(response.body.size() - 40); })},
      {"a chain of twenty", &rules::too_many_values,
       changed("certificate",
               [](Response& response) {
                 const std::string one(as_text(response.body));
                 std::string all;
                 for (int at = 0; at < 10; ++at) all += one;
                 set_body(response, all);
               })},
      {"a chain without an end", &rules::chain_malformed,
       changed("certificate", [](Response& response) { response.body.resize(limits::chain_bytes + 1, '\n'); })},
      {"a chain in the wrong order", &rules::chain_broken,
       changed("certificate",
               [](Response& response) {
                 const std::string one(as_text(response.body));
                 const std::string leaf = one.substr(0, one.find("-----BEGIN", 1));
                 set_body(response, leaf + leaf);
               })},
  };
}  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): the functions own what they hold

struct Outcome {
  Result<void> done;
  bool chain;
};

Outcome order_with(FakeCa& ca) {
  auto session = Session::make(std::string(FakeCa::directory_url), AccountKey::make(make_key()).value()).value();
  OrderJob job({.identifiers = {{Identifier::Type::dns, "example.test"}}, .key = make_key()}, provider());
  Conversation conversation(session, job, {});
  Instant now{.monotonic = std::chrono::hours(1), .wall = test_now};
  auto done = talk(conversation, ca, now);
  return {std::move(done), job.chain().has_value()};
}

TEST(AcmeFaults, NoneOfThemGivesACertificate) {
  for (const Fault& fault : faults()) {
    SCOPED_TRACE(fault.name);
    FakeCa ca(provider(), test_now);
    fault.break_it(ca);
    const Outcome outcome = order_with(ca);
    EXPECT_FALSE(outcome.chain);
    ASSERT_FALSE(outcome.done);
    EXPECT_EQ(outcome.done.error().rule, fault.rule) << outcome.done.error().to_string();
    EXPECT_FALSE(outcome.done.error().rule->hint.empty());
    EXPECT_LE(ca.requests.size(), 1000U);
  }
  EXPECT_GE(faults().size(), 40U);
  RecordProperty("faults_of_a_ca", static_cast<int>(faults().size()));
}

TEST(AcmeFaults, EachRuleIsProvoked) {
  std::set<std::string_view> provoked{
      // in order_test.cc, challenge_test.cc, jws_test.cc and objects_test.cc:
      rules::malformed_identifier.code, rules::identifier_count.code, rules::unsupported_account_key.code,
      rules::malformed_binding_key.code, rules::unknown_profile.code, rules::no_certificate_identifier.code,
      rules::renewal_window.code, rules::not_offered.code,
      // in persistent_record_test.cc:
      rules::no_issuer_domain_name.code, rules::persistent_account_unwritable.code, rules::persistent_for_others.code};
  for (const Fault& fault : faults()) provoked.insert(fault.rule->code);
  for (const Rule* const rule : rules::all) EXPECT_TRUE(provoked.contains(rule->code)) << rule->code;
}

/// Whatever byte of whatever answer is another one, the conversation ends, and what it gives is for the key that asked.
TEST(AcmeFaults, AnswersCutAtAnyPlaceEndTheConversation) {
  for (const std::string_view resource : {"directory", "account", "order", "authorization", "certificate"}) {
    for (std::size_t cut = 0; cut < 300; cut += 7) {
      FakeCa ca(provider(), test_now);
      ca.spoil = [&](std::string_view at, Response& response) {
        if (at == resource && cut < response.body.size()) response.body.resize(cut);
      };
      const Outcome outcome = order_with(ca);
      EXPECT_EQ(outcome.chain, outcome.done.has_value()) << resource << " cut at " << cut;
    }
  }
}

}  // namespace
}  // namespace padlock::acme

#include "padlock/acme/server/ca_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "padlock/acme/order_job.h"
#include "padlock/acme/server/limits.h"
#include "padlock/acme/server/test_client.h"

namespace padlock::acme {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the whole of a test's tools
using ::testing::HasSubstr;

constexpr std::string_view order_path = "/acme/new-order";

std::string type_in(const Response& response) {
  return json_in(response).value("type", "").substr(std::string("urn:ietf:params:acme:error:").size());
}

/// The rule of a refusal, by its status and its hint, which stands in the detail.
void expect_refused(const Response& response, const Rule& rule, std::string_view name) {
  EXPECT_EQ(response.status, rule.status) << name << as_text(response.body);
  EXPECT_EQ(response.fields.find("Content-Type"), "application/problem+json") << name;
  const TestJson problem = json_in(response);
  ASSERT_TRUE(problem.is_object()) << name;
  EXPECT_THAT(problem.value("detail", ""), HasSubstr(std::string(rule.hint))) << name;
  EXPECT_EQ(type_in(response), problem_type_of(rule)) << name;
  EXPECT_EQ(problem.value("status", 0), rule.status) << name;
}

class AcmeServer : public ::testing::Test {
 protected:
  AcmeServer() { EXPECT_EQ(ca.register_key(client).status, 201); }

  Response order(const std::vector<std::string>& names, const TestJson& more = TestJson::object()) {
    TestJson payload = names_of(names);
    payload.update(more);
    return ca.post(client, order_path, payload);
  }
  /// The order with all its names proved.
  std::string ready_order(const std::vector<std::string>& names, const TestJson& more = TestJson::object()) {
    const Response response = order(names, more);
    EXPECT_EQ(response.status, 201) << as_text(response.body);
    const TestJson made = json_in(response);
    for (const auto& url : made.at("authorizations")) prove(url.get<std::string>());
    return std::string(response.fields.find("Location").value());
  }
  void prove(const std::string& authorization) {
    const TestJson challenges = json_in(ca.post(client, authorization)).at("challenges");
    EXPECT_EQ(ca.post(client, challenges.at(0).at("url").get<std::string>(), TestJson::object()).status, 200);
  }
  Response finalize(const std::string& order_url, const std::vector<std::uint8_t>& request) {
    return ca.post(client, order_url + "/finalize", TestJson{{"csr", to_base64url(request)}});
  }
  static std::vector<std::uint8_t> request_for(const std::vector<std::string>& names, const crypto::PrivateKey& key) {
    std::vector<x509::GeneralName> all;
    all.reserve(names.size());
    for (const std::string& one : names) all.push_back(general_name_of(make_identifier(one).value()));
    return x509::make_certification_request(all, key).value();
  }
  /// A certificate's URL.
  std::string issued(const std::vector<std::string>& names, const TestJson& more = TestJson::object()) {
    const Response response = finalize(ready_order(names, more), request_for(names, site.key()));
    EXPECT_EQ(json_in(response).value("status", ""), "valid") << as_text(response.body);
    return json_in(response).value("certificate", "");
  }
  std::shared_ptr<const x509::Certificate> leaf_at(const std::string& url) {
    const Response response = ca.post(client, url);
    EXPECT_EQ(response.status, 200);
    return read_certificate_chain(as_text(response.body)).value().certificates.front();
  }

  TestCa ca;
  Signer client, site;
};

// ---- what goes well -------------------------------------------------------------------------------------------------

TEST_F(AcmeServer, TakesRequestsThatOurClientMakes) {
  Session session = Session::make("https://ca.test/directory", AccountKey::make(make_key()).value()).value();
  OrderWish wish{
      .identifiers = make_identifiers(std::vector<std::string>{"shop.test", "www.shop.test", "10.0.0.1"}).value(),
      .key = make_key()};
  OrderJob job(std::move(wish), provider());
  Conversation conversation(session, job, {});
  auto action = conversation.begin(ca.now);
  for (int rounds = 0; rounds < 100 && action && !std::holds_alternative<Finished>(*action); ++rounds) {
    if (auto* const sending = std::get_if<SendRequest>(&*action)) {
      const Request& request = sending->request;
      const std::string target = request.url.substr(TestCa::origin.size());
      const Response response = request.method == "POST" ? ca.send(target, request.body, request.content_type)
                                                         : ca.get(target, request.method);
      EXPECT_LT(response.status, 300) << request.url << as_text(response.body);
      action = conversation.on_response(response, ca.now);
    } else {
      action = conversation.go_on(ca.now);
    }
  }
  ASSERT_TRUE(action) << action.error().to_string();
  ASSERT_TRUE(job.chain());
  EXPECT_EQ(job.chain()->certificates.size(), 2U);
}

TEST_F(AcmeServer, TakesEachAlgorithm) {
  for (const auto kind : {crypto::KeyKind::ecdsa_p256, crypto::KeyKind::ecdsa_p384, crypto::KeyKind::ecdsa_p521,
                          crypto::KeyKind::ed25519, crypto::KeyKind::rsa_2048}) {
    Signer signer(kind);
    EXPECT_EQ(ca.register_key(signer).status, 201) << signer.alg;
    EXPECT_EQ(ca.post(signer, signer.account).status, 200) << signer.alg;
  }
}

TEST_F(AcmeServer, SaysInItsDirectoryWhatThereIs) {
  const Response response = ca.get("/directory");
  const TestJson directory = json_in(response);
  for (const char* const field : {"newNonce", "newAccount", "newOrder", "revokeCert", "keyChange", "renewalInfo"})
    EXPECT_TRUE(directory.at(field).get<std::string>().starts_with("https://ca.test/acme/")) << field;
  EXPECT_EQ(directory.at("meta").at("profiles").size(), 2U);
  EXPECT_FALSE(response.fields.find("Replay-Nonce"));
}

TEST_F(AcmeServer, GivesNoncesAndLinks) {
  EXPECT_EQ(ca.get("/acme/new-nonce", "HEAD").status, 200);
  const Response response = ca.get("/acme/new-nonce");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.fields.find("Cache-Control"), "no-store");
  EXPECT_EQ(response.fields.find("Replay-Nonce").value().size(), 22U);
  EXPECT_EQ(response.fields.find("Link"), "<https://ca.test/directory>;rel=\"index\"");
  const std::string authorization = json_in(order({"shop.test"})).at("authorizations").at(0);
  const std::string challenge = json_in(ca.post(client, authorization)).at("challenges").at(0).at("url");
  const Response looked = ca.post(client, challenge);
  const auto up = [&](const http::FieldView& field) { return field.value == "<" + authorization + ">;rel=\"up\""; };
  EXPECT_TRUE(std::ranges::any_of(looked.fields.all(), up));
}

TEST_F(AcmeServer, FindsTheAccountOfAKey) {
  Signer same = client;
  same.account.clear();
  const Response response = ca.post(same, "/acme/new-account", TestJson{{"onlyReturnExisting", true}}, true);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.fields.find("Location"), client.account);
}

TEST_F(AcmeServer, UpdatesAndDeactivatesAccounts) {
  EXPECT_EQ(json_in(ca.post(client, client.account, TestJson{{"contact", {"mailto:a@shop.test"}}})).at("contact").at(0),
            "mailto:a@shop.test");
  EXPECT_EQ(json_in(ca.post(client, client.account)).at("contact").size(), 1U);
  const Response response = ca.post(client, client.account, TestJson{{"status", "deactivated"}});
  EXPECT_EQ(json_in(response).at("status"), "deactivated");
  expect_refused(ca.post(client, client.account), server_rules::account_deactivated, "afterwards");
}

TEST_F(AcmeServer, ListsOrders) {
  const Response made = order({"shop.test"});
  const TestJson list = json_in(ca.post(client, client.account + "/orders"));
  EXPECT_EQ(list.at("orders").at(0), made.fields.find("Location").value());
}

TEST_F(AcmeServer, GivesAnAccountAnotherKey) {
  Signer next(crypto::KeyKind::rsa_2048);
  const std::string url = "https://ca.test/acme/key-change";
  const TestJson change{{"account", client.account}, {"oldKey", client.jwk}};
  const TestJson inner = next.jws({{"alg", next.alg}, {"jwk", next.jwk}, {"url", url}}, change.dump());
  EXPECT_EQ(ca.post(client, url, inner).status, 200);
  EXPECT_EQ(ca.post(client, client.account).status, 400) << "the old key is none any more";
  next.account = client.account;
  EXPECT_EQ(ca.post(next, client.account).status, 200);
  ca.restart();
  EXPECT_EQ(ca.post(next, client.account).status, 200);
}

TEST_F(AcmeServer, BindsAccountsToExternalOnes) {
  ca.external_account_required = true;
  ca.restart();
  Signer bound;
  const std::string url = "https://ca.test/acme/new-account";
  const auto external = ExternalAccount{"kid-1", mac_key()};
  const auto key = AccountKey::make(bound.shared_key()).value();
  const TestJson binding = TestJson::parse(bind_external_account(external, key, url));
  EXPECT_EQ(ca.register_key(bound, {{"externalAccountBinding", binding}}).status, 201);
  EXPECT_TRUE(json_in(ca.get("/directory")).at("meta").at("externalAccountRequired").get<bool>());
}

TEST_F(AcmeServer, OffersWhatCanProveAName) {
  const TestJson made = json_in(order({"*.shop.test", "10.0.0.1", "shop.test"}));
  std::map<std::string, std::size_t> offered;
  for (const auto& url : made.at("authorizations")) {
    const TestJson authorization = json_in(ca.post(client, url.get<std::string>()));
    const std::string name = authorization.at("identifier").at("value");
    offered[(authorization.value("wildcard", false) ? "*." : "") + name] = authorization.at("challenges").size();
  }
  const std::map<std::string, std::size_t> expected{{"*.shop.test", 1}, {"10.0.0.1", 2}, {"shop.test", 3}};
  EXPECT_EQ(offered, expected);
}

TEST_F(AcmeServer, GivesCertificatesOfItsProfiles) {
  EXPECT_EQ(leaf_at(issued({"shop.test"}))->not_after, test_now + std::chrono::days(90));
  EXPECT_EQ(leaf_at(issued({"shop.test"}, {{"profile", "shortlived"}}))->not_after, test_now + std::chrono::days(7));
}

TEST_F(AcmeServer, EndsAnOrderWhoseNameIsNotProved) {
  ca.seen = broken(server_rules::incorrect_response, "shop.test: a page");
  const Response made = order({"shop.test", "www.shop.test"});
  prove(json_in(made).at("authorizations").at(0));
  const TestJson after = json_in(ca.post(client, made.fields.find("Location").value()));
  EXPECT_EQ(after.at("status"), "invalid");
  EXPECT_EQ(after.at("error").at("type"), "urn:ietf:params:acme:error:incorrectResponse");
  const TestJson authorization = json_in(ca.post(client, json_in(made).at("authorizations").at(0).get<std::string>()));
  EXPECT_EQ(authorization.at("status"), "invalid");
  EXPECT_EQ(authorization.at("challenges").size(), 1U);
  EXPECT_THAT(authorization.at("challenges").at(0).at("error").at("detail").get<std::string>(), HasSubstr("a page"));
}

TEST_F(AcmeServer, SaysWhenToAskAgainWhileItLooks) {
  ca.looks = false;
  const Response made = order({"shop.test"});
  const std::string authorization = json_in(made).at("authorizations").at(0);
  prove(authorization);
  EXPECT_EQ(ca.post(client, authorization).fields.find("Retry-After"), "1");
  EXPECT_EQ(ca.looked_at.size(), 1U);
  prove(authorization);
  EXPECT_EQ(ca.looked_at.size(), 1U) << "one look at a time";
}

TEST_F(AcmeServer, DeactivatesAuthorizations) {
  const Response made = order({"shop.test"});
  const std::string authorization = json_in(made).at("authorizations").at(0);
  const Response done = ca.post(client, authorization, TestJson{{"status", "deactivated"}});
  EXPECT_EQ(json_in(done).at("status"), "deactivated");
  EXPECT_EQ(json_in(ca.post(client, made.fields.find("Location").value())).at("status"), "invalid");
}

TEST_F(AcmeServer, EndsOrdersInTime) {
  const Response made = order({"shop.test"});
  ca.now.wall += std::chrono::hours(25);
  EXPECT_EQ(json_in(ca.post(client, made.fields.find("Location").value())).at("status"), "invalid");
  const TestJson authorization = json_in(ca.post(client, json_in(made).at("authorizations").at(0).get<std::string>()));
  EXPECT_EQ(authorization.at("status"), "expired");
  ca.now.wall += std::chrono::days(30);
  ca.now.monotonic += std::chrono::days(30);
  expect_refused(ca.post(client, made.fields.find("Location").value()), server_rules::not_found, "forgotten");
  EXPECT_EQ(std::ranges::count(ca.files, RecordKind::order, [](const auto& one) { return one.first.first; }), 0);
}

TEST_F(AcmeServer, RemembersAllAfterARestart) {
  const std::string certificate = issued({"shop.test"});
  const Response made = order({"www.shop.test"});
  ca.looks = false;
  const std::string authorization = json_in(made).at("authorizations").at(0);
  prove(authorization);
  ca.looks = true;
  ca.restart();
  EXPECT_EQ(ca.looked_at.size(), 3U) << "what was being looked at is looked at again";
  EXPECT_EQ(json_in(ca.post(client, made.fields.find("Location").value())).at("status"), "ready");
  EXPECT_EQ(leaf_at(certificate)->not_after, test_now + std::chrono::days(90));
}

TEST_F(AcmeServer, SaysSoIfItCannotSign) {
  ca.signs = false;
  const std::string url = ready_order({"shop.test"});
  const TestJson done = json_in(finalize(url, request_for({"shop.test"}, site.key())));
  EXPECT_EQ(done.at("status"), "invalid");
  EXPECT_EQ(done.at("error").at("type"), "urn:ietf:params:acme:error:serverInternal");
  EXPECT_FALSE(done.contains("certificate"));
}

// ---- revocation and renewal -----------------------------------------------------------------------------------------

TestJson revocation_of(const x509::Certificate& leaf) { return {{"certificate", to_base64url(leaf.der)}}; }

TEST_F(AcmeServer, RevokesByTheAccountTheKeyAndWhoHoldsTheNames) {
  const auto first = leaf_at(issued({"shop.test"})), second = leaf_at(issued({"shop.test"}));
  const auto third = leaf_at(issued({"shop.test"}));
  EXPECT_EQ(ca.post(client, "/acme/revoke", revocation_of(*first)).status, 200);
  expect_refused(ca.post(client, "/acme/revoke", revocation_of(*first)), server_rules::already_revoked, "twice");
  EXPECT_EQ(ca.post(site, "/acme/revoke", revocation_of(*second), true).status, 200) << "by its own key";
  Signer other;
  ca.register_key(other);
  expect_refused(ca.post(other, "/acme/revoke", revocation_of(*third)), server_rules::not_yours, "another account");
  std::swap(client, other);
  ready_order({"shop.test"});
  EXPECT_EQ(ca.post(client, "/acme/revoke", revocation_of(*third)).status, 200) << "has proved the name";
  EXPECT_EQ(ca.revoked.size(), 3U);
}

TEST_F(AcmeServer, SaysWhenToRenew) {
  const auto leaf = leaf_at(issued({"shop.test"}));
  const std::string target = "/acme/renewal-info/" + renewal_identifier(*leaf).value();
  const Response response = ca.get(target);
  const auto info = parse_renewal_info(response.body).value();
  EXPECT_GT(info.start, test_now + std::chrono::days(50));
  EXPECT_LT(info.end, test_now + std::chrono::days(70));
  EXPECT_EQ(response.fields.find("Retry-After"), "21600");
  ca.post(client, "/acme/revoke", revocation_of(*leaf));
  ca.restart();
  EXPECT_LE(parse_renewal_info(ca.get(target).body).value().end, ca.now.wall) << "one that was revoked at once";
}

TEST_F(AcmeServer, KnowsWhichOrderReplacesACertificate) {
  const auto leaf = leaf_at(issued({"shop.test", "www.shop.test"}));
  const TestJson replacing{{"replaces", renewal_identifier(*leaf).value()}};
  const Response made = order({"shop.test"}, replacing);
  EXPECT_EQ(json_in(made).at("replaces"), replacing.at("replaces"));
  expect_refused(order({"shop.test"}, replacing), server_rules::already_replaced, "again");
  ca.post(client, json_in(made).at("authorizations").at(0).get<std::string>(), TestJson{{"status", "deactivated"}});
  EXPECT_EQ(order({"shop.test"}, replacing).status, 201) << "the first came to nothing";
}

// ---- what is refused ------------------------------------------------------------------------------------------------

struct Case {
  std::string_view name;
  const Rule* rule;
  std::function<Response(TestCa& ca, Signer& client)> ask;
};

/// A request whose header was changed before it was signed.
Response with_header(TestCa& ca, const Signer& client, const std::function<void(TestJson&)>& change) {
  TestJson header = ca.header(client, client.account);
  change(header);
  return ca.send(client.account.substr(TestCa::origin.size()), client.jws(header, "").dump());
}

/// A good request whose text was changed afterwards.
Response with_jws(TestCa& ca, const Signer& client, const std::function<void(TestJson&)>& change) {
  TestJson jws = client.jws(ca.header(client, client.account), "");
  change(jws);
  return ca.send(client.account.substr(TestCa::origin.size()), jws.dump());
}

/// A new account by a key that is written so.
Response with_key(TestCa& ca, const TestJson& jwk, std::string_view alg = "ES256") {
  const Signer signer;
  const TestJson header{{"alg", alg}, {"jwk", jwk}, {"nonce", ca.nonce()}, {"url", "https://ca.test/acme/new-account"}};
  return ca.send("/acme/new-account", signer.jws(header, "{}").dump());
}

Response with_account(TestCa& ca, const TestJson& payload) {
  Signer signer;
  return ca.register_key(signer, payload);
}

Response with_binding(TestCa& ca, const std::function<void(TestJson& header, std::string& payload)>& change) {
  Signer signer;
  TestJson header{{"alg", "HS256"}, {"kid", "kid-1"}, {"url", "https://ca.test/acme/new-account"}};
  std::string payload = signer.jwk.dump();
  change(header, payload);
  const std::string head = b64(header.dump()), content = b64(payload);
  const crypto::Hmac hmac(crypto::HashAlgorithm::sha256, mac_key().reveal());
  return ca.register_key(signer, {{"externalAccountBinding",
                                   {{"protected", head},
                                    {"payload", content},
                                    {"signature", to_base64url(hmac.mac(as_bytes(head + "." + content)))}}}});
}

Response with_order(TestCa& ca, const Signer& client, const TestJson& payload) {
  return ca.post(client, order_path, payload);
}

TestJson one_name(const char* type, const char* value) {
  return {{"identifiers", TestJson::array({TestJson{{"type", type}, {"value", value}}})}};
}

Response with_key_change(TestCa& ca, const Signer& client, const Signer& next,
                         const std::function<void(TestJson& header, TestJson& change)>& spoil) {
  const std::string url = "https://ca.test/acme/key-change";
  TestJson header{{"alg", next.alg}, {"jwk", next.jwk}, {"url", url}};
  TestJson change{{"account", client.account}, {"oldKey", client.jwk}};
  spoil(header, change);
  return ca.post(client, url, next.jws(header, change.dump()));
}

std::vector<Case> refusals() {
  const auto header = [](auto change) {
    return [change](TestCa& ca, Signer& client) { return with_header(ca, client, change); };
  };
  const auto jws = [](auto change) {
    return [change](TestCa& ca, Signer& client) { return with_jws(ca, client, change); };
  };
  const auto key = [](const TestJson& jwk) { return [jwk](TestCa& ca, Signer&) { return with_key(ca, jwk); }; };
  const auto account = [](const TestJson& payload) {
    return [payload](TestCa& ca, Signer&) { return with_account(ca, payload); };
  };
  const auto order = [](const TestJson& payload) {
    return [payload](TestCa& ca, Signer& client) { return with_order(ca, client, payload); };
  };
  const auto binding = [](auto change) { return [change](TestCa& ca, Signer&) { return with_binding(ca, change); }; };
  const auto key_change = [](auto spoil) {
    return [spoil](TestCa& ca, Signer& client) { return with_key_change(ca, client, Signer(), spoil); };
  };
  const std::string zeros(43, 'A');
  return {
      // HTTP
      {"nothing there", &server_rules::not_found, [](TestCa& ca, Signer&) { return ca.get("/elsewhere"); }},
      {"nothing there, signed", &server_rules::not_found,
       [](TestCa& ca, Signer& client) { return ca.post(client, client.account + "/pets"); }},
      {"no such order", &server_rules::not_found,
       [](TestCa& ca, Signer& client) { return ca.post(client, "/acme/order/none"); }},
      {"no such certificate", &server_rules::not_found,
       [](TestCa& ca, Signer& client) { return ca.post(client, "/acme/certificate/none"); }},
      {"no such renewal", &server_rules::not_found,
       [](TestCa& ca, Signer&) { return ca.get("/acme/renewal-info/AA.BB"); }},
      {"a GET of what is signed", &server_rules::wrong_method,
       [](TestCa& ca, Signer&) { return ca.get("/acme/new-order"); }},
      {"a POST of the directory", &server_rules::wrong_method,
       [](TestCa& ca, Signer&) { return ca.send("/directory", "{}"); }},
      {"plain JSON", &server_rules::wrong_media_type,
       [](TestCa& ca, Signer&) { return ca.send("/acme/new-order", "{}", "application/json"); }},
      // the signature
      {"no JSON", &server_rules::malformed_request,
       [](TestCa& ca, Signer&) { return ca.send("/acme/new-order", "{"); }},
      {"an unprotected header", &server_rules::malformed_request,
       jws([](TestJson& one) { one["header"] = TestJson::object(); })},
      {"several signatures", &server_rules::malformed_request,
       jws([](TestJson& one) { one["signatures"] = TestJson::array(); })},
      {"no signature", &server_rules::malformed_request, jws([](TestJson& one) { one.erase("signature"); })},
      {"a payload that is no base64url", &server_rules::malformed_request,
       jws([](TestJson& one) { one["payload"] = "e30="; })},
      {"an extension", &server_rules::malformed_request, header([](TestJson& one) { one["crit"] = {"b64"}; })},
      {"no URL", &server_rules::malformed_request, header([](TestJson& one) { one.erase("url"); })},
      {"a key and an account", &server_rules::key_or_account, header([](TestJson& one) { one["jwk"] = Signer().jwk; })},
      {"neither key nor account", &server_rules::key_or_account, header([](TestJson& one) { one.erase("kid"); })},
      {"an account that makes an account", &server_rules::key_or_account,
       [](TestCa& ca, Signer& client) { return ca.post(client, "/acme/new-account", TestJson::object()); }},
      {"a key that orders", &server_rules::key_or_account,
       [](TestCa& ca, Signer& client) { return ca.post(client, order_path, names_of({"shop.test"}), true); }},
      {"no algorithm", &server_rules::bad_signature_algorithm, header([](TestJson& one) { one["alg"] = "none"; })},
      {"a MAC", &server_rules::bad_signature_algorithm, header([](TestJson& one) { one["alg"] = "HS256"; })},
      {"another key's algorithm", &server_rules::bad_signature_algorithm,
       header([](TestJson& one) { one["alg"] = "RS256"; })},
      {"a key that is no object", &server_rules::bad_public_key, key("key")},
      {"a symmetric key", &server_rules::bad_public_key, key({{"kty", "oct"}, {"k", "AAAA"}})},
      {"a key of another kind", &server_rules::bad_public_key, key({{"kty", "PQ"}})},
      {"a private key", &server_rules::bad_public_key,
       key({{"kty", "EC"}, {"crv", "P-256"}, {"x", zeros}, {"y", zeros}, {"d", zeros}})},
      {"a point off its curve", &server_rules::bad_public_key,
       key({{"kty", "EC"}, {"crv", "P-256"}, {"x", zeros}, {"y", zeros}})},
      {"a short point", &server_rules::bad_public_key,
       key({{"kty", "EC"}, {"crv", "P-256"}, {"x", "AAAA"}, {"y", "AAAA"}})},
      {"another curve", &server_rules::bad_public_key,
       key({{"kty", "EC"}, {"crv", "secp256k1"}, {"x", zeros}, {"y", zeros}})},
      {"X25519", &server_rules::bad_public_key, key({{"kty", "OKP"}, {"crv", "X25519"}, {"x", zeros}})},
      {"a weak RSA key", &server_rules::bad_public_key,
       [](TestCa& ca, Signer&) {
         return with_key(ca, {{"kty", "RSA"}, {"e", "AQAB"}, {"n", to_base64url(std::vector<std::uint8_t>(128, 0xc1))}},
                         "RS256");
       }},
      {"an RSA key written otherwise", &server_rules::bad_public_key,
       key({{"kty", "RSA"}, {"e", "AQAB"}, {"n", "AMHB"}})},
      {"another one's signature", &server_rules::bad_signature,
       [](TestCa& ca, Signer& client) {
         Signer thief;
         thief.account = client.account;
         return ca.post(thief, client.account);
       }},
      {"a changed payload", &server_rules::bad_signature, jws([](TestJson& one) { one["payload"] = b64("{}"); })},
      {"a cut signature", &server_rules::bad_signature, jws([](TestJson& one) { one["signature"] = "AAAA"; })},
      {"another URL", &server_rules::wrong_url,
       header([](TestJson& one) { one["url"] = "https://ca.test/acme/key-change"; })},
      {"another host's URL", &server_rules::wrong_url,
       header([](TestJson& one) { one["url"] = "https://evil.test" + one["url"].get<std::string>().substr(15); })},
      {"no nonce", &server_rules::bad_nonce, header([](TestJson& one) { one.erase("nonce"); })},
      {"a made-up nonce", &server_rules::bad_nonce,
       header([](TestJson& one) { one["nonce"] = "AAAAAAAAAAAAAAAAAAAAAA"; })},
      {"a nonce twice", &server_rules::bad_nonce,
       [](TestCa& ca, Signer& client) {
         const std::string body = client.jws(ca.header(client, client.account), "").dump();
         const std::string target = client.account.substr(TestCa::origin.size());
         EXPECT_EQ(ca.send(target, body).status, 200);
         return ca.send(target, body);
       }},
      {"a payload that is no object", &server_rules::malformed_payload,
       [](TestCa& ca, Signer& client) { return ca.post_text(client, order_path, "[1]"); }},
      {"a field twice", &server_rules::malformed_payload,
       [](TestCa& ca, Signer& client) {
         return ca.post_text(client, order_path, R"({"identifiers":[],"identifiers":[]})");
       }},
      // accounts
      {"an unknown account", &server_rules::account_does_not_exist,
       header([](TestJson& one) { one["kid"] = "https://ca.test/acme/account/none"; })},
      {"an account elsewhere", &server_rules::account_does_not_exist,
       header([](TestJson& one) { one["kid"] = "https://evil.test/acme/account/none"; })},
      {"a key without an account", &server_rules::account_does_not_exist, account({{"onlyReturnExisting", true}})},
      {"a telephone", &server_rules::unsupported_contact, account({{"contact", {"tel:+49123"}}})},
      {"no address", &server_rules::invalid_contact, account({{"contact", {"mailto:shop.test"}}})},
      {"two addresses", &server_rules::invalid_contact, account({{"contact", {"mailto:a@b.test,c@d.test"}}})},
      {"an address with fields", &server_rules::invalid_contact,
       account({{"contact", {"mailto:a@b.test?cc=c@d.test"}}})},
      {"a contact that is none", &server_rules::malformed_payload, account({{"contact", {1}}})},
      {"many contacts", &server_rules::malformed_payload,
       account({{"contact", TestJson(std::vector<std::string>(9, "mailto:a@b.test"))}})},
      {"a binding to nobody", &server_rules::external_account_refused,
       binding([](TestJson& one, std::string&) { one["kid"] = "kid-2"; })},
      {"a binding by another MAC", &server_rules::external_account_refused,
       binding([](TestJson& one, std::string&) { one["alg"] = "HS512"; })},
      {"a binding for another URL", &server_rules::external_account_refused,
       binding([](TestJson& one, std::string&) { one["url"] = "https://evil.test/"; })},
      {"a binding of another key", &server_rules::external_account_refused,
       binding([](TestJson&, std::string& payload) { payload = Signer().jwk.dump(); })},
      {"a binding that is none", &server_rules::external_account_refused, account({{"externalAccountBinding", "yes"}})},
      {"an account in another state", &server_rules::malformed_payload,
       [](TestCa& ca, Signer& client) { return ca.post(client, client.account, TestJson{{"status", "revoked"}}); }},
      {"another's account", &server_rules::not_yours,
       [](TestCa& ca, Signer& client) {
         Signer other;
         ca.register_key(other);
         return ca.post(client, other.account);
       }},
      {"a key in use", &server_rules::key_in_use,
       [](TestCa& ca, Signer& client) {
         Signer other;
         ca.register_key(other);
         return with_key_change(ca, client, other, [](TestJson&, TestJson&) {});
       }},
      {"a key change of another account", &server_rules::malformed_payload,
       key_change([](TestJson&, TestJson& change) { change["account"] = "https://ca.test/acme/account/none"; })},
      {"a key change from another key", &server_rules::malformed_payload,
       key_change([](TestJson&, TestJson& change) { change["oldKey"] = Signer().jwk; })},
      {"a key change elsewhere", &server_rules::malformed_payload,
       key_change([](TestJson& one, TestJson&) { one["url"] = "https://ca.test/acme/new-order"; })},
      {"a key change with a nonce", &server_rules::key_or_account,
       key_change([](TestJson& one, TestJson&) { one["nonce"] = "AAAA"; })},
      {"a key change that the new key did not sign", &server_rules::bad_signature,
       key_change([](TestJson& one, TestJson&) { one["jwk"] = Signer().jwk; })},
      // orders
      {"an order for nothing", &server_rules::malformed_payload, order(names_of({}))},
      {"an order without names", &server_rules::malformed_payload, order(TestJson::object())},
      {"an order for a number", &server_rules::malformed_payload, order({{"identifiers", {1}}})},
      {"too many names", &server_rules::malformed_payload, order(names_of(std::vector<std::string>(101, "shop.test")))},
      {"an order with a date", &server_rules::malformed_payload,
       [](TestCa& ca, Signer& client) {
         TestJson payload = names_of({"shop.test"});
         payload["notAfter"] = "2027-01-01T00:00:00Z";
         return with_order(ca, client, payload);
       }},
      {"an identifier of another type", &server_rules::unsupported_identifier, order(one_name("email", "a@b.test"))},
      {"an identifier that is none", &server_rules::malformed_identifier, order(one_name("dns", "-.test"))},
      {"an address as a name", &server_rules::malformed_identifier, order(one_name("dns", "10.0.0.1"))},
      {"a name that is not had here", &server_rules::rejected_identifier,
       order(names_of({"forbidden.test", "shop.test"}))},
      {"a name that nothing can prove", &server_rules::rejected_identifier,
       [](TestCa& ca, Signer& client) {
         ca.challenges = {ChallengeType::http_01};
         ca.restart();
         return with_order(ca, client, names_of({"*.shop.test"}));
       }},
      {"several faults", &server_rules::several_faults, order(names_of({"forbidden.test", "*.", "shop.test"}))},
      {"a profile that there is not", &server_rules::invalid_profile,
       [](TestCa& ca, Signer& client) {
         TestJson payload = names_of({"shop.test"});
         payload["profile"] = "eternal";
         return with_order(ca, client, payload);
       }},
      {"an unknown certificate replaced", &server_rules::not_replaceable,
       [](TestCa& ca, Signer& client) {
         TestJson payload = names_of({"shop.test"});
         payload["replaces"] = "AA.BB";
         return with_order(ca, client, payload);
       }},
      {"too many accounts", &server_rules::rate_limited,
       [](TestCa& ca, Signer&) {
         for (std::size_t at = 0; at < server_limits::accounts_in_span; ++at) with_account(ca, TestJson::object());
         return with_account(ca, TestJson::object());
       }},
      {"too many open orders", &server_rules::rate_limited,
       [](TestCa& ca, Signer& client) {
         for (std::size_t at = 0; at < server_limits::open_orders_of_account; ++at)
           with_order(ca, client, names_of({"shop.test"}));
         return with_order(ca, client, names_of({"shop.test"}));
       }},
      {"an order that is not ready", &server_rules::order_not_ready,
       [](TestCa& ca, Signer& client) {
         const Response made = with_order(ca, client, names_of({"shop.test"}));
         return ca.post(client, std::string(made.fields.find("Location").value()) + "/finalize",
                        TestJson{{"csr", "AAAA"}});
       }},
      {"another's order", &server_rules::not_yours,
       [](TestCa& ca, Signer& client) {
         Signer other;
         ca.register_key(other);
         const Response made = with_order(ca, other, names_of({"shop.test"}));
         return ca.post(client, made.fields.find("Location").value());
       }},
      {"a challenge of an order that is over", &server_rules::authorization_not_open,
       [](TestCa& ca, Signer& client) {
         const TestJson made = json_in(with_order(ca, client, names_of({"shop.test"})));
         const std::string authorization = made.at("authorizations").at(0);
         const std::string challenge = json_in(ca.post(client, authorization)).at("challenges").at(0).at("url");
         ca.post(client, authorization, TestJson{{"status", "deactivated"}});
         return ca.post(client, challenge, TestJson::object());
       }},
      // certificates
      {"a revocation of nothing", &server_rules::malformed_payload,
       [](TestCa& ca, Signer& client) { return ca.post(client, "/acme/revoke", TestJson{{"certificate", "AAAA"}}); }},
  };
}

TEST(AcmeServerRefusals, NameTheRule) {
  for (const Case& one : refusals()) {
    SCOPED_TRACE(one.name);
    TestCa ca;
    Signer client;
    ca.register_key(client);
    expect_refused(one.ask(ca, client), *one.rule, one.name);
    EXPECT_EQ(ca.post(client, client.account).status, 200) << "the server goes on";
  }
}

TEST(AcmeServerRefusals, ProvokeEachRule) {
  std::set<std::string_view> provoked{
      // in the other tests of this file:
      server_rules::account_deactivated.code, server_rules::already_revoked.code, server_rules::already_replaced.code,
      server_rules::bad_csr.code, server_rules::bad_revocation_reason.code, server_rules::incorrect_response.code,
      server_rules::external_account_required.code, server_rules::server_internal.code,
      // by who looks, in tests/e2e/test_ca_serve.py:
      server_rules::validation_connection.code, server_rules::validation_dns.code, server_rules::validation_tls.code};
  for (const Case& one : refusals()) provoked.insert(one.rule->code);
  for (const Rule* const rule : server_rules::all) EXPECT_TRUE(provoked.contains(rule->code)) << rule->code;
}

TEST_F(AcmeServer, TellsTheAlgorithmsThatItTakes) {
  const Response response = with_header(ca, client, [](TestJson& one) { one["alg"] = "none"; });
  EXPECT_EQ(json_in(response).at("algorithms"), TestJson({"ES256", "ES384", "ES512", "EdDSA", "RS256"}));
}

TEST_F(AcmeServer, TellsWhatIsWrongWithEachName) {
  const Response response = order({"forbidden.test", "www.forbidden.test", "shop.test"});
  const TestJson subproblems = json_in(response).at("subproblems");
  ASSERT_EQ(subproblems.size(), 2U);
  EXPECT_EQ(subproblems.at(0).at("identifier"), (TestJson{{"type", "dns"}, {"value", "forbidden.test"}}));
  EXPECT_EQ(subproblems.at(0).at("type"), "urn:ietf:params:acme:error:rejectedIdentifier");
}

TEST_F(AcmeServer, WantsAnExternalAccountWhereItIsToldTo) {
  ca.external_account_required = true;
  ca.restart();
  expect_refused(with_account(ca, TestJson::object()), server_rules::external_account_required, "no binding");
  EXPECT_EQ(with_binding(ca, [](TestJson&, std::string&) {}).status, 201);
}

TEST_F(AcmeServer, RefusesRequestsThatAreNotForTheOrder) {
  const std::string url = ready_order({"shop.test"});
  const auto good = request_for({"shop.test"}, site.key());
  std::vector<std::uint8_t> broken_request = good;
  broken_request.back() ^= 1;
  const std::vector<std::pair<std::string_view, std::vector<std::uint8_t>>> bad{
      {"other names", request_for({"other.test"}, site.key())},
      {"more names", request_for({"shop.test", "www.shop.test"}, site.key())},
      {"the account's key", request_for({"shop.test"}, client.key())},
      {"a wrong signature", broken_request},
      {"no request", {1, 2, 3}},
  };
  for (const auto& [name, request] : bad) {
    expect_refused(finalize(url, request), server_rules::bad_csr, name);
    EXPECT_EQ(json_in(ca.post(client, url)).at("status"), "ready") << "it may be tried again";
  }
  EXPECT_EQ(json_in(finalize(url, good)).at("status"), "valid");
  expect_refused(finalize(url, good), server_rules::order_not_ready, "twice");
}

TEST_F(AcmeServer, TakesReasonsOfOwnersAlone) {
  const auto leaf = leaf_at(issued({"shop.test"}));
  for (const TestJson& reason :
       {TestJson(2), TestJson(6), TestJson(7), TestJson(-1), TestJson("keyCompromise"), TestJson(1.5)}) {
    TestJson payload = revocation_of(*leaf);
    payload["reason"] = reason;
    expect_refused(ca.post(client, "/acme/revoke", payload), server_rules::bad_revocation_reason, reason.dump());
  }
  TestJson payload = revocation_of(*leaf);
  payload["reason"] = 1;
  EXPECT_EQ(ca.post(client, "/acme/revoke", payload).status, 200);
}

TEST_F(AcmeServer, StopsLookingAtANameThatIsNeverProved) {
  ca.seen = broken(server_rules::incorrect_response, "a page");
  for (std::size_t at = 0; at < server_limits::failed_validations; ++at)
    prove(json_in(order({"shop.test"})).at("authorizations").at(0));
  const std::string authorization = json_in(order({"shop.test"})).at("authorizations").at(0);
  const std::string challenge = json_in(ca.post(client, authorization)).at("challenges").at(0).at("url");
  const Response response = ca.post(client, challenge, TestJson::object());
  expect_refused(response, server_rules::rate_limited, "looks");
  EXPECT_TRUE(response.fields.find("Retry-After"));
  ca.now.monotonic += std::chrono::hours(1);
  EXPECT_EQ(ca.post(client, challenge, TestJson::object()).status, 200);
}

TEST_F(AcmeServer, KeepsSoManyNoncesAndNoMore) {
  const std::string first(ca.get("/acme/new-nonce").fields.find("Replay-Nonce").value());
  for (std::size_t at = 0; at < server_limits::nonces; ++at) ca.get("/acme/new-nonce");
  expect_refused(with_header(ca, client, [&](TestJson& one) { one["nonce"] = first; }), server_rules::bad_nonce,
                 "the oldest");
  EXPECT_EQ(ca.post(client, client.account).status, 200);
}

/// Whatever is cut from a request, the server answers, and nothing is had by it.
TEST_F(AcmeServer, AnswersRequestsThatAreCut) {
  const std::string body =
      client.jws(ca.header(client, "https://ca.test/acme/new-order"), names_of({"shop.test"}).dump()).dump();
  for (std::size_t size = 0; size < body.size(); ++size) {
    const Response response = ca.send(order_path, body.substr(0, size));
    EXPECT_GE(response.status, 400) << size;
  }
  EXPECT_EQ(ca.send(order_path, body).status, 201) << "none of them has used the nonce up";
}

}  // namespace
}  // namespace padlock::acme

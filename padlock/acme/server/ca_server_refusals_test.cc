#include "padlock/acme/server/ca_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "padlock/acme/server/limits.h"
#include "padlock/acme/server/test_server.h"

namespace padlock::acme {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the whole of a test's tools

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
      // in the server's other tests:
      server_rules::account_deactivated.code, server_rules::already_revoked.code, server_rules::already_replaced.code,
      server_rules::bad_csr.code, server_rules::bad_revocation_reason.code, server_rules::incorrect_response.code,
      server_rules::malformed_record.code, server_rules::unauthorized_record.code,
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

TEST_F(AcmeServer, WantsAnExternalAccountWhereItIsToldTo) {
  ca.external_account_required = true;
  ca.restart();
  expect_refused(with_account(ca, TestJson::object()), server_rules::external_account_required, "no binding");
  EXPECT_EQ(with_binding(ca, [](TestJson&, std::string&) {}).status, 201);
}

TEST_F(AcmeServer, KeepsSoManyNoncesAndNoMore) {
  const std::string first(ca.get("/acme/new-nonce").fields.find("Replay-Nonce").value());
  for (std::size_t at = 0; at < server_limits::nonces; ++at) ca.get("/acme/new-nonce");
  expect_refused(with_header(ca, client, [&](TestJson& one) { one["nonce"] = first; }), server_rules::bad_nonce,
                 "the oldest");
  EXPECT_EQ(ca.post(client, client.account).status, 200);
}

}  // namespace
}  // namespace padlock::acme

#include "padlock/acme/server/ca_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/acme/server/test_server.h"

namespace padlock::acme {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the whole of a test's tools

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

}  // namespace
}  // namespace padlock::acme

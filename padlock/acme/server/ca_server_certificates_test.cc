#include "padlock/acme/server/ca_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "padlock/acme/server/test_server.h"

namespace padlock::acme {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the whole of a test's tools

TEST_F(AcmeServer, GivesCertificatesOfItsProfiles) {
  EXPECT_EQ(leaf_at(issued({"shop.test"}))->not_after, test_now + std::chrono::days(90));
  EXPECT_EQ(leaf_at(issued({"shop.test"}, {{"profile", "shortlived"}}))->not_after, test_now + std::chrono::days(7));
}

TEST_F(AcmeServer, SaysSoIfItCannotSign) {
  ca.signs = false;
  const std::string url = ready_order({"shop.test"});
  const TestJson done = json_in(finalize(url, request_for({"shop.test"}, site.key())));
  EXPECT_EQ(done.at("status"), "invalid");
  EXPECT_EQ(done.at("error").at("type"), "urn:ietf:params:acme:error:serverInternal");
  EXPECT_FALSE(done.contains("certificate"));
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

}  // namespace
}  // namespace padlock::acme

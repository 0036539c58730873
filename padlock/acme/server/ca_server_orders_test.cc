#include "padlock/acme/server/ca_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "padlock/acme/server/limits.h"
#include "padlock/acme/server/test_server.h"

namespace padlock::acme {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the whole of a test's tools
using ::testing::HasSubstr;

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

/// draft-ietf-acme-dns-persist-01, section 3.1: no token, but who is to be named; and whom a look wants named.
TEST_F(AcmeServer, ProvesNamesByPersistentRecordsWhereItIsToldTo) {
  ca.challenges = {ChallengeType::dns_persist_01};
  ca.restart();
  ca.looks = false;
  EXPECT_EQ(json_in(ca.get("/directory")).at("meta").at("caaIdentities"), (TestJson{"ca.test", "ca.internal"}));
  EXPECT_EQ(order({"10.0.0.1"}).status, 403) << "an address has no records";
  const TestJson made = json_in(order({"*.shop.test"}));
  const std::string url = made.at("authorizations").at(0);
  const TestJson challenge = json_in(ca.post(client, url)).at("challenges").at(0);
  EXPECT_EQ(challenge.at("type"), "dns-persist-01");
  EXPECT_FALSE(challenge.contains("token"));
  EXPECT_EQ(challenge.at("issuer-domain-names"), (TestJson{"ca.test", "ca.internal"}));
  EXPECT_EQ(challenge.at("accounturi"), client.account);
  EXPECT_EQ(ca.post(client, challenge.at("url").get<std::string>(), TestJson::object()).status, 200);
  ASSERT_EQ(ca.looked_at.size(), 1U);
  const PersistentProof wanted{{"ca.test", "ca.internal"}, client.account};
  EXPECT_EQ(ca.looked_at.front().wanted.persistent, wanted);
  ca.restart();
  ASSERT_EQ(ca.looked_at.size(), 2U) << "what was being looked at begins anew";
  EXPECT_EQ(ca.looked_at.back().wanted.persistent, wanted);
  ca.server->on_validated(ca.looked_at.back(), {}, ca.now);
  EXPECT_EQ(json_in(ca.post(client, url)).at("status"), "valid");
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

TEST_F(AcmeServer, TellsWhatIsWrongWithEachName) {
  const Response response = order({"forbidden.test", "www.forbidden.test", "shop.test"});
  const TestJson subproblems = json_in(response).at("subproblems");
  ASSERT_EQ(subproblems.size(), 2U);
  EXPECT_EQ(subproblems.at(0).at("identifier"), (TestJson{{"type", "dns"}, {"value", "forbidden.test"}}));
  EXPECT_EQ(subproblems.at(0).at("type"), "urn:ietf:params:acme:error:rejectedIdentifier");
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

}  // namespace
}  // namespace padlock::acme

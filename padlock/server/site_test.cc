#include "padlock/server/site.h"

#include <gtest/gtest.h>

#include <array>

#include "padlock/http/rules.h"
#include "padlock/server/router.h"
#include "padlock/server/rules.h"
#include "padlock/server/test_credential.h"

namespace padlock::server {
namespace {

using testing::make_self_signed;

const x509::IpAddress loopback = x509::parse_ip_address("127.0.0.1").value();
const std::array ecdsa{tls::SignatureScheme::ecdsa_secp256r1_sha256};

/// With a certificate for these names, or for `certified`.
std::shared_ptr<const Site> site(const std::vector<std::string>& names,
                                 const std::vector<std::string>& certified = {}) {
  const auto& held = certified.empty() ? names : certified;
  return make_site(names, Credentials::make({make_self_signed(held).site(held)}).value(),
                   make_route(std::make_shared<WrongPortHandler>()))
      .value();
}

TEST(Sites, HoldTheirNamesExactOnesFirst) {
  const auto a = site({"a.test", "www.a.test"}), b = site({"*.a.test"}), c = site({"127.0.0.1", "::1"});
  const auto sites = Sites::make({a, b, c}).value();
  EXPECT_EQ(sites->find("a.test"), a.get());
  EXPECT_EQ(sites->find("www.a.test."), a.get());
  EXPECT_EQ(sites->find("x.a.test"), b.get());
  EXPECT_EQ(sites->find("127.0.0.1"), c.get());
  EXPECT_EQ(sites->find("::1"), c.get());
  for (const auto* host : {"", ".a.test", "y.x.a.test", "b.test", "127.0.0.2", "*.b.test", "test"})
    EXPECT_EQ(sites->find(host), nullptr) << host;
}

TEST(Sites, AreChosenByTheNameThatTheClientSends) {
  const auto a = site({"a.test"}), b = site({"*.b.test"});
  const auto sites = Sites::make({a, b}).value();
  EXPECT_EQ(sites->choose("a.test", loopback, ecdsa)->site, a.get());
  EXPECT_EQ(sites->choose("x.b.test", loopback, ecdsa)->site, b.get());
  EXPECT_EQ(sites->choose("c.test", loopback, ecdsa).error().rule, &rules::unknown_server_name);
  EXPECT_EQ(sites->choose(std::nullopt, loopback, ecdsa).error().rule, &rules::no_server_name);
  EXPECT_EQ(rules::unknown_server_name.alert, AlertDescription::unrecognized_name);
  EXPECT_EQ(rules::no_server_name.alert, AlertDescription::missing_extension);
}

TEST(Sites, WithoutANameAreChosenByTheLocalAddressAndThenByTheFallback) {
  const auto a = site({"a.test"}), b = site({"127.0.0.1"});
  EXPECT_EQ(Sites::make({a, b}).value()->choose(std::nullopt, loopback, ecdsa)->site, b.get());
  const auto with_fallback = Sites::make({a, b}, "a.test").value();
  EXPECT_EQ(with_fallback->choose(std::nullopt, loopback, ecdsa)->site, b.get());
  EXPECT_EQ(with_fallback->choose(std::nullopt, *x509::parse_ip_address("::1"), ecdsa)->site, a.get());
  EXPECT_EQ(with_fallback->choose("unknown.test", loopback, ecdsa).error().rule, &rules::unknown_server_name);
}

TEST(Sites, MayBeNoneYet) {
  const auto sites = Sites::make({}).value();
  EXPECT_EQ(sites->find("a.test"), nullptr);
  EXPECT_EQ(sites->choose("a.test", {}, {}).error().rule, &rules::unknown_server_name);
}

TEST(Sites, HaveOneForNamesOnDemand) {
  const auto a = site({"a.test", "::1"}), b = site({"*.b.test"});
  const auto sites = Sites::make({a, b}, std::nullopt, OnDemandSite{"a.test", {Names({"*.shop.test"}), false}}).value();
  EXPECT_EQ(sites->find("x.shop.test"), a.get());
  EXPECT_EQ(sites->on_demand("x.shop.test."), a.get());
  EXPECT_EQ(sites->choose("x.shop.test", loopback, ecdsa).error().rule, &rules::unknown_server_name)
      << "it has no certificate of that name";
  for (const auto* const host : {"a.test", "x.b.test"}) {
    EXPECT_NE(sites->find(host), nullptr) << host;
    EXPECT_EQ(sites->on_demand(host), nullptr) << host;
  }
  for (const auto* const host : {"shop.test", "c.test", "127.0.0.1", ""}) EXPECT_EQ(sites->find(host), nullptr) << host;
  EXPECT_EQ(sites->without_name(loopback), nullptr);
}

TEST(Sites, ThatContradictThemselvesAreRefused) {
  EXPECT_EQ(Sites::make({site({"a.test"}), site({"b.test", "a.test"})}).error().rule, &rules::name_taken);
  EXPECT_EQ(Sites::make({site({"a.test"})}, "b.test").error().rule, &rules::fallback_unknown);
  EXPECT_EQ(Sites::make({site({"a.test"})}, std::nullopt, OnDemandSite{"x.shop.test", {{}, true}}).error().rule,
            &rules::on_demand_site_unknown);
  const auto lacking =
      make_site({"a.test", "b.test"}, Credentials::make({make_self_signed({"a.test"}).site({"a.test"})}).value(),
                make_route(std::make_shared<WrongPortHandler>()));
  EXPECT_EQ(lacking.error().rule, &rules::certificate_lacks_name);
  const auto wildcard = Credentials::make({make_self_signed({"*.a.test"}).site({"*.a.test"})}).value();
  EXPECT_TRUE(make_site({"*.a.test", "x.a.test"}, wildcard, make_route(std::make_shared<WrongPortHandler>())));
  EXPECT_FALSE(make_site({"a.test"}, wildcard, make_route(std::make_shared<WrongPortHandler>())));
}

// ---- requests -------------------------------------------------------------------------------------------------------

http::Request request(std::string_view authority) {
  return {.method = "GET", .scheme = "https", .authority = std::string(authority), .target = "/", .fields = {}};
}

/// 0: it is routed to a handler.
int refusal(const Router& router, std::string_view authority) {
  const auto routed = router.route(request(authority));
  return routed ? 0 : routed.error().rule->status;
}

TEST(Router, ServesHostsThatTheHandshakesCertificateHolds) {
  const auto a = site({"a.test", "::1"}), b = site({"b.test"}), shared = site({"c.test"}, {"c.test", "a.test"});
  const auto snapshot = make_snapshot({.sites = Sites::make({a, b, shared}).value()}, 443);
  const auto by_name = [&](const std::string& name) {
    return HttpsRouter(snapshot, snapshot->sites->choose(name, loopback, ecdsa).value());
  };
  const HttpsRouter router = by_name("a.test");
  for (const auto* host : {"a.test", "a.test:1", "a.test.", "[::1]:8443", ""})
    EXPECT_EQ(refusal(router, host), 0) << host;
  for (const auto* host : {"b.test", "c.test", "127.0.0.1", "[::2]"}) EXPECT_EQ(refusal(router, host), 421) << host;
  EXPECT_EQ(refusal(router, "a test"), 400);
  EXPECT_EQ(by_name("a.test").route(request("")).value(), a->route.get());
  // Its certificate holds the other's name too, so a browser may use the connection for both.
  EXPECT_EQ(by_name("c.test").route(request("a.test")).value(), a->route.get());
  EXPECT_EQ(by_name("c.test").route(request("c.test")).value(), shared->route.get());
}

/// Two that may be on one connection by their certificates are not if they ask their clients for different things
/// (docs/threats.md, H7).
TEST(Router, KeepsSitesApartThatAskClientsForOtherThings) {
  const std::vector<std::string> all{"open.test", "closed.test", "too.test", "other.test"};
  const auto asking = [&](const std::string& name, std::shared_ptr<const tls::ClientAuthentication> asks) {
    SiteCredential one = make_self_signed(all).site(all);
    tls::Credential credential = *one.credential;
    credential.client_authentication = std::move(asks);
    one.credential = std::make_shared<const tls::Credential>(std::move(credential));
    return make_site({name}, Credentials::make({std::move(one)}).value(),
                     make_route(std::make_shared<WrongPortHandler>()))
        .value();
  };
  const auto asks = [](const std::string& policy) {
    return std::make_shared<const tls::ClientAuthentication>(tls::ClientAuthentication{.policy = policy});
  };
  const auto snapshot =
      make_snapshot({.sites = Sites::make({asking("open.test", nullptr), asking("closed.test", asks("one")),
                                           asking("too.test", asks("one")), asking("other.test", asks("two"))})
                                  .value()},
                    443);
  const auto refusals = [&](const std::string& name) {
    const HttpsRouter router(snapshot, snapshot->sites->choose(name, loopback, ecdsa).value());
    std::vector<int> statuses;
    statuses.reserve(all.size());
    for (const std::string& host : all) statuses.push_back(refusal(router, host));
    return statuses;
  };
  EXPECT_EQ(refusals("open.test"), (std::vector<int>{0, 421, 421, 421}));
  EXPECT_EQ(refusals("closed.test"), (std::vector<int>{421, 0, 0, 421}));
  EXPECT_EQ(refusals("other.test"), (std::vector<int>{421, 421, 421, 0}));
  const HttpsRouter router(snapshot, snapshot->sites->choose("open.test", loopback, ecdsa).value());
  EXPECT_EQ(router.route(request("closed.test")).error().rule, &rules::other_clients);
}

TEST(Router, OfPlainHttpRedirectsTheHostsOfAllSites) {
  const auto snapshot = make_snapshot({.sites = Sites::make({site({"a.test"}), site({"*.b.test"})}).value()}, 443);
  const PlainRouter router(snapshot);
  for (const auto* host : {"a.test", "a.test:80", "x.b.test", ""}) EXPECT_EQ(refusal(router, host), 0) << host;
  for (const auto* host : {"b.test", "c.test"}) EXPECT_EQ(refusal(router, host), 421) << host;
  EXPECT_EQ(router.route(request("a.test")).value(), &snapshot->redirect);
}

}  // namespace
}  // namespace padlock::server

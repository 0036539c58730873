// Handshakes by the engine of TLS with what sites say of their policies.
#include "padlock/server/site_policies.h"

#include <gtest/gtest.h>

#include "padlock/server/folder_handler.h"
#include "padlock/server/handler.h"
#include "padlock/server/router.h"
#include "padlock/server/rules.h"
#include "padlock/server/test_credential.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/testing/sessions.h"

namespace padlock::server {
namespace {

using namespace std::chrono_literals;
using tls::Policy;
using tls::ProtocolVersion;
using tls::testing::later;
using tls::testing::Pair;
using tls::testing::resume;
using tls::testing::SessionPtr;

std::shared_ptr<const Site> site(const std::string& name, std::optional<Policy> policy) {
  const std::vector<std::string> names{name};
  return make_site(names, Credentials::make({testing::make_self_signed(names).site(names)}).value(),
                   make_route(std::make_shared<WrongPortHandler>()), policy)
      .value();
}

const auto address = *x509::parse_ip_address("127.0.0.1");

/// weak.test takes TLS 1.2, strict.test does not, and other.test is as the server is.
struct Servers {
  std::shared_ptr<tls::TicketKeys> keys = tls::testing::ticket_keys();

  TlsConfigs configs(Policy server, std::optional<Policy> weak = Policy::intermediate,
                     std::optional<std::string> fallback = std::nullopt) const {
    auto common = std::make_shared<tls::ServerConfig>();
    common->policy = server;
    common->ticket_keys = keys;
    return {common, Sites::make({site("weak.test", weak), site("strict.test", Policy::modern),
                                 site("other.test", std::nullopt)},
                                std::move(fallback))
                        .value()};
  }
};

tls::ClientConfig client(ProtocolVersion most) {
  tls::ClientConfig config;
  config.policy = Policy::intermediate;
  config.max_version = most;
  config.resumption = true;
  return config;
}

Pair shake(const TlsConfigs& configs, const std::string& name, ProtocolVersion most, SessionPtr session = nullptr) {
  return resume(client(most), *configs.for_address(address), std::move(session), later(1s), name);
}

TEST(SitePolicies, HoldForTheirNamesAlone) {
  for (const Policy server : {Policy::modern, Policy::intermediate}) {
    const TlsConfigs configs = Servers{}.configs(server);
    const auto version = [&](const std::string& name, ProtocolVersion most) {
      const Pair pair = shake(configs, name, most);
      return pair.client.complete ? pair.client.connection.info().version : std::nullopt;
    };
    for (const char* name : {"weak.test", "strict.test", "other.test", "unknown.test"})
      EXPECT_EQ(version(name, ProtocolVersion::TLS_1_3), ProtocolVersion::TLS_1_3) << name;
    EXPECT_EQ(version("weak.test", ProtocolVersion::TLS_1_2), ProtocolVersion::TLS_1_2);
    EXPECT_EQ(version("strict.test", ProtocolVersion::TLS_1_2), std::nullopt);
    EXPECT_EQ(version("other.test", ProtocolVersion::TLS_1_2).has_value(), server == Policy::intermediate);
  }
}

TEST(SitePolicies, RefuseByTheAlertOfVersions) {
  const Pair pair = shake(Servers{}.configs(Policy::intermediate), "strict.test", ProtocolVersion::TLS_1_2);
  ASSERT_TRUE(pair.server.failed);
  EXPECT_EQ(pair.server.failed->error.rule, &tls::rules::version_not_supported);
}

TEST(SitePolicies, HoldForClientsThatNameNobody) {
  const auto version = [](const std::string& fallback) {
    const TlsConfigs configs = Servers{}.configs(Policy::intermediate, Policy::intermediate, fallback);
    const Pair pair = shake(configs, "192.0.2.1", ProtocolVersion::TLS_1_2);  // an address is not said in a hello
    return pair.client.complete;
  };
  EXPECT_TRUE(version("weak.test"));
  EXPECT_FALSE(version("strict.test"));
  const TlsConfigs configs = Servers{}.configs(Policy::intermediate, Policy::intermediate, "strict.test");
  EXPECT_TRUE(shake(configs, "other.test", ProtocolVersion::TLS_1_2).client.complete)
      << "the fallback is for those who name nobody";
}

TEST(SitePolicies, BindSessions) {  // docs/threats.md, T26
  const Servers servers;
  const TlsConfigs configs = servers.configs(Policy::intermediate);
  for (const ProtocolVersion version : {ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3}) {
    Pair first = shake(configs, "weak.test", version);
    ASSERT_FALSE(first.client.sessions.empty());
    const SessionPtr session = first.client.sessions.front();
    EXPECT_TRUE(shake(configs, "weak.test", version, session).client.connection.info().resumed);

    auto stolen = tls::testing::copy_of(*session);
    stolen->server_name = "strict.test";
    const Pair elsewhere = shake(configs, "strict.test", ProtocolVersion::TLS_1_3, stolen);
    EXPECT_TRUE(elsewhere.client.complete);
    EXPECT_FALSE(elsewhere.client.connection.info().resumed) << "a weak site's session is nothing to a strict one";
  }
}

TEST(SitePolicies, EndSessionsThatAreTooWeakForThem) {
  const Servers servers;
  Pair first = shake(servers.configs(Policy::intermediate), "weak.test", ProtocolVersion::TLS_1_2);
  ASSERT_FALSE(first.client.sessions.empty());
  const TlsConfigs stricter = servers.configs(Policy::intermediate, Policy::modern);
  const Pair again = shake(stricter, "weak.test", ProtocolVersion::TLS_1_2, first.client.sessions.front());
  ASSERT_TRUE(again.server.failed);
  EXPECT_EQ(again.server.failed->error.rule, &tls::rules::version_not_supported);
}

TEST(SitePolicies, KeepConnectionsOfWeakerOnesOut) {
  const std::vector<std::string> names{"weak.test", "strict.test"};
  const auto credentials = Credentials::make({testing::make_self_signed(names).site(names)}).value();
  const auto route = make_route(std::make_shared<WrongPortHandler>());
  Service service;
  service.sites = Sites::make({make_site({"weak.test"}, credentials, route).value(),
                               make_site({"strict.test"}, credentials, route, Policy::modern).value()})
                      .value();
  const auto snapshot = make_snapshot(service, 443);
  const auto ask = [&](const std::string& connected, const std::string& host) -> const Rule* {
    const HttpsRouter router(snapshot, snapshot->sites->choose(connected, address, {}).value());
    const auto found = router.route({"GET", "https", host, "/", {}});
    return found ? nullptr : found.error().rule;
  };
  EXPECT_EQ(ask("weak.test", "weak.test"), nullptr);
  EXPECT_EQ(ask("weak.test", "strict.test"), &rules::other_policy);
  EXPECT_EQ(ask("strict.test", "weak.test"), nullptr) << "what is strict enough there is so here";
}

TEST(SitePolicies, CostNothingWhereThereAreNone) {
  auto common = std::make_shared<tls::ServerConfig>();
  const TlsConfigs configs(common, Sites::make({site("one.test", std::nullopt)}).value());
  EXPECT_EQ(configs.for_address(address), common);
  EXPECT_FALSE(common->by_name);
}

}  // namespace
}  // namespace padlock::server

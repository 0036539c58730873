#include "padlock/server/on_demand/certificates.h"

#include <gtest/gtest.h>

#include <thread>

#include "padlock/server/rules.h"
#include "padlock/server/test_serving.h"

namespace padlock::server {
namespace {

using namespace std::chrono_literals;
using testing::Client;
using testing::make_self_signed;

std::shared_ptr<const SiteCredential> credential(const std::string& name) {
  return std::make_shared<const SiteCredential>(make_self_signed({name}).site({name}));
}

/// A server whose site has names on demand below shop.test, and somebody who gets their certificates.
class ServingOnDemand : public testing::Serving {
 protected:
  void start(std::chrono::nanoseconds patience = 5s) {
    certificates_ = std::make_shared<OnDemandCertificates>(patience);
    service_.on_demand = certificates_;
    service_.sites = Sites::make({folder_site({"localhost", "*.taken.test"}, "site")}, std::nullopt,
                                 OnDemandSite{"localhost", {Names({"*.shop.test"}), false}})
                         .value();
    server_ = Server::open(options_, service_).value();
    server_->start();
  }
  /// What does `work` for each name that is asked for.
  std::jthread worker(std::function<void(const std::string&)> work) {
    return std::jthread([this, work = std::move(work)](const std::stop_token& stop) {
      for (; !stop.stop_requested(); std::this_thread::sleep_for(1ms))
        while (const auto name = certificates_->next()) {
          asked_.push_back(*name);
          work(*name);
        }
    });
  }
  /// The code of the alert that a client hears; empty: its handshake is done.
  std::string refusal(const std::string& name) {
    Client client(https(), name);
    return client.shaken() ? "" : client.shaken().error().what;
  }
  /// An alert may arrive before it is counted.
  void until_failures(const Rule& rule, std::uint64_t count) {
    const auto counted = [&] {
      const auto counts = server_->counts();
      const auto found = counts.handshake_failures.find(rule.code);
      return found == counts.handshake_failures.end() ? 0 : found->second;
    };
    for (int left = 1000; left > 0 && counted() < count; --left) std::this_thread::sleep_for(5ms);
    EXPECT_EQ(counted(), count) << rule.code;
  }

  std::shared_ptr<OnDemandCertificates> certificates_;
  std::vector<std::string> asked_;
};

std::string page_of(const net::Endpoint& server, const std::string& name, const std::string& host) {
  Client client(server, name);
  return client.ask("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
}

TEST_F(ServingOnDemand, AHandshakeWaitsForItsCertificate) {
  start();
  {
    const auto working = worker([&](const std::string& name) {
      std::this_thread::sleep_for(200ms);
      EXPECT_FALSE(certificates_->put(name, credential(name)));
    });
    std::vector<std::jthread> clients;
    clients.reserve(4);
    for (int at = 0; at < 4; ++at)
      clients.emplace_back(
          [&] { EXPECT_TRUE(page_of(https(), "a.shop.test", "a.shop.test").ends_with("<p>hello</p>")); });
  }
  EXPECT_EQ(asked_, std::vector<std::string>{"a.shop.test"}) << "once for all of them";
  EXPECT_TRUE(page_of(https(), "a.shop.test", "a.shop.test").ends_with("<p>hello</p>")) << "nobody is asked again";
  EXPECT_TRUE(page_of(https(), "a.shop.test", "b.shop.test").starts_with("HTTP/1.1 421 "));
  EXPECT_TRUE(page_of(https(), "a.shop.test", "localhost").starts_with("HTTP/1.1 421 "));
  EXPECT_EQ(certificates_->counts().certificates, 1U);
}

TEST_F(ServingOnDemand, OtherNamesAreRefusedAtOnceAndNobodyIsAsked) {  // docs/threats.md, A11
  start();
  for (const auto* const name : {"shop.test", "y.x.shop.test", "b.test", "a.b.taken.test"})
    EXPECT_NE(refusal(name).find("unrecognized_name"), std::string::npos) << name << refusal(name);
  until_failures(rules::unknown_server_name, 4);
  EXPECT_EQ(refusal("x.taken.test"), "") << "a site's";
  EXPECT_FALSE(certificates_->next());
}

TEST_F(ServingOnDemand, ARefusalIsToldWhyAndCounted) {
  start();
  const std::map<std::string, const Rule*> reasons{{"a.shop.test", &rules::on_demand_not_allowed},
                                                   {"b.shop.test", &rules::on_demand_unanswered},
                                                   {"c.shop.test", &rules::on_demand_failed},
                                                   {"d.shop.test", &rules::on_demand_put_off}};
  const auto working = worker([&](const std::string& name) { certificates_->refuse(name, *reasons.at(name), 1h); });
  for (const auto& [name, why] : reasons) {
    for (int at = 0; at < 2; ++at)
      EXPECT_NE(refusal(name).find("unrecognized_name"), std::string::npos) << refusal(name);
    until_failures(*why, 2);
  }
}

TEST_F(ServingOnDemand, NobodyWaitsForLongerThanThatAndTheNameIsTheresLater) {
  start(50ms);
  EXPECT_NE(refusal("a.shop.test").find("unrecognized_name"), std::string::npos);
  until_failures(rules::on_demand_pending, 1);
  EXPECT_EQ(certificates_->next(), "a.shop.test");
  EXPECT_FALSE(certificates_->put("a.shop.test", credential("a.shop.test")));
  EXPECT_EQ(refusal("a.shop.test"), "");
  certificates_->drop("a.shop.test");
  EXPECT_NE(refusal("a.shop.test").find("unrecognized_name"), std::string::npos);
}

TEST_F(ServingOnDemand, PlainHttpLeadsToNamesThatMayBeAllowed) {
  start();
  const auto ask = [&](const std::string& host) {
    return Client(http(), std::nullopt).ask("GET /x HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  };
  EXPECT_TRUE(ask("a.shop.test").starts_with("HTTP/1.1 308 "));
  EXPECT_TRUE(ask("a.other.test").starts_with("HTTP/1.1 421 "));
}

TEST_F(ServingOnDemand, AServerThatEndsLeavesNobodyWaiting) {
  start(1h);
  std::jthread client([&] { EXPECT_NE(refusal("a.shop.test"), ""); });
  while (!certificates_->next()) std::this_thread::sleep_for(1ms);
  server_.reset();
}

TEST(OnDemandKept, MakeRoomForNewOnes) {
  const auto certificates = std::make_shared<OnDemandCertificates>();
  const auto shared = credential("a.test");
  for (std::size_t at = 0; at < limits::on_demand_kept; ++at)
    EXPECT_FALSE(certificates->put("n" + std::to_string(at) + ".test", shared));
  EXPECT_NE(certificates->find("n0.test"), nullptr);
  EXPECT_FALSE(certificates->put("n5.test", shared)) << "another of the same name";
  EXPECT_EQ(certificates->put("more.test", shared), "n1.test") << "which was not used for the longest time";
  EXPECT_EQ(certificates->find("n1.test"), nullptr);
  EXPECT_EQ(certificates->counts().certificates, limits::on_demand_kept);
}

TEST(OnDemandKept, GoWhenTheyAreWantedElsewhere) {
  const auto certificates = std::make_shared<OnDemandCertificates>();
  for (const auto* const name : {"a.test", "b.test", "c.test"}) EXPECT_FALSE(certificates->put(name, credential(name)));
  EXPECT_EQ(certificates->drop_if([](const std::string& name) { return name != "b.test"; }),
            (std::vector<std::string>{"a.test", "c.test"}));
  EXPECT_EQ(certificates->find("a.test"), nullptr);
  EXPECT_NE(certificates->find("b.test"), nullptr);
}

TEST(OnDemandKept, RingWhenThereIsANameToBeginWith) {
  const auto certificates = std::make_shared<OnDemandCertificates>();
  int rings = 0;
  certificates->when_asked([&] { ++rings; });
  const net::IpAddress client = *x509::parse_ip_address("192.0.2.1");
  EXPECT_TRUE(certificates->enter("a.test", client));
  EXPECT_TRUE(certificates->enter("a.test", client));
  EXPECT_EQ(rings, 1);
  EXPECT_EQ(certificates->next(), "a.test");
  EXPECT_EQ(certificates->next(), std::nullopt);
  EXPECT_EQ(certificates->order("a.test"), nullptr);
  certificates->refuse("a.test", rules::on_demand_failed, 1h);
  const auto refused = certificates->enter("a.test", client);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rule, &rules::on_demand_failed);
}

}  // namespace
}  // namespace padlock::server

#include "padlock/server/on_demand/plan.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "padlock/server/limits.h"
#include "padlock/server/on_demand/rule.h"
#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

using namespace std::chrono_literals;
using Turn = OnDemandPlan::Turn;

net::IpAddress address(const std::string& text) { return x509::parse_ip_address(text).value(); }
net::IpAddress client(std::size_t number) {
  return address("10." + std::to_string(number / 65536) + "." + std::to_string(number / 256 % 256) + "." +
                 std::to_string(number % 256));
}
std::string name(std::size_t number) { return "n" + std::to_string(number) + ".d" + std::to_string(number) + ".test"; }

class OnDemandPlans : public ::testing::Test {
 protected:
  /// What a handshake for this name hears, as a rule; null: it waits.
  const Rule* ask(const std::string& wanted, const net::IpAddress& from) {
    const auto turn = plan_.enter(wanted, from, now_);
    if (turn) plan_.leave(from);
    return turn ? nullptr : turn.error();
  }
  void pass(std::chrono::seconds time) {
    now_.monotonic += time;
    now_.wall += time;
  }

  OnDemandPlan plan_;
  Instant now_{std::chrono::hours(1000), WallTime(std::chrono::seconds(1'800'000'000))};
};

TEST(OnDemandRules, RuleOutWhatIsNoDomainName) {
  const OnDemandRule anything{{}, true};
  for (const auto* const host : {"a.test", "x-1.a.test", "xn--bcher-kva.example", "1.2.3.de"})
    EXPECT_TRUE(anything.may_allow(host)) << host;
  for (const auto* const host : {"", "localhost", "192.0.2.1", "::1", "a.1", "a_b.test", "-a.test", "a..test", ".test",
                                 "a.", "*.a.test", "A.TEST", "a.test.", "\xc3\xbc.test"})
    EXPECT_FALSE(anything.may_allow(host)) << host;
  EXPECT_FALSE(anything.may_allow(std::string(64, 'a') + ".test"));
}

TEST(OnDemandRules, AllowTheirNamesAndOneLabelInPlaceOfAStar) {
  const OnDemandRule rule{Names({"Shop.test", "*.a.test"}), false};
  for (const auto* const host : {"shop.test", "x.a.test"}) EXPECT_TRUE(rule.may_allow(host)) << host;
  for (const auto* const host : {"a.test", "y.x.a.test", "b.test", "x.shop.test"})
    EXPECT_FALSE(rule.may_allow(host)) << host;
}

TEST_F(OnDemandPlans, HaveOneOrderANameWhichOthersJoin) {
  EXPECT_EQ(plan_.enter("a.test", client(1), now_), Turn::begins);
  EXPECT_EQ(plan_.enter("a.test", client(2), now_), Turn::joins);
  EXPECT_TRUE(plan_.at_work("a.test"));
  plan_.served("a.test");
  EXPECT_FALSE(plan_.at_work("a.test"));
  EXPECT_EQ(plan_.why_refused("a.test", now_), nullptr);
}

TEST_F(OnDemandPlans, RememberWhatWasRefusedForItsTime) {
  EXPECT_EQ(ask("a.test", client(1)), nullptr);
  plan_.refuse("a.test", rules::on_demand_not_allowed, limits::on_demand_refused_time, now_);
  EXPECT_EQ(ask("a.test", client(2)), &rules::on_demand_not_allowed);
  EXPECT_EQ(plan_.why_refused("a.test", now_), &rules::on_demand_not_allowed);
  EXPECT_EQ(ask("b.test", client(2)), nullptr) << "another name";
  pass(limits::on_demand_refused_time - 1s);
  EXPECT_EQ(ask("a.test", client(2)), &rules::on_demand_not_allowed);
  pass(1s);
  EXPECT_EQ(plan_.enter("a.test", client(2), now_), Turn::begins);
}

TEST_F(OnDemandPlans, HaveAClientAskForSoManyNewNames) {
  for (std::size_t at = 0; at < limits::on_demand_names_of_client; ++at) {
    EXPECT_EQ(ask(name(at), client(1)), nullptr);
    plan_.refuse(name(at), rules::on_demand_failed, 1s, now_);
  }
  EXPECT_EQ(ask("more.test", client(1)), &rules::on_demand_client);
  EXPECT_EQ(ask("more.test", client(2)), nullptr) << "another client";
  EXPECT_EQ(ask("more.test", client(1)), nullptr) << "somebody is at work on it already";
  plan_.know("known.test");
  EXPECT_EQ(ask("known.test", client(1)), nullptr) << "it is stored";
  pass(limits::on_demand_client_span / limits::on_demand_names_of_client);
  EXPECT_EQ(ask("later.test", client(1)), nullptr);
  EXPECT_EQ(ask("later still.test", client(1)), &rules::on_demand_client);
}

TEST_F(OnDemandPlans, TakeANetworkOfIpv6ForOneClient) {
  for (std::size_t at = 0; at < limits::on_demand_names_of_client; ++at)
    EXPECT_EQ(ask(name(at), address("2001:db8:0:1::" + std::to_string(at))), nullptr);
  EXPECT_EQ(ask("more.test", address("2001:db8:0:1:ffff::1")), &rules::on_demand_client);
  EXPECT_EQ(ask("more.test", address("2001:db8:0:2::1")), nullptr);
  for (std::size_t at = 0; at < limits::on_demand_waiting_of_client; ++at)
    EXPECT_TRUE(plan_.enter("more.test", address("2001:db8:0:3::" + std::to_string(at)), now_));
  EXPECT_EQ(ask("more.test", address("2001:db8:0:3:ffff::1")), &rules::on_demand_busy);
}

TEST_F(OnDemandPlans, LetSoManyHandshakesWait) {
  std::size_t waiting = 0;
  for (; waiting < limits::on_demand_waiting_of_client; ++waiting)
    EXPECT_TRUE(plan_.enter("a.test", client(0), now_)) << waiting;
  EXPECT_EQ(plan_.enter("a.test", client(0), now_).error(), &rules::on_demand_busy);
  for (; waiting < limits::on_demand_waiting; ++waiting) EXPECT_TRUE(plan_.enter("a.test", client(waiting), now_));
  EXPECT_EQ(plan_.enter("a.test", client(waiting), now_).error(), &rules::on_demand_busy);
  plan_.leave(client(0));
  EXPECT_TRUE(plan_.enter("a.test", client(waiting), now_));
}

TEST_F(OnDemandPlans, HaveSoManyNamesWorkedOn) {
  for (std::size_t at = 0; at < limits::on_demand_names_at_work; ++at) EXPECT_EQ(ask(name(at), client(at)), nullptr);
  EXPECT_EQ(ask("more.test", client(1000)), &rules::on_demand_busy);
  plan_.served(name(0));
  EXPECT_EQ(ask("more.test", client(1000)), nullptr);
}

TEST_F(OnDemandPlans, OrderSoManyNamesOfADomain) {
  for (std::size_t at = 0; at < limits::on_demand_orders_of_domain; ++at) {
    EXPECT_EQ(plan_.order("n" + std::to_string(at) + ".a.co.uk", now_), nullptr);
    pass(10s);
  }
  EXPECT_EQ(plan_.order("www.sub.a.co.uk", now_), &rules::on_demand_domain);
  EXPECT_EQ(plan_.order("www.b.co.uk", now_), nullptr) << "somebody else's";
  pass(limits::on_demand_domain_span - 100s);
  EXPECT_EQ(plan_.order("www.sub.a.co.uk", now_), nullptr) << "the first is an hour ago";
}

TEST_F(OnDemandPlans, OrderSoManyNamesInAMinuteAndInThreeHours) {
  std::size_t ordered = 0, refused = 0;
  for (int minute = 0; minute < 179; ++minute) {
    for (std::size_t at = 0; at < 2 * limits::on_demand_orders_in_burst; ++at) {
      const Rule* const why = plan_.order(name(ordered), now_);
      ++(why == nullptr ? ordered : refused);
      if (why != nullptr) {
        EXPECT_EQ(why, &rules::on_demand_orders);
      }
    }
    EXPECT_LE(ordered, (static_cast<std::size_t>(minute) + 1) * limits::on_demand_orders_in_burst);
    pass(1min);
  }
  EXPECT_EQ(ordered, limits::on_demand_orders) << "the other half of what a CA allows is for renewals";
  pass(1min);
  EXPECT_EQ(plan_.order(name(ordered), now_), nullptr);
}

TEST_F(OnDemandPlans, OfTenThousandUnknownNamesOfOneClientOrderAFew) {  // docs/threats.md, A11
  std::set<const Rule*> heard;
  std::size_t begun = 0, ordered = 0;
  for (std::size_t at = 0; at < 10'000; ++at) {
    const auto turn = plan_.enter(name(at), client(1), now_);
    if (!turn) {
      heard.insert(turn.error());
      continue;
    }
    ++begun;
    if (plan_.order(name(at), now_) == nullptr) ++ordered;
    plan_.refuse(name(at), rules::on_demand_failed, limits::on_demand_failed_time, now_);
    plan_.leave(client(1));
  }
  RecordProperty("names_of_one_client", 10'000);
  RecordProperty("names_begun", static_cast<int>(begun));
  RecordProperty("orders", static_cast<int>(ordered));
  EXPECT_EQ(begun, limits::on_demand_names_of_client);
  EXPECT_LE(ordered, limits::on_demand_names_of_client);
  EXPECT_EQ(heard, std::set{&rules::on_demand_client});
  EXPECT_EQ(ask("canary.test", client(2)), nullptr) << "another client is not harmed";
}

TEST_F(OnDemandPlans, KnowNoMoreNamesThanTheyHaveRoomFor) {
  for (std::size_t at = 0; at <= limits::on_demand_known; ++at) plan_.know(name(at));
  for (std::size_t at = 0; at < limits::on_demand_names_of_client; ++at)
    EXPECT_EQ(ask("new" + name(at), client(1)), nullptr);
  EXPECT_EQ(ask(name(limits::on_demand_known - 1), client(1)), nullptr);
  EXPECT_EQ(ask(name(limits::on_demand_known), client(1)), &rules::on_demand_client) << "as any other";
}

TEST_F(OnDemandPlans, RememberNoMoreRefusalsThanTheyHaveRoomFor) {
  const std::size_t many = limits::on_demand_refused;
  for (std::size_t at = 0; at < many; ++at) plan_.refuse(name(at), rules::on_demand_failed, 600s + at * 1ms, now_);
  plan_.refuse("more.test", rules::on_demand_failed, 600s, now_);
  EXPECT_EQ(plan_.why_refused(name(0), now_), nullptr) << "what is over first makes room";
  EXPECT_EQ(plan_.why_refused(name(1), now_), &rules::on_demand_failed);
  EXPECT_EQ(plan_.why_refused("more.test", now_), &rules::on_demand_failed);
  pass(700s);
  plan_.refuse("later.test", rules::on_demand_failed, 600s, now_);
  EXPECT_EQ(plan_.why_refused(name(1), now_), nullptr);
  EXPECT_EQ(plan_.why_refused("later.test", now_), &rules::on_demand_failed);
}

}  // namespace
}  // namespace padlock::server

#include "padlock/certs/renewal_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "padlock/certs/limits.h"

namespace padlock::certs {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr WallTime start{std::chrono::seconds(1'790'000'000)};

RenewalState lived(WallTime from, std::chrono::seconds life) { return {.not_before = from, .not_after = from + life}; }

// ---- when -----------------------------------------------------------------------------------------------------------

TEST(RenewAt, LeavesAThirdOfTheLifeAndSomewhatMore) {
  const WallTime at = renew_at(lived(start, days(90)), "shop.test");
  EXPECT_LE(at, start + days(60));
  EXPECT_GE(at, start + days(53));
}

TEST(RenewAt, LeavesHalfOfAShortLife) {
  const WallTime at = renew_at(lived(start, days(6)), "shop.test");
  EXPECT_LE(at, start + days(3));
  EXPECT_GE(at, start + days(2));
}

TEST(RenewAt, GoesByTheWindowOfTheCa) {
  RenewalState state = lived(start, days(90));
  state.window = RenewalWindow{start + days(10), start + days(11)};
  std::set<WallTime> times;
  for (int name = 0; name < 100; ++name) {
    const WallTime at = renew_at(state, std::to_string(name));
    EXPECT_GE(at, state.window->start);
    EXPECT_LT(at, state.window->end);
    times.insert(at);
  }
  EXPECT_GT(times.size(), 90U) << "each name has a place of its own";
}

TEST(RenewAt, IsNowForWhatDoesNotExist) { EXPECT_EQ(renew_at({}, "shop.test"), WallTime{}); }

TEST(Backoff, GrowsFromAMinuteToSixHours) {
  std::chrono::seconds before = 0s;
  for (unsigned failures = 1; failures < 40; ++failures) {
    const auto wait = backoff(failures, "shop.test");
    EXPECT_GE(wait, std::min<std::chrono::seconds>(before, 6h));
    EXPECT_GE(wait, 1min);
    EXPECT_LE(wait, 6h + 90min);
    before = wait;
  }
  EXPECT_GE(before, 6h);
}

TEST(Backoff, ObeysTheCaWithinReason) {
  EXPECT_EQ(backoff(1, "shop.test", 3h), 3h);
  EXPECT_LT(backoff(1, "shop.test", 1s), 90s);
  EXPECT_GE(backoff(1, "shop.test", 1s), 60s);
  EXPECT_EQ(backoff(1, "shop.test", days(400)), longest_retry_after);
}

// ---- the state as a value -------------------------------------------------------------------------------------------

TEST(RenewalStateText, ReadsBackWhatItWrites) {
  RenewalState state = lived(start, days(90));
  EXPECT_EQ(parse_renewal_state(write_renewal_state(state)), state);
  state.window = RenewalWindow{start + days(10), start + days(11)};
  state.ask_at = start + 6h;
  state.failures = 7;
  state.next_try = start + 1h;
  EXPECT_EQ(parse_renewal_state(write_renewal_state(state)), state);
}

TEST(RenewalStateText, IsNothingWhereItIsDamaged) {
  const std::string text = write_renewal_state(lived(start, days(90)));
  for (std::size_t at = 0; at < text.size(); ++at) EXPECT_FALSE(parse_renewal_state(text.substr(0, at))) << at;
  for (const auto* const wrong : {"", "\n", "a b c d e f g\n", "1 2 3 4 5 6 7 8\n", "-1 2 3 4 5 6 7\n"})
    EXPECT_FALSE(parse_renewal_state(wrong)) << wrong;
}

// ---- simulations: a CA, a clock, and many certificates --------------------------------------------------------------

/// A world in which time goes on by steps, and where our clock may tell another time than the CA's.
struct World {
  RenewalPlan plan;
  std::chrono::nanoseconds monotonic = 1h;
  WallTime truth = start;
  std::chrono::seconds clock_error = 0s;
  std::map<std::string, int> orders{};
  std::vector<std::chrono::nanoseconds> order_times{};

  Instant now() const { return {monotonic, truth + clock_error}; }
  void pass(std::chrono::seconds time) {
    monotonic += time;
    truth += time;
  }
  /// All that may be ordered now; `answer` says what becomes of each.
  void order_due(const std::function<void(const std::string&)>& answer) {
    while (const auto name = plan.next_order(now())) {
      ++orders[*name];
      order_times.push_back(monotonic);
      answer(*name);
    }
  }
  /// The most orders that lie within a span.
  std::size_t most_within(std::chrono::nanoseconds span) const {
    std::size_t most = 0;
    for (std::size_t first = 0, last = 0; last < order_times.size(); ++last) {
      while (order_times[last] - order_times[first] >= span) ++first;
      most = std::max(most, last - first + 1);
    }
    return most;
  }
};

TEST(RenewalPlan, OrdersTenThousandCertificatesOfOneDayWithinTheLimits) {  // docs/threats.md, A6
  World world;
  constexpr int count = 10'000;
  RenewalState state = lived(start, days(90));
  state.ask_at = start + days(90);  // nobody is asked for windows
  for (int number = 0; number < count; ++number) world.plan.put(std::to_string(number) + ".test", state);
  const WallTime end = start + days(90);
  world.pass(days(50));
  const auto renewed = [&](const std::string& name) {
    EXPECT_LT(world.truth, end) << "none expires";
    world.plan.succeeded(name, world.truth, world.truth + days(90), world.now());
    RenewalState next = *world.plan.find(name);
    next.ask_at = next.not_after;
    world.plan.put(name, next);
  };
  while (world.truth < start + days(80)) {
    world.order_due(renewed);
    world.pass(world.plan.idle_for(world.now(), 20min));
  }
  EXPECT_EQ(world.orders.size(), std::size_t{count});
  EXPECT_TRUE(std::ranges::all_of(world.orders, [](const auto& one) { return one.second == 1; }));
  EXPECT_LE(world.most_within(10s), 10U);
  EXPECT_LE(world.most_within(3h), 300U);
  RecordProperty("certificates", count);
  RecordProperty("most_orders_in_10_s", static_cast<int>(world.most_within(10s)));
}

TEST(RenewalPlan, AsksRarelyWhileTheCaIsAwayForThirtyDays) {  // A5
  World world;
  world.plan.put("shop.test", lived(start, days(90)));
  world.pass(days(60));
  const WallTime back = world.truth + days(30) - 1h;
  int failures = 0;
  while (world.truth < back) {
    world.order_due([&](const std::string& name) {
      ++failures;
      world.plan.failed(name, 0, std::nullopt, world.now());
      // A restart each time: the state is all that is left.
      const auto state = parse_renewal_state(write_renewal_state(*world.plan.find(name)));
      world.plan = RenewalPlan();
      world.plan.put(name, *state);
    });
    world.pass(30s);
  }
  EXPECT_GE(failures, 100) << "it does not give up";
  EXPECT_LE(failures, 135) << "nine in the first day, then one in six hours";
  RecordProperty("orders_in_30_days_without_a_ca", failures);
  while (world.orders["shop.test"] == failures && world.truth < back + days(1)) {
    world.order_due(
        [&](const std::string& name) { world.plan.succeeded(name, world.truth, world.truth + days(90), world.now()); });
    world.pass(30s);
  }
  EXPECT_LE(world.truth - back, 8h) << "and is there within the longest backoff";
}

TEST(RenewalPlan, NeverHasMoreThanFiveFailedValidationsOfANameInAnHour) {  // A5
  World world;
  std::mt19937_64 random(1);
  std::map<std::string, std::vector<std::chrono::nanoseconds>> failed;
  for (int number = 0; number < 50; ++number) world.plan.put(std::to_string(number), {});
  while (world.truth < start + days(2)) {
    world.order_due([&](const std::string& name) {
      failed[name].push_back(world.monotonic);
      world.plan.failed(name, 1, random() % 2 == 0 ? std::optional(1s) : std::nullopt, world.now());
      if (random() % 4 == 0) {  // somebody puts it in place anew, with nothing known of what failed
        world.plan.put(name, {});
      }
    });
    world.pass(10s);
  }
  for (const auto& [name, times] : failed) {
    for (std::size_t at = 5; at < times.size(); ++at) EXPECT_GE(times[at] - times[at - 5], 1h) << name;
  }
  EXPECT_LE(world.most_within(3h), 300U);
}

/// Steps of an hour and a year, forwards and back, at any moment. A CA's own certificate is good for some weeks: with a
/// clock that is further off no order comes about (AcmeClient verifies it); an hour is no reason to refuse what it
/// gives.
int orders_of_a_walk(unsigned seed, bool steps) {
  World world;
  std::mt19937_64 random(seed);
  world.plan.put("shop.test", lived(start, days(90)));
  WallTime held_until = start + days(90);
  int given = 0;
  constexpr std::array<std::chrono::seconds, 5> errors{0s, 1h, -1h, days(365), -days(365)};
  while (world.truth < start + days(200)) {
    if (steps && random() % 100 == 0) world.clock_error = errors.at(random() % errors.size());
    world.order_due([&](const std::string& name) {
      const bool reached = world.clock_error < days(30) && world.clock_error > -days(30);
      if (!reached) return world.plan.failed(name, 0, std::nullopt, world.now());
      ++given;
      EXPECT_LT(held_until, world.truth + days(90)) << "what is valid gives way to what is valid for longer alone";
      held_until = world.truth + days(90);
      world.plan.succeeded(name, world.truth, held_until, world.now());
    });
    world.pass(1h);
  }
  return given;
}

TEST(RenewalPlan, OrdersAtMostOnceMoreWhateverTheClockDoes) {  // A7
  const int without_steps = orders_of_a_walk(0, false);
  EXPECT_GE(without_steps, 3);
  constexpr unsigned walks = 1000;
  for (unsigned seed = 0; seed < walks; ++seed) EXPECT_LE(orders_of_a_walk(seed, true), without_steps + 1) << seed;
  RecordProperty("walks_of_a_clock", walks);
}

// ---- questions ------------------------------------------------------------------------------------------------------

TEST(RenewalPlan, AsksForWindowsAsOftenAsTheCaWants) {
  World world;
  world.plan.put("shop.test", lived(start, days(90)));
  EXPECT_EQ(world.plan.next_question(world.now()), "shop.test");
  EXPECT_EQ(world.plan.next_question(world.now()), std::nullopt) << "once";
  world.plan.told("shop.test", {start + days(1), start + days(2)}, 1h, world.now());
  world.pass(59min);
  EXPECT_EQ(world.plan.next_question(world.now()), std::nullopt);
  world.pass(1min);
  EXPECT_EQ(world.plan.next_question(world.now()), "shop.test");
  world.pass(6h);
  EXPECT_EQ(world.plan.next_question(world.now()), "shop.test") << "nobody answered";
}

TEST(RenewalPlan, OrdersAtOnceWhatTheCaWantsReplaced) {
  World world;
  world.plan.put("shop.test", lived(start, days(90)));
  EXPECT_EQ(world.plan.next_order(world.now()), std::nullopt);
  world.plan.told("shop.test", {start - days(2), start - days(1)}, {}, world.now());
  EXPECT_EQ(world.plan.next_order(world.now()), "shop.test");
  EXPECT_EQ(world.plan.next_order(world.now()), std::nullopt) << "it is under way";
}

TEST(RenewalPlan, DoesNotLetAWindowHaveTheCertificateExpire) {
  World world;
  world.plan.put("shop.test", lived(start, days(90)));
  world.plan.told("shop.test", {start + days(100), start + days(101)}, {}, world.now());
  EXPECT_FALSE(world.plan.find("shop.test")->window);
  world.plan.told("shop.test", {start + days(80), start + days(300)}, {}, world.now());
  EXPECT_EQ(world.plan.find("shop.test")->window->end, start + days(90));
}

/// Where it is another's turn nothing was ordered and nothing has failed.
TEST(RenewalPlan, OrdersNowWhatSomebodyNeedsWithinTheLimits) {
  World world;
  world.plan.put("due.test", {});
  EXPECT_TRUE(world.plan.order_now("new.test", world.now()));
  EXPECT_FALSE(world.plan.order_now("new.test", world.now())) << "it is being ordered";
  EXPECT_EQ(world.plan.next_order(world.now()), "due.test");
  EXPECT_FALSE(world.plan.order_now("due.test", world.now()));
  for (int more = 2; more < 10; ++more) {
    EXPECT_TRUE(world.plan.order_now(std::to_string(more), world.now()));
    world.plan.forget(std::to_string(more));
  }
  EXPECT_FALSE(world.plan.order_now("one more", world.now())) << "ten in ten seconds";
  world.plan.forget("new.test");
  world.pass(10s);
  EXPECT_TRUE(world.plan.order_now("new.test", world.now()));
  world.plan.succeeded("new.test", start, start + days(90), world.now());
  EXPECT_EQ(world.plan.find("new.test"), nullptr) << "it is nobody's until it is put here";
}

/// A CA that takes from ten seconds to two minutes for an order, and has one in five come to nothing.
TEST(RenewalPlan, HasAFewOrdersUnderWayAtATimeAndOneOfAName) {
  World world;
  constexpr std::size_t count = 200;
  for (std::size_t number = 0; number < count; ++number) world.plan.put(std::to_string(number) + ".test", {});
  std::mt19937_64 random(7);
  std::map<std::string, std::chrono::nanoseconds> under_way;  // until when
  std::map<std::string, WallTime> failed;
  std::size_t most = 0, certified = 0;
  while (certified < count && world.truth < start + days(1)) {
    std::erase_if(under_way, [&](const auto& one) {
      const auto& [name, end] = one;
      if (world.monotonic < end) return false;
      const bool good = random() % 5 != 0;
      certified += good ? 1 : 0;
      if (good) world.plan.succeeded(name, world.truth, world.truth + days(90), world.now());
      if (!good) world.plan.failed(name, 0, std::nullopt, world.now());
      if (!good) failed[name] = world.truth;
      return true;
    });
    while (const auto name = world.plan.next_order(world.now())) {
      EXPECT_FALSE(under_way.contains(*name)) << *name;
      if (failed.contains(*name)) {
        EXPECT_GE(world.truth - failed[*name], 1min) << *name;
      }
      world.order_times.push_back(world.monotonic);
      under_way[*name] = world.monotonic + std::chrono::seconds(10 + random() % 111);
    }
    most = std::max(most, under_way.size());
    world.pass(1s);
  }
  EXPECT_EQ(certified, count);
  EXPECT_EQ(most, orders_at_once);
  EXPECT_LE(world.most_within(10s), 10U);
  EXPECT_LE(world.most_within(3h), 300U);
  EXPECT_LT(world.truth - start, 2h) << "one after the other they take more than four";
  RecordProperty("most_orders_under_way", static_cast<int>(most));
}

/// Neither strangers who ask for names nor a thousand renewals have all there is.
TEST(RenewalPlan, LeavesAPlaceToTheOtherKindOfOrder) {
  World due;
  for (int number = 0; number < 10; ++number) due.plan.put(std::to_string(number), {});
  for (std::size_t order = 0; order < orders_at_once; ++order) EXPECT_TRUE(due.plan.next_order(due.now()));
  EXPECT_EQ(due.plan.next_order(due.now()), std::nullopt) << "four at a time where there is no other kind";
  World both;
  both.plan.leave_room();
  for (int number = 0; number < 10; ++number) both.plan.put(std::to_string(number), {});
  for (std::size_t order = 0; order < orders_of_a_kind; ++order) EXPECT_TRUE(both.plan.next_order(both.now()));
  EXPECT_EQ(both.plan.next_order(both.now()), std::nullopt);
  EXPECT_TRUE(both.plan.order_now("a.test", both.now()));
  EXPECT_FALSE(both.plan.order_now("b.test", both.now())) << "all are under way";
  World now;
  now.plan.put("due.test", {});
  for (std::size_t order = 0; order < orders_of_a_kind; ++order)
    EXPECT_TRUE(now.plan.order_now(std::to_string(order), now.now()));
  EXPECT_FALSE(now.plan.order_now("a.test", now.now()));
  EXPECT_EQ(now.plan.next_order(now.now()), "due.test");
}

/// What was put off leaves the count of orders as it was, whichever of several it is.
TEST(RenewalPlan, TakesBackTheOrderThatWasPutOff) {
  World world;
  EXPECT_TRUE(world.plan.order_now("first", world.now()));
  world.pass(5s);
  EXPECT_TRUE(world.plan.order_now("second", world.now()));
  world.plan.put_off("first", 2s, world.now());
  world.pass(6s);  // the second one counts on
  for (std::size_t order = 1; order < orders_in_burst; ++order) {
    EXPECT_TRUE(world.plan.order_now(std::to_string(order), world.now())) << order;
    world.plan.forget(std::to_string(order));
  }
  EXPECT_FALSE(world.plan.order_now("one more", world.now()));
}

TEST(RenewalPlan, PutsOffWhatAnotherNodeOrders) {
  RenewalPlan plan;
  plan.put("shop.test", {});
  Instant now{.monotonic = 1h, .wall = start};
  for (std::size_t round = 0; round < 2 * orders_in_span; ++round) {
    ASSERT_EQ(plan.next_order(now), "shop.test") << round;
    EXPECT_EQ(plan.next_order(now), std::nullopt) << "under way";
    plan.put_off("shop.test", 2s, now);
    now.wall += 1s;
    now.monotonic += 1s;
    EXPECT_EQ(plan.next_order(now), std::nullopt) << "not yet";
    now.wall += 1s;
    now.monotonic += 1s;
  }
  EXPECT_EQ(plan.find("shop.test")->failures, 0U);
}

}  // namespace
}  // namespace padlock::certs

#include "padlock/certs/ca_rotation.h"

#include <gtest/gtest.h>

#include "padlock/acme/rules.h"
#include "padlock/certs/rules.h"
#include "padlock/net/rules.h"

namespace padlock::certs {
namespace {

using namespace std::chrono_literals;

class Rotation : public ::testing::Test {
 protected:
  bool fails(std::size_t ca, const Rule& rule, std::optional<std::chrono::seconds> retry_after = std::nullopt,
             const std::string& name = "a.test") {
    return cas_.failed(ca, "ca.test", name, {&rule, "why"}, retry_after, now_);
  }
  CaRotation cas_{3};
  Instant now_{.monotonic = 1h, .wall = {}};
};

TEST(Blame, IsTheCasThePolicysTheNamesOrOurs) {
  EXPECT_EQ(blame_of(acme::rules::rate_limited), Blame::ca);
  EXPECT_EQ(blame_of(acme::rules::server_internal), Blame::ca);
  EXPECT_EQ(blame_of(net::rules::connection_refused), Blame::ca);
  EXPECT_EQ(blame_of(acme::rules::terms_not_agreed), Blame::ca);
  EXPECT_EQ(blame_of(acme::rules::caa), Blame::policy);
  EXPECT_EQ(blame_of(acme::rules::validation_failed), Blame::name);
  EXPECT_EQ(blame_of(rules::hook_failed), Blame::us);
  EXPECT_EQ(blame_of(net::rules::file_unwritable), Blame::us);
}

TEST_F(Rotation, PassesOverACaThatIsAwayForAWhileAndComesBack) {
  EXPECT_TRUE(fails(0, net::rules::connection_refused));
  EXPECT_FALSE(cas_.is_asked(0, now_));
  EXPECT_TRUE(cas_.is_asked(1, now_));
  ASSERT_NE(cas_.trouble(0, now_), nullptr);
  EXPECT_EQ(cas_.trouble(1, now_), nullptr);
  now_.monotonic += 76s;  // a minute and a quarter at most
  EXPECT_TRUE(cas_.is_asked(0, now_));
  EXPECT_EQ(cas_.trouble(0, now_), nullptr);
  EXPECT_TRUE(fails(0, net::rules::connection_refused));
  now_.monotonic += 76s;
  EXPECT_FALSE(cas_.is_asked(0, now_)) << "twice as long after the second failure";
  cas_.succeeded(0, "a.test");
  EXPECT_TRUE(cas_.is_asked(0, now_));
}

TEST_F(Rotation, CountsOneFailureOfSeveralOrdersThatWereUnderWay) {
  for (const auto* const name : {"a.test", "b.test", "c.test", "d.test"}) {
    EXPECT_TRUE(fails(0, net::rules::connection_refused, std::nullopt, name));
    now_.monotonic += 1s;
  }
  now_.monotonic += 76s;
  EXPECT_TRUE(cas_.is_asked(0, now_)) << "a minute and a quarter after the last of them";
}

TEST_F(Rotation, LeavesACaAloneAsLongAsItAsks) {
  EXPECT_TRUE(fails(0, acme::rules::rate_limited, 2h));
  now_.monotonic += 2h - 1s;
  EXPECT_FALSE(cas_.is_asked(0, now_));
  now_.monotonic += 1s + 30min;  // the spread is a quarter
  EXPECT_TRUE(cas_.is_asked(0, now_));
}

TEST_F(Rotation, TriesANameThreeTimesBeforeTheNextCa) {
  EXPECT_FALSE(fails(0, acme::rules::validation_failed));
  EXPECT_FALSE(fails(0, acme::rules::unauthorized));
  EXPECT_FALSE(fails(0, acme::rules::unauthorized, std::nullopt, "b.test"));
  EXPECT_TRUE(fails(0, acme::rules::validation_failed));
  EXPECT_TRUE(cas_.is_asked(0, now_)) << "for other names";
  cas_.succeeded(0, "a.test");
  EXPECT_FALSE(fails(0, acme::rules::validation_failed));
}

TEST_F(Rotation, AsksAnotherCaWhereOneMayNotAndNobodyWhereItIsOurFault) {
  EXPECT_TRUE(fails(0, acme::rules::caa));
  EXPECT_TRUE(cas_.is_asked(0, now_));
  EXPECT_FALSE(fails(0, rules::hook_failed));
}

TEST_F(Rotation, SaysHowLongAllRest) {
  fails(0, acme::rules::rate_limited, 4h);
  fails(1, acme::rules::rate_limited, 1h);
  EXPECT_EQ(cas_.all_rest_for(now_), std::nullopt);
  fails(2, acme::rules::rate_limited, 3h);
  const auto rest = cas_.all_rest_for(now_);
  ASSERT_TRUE(rest);
  EXPECT_GE(*rest, 1h);
  EXPECT_LT(*rest, 2h);
}

TEST(RotationOfOne, LeavesTheTimeToTheRenewalPlan) {
  CaRotation one(1);
  const Instant now{.monotonic = 1h, .wall = {}};
  EXPECT_TRUE(one.failed(0, "ca.test", "a.test", {&acme::rules::rate_limited, "why"}, 4h, now));
  EXPECT_TRUE(one.is_asked(0, now));
  EXPECT_EQ(one.all_rest_for(now), std::nullopt);
}

}  // namespace
}  // namespace padlock::certs

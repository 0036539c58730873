#include "padlock/cli/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace padlock::cli {
namespace {

std::string shown(const ServiceSteps& steps) {
  std::string text;
  const auto add = [&](std::string_view what, const std::vector<std::string>& names) {
    for (const std::string& name : names) text += std::string(what) + " " + name + "; ";
  };
  add("fetch", steps.fetch);
  add("publish", steps.publish);
  add("retract", steps.retract);
  add("drop", steps.drop);
  return text;
}

using Here = std::map<std::string, std::string>;
using There = std::map<std::string, std::uint64_t>;

std::string steps(const AgreedServices& agreed, const Here& here, const There& there) {
  return shown(plan_services(agreed, here, there));
}

TEST(ServicesOfAFleet, AreLeftAloneWhereNodeAndStoreAgree) {
  EXPECT_EQ(steps({}, {}, {}), "");
  EXPECT_EQ(steps({"e", {{"shop", {1, "a"}}}}, {{"shop", "a"}}, {{"shop", 1}}), "");
}

TEST(ServicesOfAFleet, GoWhereTheyAreNotYet) {
  EXPECT_EQ(steps({}, {{"shop", "a"}}, {}), "publish shop; ");
  EXPECT_EQ(steps({}, {}, {{"shop", 1}}), "fetch shop; ");
}

TEST(ServicesOfAFleet, FollowWhoChangedThem) {
  const AgreedServices agreed{"e", {{"shop", {1, "a"}}}};
  EXPECT_EQ(steps(agreed, {{"shop", "b"}}, {{"shop", 1}}), "publish shop; ");
  EXPECT_EQ(steps(agreed, {{"shop", "a"}}, {{"shop", 2}}), "fetch shop; ");
  EXPECT_EQ(steps(agreed, {{"shop", "b"}}, {{"shop", 2}}), "fetch shop; ") << "both: the store's counts";
  EXPECT_EQ(steps(agreed, {}, {{"shop", 2}}), "fetch shop; ") << "removed here, changed there";
}

TEST(ServicesOfAFleet, GoEverywhereWhenTheyAreRemovedAnywhere) {
  const AgreedServices agreed{"e", {{"shop", {1, "a"}}}};
  EXPECT_EQ(steps(agreed, {}, {{"shop", 1}}), "retract shop; ");
  EXPECT_EQ(steps(agreed, {{"shop", "a"}}, {}), "drop shop; ");
  EXPECT_EQ(steps(agreed, {{"shop", "b"}}, {}), "publish shop; ") << "what was changed here is not dropped";
  EXPECT_EQ(steps(agreed, {}, {}), "");
}

/// A node that lacks a folder has it not, and that is no removal.
TEST(ServicesOfAFleet, ThatThisNodeCannotServeAreNotRetracted) {
  EXPECT_EQ(steps({"e", {{"shop", {1, ""}}}}, {}, {{"shop", 1}}), "");
  EXPECT_EQ(steps({"e", {{"shop", {1, ""}}}}, {}, {{"shop", 2}}), "fetch shop; ");
}

/// Where a store has lost all, nothing counts as agreed on: nobody drops anything.
TEST(ServicesOfAFleet, ComeTogetherAgainWhereAllWasLost) {
  EXPECT_EQ(steps({"another", {}}, {{"blog", "b"}, {"shop", "a"}}, {}), "publish blog; publish shop; ");
}

TEST(AgreedServices, AreReadBackAsTheyWereWritten) {
  const AgreedServices agreed{"0123", {{"api.shop", {18'446'744'073'709'551'615U, "ab12"}}, {"blog", {1, ""}}}};
  EXPECT_EQ(parse_agreed(write_agreed(agreed)), agreed);
  EXPECT_EQ(parse_agreed(write_agreed({})), AgreedServices());
  for (const auto* const text : {"", "padlock-fleet 1 e", "padlock-fleet 2 e\n", "padlock-fleet 1 e\nshop\n",
                                 "padlock-fleet 1 e\nshop x y\n", "padlock-fleet 1 e\n 1 a\n"})
    EXPECT_EQ(parse_agreed(text), std::nullopt) << text;
}

}  // namespace
}  // namespace padlock::cli

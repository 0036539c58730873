#include "padlock/explain/json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "padlock/explain/testing/golden.h"
#include "padlock/explain/testing/sample.h"

namespace padlock::explain {
namespace {

using testing::sample_ladder;

TEST(Json, TellsTheWholeLadder) {
  testing::expect_golden("sample.json", to_json(sample_ladder(), {.bytes = true, .wiretap = true}));
}

TEST(Json, LeavesOutBytesAndListenerUnlessAsked) {
  const auto json = nlohmann::json::parse(to_json(sample_ladder(), {}));
  for (const auto& step : json["steps"]) {
    EXPECT_FALSE(step.contains("fields"));
    EXPECT_FALSE(step.contains("message_hex"));
    EXPECT_FALSE(step.contains("listener"));
  }
}

TEST(Json, IsOneObjectWithALineEnd) {
  const std::string text = to_json(sample_ladder(), {});
  EXPECT_EQ(text.front(), '{');
  EXPECT_TRUE(text.ends_with("}\n"));
}

TEST(Json, SurvivesBytesThatAreNoText) {
  Ladder ladder = sample_ladder();
  ladder.url = "\xff\xfe";
  EXPECT_TRUE(nlohmann::json::accept(to_json(ladder, {})));
}

}  // namespace
}  // namespace padlock::explain

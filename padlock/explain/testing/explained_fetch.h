#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/client/testing/fetching.h"
#include "padlock/explain/make_ladder.h"
#include "padlock/explain/recorder.h"
#include "padlock/explain/terminal.h"

namespace padlock::explain::testing {

inline bool holds(Bytes bytes, std::string_view text) { return as_text(bytes).find(text) != std::string_view::npos; }

/// Fetches over loopback, explained.
class ExplainedFetch : public client::testing::Fetching {
 protected:
  Ladder explained(const std::string& url) {
    Recorder recorder;
    options_.observer = &recorder;
    outcome_ = fetched(url);
    trace_ = recorder.take();
    return make_ladder(trace_, outcome_, {.url = url, .told_names = {}, .now = net::now().wall});
  }

  /// Titles of the messages in their order, each once in a row; what a server says beside the story is left out.
  static std::vector<std::string> story(const Ladder& ladder) {
    std::vector<std::string> titles;
    for (const Step& step : ladder.steps) {
      const bool beside = !step.sender || step.id == "change_cipher_spec" || step.id == "new_session_ticket" ||
                          step.id == "close_notify" || step.id == "unread";
      if (!beside && (titles.empty() || titles.back() != step.title)) titles.push_back(step.title);
    }
    return titles;
  }

  /// The bytes of all steps of one side, in the order of the ladder.
  static std::vector<std::uint8_t> wire_of(const Ladder& ladder, Party party) {
    std::vector<std::uint8_t> all;
    for (const Step& step : ladder.steps) {
      if (step.sender == party) all.insert(all.end(), step.wire.begin(), step.wire.end());
    }
    return all;
  }

  void expect_every_byte_once(const Ladder& ladder) const {
    ASSERT_EQ(trace_.connections.size(), 1U);
    EXPECT_EQ(wire_of(ladder, Party::client), trace_.connections[0].client.kept);
    EXPECT_EQ(wire_of(ladder, Party::server), trace_.connections[0].server.kept);
  }

  void expect_stopped(const Ladder& ladder) const {
    EXPECT_THAT(ladder.stopped, ::testing::HasSubstr("stopped here"));
    EXPECT_FALSE(ladder.outcome.ok);
    EXPECT_EQ(ladder.outcome.exit_code, outcome_.exit_code());
    EXPECT_NE(ladder.outcome.exit_code, 0);
    EXPECT_THAT(to_terminal(ladder, {}, {.columns = 80}), ::testing::HasSubstr("next "));
  }

  client::FetchOutcome outcome_;
  trace::Trace trace_;
};

}  // namespace padlock::explain::testing

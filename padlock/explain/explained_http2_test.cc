// Real fetches over HTTP/2, explained: every byte belongs to one step, whatever the server does.
#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/client/testing/http2_server.h"
#include "padlock/explain/json.h"
#include "padlock/explain/testing/explained_fetch.h"

namespace padlock::explain {
namespace {

using client::testing::frames;
using client::testing::h2_page;
using client::testing::nghttp2_server;
using client::testing::Scripted;
using client::testing::speaks;
using client::testing::status;
using http::h2::ErrorCode;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::holds;
namespace h2 = client::testing::h2;

class ExplainedHttp2 : public testing::ExplainedFetch {
 protected:
  Ladder explained_from(std::vector<Scripted::Script> scripts) {
    Scripted server(std::move(scripts), credential(), speaks());
    return explained(server.at("https") + "/secret.txt");
  }
  static std::string fact(const Ladder& ladder, std::string_view id, std::string_view name) {
    const auto step = std::ranges::find(ladder.steps, id, &Step::id);
    if (step == ladder.steps.end()) return "(no step)";
    const auto found = std::ranges::find(step->facts, name, &Fact::name);
    return found == step->facts.end() ? "(none)" : found->value;
  }
};

TEST_F(ExplainedHttp2, TellsEveryStepInItsOrder) {
  const Ladder ladder = explained_from({frames(h2_page("swordfish"))});
  ASSERT_TRUE(ladder.outcome.ok) << ladder.outcome.reason;
  std::vector<std::string> told = story(ladder);
  told.erase(told.begin(), std::ranges::find(told, "SETTINGS"));
  EXPECT_THAT(
      told, ::testing::ElementsAre("SETTINGS", "WINDOW_UPDATE", "request: GET (HEADERS)", "SETTINGS", "SETTINGS (ACK)",
                                   "response: 200 OK (HEADERS)", "content (DATA)", "SETTINGS (ACK)", "GOAWAY", "FIN"));
  EXPECT_EQ(fact(ladder, "request", ":path"), "/secret.txt");
  EXPECT_EQ(fact(ladder, "request", "user-agent"), "padlock");
  EXPECT_EQ(fact(ladder, "response", ":status"), "200");
  EXPECT_EQ(fact(ladder, "content", "length"), "9 bytes");
  for (const Step& step : ladder.steps) {
    EXPECT_FALSE(step.words.empty()) << step.title;
    EXPECT_THAT(step.source, HasSubstr("RFC ")) << step.title;
    EXPECT_EQ(step.listener.empty(), !step.sender) << step.title;
    EXPECT_FALSE(holds(step.wire, "swordfish")) << step.title;
  }
  expect_every_byte_once(ladder);
  EXPECT_THAT(to_json(ladder, {}), HasSubstr("\"id\": \"http2_settings\""));
}

TEST_F(ExplainedHttp2, TellsABodyOfTheRequestAndALargePage) {
  request_.method = "POST";
  request_.body = std::vector<std::uint8_t>(300'000, 'u');
  const Ladder ladder =
      explained_from({nghttp2_server(h2::Peer::server(), [](h2::Peer& peer, const std::vector<std::string>& events) {
        for (const std::string& event : events)
          if (event == "1 end") peer.respond(1, status("200"), std::string(2'500'000, 'd'), {{"x-sum", "1"}});
      })});
  ASSERT_TRUE(ladder.outcome.ok) << ladder.outcome.reason;
  EXPECT_EQ(fact(ladder, "trailers", "x-sum"), "1");
  EXPECT_EQ(fact(ladder, "content", "length"), "2,500,000 bytes");
  std::size_t client_bytes = 0, server_bytes = 0;
  for (const Step& step : ladder.steps) {
    if (!step.sender || step.id.starts_with("syn") || step.id == "ack" || step.id == "close") continue;
    EXPECT_NE(step.id, "unread");
    (*step.sender == Party::client ? client_bytes : server_bytes) += step.wire_bytes.value_or(0);
  }
  EXPECT_EQ(client_bytes, ladder.client_bytes);
  EXPECT_EQ(server_bytes, ladder.server_bytes);
}

TEST_F(ExplainedHttp2, TellsThatARequestWentOnceMore) {
  const Ladder ladder = explained_from({frames(h2::goaway(0, ErrorCode::NO_ERROR)), frames(h2_page("done"))});
  ASSERT_TRUE(ladder.outcome.ok) << ladder.outcome.reason;
  EXPECT_EQ(std::ranges::count(ladder.steps, std::string("sent_again"), &Step::id), 1);
  EXPECT_EQ(std::ranges::count(ladder.steps, std::string("redirect"), &Step::id), 0);
  EXPECT_EQ(std::ranges::count(ladder.steps, std::string("request"), &Step::id), 2);
}

TEST_F(ExplainedHttp2, StopsAtWhatBreaksTheRules) {
  for (const std::string& wrong :
       {h2::headers(1, status("200", {{"X-Big", "1"}})), h2::headers(1, status("200"), false) + h2::data(1, "cut"),
        h2::rst_stream(1, ErrorCode::INTERNAL_ERROR), h2::frame(http::h2::FrameType::SETTINGS, 0, 0, "123")}) {
    const Ladder ladder = explained_from({frames(wrong)});
    expect_stopped(ladder);
    EXPECT_THAT(story(ladder), Contains("request: GET (HEADERS)"));
    expect_every_byte_once(ladder);
  }
}

}  // namespace
}  // namespace padlock::explain

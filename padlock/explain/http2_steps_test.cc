#include "padlock/explain/http2_steps.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/explain/limits.h"
#include "padlock/explain/make_ladder.h"
#include "padlock/explain/terminal.h"
#include "padlock/explain/testing/golden.h"
#include "padlock/explain/testing/recording.h"

namespace padlock::explain {
namespace {

using http::h2::FrameType;
using testing::Octets;
using testing::Recording;
using tls::Sender;

Ladder ladder_of(const trace::Trace& trace) {
  client::FetchOutcome outcome;
  outcome.url = "https://server/form";
  return make_ladder(trace, outcome, {.url = "https://server/form", .told_names = {}, .now = {}});
}

std::string fact(const Step& step, std::string_view name) {
  const auto found = std::ranges::find(step.facts, name, &Fact::name);
  return found == step.facts.end() ? "(none)" : found->value;
}

TEST(Http2Steps, TellEveryKindOfFrame) {
  const Ladder ladder = ladder_of(testing::http2_trace());
  testing::expect_golden("http2-80.txt", to_terminal(ladder, {.bytes = false, .wiretap = true}, {.columns = 80}));
  for (const Step& step : ladder.steps) {
    EXPECT_FALSE(step.words.empty()) << step.title;
    EXPECT_THAT(step.source, ::testing::HasSubstr("RFC ")) << step.title;
    EXPECT_EQ(step.listener.empty(), !step.sender) << step.title;
    EXPECT_NE(step.id, "unread");
  }
}

trace::Http2Frames frames(FrameType type, Octets payload) {
  return {.sender = Sender::server,
          .header = {static_cast<std::uint32_t>(payload.size()), type, 0, 0},
          .payload = std::move(payload)};
}

TEST(Http2Steps, SayWhatOfAFrameIsCutShort) {
  for (const FrameType type : {FrameType::SETTINGS, FrameType::GOAWAY, FrameType::RST_STREAM, FrameType::WINDOW_UPDATE})
    EXPECT_NE(fact(frames_step(frames(type, {1, 2, 3})), "malformed"), "(none)") << name_of(type);
  EXPECT_EQ(fact(frames_step(frames(FrameType::PING, {1, 2, 3})), "malformed"), "(none)");
}

TEST(Http2Steps, EscapeWhatAPeerSays) {
  const Step step = frames_step(frames(FrameType::GOAWAY, {0, 0, 0, 1, 0xff, 0, 0, 1, 0x1b, '[', '2', 'J'}));
  EXPECT_EQ(fact(step, "debug data"), "\\x1b[2J");
  EXPECT_EQ(fact(step, "error code"), "0xff000001");
}

/// A server can send pings between all frames of a page: what the trace drops leaves the rest in its place.
TEST(Http2Steps, KeepTheirPlacesWhenATraceIsFull) {
  Recording told;
  told.connect();
  told.plain_message(Sender::client, Octets{1, 0, 0, 0});
  told.recorder.response_head({200, {}}, told.fields(Sender::server, 50));
  for (std::size_t i = 0; i < 2 * limits::events; ++i) {
    told.recorder.body(1);
    told.frame(Sender::server, FrameType::DATA, 0, 1, Octets(1, 'd'));
    told.frame(Sender::server, FrameType::PING, 0, 0, Octets(8, 'p'));
  }
  http::Fields trailers;
  trailers.add("x-sum", "1");
  told.recorder.trailers(trailers, told.fields(Sender::server, 77, true));
  const trace::Trace trace = told.take();
  EXPECT_LE(trace.events.size(), limits::events + 2);
  const auto& last = std::get<trace::Trailers>(trace.events.back().what);
  EXPECT_EQ(last.begin, 50 + 2 * limits::events * (10 + 17));
}

TEST(Http2Steps, AddUpWhatComesInNumbers) {
  Recording told;
  told.connect();
  for (std::size_t i = 0; i < 5000; ++i) {
    told.recorder.body(100);
    told.recorder.http2_frame({Sender::server, {100, FrameType::DATA, 0, 1}, {}, 109});
    told.recorder.http2_frame({Sender::client, {4, FrameType::WINDOW_UPDATE, 0, 1}, {}, 13});
  }
  const trace::Trace trace = told.take();
  ASSERT_EQ(trace.events.size(), 5U);
  EXPECT_EQ(std::get<trace::Body>(trace.events[3].what).bytes, 500'000U);
  EXPECT_EQ(std::get<trace::Body>(trace.events[3].what).framed, 545'000U);
  EXPECT_EQ(std::get<trace::Http2Frames>(trace.events[4].what).count, 5000U);
}

}  // namespace
}  // namespace padlock::explain

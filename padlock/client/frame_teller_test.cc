#include "padlock/client/frame_teller.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "padlock/client/limits.h"
#include "padlock/http/h2/testing/frames.h"

namespace padlock::client {
namespace {

namespace h2 = http::h2::testing;
using http::h2::FrameType;
using http::h2::StreamId;

using Lines = std::vector<std::string>;

/// Writes down what it hears, one line a call.
struct Notes final : FetchObserver {
  void request_sent(const http::Request&, const FieldsOnStream&) override {}
  void response_head(const http::Response&, const FieldsOnStream&) override {}
  void body(std::size_t) override {}
  void response_end() override {}
  void verdict(const x509::Verdict&) override {}
  void http2_frame(const Http2Frame& frame) override {
    lines.push_back(std::string(name_of(frame.header.type)) + " " + std::to_string(frame.header.stream) + " " +
                    std::to_string(frame.payload.size()) + " of " + std::to_string(frame.bytes));
  }
  Lines lines;
};

std::string large_head() {
  return h2::frame(FrameType::HEADERS, http::h2::flags::END_STREAM, 1, std::string(100, 'h')) +
         h2::frame(FrameType::CONTINUATION, http::h2::flags::END_HEADERS, 1, std::string(50, 'h'));
}

/// A client's side, cut into these pieces.
Lines told(const std::vector<std::string>& pieces) {
  Notes notes;
  FrameTeller teller(net::Sender::client, notes);
  teller.on_fields([&](const FieldsOnStream& place) {
    notes.lines.push_back("fields " + std::to_string(place.stream) + (place.ends_stream ? " end" : "") + " of " +
                          std::to_string(place.bytes));
    return true;
  });
  for (const std::string& piece : pieces) teller.pass(as_bytes(piece));
  return notes.lines;
}

RC_GTEST_PROP(FrameTeller, TellsTheSameHoweverItIsCut, ()) {
  const std::string whole = h2::hello() + h2::window_update(0, 7) + large_head() + h2::data(1, "12345", true) +
                            h2::goaway(0, http::h2::ErrorCode::NO_ERROR, std::string(1000, 'd'));
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < whole.size();) {
    const auto size = *rc::gen::inRange<std::size_t>(1, 300);
    pieces.push_back(whole.substr(at, size));
    at += size;
  }
  RC_ASSERT(told(pieces) ==
            (Lines{"SETTINGS 0 0 of 33", "SETTINGS 0 0 of 9", "WINDOW_UPDATE 0 4 of 13", "fields 1 end of 168",
                   "DATA 1 0 of 14", "GOAWAY 0 " + std::to_string(limits::frame_payload_kept) + " of 1017"}));
}

TEST(FrameTeller, SetsFieldsAsideForWhoKnowsWhatTheySay) {
  Notes notes;
  FrameTeller teller(net::Sender::server, notes);
  teller.pass(as_bytes(h2::settings() + large_head()));
  const FieldsOnStream place = teller.take_fields();
  EXPECT_EQ(place.version, HttpVersion::HTTP_2);
  EXPECT_EQ(place.bytes, 168U);
  EXPECT_TRUE(place.ends_stream);
  EXPECT_EQ(teller.take_fields().bytes, 0U);
  teller.give_up_fields();
  EXPECT_EQ(notes.lines, (Lines{"SETTINGS 0 0 of 9"}));
}

TEST(FrameTeller, FieldsThatNobodyTakesAreAFrameLikeOthers) {
  Notes notes;
  FrameTeller teller(net::Sender::server, notes);
  teller.pass(as_bytes(large_head() + h2::ping() + h2::frame(FrameType::HEADERS, 0, 3, "unfinished")));
  EXPECT_EQ(notes.lines, (Lines{"HEADERS 1 0 of 168", "PING 0 8 of 17"}));
  teller.give_up_fields();
  EXPECT_EQ(notes.lines.back(), "HEADERS 3 0 of 19");
}

}  // namespace
}  // namespace padlock::client

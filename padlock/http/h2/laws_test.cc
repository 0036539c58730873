// The two laws of every connection, over random sequences of good and bad frames: progress, and the same events
// however the input is cut.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "padlock/http/h2/testing/frames.h"
#include "padlock/http/h2/testing/peer.h"
#include "padlock/http/h2/testing/run.h"

namespace padlock::http::h2 {
namespace {

using testing::cut;
using testing::Record;

/// A stream's number: mostly one that has begun or is about to.
StreamId any_stream(StreamId next) {
  return *rc::gen::weightedOneOf<StreamId>(
      {{6, rc::gen::just(next)}, {6, rc::gen::just(std::max(1, next - 2))}, {2, rc::gen::inRange<StreamId>(0, 12)}});
}

std::string any_text() { return std::string(static_cast<std::size_t>(*rc::gen::inRange(0, 300)), 'x'); }

testing::FieldList any_head(bool from_client) {
  testing::FieldList head = from_client ? testing::post() : testing::FieldList{{":status", "200"}};
  if (*rc::gen::inRange(0, 4) == 0) head.emplace_back("content-length", std::to_string(*rc::gen::inRange(0, 300)));
  return head;
}

/// Frames of both roles; `next` moves on with each stream that begins.
std::string any_frame(StreamId& next, bool from_client) {
  const StreamId stream = any_stream(next);
  const bool end = *rc::gen::arbitrary<bool>();
  switch (*rc::gen::inRange(0, 16)) {
    case 0:
    case 1:
    case 2:
    case 3: next += 2; return testing::headers(next - 2, any_head(from_client), end);
    case 4:
    case 5: return testing::data(stream, any_text(), end);
    case 6: return testing::headers(stream, {{"x", any_text()}}, end);
    case 7: return testing::rst_stream(stream);
    case 8: return testing::window_update(stream, 1000);
    case 9: return testing::ping();
    case 10: return testing::settings({{SettingId::INITIAL_WINDOW_SIZE, 100}});
    case 11: return testing::priority(stream, 0);
    case 12: return testing::priority_update(stream, "u=1");
    case 13: return testing::frame(static_cast<FrameType>(0x42), 0, stream, any_text());
    case 14: {
      const std::string block = testing::hpack(from_client ? testing::get() : testing::FieldList{{":status", "204"}});
      next += 2;
      return testing::frame(FrameType::HEADERS, flags::END_STREAM, next - 2, block.substr(0, 5)) +
             testing::frame(FrameType::CONTINUATION, flags::END_HEADERS, next - 2, block.substr(5));
    }
    default: return testing::headers(next, {{"X", "bad"}}, end);
  }
}

std::string any_frames(bool from_client) {
  std::string frames = from_client ? testing::hello() : testing::server_hello();
  StreamId next = 1;
  const int count = *rc::gen::inRange(0, 40);
  for (int i = 0; i < count; ++i) frames += any_frame(next, from_client);
  return frames;
}

/// Cut at random places.
std::vector<std::string> any_pieces(const std::string& whole) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < whole.size();) {
    const auto size = static_cast<std::size_t>(*rc::gen::inRange(1, 200));
    pieces.push_back(whole.substr(at, size));
    at += size;
  }
  return pieces;
}

/// What was sent but for the windows, which follow the pieces of bodies.
std::vector<std::string> sent(const Record& record) {
  auto frames = testing::frames_of(record.output);
  std::erase_if(frames, [](const std::string& frame) { return frame.starts_with("WINDOW_UPDATE"); });
  return frames;
}

/// Sends every body back, as far as the windows allow.
class Echo {
 public:
  explicit Echo(Connection& connection) : connection_(connection) {}
  void operator()(const Event& event) {
    if (const auto* head = std::get_if<RequestHead>(&event))
      (void)connection_.send_response(head->stream, Response{}, UnknownLength{});
    if (const auto* data = std::get_if<BodyData>(&event)) {
      (void)connection_.send_body(data->stream, data->bytes);
      connection_.consumed(data->stream, data->bytes.size());
    }
    if (const auto* end = std::get_if<MessageEnd>(&event)) (void)connection_.end_message(end->stream);
    if (const auto* sent = std::get_if<MessageSent>(&event)) connection_.released(sent->stream);
    if (const auto* reset = std::get_if<StreamReset>(&event)) connection_.released(reset->stream);
  }

 private:
  Connection& connection_;
};

Record echo(const std::vector<std::string>& pieces) {
  Connection connection = Connection::server("https");
  Record record;
  testing::run(connection, pieces, record, Echo(connection));
  return record;
}

RC_GTEST_PROP(H2ServerLaws, AnySplitYieldsTheSameEvents, ()) {
  const std::string input = any_frames(true);
  const Record whole = testing::serve({input});
  RC_ASSERT(!whole.has("stalled"));
  const Record split = testing::serve(any_pieces(input));
  RC_ASSERT(split.events == whole.events);
  RC_ASSERT(sent(split) == sent(whole));
  RC_ASSERT(testing::serve(cut(input, 1)).events == whole.events);
}

RC_GTEST_PROP(H2ServerLaws, AnySplitYieldsTheSameEventsWhileBodiesAreSentBack, ()) {
  const std::string input = any_frames(true);
  const Record whole = echo({input});
  RC_ASSERT(!whole.has("stalled"));
  RC_ASSERT(echo(any_pieces(input)).events == whole.events);
}

RC_GTEST_PROP(H2ServerLaws, ATruncatedInputYieldsABeginningOfTheEvents, ()) {
  const std::string input = any_frames(true);
  const auto whole = testing::serve({input}).events;
  auto part = testing::serve({input.substr(0, static_cast<std::size_t>(*rc::gen::inRange(0, 2000)))}).events;
  RC_ASSERT(part.size() <= whole.size());
  if (part.empty()) return;
  RC_ASSERT(whole[part.size() - 1].starts_with(part.back()));  // a body may go on
  part.pop_back();
  RC_ASSERT(std::equal(part.begin(), part.end(), whole.begin()));
}

RC_GTEST_PROP(H2ClientLaws, AnySplitYieldsTheSameEvents, ()) {
  const std::string input = any_frames(false);
  const Record whole = testing::receive({input});
  RC_ASSERT(!whole.has("stalled"));
  const Record split = testing::receive(any_pieces(input));
  RC_ASSERT(split.events == whole.events);
  RC_ASSERT(sent(split) == sent(whole));
}

}  // namespace
}  // namespace padlock::http::h2

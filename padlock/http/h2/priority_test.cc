// RFC 9218: what the field and the frame say, and in which order bodies then go.
#include "padlock/http/h2/priority.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "padlock/http/h2/testing/frames.h"
#include "padlock/http/h2/testing/peer.h"
#include "padlock/http/h2/testing/run.h"
#include "padlock/http/limits.h"

namespace padlock::http::h2 {
namespace {

using testing::frames_of;
using testing::get;
using testing::headers;
using testing::hello;
using testing::priority_update;
using testing::Record;
using testing::run;

constexpr Priority none{};

TEST(Priority, ReadsItsTwoMembers) {
  EXPECT_EQ(parse_priority("u=0"), (Priority{0, false}));
  EXPECT_EQ(parse_priority("u=7, i"), (Priority{7, true}));
  EXPECT_EQ(parse_priority("i"), (Priority{3, true}));
  EXPECT_EQ(parse_priority("i=?1,u=5"), (Priority{5, true}));
  EXPECT_EQ(parse_priority("i, i=?0"), none);
  EXPECT_EQ(parse_priority("u=1, u=2"), (Priority{2, false}));
  EXPECT_EQ(parse_priority(" u=1\t,\ti "), (Priority{1, true}));
  EXPECT_EQ(parse_priority(""), none);
}

TEST(Priority, IgnoresWhatItDoesNotKnow) {
  for (const char* extra : {"a", "a=1", "a=\"x, u=7\"", "a=\"\\\"\"", "a=(1 2 \"b\")", "a=();b=c", "a;b;c=2",
                            "a=:aGk=:", "*x-1.y_z=tok/en", "a=?0", "a=-1.5"})
    EXPECT_EQ(parse_priority("u=1, " + std::string(extra) + ", i"), (Priority{1, true})) << extra;
  for (const char* wrong : {"u=8", "u=-1", "u=1.0", "u=a", "u", "u=\"1\"", "u=(1)", "u=12"})
    EXPECT_EQ(parse_priority(wrong), none) << wrong;
  EXPECT_EQ(parse_priority("i=1"), none);
  EXPECT_EQ(parse_priority("i=\"?1\""), none);
}

TEST(Priority, AMalformedFieldSaysNothing) {
  for (const char* text : {"u=1,", ",u=1", "u=1 i", "u=", "U=1", "u =1", "u= 1", "u=1,,i", "u=1, a=\"", "u=1, a=(1",
                           "u=1, a=((1))", "u=1;", "u=1;B", "=1", "u=1, \x01", "u=1, 1"})
    EXPECT_EQ(parse_priority(text), none) << text;
}

/// The order in which the bodies of 40 KB of streams 1, 3, 5... go, as their numbers; they are asked for with these
/// priority fields and `between`, and all come before anything is sent. One frame after the other of a stream counts
/// once.
std::string order_of(const std::vector<std::string>& priorities, const std::string& between = "",
                     const std::string& before = "") {
  Connection server = Connection::server("https");
  Record record;
  // The connection's window is shut at first, so that no body goes before all are there.
  run(server, {hello() + before + headers(1, get())}, record, [](const Event&) {});
  const std::string fill(65'535, 'x');
  EXPECT_TRUE(server.send_response(1, Response{}, KnownLength{fill.size()}));
  std::string_view left = fill;
  while (!left.empty()) {
    left.remove_prefix(server.send_body(1, as_bytes(left)).value_or(left.size()));
    testing::take_output(server, record);
  }
  EXPECT_TRUE(server.end_message(1));
  testing::take_output(server, record);
  record.output.clear();
  std::string input;
  for (std::size_t i = 0; i < priorities.size(); ++i)
    input += headers(static_cast<StreamId>(3 + 2 * i),
                     priorities[i].empty() ? get() : get("/", {{"priority", priorities[i]}}));
  run(server, {input + between}, record, [&](const Event& event) {
    const auto* head = std::get_if<RequestHead>(&event);
    if (head == nullptr) return;
    const std::string body(40'000, 'x');
    EXPECT_TRUE(server.send_response(head->stream, Response{}, KnownLength{body.size()}));
    EXPECT_EQ(server.send_body(head->stream, as_bytes(body)), body.size());
    EXPECT_TRUE(server.end_message(head->stream));
  });
  record.output.clear();
  run(server, {testing::window_update(0, 1'000'000)}, record, [](const Event&) {});
  for (int i = 0; i < 100; ++i) testing::take_output(server, record);
  std::string order;
  for (const std::string& frame : frames_of(record.output)) {
    const std::string stream = frame.starts_with("DATA ") ? frame.substr(5, 2) : "";
    if (stream != "1 " && !order.ends_with(stream)) order += stream;
  }
  return order;
}

TEST(Priority, UrgentStreamsGoFirst) {
  EXPECT_EQ(order_of({"u=5", "u=1", ""}), "5 7 3 ");
  EXPECT_EQ(order_of({"", "", ""}), "3 5 7 ");
}

TEST(Priority, IncrementalStreamsShareTheConnection) {
  const std::string three = order_of({"i", "i", "i"});
  EXPECT_GE(three.size(), 2 * 7U) << three;  // none waits for another's end
  for (const char* stream : {"3 ", "5 ", "7 "}) EXPECT_NE(three.substr(0, 6).find(stream), std::string::npos) << three;
  const std::string two = order_of({"u=4, i", "u=4, i", "u=2"});
  EXPECT_TRUE(two.starts_with("7 3 5 3 ") || two.starts_with("7 3 5 3") || two.starts_with("7 5 3 5")) << two;
  EXPECT_EQ(two.find('7', 1), std::string::npos) << two;
}

TEST(Priority, AFrameChangesThePriorityOfItsStream) {
  EXPECT_EQ(order_of({"u=1", "", ""}, priority_update(7, "u=0")), "7 3 5 ");
  EXPECT_EQ(order_of({"", "", ""}, priority_update(3, "u=7")), "5 7 3 ");
}

TEST(Priority, AFrameThatComesBeforeItsStreamCountsMoreThanTheField) {
  EXPECT_EQ(order_of({"u=1", "", "u=7"}, "", priority_update(7, "u=2") + priority_update(7, "u=0")), "7 3 5 ");
}

TEST(Priority, FramesForStreamsThatNeverBeginAreForgotten) {
  std::string early;
  for (StreamId id = 101; id < 101 + 2 * 500; id += 2) early += priority_update(id, "u=0");
  EXPECT_EQ(order_of({"", "", ""}, "", early), "3 5 7 ");
}

}  // namespace
}  // namespace padlock::http::h2

// What a peer can make us do for nothing (docs/threats.md, H16 to H19, H21): each flood at its bound and above it, with
// a clock of the test's own.
#include <gtest/gtest.h>
#include <malloc.h>

#include <functional>
#include <string>
#include <vector>

#include "padlock/http/h2/rules.h"
#include "padlock/http/h2/testing/frames.h"
#include "padlock/http/h2/testing/peer.h"
#include "padlock/http/h2/testing/run.h"
#include "padlock/http/limits.h"

namespace padlock::http::h2 {
namespace {

using namespace std::chrono_literals;
using testing::after_noon;
using testing::Answering;
using testing::data;
using testing::get;
using testing::has_frame;
using testing::headers;
using testing::hello;
using testing::post;
using testing::Record;
using testing::run;
using testing::window_update;

const auto ignore = [](const Event&) {};

/// A server whose application answers each request at once, and what it is fed.
struct Served {
  Connection connection = Connection::server("https");
  Record record;
  StreamId next = 1;

  Served() { feed(hello()); }
  void feed(const std::string& frames, std::chrono::milliseconds time = 0ms) {
    run(connection, {frames}, record, Answering(connection), after_noon(time));
  }
  StreamId next_stream() { return std::exchange(next, next + 2); }
  bool alive() const { return !connection.finished(); }
  std::string end() const { return record.events.empty() ? "" : record.events.back(); }
};

constexpr std::string_view calm = "GOAWAY";

void expect_calmed(const Served& served, const Rule& rule) {
  EXPECT_EQ(served.end(), "failed " + std::string(rule.code));
  const auto frames = testing::frames_of(served.record.output);
  EXPECT_TRUE(frames.back().starts_with(calm) && frames.back().ends_with("ENHANCE_YOUR_CALM")) << frames.back();
}

/// How many times `once` works before the connection ends.
int rounds(Served& served, int most, const std::function<void(Served&)>& once) {
  int count = 0;
  while (count < most) {
    once(served);
    if (!served.alive()) break;
    ++count;
  }
  return count;
}

// ---- resets (H16)

TEST(H2Resets, ByThePeerAreBounded) {
  Served served;
  const auto rapid = [](Served& to) {
    const StreamId id = to.next_stream();
    to.feed(headers(id, get()) + testing::rst_stream(id));
  };
  EXPECT_EQ(rounds(served, 1000, rapid), 200);
  expect_calmed(served, rules::h2_reset_flood);
}

TEST(H2Resets, ComeBackWithTime) {
  Served served;
  const auto reset = [](std::chrono::milliseconds time) {
    return [time](Served& to) {
      const StreamId id = to.next_stream();
      to.feed(headers(id, get(), false) + testing::rst_stream(id), time);
    };
  };
  EXPECT_EQ(rounds(served, 200, reset(0ms)), 200);
  EXPECT_EQ(rounds(served, 33, reset(1001ms)), 33);
  EXPECT_EQ(rounds(served, 2, reset(1001ms)), 0);
}

/// The ways in which a peer makes the server reset, or its connection end (CVE-2025-8671).
TEST(H2Resets, ThatAPeerProvokesCountTheSame) {
  const std::vector<std::pair<const char*, std::function<std::string(StreamId)>>> triggers{
      {"window 0", [](StreamId id) { return headers(id, get(), false) + window_update(id, 0); }},
      {"window overflow", [](StreamId id) { return headers(id, get(), false) + window_update(id, 0x7fffffff); }},
      {"PRIORITY length",
       [](StreamId id) { return headers(id, get(), false) + testing::frame(FrameType::PRIORITY, 0, id, "1234"); }},
      {"PRIORITY self", [](StreamId id) { return headers(id, get(), false) + testing::priority(id, id); }},
      {"DATA after END_STREAM", [](StreamId id) { return headers(id, get()) + data(id, "x"); }},
      {"HEADERS after END_STREAM", [](StreamId id) { return headers(id, get()) + headers(id, {{"x", "y"}}); }},
      {"malformed head", [](StreamId id) { return headers(id, {{"X", "y"}}); }},
      {"body too long",
       [](StreamId id) { return headers(id, post({{"content-length", "1"}}), false) + data(id, "xy"); }},
  };
  for (const auto& [name, trigger] : triggers) {
    SCOPED_TRACE(name);
    Connection server = Connection::server("https");
    Record record;
    run(server, {hello()}, record, ignore);
    StreamId id = 1;
    int count = 0;
    for (; count < 1000 && !server.finished(); ++count, id += 2) {
      run(server, {trigger(id)}, record, ignore);
      server.released(id);
    }
    EXPECT_LE(count, 201);
    EXPECT_TRUE(server.finished());
    EXPECT_TRUE(has_frame(record.output, "GOAWAY"));
  }
}

TEST(H2Resets, OfBodiesThatNobodyWantedAreNone) {
  Served served;
  const auto upload = [](Served& to) {
    const StreamId id = to.next_stream();
    run(to.connection, {headers(id, post(), false)}, to.record, [&](const Event& event) {
      if (!std::holds_alternative<RequestHead>(event)) return;
      EXPECT_TRUE(to.connection.send_response(id, Response{404, {}}, NoBody{}));
      to.connection.released(id);
    });
  };
  EXPECT_EQ(rounds(served, 500, upload), 500);
}

TEST(H2Resets, WorkThatIsCancelledStaysInFlightUntilItEnds) {
  Connection server = Connection::server("https");
  Record record;
  std::vector<StreamId> working;
  const auto work = [&](const Event& event) {
    if (const auto* head = std::get_if<RequestHead>(&event)) working.push_back(head->stream);
  };
  run(server, {hello()}, record, work);
  for (StreamId id = 1; id < 300; id += 2) run(server, {headers(id, get()) + testing::rst_stream(id)}, record, work);
  EXPECT_EQ(working.size(), limits::h2_concurrent_streams);
  EXPECT_EQ(server.streams(), limits::h2_concurrent_streams);
  EXPECT_TRUE(record.has("201 refused http.h2.stream_refused"));
  EXPECT_TRUE(has_frame(record.output, "RST_STREAM 201 REFUSED_STREAM"));
  server.released(working.front());
  run(server, {headers(301, get()) + headers(303, get())}, record, work);
  EXPECT_EQ(working.back(), 301);
  EXPECT_TRUE(record.has("303 refused http.h2.stream_refused"));
}

TEST(H2Streams, TheHundredAndFirstIsRefusedAndCanBeSentAgain) {
  Connection server = Connection::server("https");
  Record record;
  std::string input = hello();
  for (StreamId id = 1; id <= 201; id += 2) input += headers(id, get("/" + std::to_string(id)));
  run(server, {input}, record, ignore);
  EXPECT_TRUE(record.has("199 end"));
  EXPECT_TRUE(record.has("201 refused http.h2.stream_refused"));
  EXPECT_TRUE(has_frame(record.output, "RST_STREAM 201 REFUSED_STREAM"));
  EXPECT_FALSE(has_frame(record.output, "GOAWAY"));
  EXPECT_TRUE(server.send_response(1, Response{204, {}}, NoBody{}));
  server.released(1);
  testing::take_output(server, record);
  run(server, {headers(203, get("/again", {{"x", "decoded"}}))}, record, ignore);
  EXPECT_EQ(record.events.back(), "203 end");
}

// ---- frames that carry nothing (H17)

TEST(H2Floods, UselessFramesAreBoundedInEachForm) {
  const std::vector<std::pair<const char*, std::string>> forms{
      {"PING", testing::ping()},
      {"PING ACK", testing::frame(FrameType::PING, flags::ACK, 0, "12345678")},
      {"SETTINGS", testing::settings()},
      {"SETTINGS with entries", testing::settings({{SettingId::INITIAL_WINDOW_SIZE, 1000}})},
      {"PRIORITY", testing::priority(3, 1)},
      {"PRIORITY_UPDATE", testing::priority_update(1, "u=1")},
      {"unknown", testing::frame(static_cast<FrameType>(0x20), 0, 0, "x")},
      {"unknown, empty", testing::frame(static_cast<FrameType>(0xff), 0xff, 1)},
      {"empty DATA", data(1, "")},
      {"padded DATA", testing::frame(FrameType::DATA, flags::PADDED, 1, std::string("\x03\0\0\0", 4))},
      {"WINDOW_UPDATE", window_update(0, 1)},
      {"WINDOW_UPDATE of a stream", window_update(1, 1)},
  };
  for (const auto& [name, form] : forms) {
    SCOPED_TRACE(name);
    Served served;
    served.feed(headers(1, post(), false));
    const int count = rounds(served, 3000, [&](Served& to) { to.feed(form); });
    EXPECT_EQ(count, 998);  // the hello had two
    expect_calmed(served, rules::h2_useless_frame_flood);
  }
}

TEST(H2Floods, UselessFramesComeBackWithTime) {
  Served served;
  EXPECT_EQ(rounds(served, 998, [](Served& to) { to.feed(testing::ping()); }), 998);
  EXPECT_EQ(rounds(served, 50, [](Served& to) { to.feed(testing::ping(), 500ms); }), 50);
  EXPECT_EQ(rounds(served, 10, [](Served& to) { to.feed(testing::ping(), 505ms); }), 0);
}

TEST(H2Floods, ContinuationsAreBoundedInEachBlock) {
  const auto block = [](StreamId id, std::size_t continuations) {
    const std::string fields = testing::hpack(get());
    std::string frames = testing::frame(FrameType::HEADERS, flags::END_STREAM, id, fields.substr(0, 1));
    for (std::size_t i = 1; i <= continuations; ++i) {
      const bool last = i == continuations;
      frames += testing::frame(FrameType::CONTINUATION, last ? flags::END_HEADERS : 0, id,
                               last ? fields.substr(i) : fields.substr(i, 1));
    }
    return frames;
  };
  Served served;
  for (int i = 0; i < 20; ++i) served.feed(block(served.next_stream(), limits::h2_continuations));
  EXPECT_TRUE(served.alive());
  EXPECT_EQ(served.end(), "39 end");
  served.feed(block(served.next_stream(), limits::h2_continuations + 1));
  expect_calmed(served, rules::h2_continuation_flood);
  Served empty;
  empty.feed(testing::frame(FrameType::HEADERS, 0, 1));
  EXPECT_EQ(rounds(empty, 100, [](Served& to) { to.feed(testing::frame(FrameType::CONTINUATION, 0, 1)); }), 8);
}

TEST(H2Floods, AUsualClientsWindowUpdatesAreNoFlood) {
  testing::Peer peer = testing::Peer::client();
  Connection server = Connection::server("https");
  Record record;
  std::string body;
  body.resize(10'000'000, 'x');
  std::string_view left = body;
  peer.request(get());
  const auto push = [&](const Event& event) {
    if (std::holds_alternative<RequestHead>(event)) {
      EXPECT_TRUE(server.send_response(1, Response{}, KnownLength{body.size()}));
    }
    if (std::holds_alternative<RequestHead>(event) || std::holds_alternative<Writable>(event)) {
      left.remove_prefix(server.send_body(1, as_bytes(left)).value_or(0));
      if (left.empty()) {
        EXPECT_TRUE(server.end_message(1));
      }
    }
  };
  std::size_t received = 0;
  for (int round = 0; round < 5000 && !record.has("1 sent"); ++round) {
    run(server, {peer.output()}, record, push);
    ASSERT_TRUE(peer.feed(std::exchange(record.output, {})));
    for (const std::string& event : peer.events()) received += event.starts_with("1 data ") ? event.size() - 7 : 0;
  }
  EXPECT_EQ(received, body.size());
  EXPECT_FALSE(server.finished());
}

// ---- dribbled windows (H19)

TEST(H2Windows, DribbledOpenAreBounded) {
  Served served;
  run(served.connection, {testing::settings({{SettingId::INITIAL_WINDOW_SIZE, 0}}) + headers(1, get())}, served.record,
      [&](const Event& event) {
        if (!std::holds_alternative<RequestHead>(event)) return;
        EXPECT_TRUE(served.connection.send_response(1, Response{}, UnknownLength{}));
        EXPECT_TRUE(served.connection.send_body(1, as_bytes(std::string(60'000, 'x'))));
      });
  EXPECT_EQ(rounds(served, 5000, [](Served& to) { to.feed(window_update(1, 1)); }), 997);
  expect_calmed(served, rules::h2_useless_frame_flood);
}

// ---- compression (H18)

/// A block that puts one value of 4,000 bytes into the table, and refers to it `count` times.
std::string bomb(StreamId id, std::size_t count) {
  const std::string value(4000, 'a');
  std::string block = testing::hpack(get());
  block += '\x40' + testing::hpack_length(1) + "x" + testing::hpack_length(value.size()) + value;
  block += std::string(count, '\xbe');  // index 62: the youngest entry
  std::string frames = testing::frame(FrameType::HEADERS, flags::END_STREAM, id, block.substr(0, 16'384));
  for (std::size_t at = 16'384; at < block.size(); at += 16'384)
    frames += testing::frame(FrameType::CONTINUATION, 0, id, block.substr(at, 16'384));
  return frames + testing::frame(FrameType::CONTINUATION, flags::END_HEADERS, id);
}

TEST(H2Compression, AListThatIsTooLongIsAnsweredAndTheStateIsKept) {
  Served served;
  served.feed(bomb(1, 20));
  EXPECT_EQ(served.end(), "1 refused http.fields.too_large");
  EXPECT_TRUE(has_frame(served.record.output, "HEADERS 1 :status=431"));
  // The entry is in the table still.
  std::string fields = testing::hpack(get()) + '\xbe';
  served.feed(testing::frame(FrameType::HEADERS, flags::END_STREAM | flags::END_HEADERS, 3, fields));
  EXPECT_EQ(served.end(), "3 end");
}

TEST(H2Compression, ABombEndsTheConnectionEarly) {
  Served served;
  served.feed(bomb(1, 16'000));
  expect_calmed(served, rules::h2_decompression_bomb);
}

TEST(H2Compression, TheTableIsNoLargerThanWeSaid) {
  const auto size_update = [](std::string block) {
    return testing::frame(FrameType::HEADERS, flags::END_STREAM | flags::END_HEADERS, 1,
                          std::move(block) + testing::hpack(get()));
  };
  Served good;
  good.feed(size_update("\x3f\xe1\x1f"));  // 4096
  EXPECT_EQ(good.end(), "1 end");
  Served bad;
  bad.feed(size_update("\x3f\xe2\x1f"));  // 4097
  EXPECT_EQ(bad.end(), "failed http.h2.compression");
}

// ---- memory

std::size_t allocated() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

/// Sanitizers' allocators tell nothing.
bool can_measure() {
  const std::size_t before = allocated();
  const std::vector<char> some(100'000, 'x');
  return allocated() >= before + some.size();
}

TEST(H2Memory, AnIdleConnectionIsSmall) {
  if (!can_measure()) return;
  const std::size_t before = allocated();
  std::vector<Connection> connections;
  connections.reserve(100);
  Record record;
  for (int i = 0; i < 100; ++i) {
    connections.push_back(Connection::server("https"));
    for (int request = 0; request < 20; ++request)
      run(connections.back(), {(request == 0 ? hello() : "") + headers(2 * request + 1, get())}, record,
          Answering(connections.back()));
    record = {};
  }
  EXPECT_LT((allocated() - before) / connections.size(), 32'768U);
}

TEST(H2Memory, FloodsOfAPeerThatReadsNothingAreBounded) {
  if (!can_measure()) return;
  const std::vector<std::pair<const char*, std::function<std::string(StreamId)>>> floods{
      {"PING", [](StreamId) { return testing::ping(); }},
      {"SETTINGS", [](StreamId) { return testing::settings(); }},
      {"requests", [](StreamId id) { return headers(id, get()); }},
      {"refused requests", [](StreamId id) { return headers(id, {{"X", "y"}}); }},
      {"431", [](StreamId id) { return bomb(id, 10); }},
      {"begun blocks",
       [](StreamId id) {
         return testing::frame(FrameType::HEADERS, 0, id, testing::hpack({{"x", std::string(16'000, 'a')}}));
       }},
      {"PRIORITY_UPDATE", [](StreamId id) { return testing::priority_update(id, "u=1"); }},
  };
  for (const auto& [name, flood] : floods) {
    SCOPED_TRACE(name);
    const std::size_t before = allocated();
    std::size_t most = 0;
    {
      Connection server = Connection::server("https");
      std::string waiting = hello();
      for (StreamId id = 1; id < 20'000; id += 2) {
        waiting += flood(id);
        const auto taken = server.feed(as_bytes(waiting), after_noon(std::chrono::milliseconds(id * 20)));
        while (auto event = server.next_event()) {
          if (const auto* head = std::get_if<RequestHead>(&*event)) server.released(head->stream);
        }
        const std::size_t held = waiting.capacity();
        most = std::max(most, allocated() - before - std::min(allocated() - before, held));
        if (!taken || *taken == 0) break;
        waiting.erase(0, *taken);
      }
    }
    EXPECT_LT(most, std::size_t{256} * 1024);
    EXPECT_GT(most, 16'384U);  // what nghttp2 needs alone: it was measured
  }
}

TEST(H2Memory, AFullOutputStopsTheInput) {
  Connection server = Connection::server("https");
  EXPECT_TRUE(server.feed(as_bytes(hello()), testing::noon));
  std::chrono::milliseconds time = 0ms;
  while (server.feed(as_bytes(testing::ping()), after_noon(time += 10ms)).value_or(0) > 0) ASSERT_LT(time, 100s);
  EXPECT_EQ(server.waiting_for(), Waiting::room_for_output);
  const std::size_t size = server.output().size();
  EXPECT_LE(size, limits::h2_waiting_output_bytes + 100);
  server.output_sent(size);
  EXPECT_FALSE(server.output().empty());
  EXPECT_EQ(server.waiting_for(), Waiting::peer_bytes);
}

// ---- the same from a server

TEST(H2Client, IsFloodedNoMoreThanAServer) {
  for (const std::string& form :
       {testing::ping(), testing::settings(), testing::frame(static_cast<FrameType>(0x20), 0, 0), data(1, ""),
        window_update(0, 1), testing::priority(3, 1)}) {
    Connection client = Connection::client();
    Record record;
    EXPECT_TRUE(client.send_request(Request{"GET", "https", "localhost", "/", {}}, NoBody{}));
    run(client, {testing::server_hello() + headers(1, {{":status", "200"}}, false)}, record, ignore);
    int count = 0;
    for (; count < 3000 && !client.finished(); ++count) run(client, {form}, record, ignore);
    EXPECT_EQ(count, 999);
    EXPECT_EQ(record.events.back(), "failed http.h2.flood.useless_frames");
  }
}

TEST(H2Client, ResetsByAServerAreBounded) {
  Connection client = Connection::client();
  Record record;
  run(client, {testing::server_hello()}, record, ignore);
  int count = 0;
  for (; count < 1000 && !client.finished(); ++count) {
    const auto id = client.send_request(Request{"GET", "https", "localhost", "/", {}}, NoBody{});
    ASSERT_TRUE(id);
    testing::take_output(client, record);
    run(client, {testing::rst_stream(*id, ErrorCode::INTERNAL_ERROR)}, record, ignore);
  }
  EXPECT_EQ(count, 201);
  EXPECT_EQ(record.events.back(), "failed http.h2.flood.resets");
}

TEST(H2Client, ABombEndsTheConnectionEarly) {
  const auto record = testing::receive({testing::server_hello() + bomb(1, 16'000)});
  EXPECT_TRUE(record.has("failed http.h2.flood.fields"));
}

}  // namespace
}  // namespace padlock::http::h2

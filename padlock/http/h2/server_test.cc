// The server's side, by frames written by hand and against nghttp2's own client.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "padlock/http/h2/rules.h"
#include "padlock/http/h2/testing/frames.h"
#include "padlock/http/h2/testing/peer.h"
#include "padlock/http/h2/testing/run.h"
#include "padlock/http/limits.h"
#include "padlock/http/rules.h"

namespace padlock::http::h2 {
namespace {

using testing::count_frames;
using testing::data;
using testing::frames_of;
using testing::get;
using testing::has_frame;
using testing::headers;
using testing::hello;
using testing::Peer;
using testing::post;
using testing::Record;
using testing::run;
using testing::serve;
using testing::take_events;
using testing::take_output;

const auto ignore = [](const Event&) {};

std::string file_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + i % 26);
  return bytes;
}

/// A text, as a file would be read; fails at `fail_at`.
class TextSource final : public BodySource {
 public:
  explicit TextSource(std::string text, std::size_t fail_at = SIZE_MAX) : text_(std::move(text)), fail_at_(fail_at) {}
  Result<void> read(std::span<std::uint8_t> into) override {
    if (at_ + into.size() > fail_at_) return broken(rules::out_of_order, "the file became shorter");
    copy_bytes(as_bytes(text_).subspan(at_, into.size()), into);
    at_ += into.size();
    return {};
  }

 private:
  std::string text_;
  std::size_t fail_at_;
  std::size_t at_ = 0;
};

/// Both ends, until neither has more to say.
template <class OnEvent>
void talk(Peer& peer, Connection& server, Record& record, OnEvent&& on_event) {
  for (int round = 0; round < 1000; ++round) {
    const std::string from_peer = peer.output();
    run(server, {from_peer}, record, on_event);
    const std::string to_peer = std::exchange(record.output, {});
    EXPECT_TRUE(peer.feed(to_peer));
    if (from_peer.empty() && to_peer.empty()) return;
  }
  ADD_FAILURE() << "they never come to an end";
}

TEST(H2Server, BeginsWithItsSettings) {
  Connection server = Connection::server("https");
  const std::string output(as_text(server.output()));
  EXPECT_EQ(frames_of(output).front(), "SETTINGS 3=100 4=65536 6=32768 9=1");
  EXPECT_EQ(frames_of(output).back(), "WINDOW_UPDATE 0 983041");
  EXPECT_EQ(server.waiting_for(), Waiting::peer_bytes);
}

TEST(H2Server, AnswersARequest) {
  const auto record = serve({hello() + headers(1, get("/a?b"))});
  EXPECT_EQ(record.events, (std::vector<std::string>{"1 request GET /a?b of localhost", "1 end"}));
  EXPECT_TRUE(has_frame(record.output, "HEADERS 1 END_STREAM :status=204")) << record.output;
}

TEST(H2Server, TakesABodyWithTrailersAndGivesTheWindowBackAsItIsConsumed) {
  std::vector<std::string> input{hello() + headers(1, post({{"content-length", "60000"}}), false)};
  const std::string body = file_bytes(60'000);
  for (const auto& piece : testing::cut(body, 15'000)) input.push_back(data(1, piece));
  input.push_back(headers(1, {{"x-sum", "7"}}));
  const auto record = serve(input);
  EXPECT_EQ(record.events,
            (std::vector<std::string>{"1 request POST / of localhost with body", "1 body " + body, "1 end x-sum=7"}));
  EXPECT_TRUE(has_frame(record.output, "WINDOW_UPDATE 1 "));
}

TEST(H2Server, WhatIsNotConsumedKeepsTheWindowShut) {
  Connection server = Connection::server("https");
  Record record;
  run(server, {hello() + headers(1, post(), false)}, record, ignore);
  record.output.clear();
  for (int i = 0; i < 4; ++i) run(server, {data(1, file_bytes(16'000))}, record, ignore);
  EXPECT_FALSE(has_frame(record.output, "WINDOW_UPDATE"));
  server.consumed(1, 64'000);
  take_output(server, record);
  EXPECT_TRUE(has_frame(record.output, "WINDOW_UPDATE 1 64000"));
  run(server,
      {data(1, file_bytes(16'000)), data(1, file_bytes(16'000)), data(1, file_bytes(16'000)),
       data(1, file_bytes(16'000)), data(1, file_bytes(16'000))},
      record, ignore);
  EXPECT_TRUE(record.has("1 reset FLOW_CONTROL_ERROR http.h2.flow_control")) << record.events.back();
}

TEST(H2Server, BodiesOfStreamsThatEndedDoNotEatTheConnectionsWindow) {
  Connection server = Connection::server("https");
  Record record;
  run(server, {hello()}, record, ignore);
  // Four times the connection's window in bodies that nobody consumes, each cancelled.
  for (StreamId id = 1; id < 160; id += 2) {
    run(server, {headers(id, post(), false)}, record, ignore);
    for (int i = 0; i < 4; ++i) run(server, {data(id, file_bytes(16'000))}, record, ignore);
    run(server, {testing::rst_stream(id)}, record, ignore);
    server.released(id);
  }
  EXPECT_FALSE(server.finished()) << record.events.back();
}

TEST(H2Server, CookieCrumbsAreOneField) {
  Connection server = Connection::server("https");
  Record record;
  std::string cookie;
  run(server, {hello() + headers(1, get("/", {{"cookie", "a=1"}, {"x", "y"}, {"cookie", "b=2"}, {"cookie", "c=3"}}))},
      record, [&](const Event& event) {
        const auto* head = std::get_if<RequestHead>(&event);
        if (head == nullptr) return;
        EXPECT_EQ(head->request.fields.count("cookie"), 1U);
        cookie = head->request.fields.find("cookie").value_or("");
      });
  EXPECT_EQ(cookie, "a=1; b=2; c=3");
}

TEST(H2Server, AnswersManyStreamsToAnotherImplementation) {
  Peer peer = Peer::client();
  Connection server = Connection::server("https");
  Record record;
  for (int i = 0; i < 50; ++i) peer.request(get("/" + std::to_string(i)));
  talk(peer, server, record, [&](const Event& event) {
    const auto* head = std::get_if<RequestHead>(&event);
    if (head == nullptr) return;
    Response response;
    response.fields.add("X-Path", head->request.target);
    response.fields.add("Connection", "close");
    EXPECT_TRUE(server.send_response(head->stream, response, KnownLength{5}));
    EXPECT_EQ(server.send_body(head->stream, as_bytes("hello")), 5U);
    EXPECT_TRUE(server.end_message(head->stream));
    server.released(head->stream);
  });
  const auto events = peer.events();
  EXPECT_EQ(std::ranges::count(events, "1 :status=200 content-length=5 x-path=/0"), 1);
  EXPECT_EQ(std::ranges::count(events, "99 data hello"), 1);
  EXPECT_EQ(std::ranges::count_if(events, [](const auto& event) { return event.ends_with(" end"); }), 50);
  EXPECT_EQ(server.streams(), 0U);
}

TEST(H2Server, EchoesBodiesAndTrailersThroughWindows) {
  Peer peer = Peer::client();
  Connection server = Connection::server("https");
  Record record;
  const std::string body = file_bytes(500'000);
  peer.request(post({{"content-length", "500000"}}), body, {{"x-trailer", "last"}});
  std::string waiting;
  bool ended = false;
  const auto push = [&] {
    const auto taken = server.send_body(1, as_bytes(waiting));
    server.consumed(1, taken.value_or(0));
    waiting.erase(0, taken.value_or(0));
    Fields trailers;
    trailers.add("X-Trailer", "echoed");
    if (ended && waiting.empty()) {
      EXPECT_TRUE(server.end_message(1, trailers));
    }
  };
  talk(peer, server, record, [&](const Event& event) {
    if (std::holds_alternative<RequestHead>(event)) {
      EXPECT_TRUE(server.send_response(1, Response{}, UnknownLength{}));
    }
    if (const auto* got = std::get_if<BodyData>(&event)) waiting += as_text(got->bytes);
    if (const auto* end = std::get_if<MessageEnd>(&event)) {
      EXPECT_EQ(end->trailers.find("x-trailer"), "last");
      ended = true;
    }
    if (!std::holds_alternative<MessageSent>(event)) push();
  });
  EXPECT_EQ(peer.events(),
            (std::vector<std::string>{"1 :status=200", "1 data " + body, "1 x-trailer=echoed", "1 end"}));
}

TEST(H2Server, BodiesWaitForThePeersWindowAndTheSourceIsPaused) {
  Connection server = Connection::server("https");
  Record record;
  run(server, {hello({{SettingId::INITIAL_WINDOW_SIZE, 10}}) + headers(1, get())}, record, ignore);
  ASSERT_TRUE(server.send_response(1, Response{}, UnknownLength{}));
  EXPECT_EQ(server.writable(1), limits::h2_stream_buffer_bytes);
  EXPECT_EQ(server.send_body(1, as_bytes(file_bytes(100'000))), limits::h2_stream_buffer_bytes);
  EXPECT_EQ(server.writable(1), 0U);
  take_output(server, record);
  EXPECT_EQ(server.writable(1), 10U);
  EXPECT_EQ(server.send_body(1, as_bytes(file_bytes(100))), 10U);
  EXPECT_TRUE(has_frame(record.output, "DATA 1 10"));
  EXPECT_FALSE(record.has("1 writable"));
  run(server, {testing::window_update(1, 40'000)}, record, ignore);
  EXPECT_TRUE(record.has("1 writable"));
  EXPECT_EQ(server.writable(1), 40'000U);
}

TEST(H2Server, AFileIsReadStraightIntoTheOutput) {
  Peer peer = Peer::client();
  Connection server = Connection::server("https");
  Record record;
  const std::string file = file_bytes(300'000);
  peer.request(get());
  const auto answer = [&](const Event& event) {
    if (!std::holds_alternative<RequestHead>(event)) return;
    EXPECT_TRUE(server.send_response(1, Response{}, KnownLength{file.size()}));
    EXPECT_TRUE(server.send_body_from(1, std::make_unique<TextSource>(file)));
    server.released(1);  // nothing more is done for it
  };
  // As a session does: records of 16 KiB are filled by the connection itself.
  std::vector<std::uint8_t> room(16'384);
  for (int round = 0; round < 200; ++round) {
    const std::string input = peer.output();
    Bytes left = as_bytes(input);
    while (!left.empty()) {
      const auto taken = server.feed(left, testing::noon);
      ASSERT_TRUE(taken);
      left = left.subspan(*taken);
      take_events(server, record, answer);
    }
    const std::size_t filled = server.write_output(room);
    take_events(server, record, answer);
    ASSERT_TRUE(peer.feed(as_text(Bytes(room).first(filled))));
  }
  const auto events = peer.events();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0], "1 :status=200 content-length=300000");
  EXPECT_EQ(events[1], "1 data " + file);
  EXPECT_EQ(server.streams(), 0U);
}

TEST(H2Server, WriteOutputFillsAnyRoom) {
  for (const std::size_t size : {1U, 8U, 9U, 10U, 50U, 1000U, 1033U, 1040U, 5000U}) {
    Connection server = Connection::server("https");
    Record record;
    const std::string body = file_bytes(3000);
    run(server, {hello() + headers(1, get())}, record, ignore);
    EXPECT_TRUE(server.send_response(1, Response{}, KnownLength{body.size()}));
    EXPECT_EQ(server.send_body(1, as_bytes(body)), body.size());
    EXPECT_TRUE(server.end_message(1));
    std::vector<std::uint8_t> room(size);
    for (int i = 0; i < 10'000; ++i) {
      const std::size_t filled = server.write_output(room);
      if (filled == 0 && size >= 1033) break;
      record.output += as_text(Bytes(room).first(filled));
      if (filled == 0) take_output(server, record);  // no DATA goes into a room so small
    }
    EXPECT_EQ(count_frames(record.output, "DATA 1 END_STREAM"), 1U) << size;
    EXPECT_FALSE(has_frame(record.output, "truncated"));
    take_events(server, record, ignore);
    EXPECT_TRUE(record.has("1 sent")) << size;
  }
}

TEST(H2Server, ASourceThatFailsResetsItsStreamAlone) {
  Connection server = Connection::server("https");
  Record record;
  run(server, {hello() + headers(1, get()) + headers(3, get())}, record, ignore);
  ASSERT_TRUE(server.send_response(1, Response{}, KnownLength{50'000}));
  ASSERT_TRUE(server.send_body_from(1, std::make_unique<TextSource>(file_bytes(20'000), 20'000)));
  take_output(server, record);
  take_events(server, record, ignore);
  EXPECT_TRUE(has_frame(record.output, "RST_STREAM 1 INTERNAL_ERROR"));
  EXPECT_FALSE(has_frame(record.output, "DATA 1 END_STREAM"));
  EXPECT_EQ(record.events.back(), "1 reset INTERNAL_ERROR http.send.out_of_order");
  EXPECT_TRUE(server.send_response(3, Response{204, {}}, NoBody{}));
  for (const std::string& frame : frames_of(record.output)) EXPECT_EQ(frame.find("truncated"), std::string::npos);
}

TEST(H2Server, HeadAndBodilessStatusesGetNoBody) {
  Connection server = Connection::server("https");
  Record record;
  auto head = get();
  head.front().second = "HEAD";
  run(server, {hello() + headers(1, head) + headers(3, get()) + headers(5, get()) + headers(7, get())}, record, ignore);
  EXPECT_TRUE(server.send_response(1, Response{}, KnownLength{5}));
  EXPECT_EQ(server.send_body(1, as_bytes("hello")), 5U);
  EXPECT_TRUE(server.end_message(1));
  EXPECT_TRUE(server.send_response(3, Response{304, {}}, KnownLength{5}));
  EXPECT_TRUE(server.end_message(3));
  EXPECT_TRUE(server.send_response(5, Response{200, {}}, NoBody{}));
  EXPECT_TRUE(server.send_response(7, Response{200, {}}, KnownLength{0}));
  EXPECT_TRUE(server.end_message(7));
  take_output(server, record);
  EXPECT_TRUE(has_frame(record.output, "HEADERS 1 END_STREAM :status=200 content-length=5"));
  EXPECT_TRUE(has_frame(record.output, "HEADERS 3 END_STREAM :status=304 content-length=5"));
  EXPECT_TRUE(has_frame(record.output, "HEADERS 5 END_STREAM :status=200 content-length=0"));
  EXPECT_TRUE(has_frame(record.output, "HEADERS 7 END_STREAM :status=200 content-length=0"));
  EXPECT_FALSE(has_frame(record.output, "DATA"));
}

TEST(H2Server, InvitesABodyOnceAndOnlyWhileItWaits) {
  Connection server = Connection::server("https");
  Record record;
  run(server, {hello() + headers(1, post({{"expect", "100-continue"}}), false)}, record, ignore);
  EXPECT_EQ(record.events.front(), "1 request POST / of localhost with body expecting");
  EXPECT_TRUE(server.send_continue(1));
  EXPECT_TRUE(server.send_continue(1));
  take_output(server, record);
  EXPECT_EQ(count_frames(record.output, "HEADERS 1 :status=100"), 1U);
  run(server, {headers(3, post({{"expect", "100-continue"}}), false) + data(3, "x")}, record, ignore);
  EXPECT_TRUE(server.send_continue(3));
  take_output(server, record);
  EXPECT_FALSE(has_frame(record.output, "HEADERS 3 :status=100"));
}

TEST(H2Server, AnAnswerBeforeTheBodysEndStopsTheBody) {
  Connection server = Connection::server("https");
  Record record;
  run(server, {hello() + headers(1, post(), false) + data(1, "some")}, record, ignore);
  EXPECT_TRUE(server.send_response(1, Response{404, {}}, NoBody{}));
  take_output(server, record);
  EXPECT_TRUE(has_frame(record.output, "RST_STREAM 1 NO_ERROR"));
  const std::size_t before = record.events.size();
  run(server, {data(1, "more") + data(1, "", true)}, record, ignore);
  EXPECT_EQ(record.events.size(), before + 1);
  EXPECT_EQ(record.events.back(), "1 sent");
}

TEST(H2Server, AResponseThatIsNotWholeWhenItsWorkEndsIsReset) {
  Connection server = Connection::server("https");
  Record record;
  run(server, {hello() + headers(1, get()) + headers(3, get())}, record, ignore);
  EXPECT_TRUE(server.send_response(1, Response{}, KnownLength{5}));
  server.released(1);
  server.released(3);
  take_output(server, record);
  EXPECT_TRUE(has_frame(record.output, "RST_STREAM 1 INTERNAL_ERROR"));
  EXPECT_TRUE(has_frame(record.output, "RST_STREAM 3 INTERNAL_ERROR"));
  EXPECT_EQ(server.streams(), 0U);
}

TEST(H2Server, BodiesAreAsLongAsTheirHeadSays) {
  Connection server = Connection::server("https");
  Record record;
  run(server, {hello() + headers(1, get()) + headers(3, get())}, record, ignore);
  EXPECT_TRUE(server.send_response(1, Response{}, KnownLength{5}));
  EXPECT_EQ(server.send_body(1, as_bytes("123456")).error().rule, &rules::body_length_differs);
  EXPECT_TRUE(server.send_response(3, Response{}, KnownLength{5}));
  EXPECT_TRUE(server.send_body(3, as_bytes("1234")));
  EXPECT_EQ(server.end_message(3).error().rule, &rules::body_length_differs);
  take_output(server, record);
  EXPECT_TRUE(has_frame(record.output, "RST_STREAM 1 INTERNAL_ERROR"));
  EXPECT_TRUE(has_frame(record.output, "RST_STREAM 3 INTERNAL_ERROR"));
}

TEST(H2Server, WhatIsSentOnAStreamThatIsGoneSaysSo) {
  Connection server = Connection::server("https");
  Record record;
  run(server, {hello() + headers(1, get()) + testing::rst_stream(1)}, record, ignore);
  EXPECT_TRUE(record.has("1 reset CANCEL"));
  EXPECT_EQ(server.send_response(1, Response{}, NoBody{}).error().rule, &rules::h2_stream_gone);
  EXPECT_EQ(server.send_body(1, {}).error().rule, &rules::h2_stream_gone);
  EXPECT_EQ(server.end_message(1).error().rule, &rules::h2_stream_gone);
  EXPECT_EQ(server.send_response(99, Response{}, NoBody{}).error().rule, &rules::h2_stream_gone);
  EXPECT_EQ(server.writable(1), 0U);
  server.reset(1, ErrorCode::CANCEL);
  server.consumed(1, 10);
  server.released(1);
  server.released(1);
  EXPECT_EQ(server.streams(), 0U);
}

TEST(H2Server, AfterItsOwnResetNoEventsOfAStreamCome) {
  Connection server = Connection::server("https");
  Record record;
  run(server, {hello() + headers(1, get())}, record, [&](const Event& event) {
    if (std::holds_alternative<RequestHead>(event)) server.reset(1, ErrorCode::INTERNAL_ERROR);
  });
  EXPECT_EQ(record.events, (std::vector<std::string>{"1 request GET / of localhost"}));
  EXPECT_TRUE(has_frame(record.output, "RST_STREAM 1 INTERNAL_ERROR"));
}

TEST(H2Server, HeadInjectionAndReservedFieldsAreRefused) {
  Connection server = Connection::server("https");
  Record record;
  run(server, {hello() + headers(1, get())}, record, ignore);
  for (const auto& [name, value] : testing::FieldList{{"X", "a\r\nb"}, {"X", std::string("a\0b", 3)}, {"a b", "c"}}) {
    Response response;
    response.fields.add(name, value);
    EXPECT_EQ(server.send_response(1, response, NoBody{}).error().rule, &rules::field_injection);
  }
  for (const char* name : {"Content-Length", "Transfer-Encoding", "Host"}) {
    Response response;
    response.fields.add(name, "5");
    EXPECT_EQ(server.send_response(1, response, NoBody{}).error().rule, &rules::reserved_field);
  }
  EXPECT_EQ(server.send_response(1, Response{100, {}}, NoBody{}).error().rule, &rules::head_unsendable);
  EXPECT_TRUE(server.send_response(1, Response{}, NoBody{}));
  EXPECT_EQ(server.send_response(1, Response{}, NoBody{}).error().rule, &rules::out_of_order);
}

TEST(H2Server, ShutsDownWithoutLosingARequest) {
  Peer peer = Peer::client();
  Connection server = Connection::server("https");
  Record record;
  peer.request(get());
  const auto answer = [&](const Event& event) {
    const auto* end = std::get_if<MessageEnd>(&event);
    if (end == nullptr || end->stream == 1) return;
    EXPECT_TRUE(server.send_response(end->stream, Response{204, {}}, NoBody{}));
    server.released(end->stream);
  };
  run(server, {peer.output()}, record, answer);
  server.shutdown();
  take_output(server, record);
  EXPECT_TRUE(has_frame(record.output, "GOAWAY 2147483647 NO_ERROR"));
  peer.request(get());  // sent before the client knows
  run(server, {peer.output()}, record, answer);
  EXPECT_TRUE(has_frame(record.output, "HEADERS 3 END_STREAM :status=204"));
  EXPECT_TRUE(peer.feed(record.output));
  run(server, {peer.output()}, record, answer);  // acknowledges the PING
  EXPECT_TRUE(has_frame(record.output, "GOAWAY 3 NO_ERROR"));
  EXPECT_FALSE(server.finished());
  EXPECT_TRUE(server.send_response(1, Response{204, {}}, NoBody{}));
  take_output(server, record);
  take_events(server, record, ignore);
  EXPECT_TRUE(server.finished());
  EXPECT_EQ(record.events.back(), "closed");
  EXPECT_EQ(server.waiting_for(), Waiting::nothing);
}

TEST(H2Server, ShutDownAgainItIsFinalAtOnce) {
  Connection server = Connection::server("https");
  Record record;
  run(server, {hello()}, record, ignore);
  server.shutdown();
  server.shutdown();
  take_output(server, record);
  take_events(server, record, ignore);
  EXPECT_TRUE(has_frame(record.output, "GOAWAY 0 NO_ERROR"));
  EXPECT_EQ(record.events.back(), "closed");
}

TEST(H2Server, TheLastRequestOfAConnectionBeginsItsEnd) {
  Limits limits = Limits::for_server();
  limits.requests = 2;
  const auto record = serve({hello() + headers(1, get()) + headers(3, get())}, limits);
  EXPECT_TRUE(has_frame(record.output, "GOAWAY 2147483647 NO_ERROR"));
  EXPECT_FALSE(has_frame(serve({hello() + headers(1, get())}, limits).output, "GOAWAY"));
}

TEST(H2Server, ClosesAtOnce) {
  Connection server = Connection::server("https");
  Record record;
  run(server, {hello() + headers(1, get())}, record, ignore);
  server.close();
  EXPECT_TRUE(server.finished());
  take_output(server, record);
  EXPECT_EQ(frames_of(record.output).back(), "GOAWAY 1 NO_ERROR");
  EXPECT_EQ(server.send_response(1, Response{}, NoBody{}).error().rule, &rules::h2_stream_gone);
  server.released(1);
  EXPECT_EQ(server.feed(as_bytes(headers(3, get())), testing::noon), 0U);
}

TEST(H2Server, AnOwnersFailureIsTold) {
  Connection server = Connection::server("https");
  Record record;
  run(server, {hello()}, record, ignore);
  server.fail(Error{&rules::head_timeout, "nothing came"});
  take_output(server, record);
  take_events(server, record, ignore);
  EXPECT_EQ(record.events.back(), "failed http.head_timeout");
  EXPECT_EQ(frames_of(record.output).back(), "GOAWAY 0 PROTOCOL_ERROR");
}

TEST(H2Server, TheTransportsEndIsAFailureOnlyWithStreamsOpen) {
  for (const bool open : {false, true}) {
    Connection server = Connection::server("https");
    Record record;
    run(server, {hello() + (open ? headers(1, get()) : "")}, record, ignore);
    server.input_ended();
    take_events(server, record, ignore);
    EXPECT_EQ(record.events.back(), open ? "failed http.message_truncated" : "closed");
    EXPECT_TRUE(server.finished());
  }
}

TEST(H2Server, TakesAnExtendedConnectWhereItIsAllowed) {
  Limits limits = Limits::for_server();
  limits.extended_connect = true;
  Connection server = Connection::server("https", limits);
  Record record;
  const testing::FieldList connect{{":method", "CONNECT"},
                                   {":protocol", "websocket"},
                                   {":scheme", "https"},
                                   {":path", "/chat"},
                                   {":authority", "localhost"}};
  run(server, {hello() + headers(1, connect, false)}, record, ignore);
  EXPECT_EQ(frames_of(record.output).front(), "SETTINGS 3=100 4=65536 6=32768 9=1 8=1");
  EXPECT_EQ(record.events.back(), "1 request CONNECT /chat of localhost for websocket with body");
  EXPECT_TRUE(server.send_response(1, Response{}, UnknownLength{}));
  EXPECT_TRUE(server.send_body(1, as_bytes("ws")));
  run(server, {data(1, "frame")}, record, ignore);
  EXPECT_EQ(record.events.back(), "1 body frame");
  EXPECT_TRUE(has_frame(record.output, "DATA 1 2"));
}

TEST(H2Server, TellsThatItsClientLeaves) {
  const auto record = serve({hello() + testing::goaway(0, ErrorCode::NO_ERROR, "bye\n")});
  EXPECT_EQ(record.events, (std::vector<std::string>{"goaway 0 NO_ERROR bye\\x0a", "closed"}));
}

TEST(H2Server, SpeaksNothingButHttp2) {
  for (const std::string input : {"GET / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "\x16\x03\x01"}) {
    const auto record = serve({input});
    EXPECT_EQ(record.events, (std::vector<std::string>{"failed http.h2.preface"})) << input;
  }
}

}  // namespace
}  // namespace padlock::http::h2

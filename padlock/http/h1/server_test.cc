#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "padlock/http/h1/testing.h"
#include "padlock/http/limits.h"
#include "padlock/http/rules.h"

namespace padlock::http::h1 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::noon;
using ::testing::Not;
using testing::Record;
using testing::run;
using testing::serve;

const std::string get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::string post(std::string_view fields, std::string_view body = "") {
  return "POST /p HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

/// A server that answers each request with `response` as soon as its head has come.
Record answer(const std::string& input, const Response& response, const BodyFraming& framing,
              std::string_view body = "") {
  Connection connection = Connection::server("https");
  Record record;
  run(connection, {input}, record, [&](const Event& event) {
    if (!std::holds_alternative<RequestHead>(event)) return;
    EXPECT_TRUE(connection.send_response(response, framing));
    if (std::holds_alternative<NoBody>(framing)) return;
    EXPECT_TRUE(connection.send_body(as_bytes(body)));
    EXPECT_TRUE(connection.end_message());
  });
  record.events.push_back(connection.finished() ? "finished" : "open");
  return record;
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  const auto record = serve({get + post("Content-Length: 5\r\n", "hello") + get});
  EXPECT_THAT(record.events, ElementsAre("request GET / of localhost", "end", "request POST /p of localhost with body",
                                         "body hello", "end", "request GET / of localhost", "end"));
}

TEST(Server, TakesNothingWhileARequestWaitsForItsResponse) {
  Connection connection = Connection::server("https");
  EXPECT_EQ(connection.feed(as_bytes(get + get), noon).value(), get.size());
  EXPECT_EQ(connection.waiting_for(), Waiting::application) << "events wait";
  while (connection.next_event()) {
  }
  EXPECT_EQ(connection.feed(as_bytes(get), noon).value(), 0U);
  EXPECT_EQ(connection.waiting_for(), Waiting::application);
  ASSERT_TRUE(connection.send_response(Response{204, {}}, NoBody{}));
  EXPECT_EQ(connection.waiting_for(), Waiting::peer_bytes);
  EXPECT_TRUE(connection.between_messages());
}

TEST(Server, TakesNoRequestWhileTooMuchOutputWaits) {
  Connection connection = Connection::server("https");
  const std::string body(limits::waiting_output_bytes, 'x');
  ASSERT_TRUE(connection.feed(as_bytes(get), noon));
  ASSERT_TRUE(connection.send_response(Response{}, KnownLength{body.size()}));
  ASSERT_TRUE(connection.send_body(as_bytes(body)));
  ASSERT_TRUE(connection.end_message());
  EXPECT_EQ(connection.feed(as_bytes(get), noon).value(), 0U);
  EXPECT_EQ(connection.waiting_for(), Waiting::room_for_output);
  connection.output_sent(connection.output().size());
  EXPECT_EQ(connection.waiting_for(), Waiting::peer_bytes);
}

TEST(Server, GivesTrailersWithTheEnd) {
  const auto record =
      serve({post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nDigest: z\r\n\r\n")});
  EXPECT_THAT(record.events, ElementsAre("request POST /p of localhost with body", "body hello world", "end Digest=z"));
}

TEST(Server, BodyBytesAreViewsIntoTheInput) {
  Connection connection = Connection::server("https");
  const std::string input = post("Content-Length: 5\r\n", "hello");
  const std::size_t taken = connection.feed(as_bytes(input), noon).value();
  ASSERT_TRUE(connection.next_event());
  ASSERT_TRUE(connection.feed(as_bytes(input).subspan(taken), noon));
  const auto event = connection.next_event();
  ASSERT_TRUE(event && std::holds_alternative<BodyData>(*event));
  EXPECT_EQ(std::get<BodyData>(*event).bytes.data(), as_bytes(input).last(5).data());
}

TEST(Server, WritesOneOfTheThreeFramings) {
  EXPECT_EQ(answer(get, Response{}, NoBody{}).output, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(answer(get, Response{}, KnownLength{5}, "hello").output,
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(answer(get, Response{}, Chunked{}, "hello hello hello").output,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11\r\nhello hello hello\r\n0\r\n\r\n");
  EXPECT_EQ(answer(get, Response{204, {}}, NoBody{}).output, "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST(Server, HeadAndNotModifiedHaveTheFieldsButNoBody) {
  EXPECT_EQ(answer("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", Response{}, KnownLength{5}, "hello").output,
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(answer("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", Response{}, Chunked{}, "hello").output,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(answer(get, Response{304, {}}, NoBody{}).output, "HTTP/1.1 304 Not Modified\r\n\r\n");
  EXPECT_EQ(testing::last_status(serve({"HEAD / HTTP/1.1\r\n\r\n"})), 400);
}

TEST(Server, Http10PeersGetTheirOldWays) {
  const auto old = [](std::string_view fields) { return "GET / HTTP/1.0\r\n" + std::string(fields) + "\r\n"; };
  EXPECT_EQ(answer(old(""), Response{}, KnownLength{2}, "hi").output,
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
  const auto kept = answer(old("Connection: Keep-Alive\r\n"), Response{}, KnownLength{2}, "hi");
  EXPECT_EQ(kept.output, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi");
  EXPECT_EQ(kept.events.back(), "open");
  const auto streamed = answer(old("Connection: keep-alive\r\n"), Response{}, Chunked{}, "hi");
  EXPECT_EQ(streamed.output, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi");
  EXPECT_EQ(streamed.events.back(), "finished");
}

TEST(Server, ClosesWhenEitherSideWantsIt) {
  const auto closing = [](std::string_view value) {
    return answer("GET / HTTP/1.1\r\nHost: a\r\nConnection: " + std::string(value) + "\r\n\r\n" + get, Response{},
                  NoBody{});
  };
  for (const char* value : {"close", "Close", "x, close", "close,x", "keep-alive\t,\tclose"}) {
    const auto record = closing(value);
    EXPECT_EQ(record.output, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") << value;
    EXPECT_EQ(record.events.back(), "finished") << value;
  }
  EXPECT_EQ(closing("keep-alive, closed").events.back(), "open");
  Response response;
  response.fields.add("Connection", "close");
  EXPECT_THAT(answer(get + get, response, NoBody{}).events, ElementsAre("request GET / of localhost", "finished"));
}

TEST(Server, ClosesAfterItsLastRequest) {
  Limits few = Limits::for_server();
  few.requests = 2;
  const auto record = serve({get + get + get}, few);
  EXPECT_EQ(record.output, "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST(Server, StopsGracefully) {
  Connection idle = Connection::server("https");
  idle.close_after_response();
  EXPECT_TRUE(idle.finished());
  Connection busy = Connection::server("https");
  ASSERT_TRUE(busy.feed(as_bytes(get), noon));
  busy.close_after_response();
  EXPECT_FALSE(busy.finished());
  ASSERT_TRUE(busy.send_response(Response{204, {}}, NoBody{}));
  EXPECT_TRUE(busy.finished());
  EXPECT_EQ(as_text(busy.output()), "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST(Server, ReadsAwayAnUnreadBodyUpToItsLimit) {
  const auto late = [](std::size_t size) {
    return answer(post("Content-Length: " + std::to_string(size) + "\r\n", std::string(size, 'G')) + get,
                  Response{404, {}}, NoBody{});
  };
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{limits::drain_bytes} - 1, std::size_t{limits::drain_bytes}})
    EXPECT_THAT(late(size).events,
                ElementsAre("request POST /p of localhost with body", "request GET / of localhost", "open"))
        << size;
  const auto closed = late(limits::drain_bytes + 1);
  EXPECT_THAT(closed.events, ElementsAre("request POST /p of localhost with body", "finished"));
  EXPECT_THAT(closed.output, HasSubstr("Connection: close\r\n"));
}

TEST(Server, ReadsAwayUnreadChunksUpToTheLimit) {
  const auto chunks = [](std::size_t count) {
    std::string body;
    for (std::size_t i = 0; i < count; ++i) body += "1000\r\n" + std::string(0x1000, 'G') + "\r\n";
    return answer(post("Transfer-Encoding: chunked\r\n", body + "0\r\n\r\n") + get, Response{404, {}}, NoBody{});
  };
  EXPECT_EQ(chunks(16).events.back(), "open");
  EXPECT_EQ(chunks(16).events.size(), 3U);
  EXPECT_THAT(chunks(17).events, ElementsAre("request POST /p of localhost with body", "finished"));
}

TEST(Server, AnUninvitedBodyEndsTheConnection) {
  const std::string input = post("Content-Length: 5\r\nExpect: 100-Continue\r\n");
  EXPECT_THAT(answer(input + get, Response{404, {}}, NoBody{}).events,
              ElementsAre("request POST /p of localhost with body expecting", "finished"));
}

TEST(Server, InvitesABodyWith100) {
  Connection connection = Connection::server("https");
  Record record;
  run(connection, {post("Content-Length: 5\r\nExpect: 100-continue\r\n"), "hello"}, record, [&](const Event& event) {
    if (std::holds_alternative<RequestHead>(event)) {
      EXPECT_TRUE(connection.send_continue());
    }
    if (std::holds_alternative<MessageEnd>(event)) {
      EXPECT_TRUE(connection.send_response(Response{204, {}}, NoBody{}));
    }
  });
  EXPECT_EQ(record.output, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_FALSE(connection.finished());
}

TEST(Server, CountsBodyBytesThatAreSentElsewhere) {
  Connection connection = Connection::server("https");
  ASSERT_TRUE(connection.feed(as_bytes(get), noon));
  ASSERT_TRUE(connection.send_response(Response{}, KnownLength{100}));
  ASSERT_TRUE(connection.announce_piece(100));
  EXPECT_EQ(connection.piece_sent_elsewhere(1).error().rule, &rules::out_of_order) << "the head is not sent yet";
  connection.output_sent(connection.output().size());
  ASSERT_TRUE(connection.piece_sent_elsewhere(60));
  EXPECT_EQ(connection.send_body(as_bytes("x")).error().rule, &rules::out_of_order);
  EXPECT_EQ(connection.announce_piece(1).error().rule, &rules::out_of_order);
  ASSERT_TRUE(connection.piece_sent_elsewhere(40));
  EXPECT_EQ(connection.announce_piece(1).error().rule, &rules::body_length_differs);
  ASSERT_TRUE(connection.end_message());
  EXPECT_TRUE(connection.output().empty());
  EXPECT_FALSE(connection.finished());
}

TEST(Server, FramesChunksAroundBytesThatAreSentElsewhere) {
  Connection connection = Connection::server("https");
  Record record;
  ASSERT_TRUE(connection.feed(as_bytes(get), noon));
  ASSERT_TRUE(connection.send_response(Response{}, Chunked{}));
  ASSERT_TRUE(connection.announce_piece(5));
  testing::take_output(connection, record);
  record.output += "hello";
  ASSERT_TRUE(connection.piece_sent_elsewhere(5));
  ASSERT_TRUE(connection.end_message());
  testing::take_output(connection, record);
  EXPECT_THAT(record.output, HasSubstr("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
}

TEST(Server, ABodyIsAsLongAsItsHeadSays) {
  Connection connection = Connection::server("https");
  ASSERT_TRUE(connection.feed(as_bytes(get), noon));
  ASSERT_TRUE(connection.send_response(Response{}, KnownLength{5}));
  EXPECT_EQ(connection.send_body(as_bytes("longer")).error().rule, &rules::body_length_differs);
  ASSERT_TRUE(connection.send_body(as_bytes("four")));
  EXPECT_EQ(connection.end_message().error().rule, &rules::body_length_differs);
  EXPECT_TRUE(connection.finished()) << "the peer cannot tell where the next response begins";
}

TEST(Server, RefusesToSendWhatCouldBreakOutOfItsLine) {
  Connection connection = Connection::server("https");
  ASSERT_TRUE(connection.feed(as_bytes(get), noon));
  const auto refused = [&](std::string_view name, std::string_view value) {
    Response response;
    response.fields.add(name, value);
    const auto sent = connection.send_response(response, NoBody{});
    EXPECT_TRUE(connection.output().empty());
    return sent ? std::string_view() : sent.error().rule->code;
  };
  for (const char c : {'\r', '\n', '\0', '\x01', '\x7f', '\x0b'}) {
    EXPECT_EQ(refused("Location", std::string("/a") + c + "b"), rules::field_injection.code);
    EXPECT_EQ(refused("Location", std::string("/a") + c), rules::field_injection.code);
    EXPECT_EQ(refused(std::string("X") + c + "Y", "a"), rules::field_injection.code);
  }
  for (const char* name : {"", "a b", "a:", "a\tb", "\xc3\xbc"})
    EXPECT_EQ(refused(name, "a"), rules::field_injection.code);
  EXPECT_EQ(refused("X", " a"), rules::field_injection.code);
  for (const char* name : {"content-length", "Transfer-Encoding", "HOST"})
    EXPECT_EQ(refused(name, "5"), rules::reserved_field.code);
  EXPECT_EQ(refused("Connection", "upgrade"), rules::reserved_field.code);
  EXPECT_EQ(connection.send_response(Response{700, {}}, NoBody{}).error().rule, &rules::head_unsendable);
  EXPECT_EQ(connection.send_response(Response{103, {}}, NoBody{}).error().rule, &rules::head_unsendable);
  EXPECT_TRUE(connection.send_response(Response{}, NoBody{})) << "a refused head changes nothing";
}

TEST(Server, AnswersOutOfOrderAreRefused) {
  Connection connection = Connection::server("https");
  EXPECT_EQ(connection.send_response(Response{}, NoBody{}).error().rule, &rules::out_of_order);
  EXPECT_EQ(connection.send_continue().error().rule, &rules::out_of_order);
  EXPECT_EQ(connection.send_body(as_bytes("x")).error().rule, &rules::out_of_order);
  EXPECT_EQ(connection.end_message().error().rule, &rules::out_of_order);
  EXPECT_EQ(connection.send_request(Request{}, NoBody{}).error().rule, &rules::out_of_order);
  ASSERT_TRUE(connection.feed(as_bytes(get), noon));
  ASSERT_TRUE(connection.send_response(Response{}, KnownLength{0}));
  EXPECT_EQ(connection.send_response(Response{}, NoBody{}).error().rule, &rules::out_of_order);
  Fields trailers;
  trailers.add("X", "y");
  EXPECT_EQ(connection.end_message(trailers).error().rule, &rules::out_of_order);
}

TEST(Server, AnErrorResponseSaysWhatAndWhy) {
  const auto record = serve({"GET / HTTP/1.1\r\n\r\n"});
  EXPECT_EQ(
      record.output,
      "HTTP/1.1 400 Bad Request\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "X-Content-Type-Options: nosniff\r\nContent-Length: 57\r\nConnection: close\r\n\r\n"
      "400 Bad Request\na request names its host in a Host field\n");
}

TEST(Server, ABrokenBodyAfterTheResponseBeganGetsNoSecondResponse) {
  Connection connection = Connection::server("https");
  Record record;
  run(connection, {post("Transfer-Encoding: chunked\r\n"), "x\r\n"}, record, [&](const Event& event) {
    if (std::holds_alternative<RequestHead>(event)) {
      EXPECT_TRUE(connection.send_response(Response{}, KnownLength{5}));
    }
  });
  EXPECT_EQ(testing::failure_of(record), rules::chunk_size_malformed.code);
  EXPECT_THAT(record.output, Not(HasSubstr("400")));
  EXPECT_TRUE(connection.finished());
}

TEST(Server, TellsWhereTheConnectionEnded) {
  const auto ended = [](const std::string& input, Ending ending) {
    Connection connection = Connection::server("https");
    Record record;
    run(connection, {input}, record, [](const Event&) {});
    connection.input_ended(ending);
    run(connection, {""}, record, [](const Event&) {});
    return record;
  };
  EXPECT_THAT(ended("", Ending::clean).events, ElementsAre("closed"));
  EXPECT_THAT(ended("", Ending::truncated).events, ElementsAre("closed"));
  EXPECT_THAT(ended("GET", Ending::clean).events, ElementsAre("failed http.message_truncated"));
  EXPECT_EQ(testing::last_status(ended("GET", Ending::clean)), 400);
  EXPECT_EQ(ended(post("Content-Length: 5\r\n", "hell"), Ending::clean).events.back(), "failed http.message_truncated");
  EXPECT_EQ(ended(get, Ending::truncated).events.back(), "failed http.message_truncated");
  EXPECT_EQ(ended(get, Ending::clean).events.back(), "end") << "half closed: the response is still wanted";
}

TEST(Server, DeadlinesAreAnsweredOnlyWhenARequestHasBegun) {
  Connection idle = Connection::server("https");
  idle.fail(Error{&rules::head_timeout, "nothing for 10 s"});
  EXPECT_TRUE(idle.output().empty());
  EXPECT_TRUE(idle.finished());
  Connection slow = Connection::server("https");
  ASSERT_TRUE(slow.feed(as_bytes("GET / HT"), noon));
  slow.fail(Error{&rules::head_timeout, "the head took 10 s"});
  EXPECT_THAT(std::string(as_text(slow.output())), HasSubstr("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_EQ(testing::describe(slow.next_event().value()), "failed http.head_timeout");
  EXPECT_EQ(slow.waiting_for(), Waiting::nothing);
}

RC_GTEST_PROP(ServerLaws, AnySplitYieldsTheSameEvents, ()) {
  const std::vector<std::string> messages{
      get,
      post("Content-Length: 11\r\n", "hello world"),
      post("Transfer-Encoding: chunked\r\n", "5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n"),
      "\r\nHEAD /x HTTP/1.1\r\nHost: [::1]:1\r\nX:  y \r\n\r\n",
      "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
      post("Content-Length: +1\r\n", "x"),
      "GET / HTTP/1.1\r\nHost: a\n\r\n",
      post("Transfer-Encoding: chunked\r\n", "5\r\nhelloX\r\n"),
      "GET / HTTP/1.1\rHost: a\r\n\r\n",
      "\x16\x03\x01",
      "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n\r\n"};
  std::string input;
  for (const std::size_t pick :
       *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, messages.size())))
    input += messages[pick];
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < input.size();) {
    const auto size = *rc::gen::inRange<std::size_t>(1, 40);
    pieces.push_back(input.substr(at, size));
    at += size;
  }
  const auto whole = serve({input});
  const auto split = serve(pieces);
  RC_ASSERT(whole.events == split.events);
  RC_ASSERT(whole.output == split.output);
}

RC_GTEST_PROP(ServerLaws, EveryFeedMakesProgressOrSaysWhyNot, (const std::vector<std::string>& pieces)) {
  const auto record = serve(pieces);
  for (const std::string& event : record.events) RC_ASSERT(event != "stalled");
}

const std::string upgrade =
    "GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n";

/// A server that switches when it is asked to, and then sends each piece back.
Record echo_after_switch(const std::vector<std::string>& pieces, Ending ending = Ending::clean) {
  Connection connection = Connection::server("https");
  Record record;
  const auto on_event = [&](const Event& event) {
    const auto* head = std::get_if<RequestHead>(&event);
    if (head != nullptr) record.events.push_back("protocol " + head->protocol);
    if (const auto* data = std::get_if<BodyData>(&event)) {
      EXPECT_TRUE(connection.send_body(data->bytes));
    }
    Fields fields;
    fields.add("Sec-WebSocket-Accept", "abc");
    if (std::holds_alternative<MessageEnd>(event) && record.output.empty()) {
      EXPECT_TRUE(connection.switch_protocols(fields));
    }
  };
  run(connection, pieces, record, on_event);
  connection.input_ended(ending);
  run(connection, {""}, record, [](const Event&) {});
  EXPECT_EQ(connection.finished(), ending == Ending::truncated) << "after a clean end our own half is open";
  EXPECT_EQ(connection.end_message().has_value(), true);
  EXPECT_TRUE(connection.finished());
  return record;
}

TEST(Server, SwitchesProtocolsAndCarriesItsBytes) {
  const auto record = echo_after_switch({upgrade + "GET / HT", "TP/1.1\r\n\r\n"});
  EXPECT_THAT(record.events, ElementsAre("request GET /chat of localhost", "protocol websocket", "end",
                                         "body GET / HTTP/1.1\r\n\r\n", "end"));
  EXPECT_EQ(record.output,
            "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: abc\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\n\r\nGET / HTTP/1.1\r\n\r\n");
}

TEST(Server, TellsACutTunnelFromOneThatEnded) {
  EXPECT_THAT(echo_after_switch({upgrade + "x"}, Ending::truncated).events.back(), HasSubstr("truncated"));
}

TEST(Server, PassesOverOtherUpgrades) {
  const auto asked = [](std::string_view head) {
    Connection connection = Connection::server("https");
    EXPECT_TRUE(connection.feed(as_bytes(head), noon));
    const auto event = connection.next_event();
    const auto* request = event ? std::get_if<RequestHead>(&*event) : nullptr;
    if (request == nullptr) return false;
    while (connection.next_event()) {
    }
    const bool switched = connection.switch_protocols({}).has_value();
    EXPECT_EQ(switched, !request->protocol.empty());
    return switched;
  };
  const std::string host = "Host: localhost\r\n", wish = "Connection: upgrade\r\n", ws = "Upgrade: websocket\r\n";
  EXPECT_TRUE(asked("GET / HTTP/1.1\r\n" + host + wish + ws + "\r\n"));
  EXPECT_FALSE(asked("GET / HTTP/1.1\r\n" + host + ws + "\r\n")) << "no Connection: upgrade";
  EXPECT_FALSE(asked("GET / HTTP/1.0\r\n" + host + wish + ws + "\r\n"));
  EXPECT_FALSE(asked("POST / HTTP/1.1\r\n" + host + wish + ws + "Content-Length: 0\r\n\r\n"));
  EXPECT_FALSE(asked("GET / HTTP/1.1\r\n" + host + wish + ws + "Content-Length: 1\r\n\r\n"));
  EXPECT_FALSE(asked("GET / HTTP/1.1\r\n" + host + wish + "Upgrade: h2c\r\n\r\n"));
  EXPECT_FALSE(asked("GET / HTTP/1.1\r\n" + host + wish + ws + "Upgrade: h2c\r\n\r\n"));
  EXPECT_FALSE(asked("GET / HTTP/1.1\r\n" + host + wish + "Upgrade: h2c, websocket\r\n\r\n"));
}

}  // namespace
}  // namespace padlock::http::h1

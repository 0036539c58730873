#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "padlock/http/h1/testing.h"
#include "padlock/http/limits.h"
#include "padlock/http/rules.h"

namespace padlock::http::h1 {
namespace {

using ::testing::ElementsAre;
using testing::failure_of;
using testing::noon;
using testing::receive;
using testing::Record;
using testing::run;

Request request(std::string_view method = "GET", std::string_view target = "/",
                std::string_view authority = "localhost:8443") {
  return Request{std::string(method), "https", std::string(authority), std::string(target), {}};
}

std::string sent(const Request& request, const BodyFraming& framing) {
  Connection connection = Connection::client();
  const auto result = connection.send_request(request, framing);
  if (!result) return std::string(result.error().rule->code);
  return std::string(as_text(connection.output()));
}

TEST(Client, WritesHostAndFraming) {
  Request get = request();
  get.fields.add("Accept", "*/*");
  EXPECT_EQ(sent(get, NoBody{}), "GET / HTTP/1.1\r\nHost: localhost:8443\r\nAccept: */*\r\n\r\n");
  EXPECT_EQ(sent(request("POST"), NoBody{}), "POST / HTTP/1.1\r\nHost: localhost:8443\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(sent(request("PUT"), KnownLength{5}),
            "PUT / HTTP/1.1\r\nHost: localhost:8443\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(sent(request("PUT"), Chunked{}),
            "PUT / HTTP/1.1\r\nHost: localhost:8443\r\nTransfer-Encoding: chunked\r\n\r\n");
  get.fields.set("Connection", "close");
  EXPECT_EQ(sent(get, NoBody{}), "GET / HTTP/1.1\r\nHost: localhost:8443\r\nAccept: */*\r\nConnection: close\r\n\r\n");
}

TEST(Client, SendsNoHeadThatCouldBreakOutOfItsLine) {
  for (const std::string bad : {"", "GET ", "G\r\nT", "GET/", "CONNECT"})
    EXPECT_EQ(sent(request(bad), NoBody{}), rules::head_unsendable.code) << bad;
  for (const std::string bad : {"", "x", "/a b", "/a\r\nX: y", "/#x", "/\xc3\xbc", "*"})
    EXPECT_EQ(sent(request("GET", bad), NoBody{}), rules::head_unsendable.code) << bad;
  for (const std::string bad : {"", "a\r\nb", "a b", "user@a"})
    EXPECT_EQ(sent(request("GET", "/", bad), NoBody{}), rules::head_unsendable.code) << bad;
  Request get = request();
  get.fields.add("X", "a\r\nY: b");
  EXPECT_EQ(sent(get, NoBody{}), rules::field_injection.code);
  get.fields.set("X", "a");
  get.fields.add("Host", "b");
  EXPECT_EQ(sent(get, NoBody{}), rules::reserved_field.code);
}

TEST(Client, ReadsEachFraming) {
  EXPECT_THAT(receive({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"}).events,
              ElementsAre("response 200", "body hello", "end", "closed"));
  EXPECT_THAT(receive({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n"}).events,
              ElementsAre("response 200", "body hello", "end X=y", "closed"));
  EXPECT_THAT(receive({"HTTP/1.1 200 OK\r\n\r\nhello"}).events, ElementsAre("response 200", "body hello", "end"));
  EXPECT_THAT(receive({"HTTP/1.0 200\r\n\r\n"}).events, ElementsAre("response 200", "end"));
  EXPECT_THAT(receive({"HTTP/1.1 204 No Content\r\n\r\n"}).events, ElementsAre("response 204", "end", "closed"));
  EXPECT_THAT(receive({"HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n"}).events,
              ElementsAre("response 304", "end", "closed"));
  EXPECT_THAT(receive({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"}, "HEAD").events,
              ElementsAre("response 200", "end", "closed"));
}

TEST(Client, ATruncatedBodyIsNeverTakenAsWhole) {
  const std::vector<std::string> answers{
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"};
  for (const std::string& answer : answers)
    for (std::size_t cut = 1; cut < answer.size(); ++cut)
      for (const Ending ending : {Ending::clean, Ending::truncated})
        EXPECT_EQ(failure_of(receive({answer.substr(0, cut)}, "GET", ending)), rules::message_truncated.code) << cut;
  EXPECT_EQ(failure_of(receive({"HTTP/1.1 200 OK\r\n\r\nhello"}, "GET", Ending::truncated)),
            rules::message_truncated.code);
  EXPECT_EQ(failure_of(receive({""})), rules::response_missing.code);
}

TEST(Client, BadAnswersAreRefused) {
  const auto refused = [](std::string_view answer, const Rule& rule) {
    EXPECT_EQ(failure_of(receive({std::string(answer)})), rule.code) << escaped(answer);
  };
  for (const char* line : {"HTTP/1.1", "HTTP/1.1 20\r\n", "HTTP/1.1 2000\r\n", "HTTP/1.1 OK\r\n",
                           "HTTP/1.1  200 OK\r\n", "http/1.1 200 OK\r\n", "HTTP/1.1 099 X\r\n", "HTTP/1.1 200OK\r\n",
                           "SSH-2.0-x\r\n", "HTTP/1.1 -20 X\r\n", "ICY 200 OK\r\n", "\r\n"})
    refused(std::string(line) + "\r\n\r\n", rules::status_line_malformed);
  refused("HTTP/2.0 200 OK\r\n\r\n", rules::version_unsupported);
  refused("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", rules::two_framings);
  refused("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", rules::content_length_repeated);
  refused("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n", rules::content_length_malformed);
  refused("HTTP/1.1 204 OK\r\nContent-Length: x\r\n\r\n", rules::content_length_malformed);
  refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", rules::transfer_encoding_malformed);
  refused("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", rules::transfer_encoding_in_http_1_0);
  refused("HTTP/1.1 200 OK\nContent-Length: 0\n\n", rules::bare_line_feed);
  refused("HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n", rules::obsolete_folding);
  refused("HTTP/1.1 101 Switching Protocols\r\n\r\n", rules::protocol_switch_unasked);
  refused("HTTP/1.1 200 OK\r\nX: " + std::string(limits::response_fields_bytes, 'x'), rules::fields_too_large);
}

TEST(Client, InterimAnswersComeBeforeTheFinalOne) {
  EXPECT_THAT(
      receive({"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 X\r\n\r\n"})
          .events,
      ElementsAre("interim 100", "interim 103", "response 204", "end", "closed"));
  const auto flood = [](std::size_t count) {
    std::string answer;
    for (std::size_t i = 0; i < count; ++i) answer += "HTTP/1.1 102 X\r\n\r\n";
    return failure_of(receive({answer + "HTTP/1.1 204 X\r\n\r\n"}));
  };
  EXPECT_EQ(flood(limits::interim_responses - 1), "");
  EXPECT_EQ(flood(limits::interim_responses), "");
  EXPECT_EQ(flood(limits::interim_responses + 1), rules::too_many_interim_responses.code);
}

TEST(Client, KeepsAConnectionOnlyWhileBothWantIt) {
  const auto kept = [](std::string_view answer, bool ask_to_close = false) {
    Connection connection = Connection::client();
    Request get = request();
    if (ask_to_close) get.fields.add("Connection", "close");
    EXPECT_TRUE(connection.send_request(get, NoBody{}));
    Record record;
    testing::take_output(connection, record);
    run(connection, {std::string(answer)}, record, [](const Event&) {});
    return !connection.finished() && connection.send_request(request(), NoBody{}).has_value();
  };
  EXPECT_TRUE(kept("HTTP/1.1 204 X\r\n\r\n"));
  EXPECT_FALSE(kept("HTTP/1.1 204 X\r\n\r\n", true));
  EXPECT_FALSE(kept("HTTP/1.1 204 X\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(kept("HTTP/1.0 200 X\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_TRUE(kept("HTTP/1.0 200 X\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_FALSE(kept("HTTP/1.1 200 X\r\nContent-Length: 1\r\n\r\n")) << "one request at a time";
}

TEST(Client, BytesThatBelongToNoRequestEndTheConnection) {
  const auto record = receive({"HTTP/1.1 204 X\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"});
  EXPECT_THAT(record.events, ElementsAre("response 204", "end", "failed http.bytes_without_request"));
  Connection fresh = Connection::client();
  EXPECT_EQ(fresh.feed(as_bytes("x"), noon).error().rule, &rules::bytes_without_request);
}

TEST(Client, AnAnswerBeforeTheRequestsEndIsTheLast) {
  Connection connection = Connection::client();
  ASSERT_TRUE(connection.send_request(request("PUT"), KnownLength{1000}));
  EXPECT_EQ(connection.waiting_for(), Waiting::application);
  Record record;
  run(connection, {"HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n"}, record, [](const Event&) {});
  EXPECT_THAT(record.events, ElementsAre("response 413", "end"));
  EXPECT_TRUE(connection.finished());
}

RC_GTEST_PROP(ClientLaws, AnySplitYieldsTheSameEvents, ()) {
  const auto answer = *rc::gen::element<std::string>(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\nuntil the end", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntoo long",
      "HTTP/1.1 200 OK\r\nX: y\r\n\tz\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\n");
  const auto cut = *rc::gen::inRange<std::size_t>(0, answer.size() + 1);
  const std::string input = answer.substr(0, cut);
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < input.size();) {
    const auto size = *rc::gen::inRange<std::size_t>(1, 12);
    pieces.push_back(input.substr(at, size));
    at += size;
  }
  RC_ASSERT(receive({input}).events == receive(pieces).events);
}

RC_GTEST_PROP(ClientLaws, EveryFeedMakesProgressOrSaysWhyNot, (const std::vector<std::string>& pieces)) {
  for (const std::string& event : receive(pieces).events) RC_ASSERT(event != "stalled");
}

TEST(Client, SwitchesProtocolsWhenItAskedForIt) {
  const auto ask = [](std::string_view answer) {
    Connection connection = Connection::client();
    Record record;
    EXPECT_TRUE(connection.send_request(Request{"GET", "https", "localhost", "/chat", {}}, NoBody{}, "websocket"));
    testing::take_output(connection, record);
    EXPECT_EQ(record.output,
              "GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    run(connection, {std::string(answer)}, record, [&](const Event& event) {
      const auto* head = std::get_if<ResponseHead>(&event);
      if (head != nullptr && head->response.status == 101) {
        EXPECT_TRUE(connection.send_body(as_bytes("hello")));
      }
    });
    connection.input_ended();
    run(connection, {""}, record, [](const Event&) {});
    return record;
  };
  const auto switched = ask("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\nhi");
  EXPECT_THAT(switched.events, ElementsAre("response 101", "body hi", "end"));
  EXPECT_TRUE(switched.output.ends_with("\r\n\r\nhello"));
  EXPECT_THAT(ask("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno").events,
              ElementsAre("response 200", "body no", "end", "closed"));
  EXPECT_EQ(ask("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n").events.back(),
            "failed http.protocol_switch_unasked");
  EXPECT_EQ(ask("HTTP/1.1 101 Switching Protocols\r\n\r\n").events.back(), "failed http.protocol_switch_unasked");
}

TEST(Client, MayEndItsRequestAfterTheResponseHasEnded) {
  Connection connection = Connection::client();
  ASSERT_TRUE(connection.send_request(Request{"POST", "https", "localhost", "/", {}}, Chunked{}));
  ASSERT_TRUE(connection.feed(as_bytes("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"), testing::noon));
  while (connection.next_event()) {
  }
  EXPECT_TRUE(connection.end_message());
  EXPECT_TRUE(connection.finished()) << "what the server made of the rest is not known";
}

}  // namespace
}  // namespace padlock::http::h1

// The client's side, by frames written by hand and against nghttp2's own server.
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

using testing::data;
using testing::frames_of;
using testing::has_frame;
using testing::headers;
using testing::Peer;
using testing::receive;
using testing::Record;
using testing::run;
using testing::server_hello;
using testing::take_events;
using testing::take_output;

using Lines = std::vector<std::string>;

const auto ignore = [](const Event&) {};

Request request(std::string method = "GET", std::string target = "/") {
  return Request{std::move(method), "https", "localhost", std::move(target), {}};
}

testing::FieldList status(std::string code, const testing::FieldList& more = {}) {
  testing::FieldList fields{{":status", std::move(code)}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

TEST(H2Client, BeginsWithThePrefaceAndItsSettings) {
  Connection client = Connection::client();
  const std::string output(as_text(client.output()));
  EXPECT_TRUE(output.starts_with(connection_preface));
  EXPECT_EQ(frames_of(output).front(), "SETTINGS 2=0 4=1048576 6=65536 9=1");
}

TEST(H2Client, GetsResponsesOfAnotherImplementation) {
  Peer peer = Peer::server();
  Connection client = Connection::client();
  Record record;
  const std::string body(500'000, 'x');
  Request post = request("POST", "/up");
  post.fields.add("X-Sum", "7");
  ASSERT_EQ(client.send_request(request(), NoBody{}), 1);
  ASSERT_EQ(client.send_request(post, KnownLength{5}), 3);
  EXPECT_EQ(client.send_body(3, as_bytes("hello")), 5U);
  EXPECT_TRUE(client.end_message(3));
  take_output(client, record);
  EXPECT_TRUE(peer.feed(std::exchange(record.output, {})));
  EXPECT_EQ(peer.events(),
            (Lines{"1 :method=GET :scheme=https :authority=localhost :path=/", "1 end",
                   "3 :method=POST :scheme=https :authority=localhost :path=/up content-length=5 x-sum=7",
                   "3 data hello", "3 end"}));
  peer.interim(1, status("103", {{"link", "</a>"}}));
  peer.respond(1, status("200", {{"content-length", "500000"}}), body);
  peer.respond(3, status("200"), "done", {{"x-trailer", "t"}});
  for (int round = 0; round < 100; ++round) {
    run(client, {peer.output()}, record, [&](const Event& event) {
      if (const auto* got = std::get_if<BodyData>(&event)) client.consumed(got->stream, got->bytes.size());
    });
    EXPECT_TRUE(peer.feed(std::exchange(record.output, {})));
  }
  std::string all;
  std::size_t one = 0;
  for (const auto& event : record.events) {
    if (event.starts_with("1 body ")) one += event.size() - 7;
    if (!event.starts_with("1 body ")) all += event + "\n";
  }
  EXPECT_EQ(one, body.size());
  for (const char* line : {"1 interim 103\n", "1 response 200\n", "1 end\n", "3 response 200\n", "3 body done\n",
                           "3 end x-trailer=t\n", "1 sent\n", "3 sent\n"})
    EXPECT_NE(all.find(line), std::string::npos) << line << all;
  EXPECT_EQ(client.streams(), 0U);
}

TEST(H2Client, ReadsHeadBodyAndTrailers) {
  const auto record = receive({server_hello() + headers(1, status("200"), false) + data(1, "he") + data(1, "llo") +
                               headers(1, {{"x-sum", "1"}}) + headers(3, status("204"))});
  EXPECT_EQ(record.events, (Lines{"1 sent", "3 sent", "1 response 200", "1 body hello", "1 end x-sum=1",
                                  "3 response 204", "3 end", "closed"}));
}

TEST(H2Client, ContentLengthHoldsForDataAlone) {
  const auto reset = [](const std::string& frames, std::string_view method = "GET") {
    return receive({server_hello() + frames}, method).has("1 reset PROTOCOL_ERROR http.h2.content_length_differs");
  };
  const testing::FieldList five{{"content-length", "5"}};
  EXPECT_TRUE(reset(headers(1, status("200", five))));
  EXPECT_TRUE(reset(headers(1, status("200", five), false) + data(1, "1234", true)));
  EXPECT_TRUE(reset(headers(1, status("200", five), false) + data(1, "123456")));
  EXPECT_FALSE(reset(headers(1, status("200", five), false) + data(1, "12345", true)));
  EXPECT_FALSE(reset(headers(1, status("200", five)), "HEAD"));
  EXPECT_FALSE(reset(headers(1, status("304", five))));
  EXPECT_TRUE(reset(headers(1, status("200", five), false) + data(1, "12345", true), "HEAD"));
  EXPECT_TRUE(reset(headers(1, status("204"), false) + data(1, "1")));
}

TEST(H2Client, InterimResponsesAreBoundedAndNeverTheEnd) {
  std::string many = server_hello();
  for (std::size_t i = 0; i < limits::interim_responses; ++i) many += headers(1, status("102"), false);
  EXPECT_TRUE(receive({many + headers(1, status("204"))}).has("1 end"));
  EXPECT_TRUE(
      receive({many + headers(1, status("102"), false)}).has("1 reset PROTOCOL_ERROR http.too_many_interim_responses"));
  EXPECT_TRUE(
      receive({server_hello() + headers(1, status("103"))}).has("1 reset PROTOCOL_ERROR http.h2.interim_ends_stream"));
  EXPECT_TRUE(receive({server_hello() + headers(1, status("101"), false)})
                  .has("1 reset PROTOCOL_ERROR http.protocol_switch_unasked"));
}

TEST(H2Client, OneStreamsEndIsNotTheOthers) {
  const auto record = receive({server_hello() + testing::rst_stream(1, ErrorCode::REFUSED_STREAM) +
                               headers(3, status("200"), false) + data(3, "x", true)});
  EXPECT_EQ(record.events,
            (Lines{"1 sent", "3 sent", "1 reset REFUSED_STREAM", "3 response 200", "3 body x", "3 end", "closed"}));
}

TEST(H2Client, AResponseThatIsCutOffIsNeverTakenForWhole) {
  const auto record = receive({server_hello() + headers(1, status("200"), false) + data(1, "half")});
  EXPECT_EQ(record.events.back(), "failed http.message_truncated");
}

TEST(H2Client, SendsNoMoreRequestsThanTheServerTakes) {
  Connection client = Connection::client();
  Record record;
  EXPECT_EQ(client.free_streams(), 100U);
  run(client, {server_hello({{SettingId::MAX_CONCURRENT_STREAMS, 2}})}, record, ignore);
  EXPECT_EQ(client.free_streams(), 2U);
  EXPECT_TRUE(client.send_request(request(), NoBody{}));
  EXPECT_TRUE(client.send_request(request(), NoBody{}));
  EXPECT_EQ(client.send_request(request(), NoBody{}).error().rule, &rules::h2_no_free_stream);
  take_output(client, record);
  run(client, {headers(1, status("204"))}, record, ignore);
  EXPECT_EQ(client.free_streams(), 1U);
  EXPECT_EQ(client.send_request(request(), NoBody{}), 5);
}

TEST(H2Client, AfterGoAwayRequestsThatWereNotSeenCanBeSentAgain) {
  Connection client = Connection::client();
  Record record;
  run(client, {server_hello()}, record, ignore);
  EXPECT_EQ(client.send_request(request(), NoBody{}), 1);
  EXPECT_EQ(client.send_request(request(), NoBody{}), 3);
  take_output(client, record);
  run(client, {testing::goaway(1, ErrorCode::NO_ERROR)}, record, ignore);
  EXPECT_TRUE(record.has("goaway 1 NO_ERROR "));
  EXPECT_TRUE(record.has("3 reset REFUSED_STREAM"));
  EXPECT_EQ(client.send_request(request(), NoBody{}).error().rule, &rules::h2_going_away);
  EXPECT_EQ(client.free_streams(), 0U);
  run(client, {headers(1, status("204"))}, record, ignore);
  EXPECT_TRUE(record.has("1 end"));
  EXPECT_EQ(record.events.back(), "closed");
}

TEST(H2Client, ARequestThatGoAwayOvertakesIsReset) {
  Connection client = Connection::client();
  Record record;
  run(client, {server_hello()}, record, ignore);
  const std::string goaway = testing::goaway(0, ErrorCode::NO_ERROR);
  // Submitted, and not in the output yet when the server's word comes: its head cannot be sent any more.
  EXPECT_TRUE(client.feed(as_bytes(goaway).first(9), testing::noon));
  EXPECT_EQ(client.send_request(request(), NoBody{}), 1);
  run(client, {goaway.substr(9)}, record, ignore);
  EXPECT_TRUE(record.has("1 reset REFUSED_STREAM")) << record.events.back();
  EXPECT_EQ(client.streams(), 0U);
}

TEST(H2Client, GivesUpARequest) {
  Connection client = Connection::client();
  Record record;
  run(client, {server_hello()}, record, ignore);
  EXPECT_EQ(client.send_request(request(), NoBody{}), 1);
  take_output(client, record);
  client.reset(1, ErrorCode::CANCEL);
  take_output(client, record);
  EXPECT_TRUE(has_frame(record.output, "RST_STREAM 1 CANCEL"));
  run(client, {headers(1, status("200"), false) + data(1, "late", true)}, record, ignore);
  EXPECT_EQ(record.events, Lines{});
  EXPECT_FALSE(client.finished());
  EXPECT_EQ(client.streams(), 0U);
}

TEST(H2Client, ManyRequestsGivenUpAreNoFlood) {
  Connection client = Connection::client();
  Record record;
  run(client, {server_hello()}, record, ignore);
  for (int i = 0; i < 1000; ++i) {
    const auto id = client.send_request(request(), NoBody{});
    ASSERT_TRUE(id);
    take_output(client, record);
    client.reset(*id, ErrorCode::CANCEL);
    take_output(client, record);
    take_events(client, record, ignore);
  }
  EXPECT_FALSE(client.finished());
}

TEST(H2Client, LeavesOnceItsLastRequestIsAnswered) {
  Connection client = Connection::client();
  Record record;
  run(client, {server_hello()}, record, ignore);
  EXPECT_EQ(client.send_request(request(), NoBody{}), 1);
  client.shutdown();
  EXPECT_EQ(client.send_request(request(), NoBody{}).error().rule, &rules::h2_going_away);
  take_output(client, record);
  EXPECT_FALSE(client.finished());
  run(client, {headers(1, status("204"))}, record, ignore);
  EXPECT_TRUE(client.finished());
  EXPECT_EQ(record.events.back(), "closed");
  EXPECT_EQ(frames_of(record.output).back(), "GOAWAY 0 NO_ERROR");
}

TEST(H2Client, AsksForAWebSocketOnceTheServerAllowsIt) {
  Connection client = Connection::client();
  Record record;
  const Request connect = request("CONNECT", "/chat");
  EXPECT_EQ(client.send_request(connect, UnknownLength{}, "websocket").error().rule, &rules::h2_protocol_not_offered);
  run(client, {server_hello({{SettingId::ENABLE_CONNECT_PROTOCOL, 1}})}, record, ignore);
  EXPECT_EQ(client.send_request(request(), UnknownLength{}, "websocket").error().rule, &rules::head_unsendable);
  EXPECT_EQ(client.send_request(connect, NoBody{}).error().rule, &rules::head_unsendable);
  EXPECT_EQ(client.send_request(connect, UnknownLength{}, "websocket"), 1);
  EXPECT_TRUE(client.send_body(1, as_bytes("hi")));
  take_output(client, record);
  EXPECT_TRUE(has_frame(
      record.output, "HEADERS 1 :method=CONNECT :protocol=websocket :scheme=https :authority=localhost :path=/chat"));
  EXPECT_TRUE(has_frame(record.output, "DATA 1 2"));
  run(client, {headers(1, status("200"), false) + data(1, "yo")}, record, ignore);
  EXPECT_EQ(record.events.back(), "1 body yo");
}

TEST(H2Client, AStreamedBodyOfUnknownLengthEndsWithTrailers) {
  Connection client = Connection::client();
  Record record;
  EXPECT_EQ(client.send_request(request("POST"), UnknownLength{}), 1);
  take_output(client, record);
  EXPECT_EQ(client.send_body(1, as_bytes("abc")), 3U);
  take_output(client, record);
  Fields trailers;
  trailers.add("X-End", "1");
  EXPECT_TRUE(client.end_message(1, trailers));
  take_output(client, record);
  const auto frames = frames_of(record.output);
  EXPECT_EQ(frames.at(frames.size() - 2), "DATA 1 3");
  EXPECT_EQ(frames.back(), "HEADERS 1 END_STREAM x-end=1");
}

TEST(H2Client, PushIsRefused) {
  const std::string push = testing::frame(FrameType::PUSH_PROMISE, flags::END_HEADERS, 1,
                                          testing::number(2, 4) + testing::hpack(testing::get()));
  const auto record = receive({server_hello() + push});
  EXPECT_TRUE(record.has("failed http.h2.protocol_error"));
}

TEST(H2Client, ListsOfFieldsAreBounded) {
  const auto bytes = [](std::size_t size) { return testing::FieldList{{"x", std::string(size, 'a')}}; };
  const std::size_t rest = 7 + 3 + 32 + 1 + 32;
  std::string block = testing::hpack(status("200", bytes(limits::response_fields_bytes - rest)));
  const auto send = [](const std::string& fields) {
    std::string frames = testing::frame(FrameType::HEADERS, flags::END_STREAM, 1, fields.substr(0, 16'384));
    for (std::size_t at = 16'384; at < fields.size(); at += 16'384) {
      const bool last = at + 16'384 >= fields.size();
      frames += testing::frame(FrameType::CONTINUATION, last ? flags::END_HEADERS : 0, 1, fields.substr(at, 16'384));
    }
    return receive({server_hello() + frames});
  };
  EXPECT_TRUE(send(block).has("1 end"));
  block = testing::hpack(status("200", bytes(limits::response_fields_bytes - rest + 1)));
  EXPECT_TRUE(send(block).has("1 reset PROTOCOL_ERROR http.fields.too_large"));
}

}  // namespace
}  // namespace padlock::http::h2

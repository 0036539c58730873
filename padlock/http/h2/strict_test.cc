// Tables of heads and bodies that two readers could understand differently (docs/threats.md, H6, H11, H18, H20, H21).
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
using testing::FieldList;
using testing::get;
using testing::has_frame;
using testing::headers;
using testing::hello;
using testing::post;
using testing::serve;

/// The frames break `rule` on stream 1: it is answered with the rule's status, or reset; stream 3 is served.
void expect_refused(const std::string& frames, const Rule& rule) {
  const auto record = serve({hello() + frames + headers(3, get("/other"))});
  const std::string code(rule.code);
  bool found = false;
  for (const std::string& event : record.events)
    found = found || event == "1 refused " + code || (event.starts_with("1 reset ") && event.ends_with(" " + code));
  EXPECT_TRUE(found) << code << " for " << escaped(frames.substr(0, 300));
  EXPECT_TRUE(record.has("3 end")) << code;
  if (rule.status != 0)
    EXPECT_TRUE(has_frame(record.output, "HEADERS 1 :status=" + std::to_string(rule.status))) << code;
  else
    EXPECT_TRUE(
        has_frame(record.output, "RST_STREAM 1 " + std::string(name_of(static_cast<ErrorCode>(rule.http2_error)))))
        << code;
  EXPECT_FALSE(has_frame(record.output, "HEADERS 1 END_STREAM :status=204")) << code;
}

void expect_taken(const std::string& frames) {
  const auto record = serve({hello() + frames});
  const bool ended =
      std::ranges::any_of(record.events, [](const std::string& event) { return event.starts_with("1 end"); });
  EXPECT_TRUE(ended) << escaped(frames.substr(0, 300));
  EXPECT_TRUE(has_frame(record.output, "HEADERS 1 END_STREAM :status=204"));
}

FieldList without(std::string_view name, FieldList fields = get()) {
  std::erase_if(fields, [&](const auto& field) { return field.first == name; });
  return fields;
}
FieldList with(std::string_view name, std::string_view value, FieldList fields = get()) {
  for (auto& field : fields)
    if (field.first == name) field.second = value;
  return fields;
}
FieldList in_front(std::string name, std::string value) {
  FieldList fields = get();
  fields.insert(fields.begin(), {std::move(name), std::move(value)});
  return fields;
}

TEST(H2Fields, FieldsOfAConnectionAreRefused) {
  for (const auto& [name, value] : FieldList{{"connection", "close"},
                                             {"connection", "x"},
                                             {"keep-alive", "5"},
                                             {"proxy-connection", "close"},
                                             {"transfer-encoding", "chunked"},
                                             {"upgrade", "h2c"},
                                             {"te", "gzip"},
                                             {"te", "trailers, gzip"},
                                             {"te", ""}})
    expect_refused(headers(1, get("/", {{name, value}})), rules::h2_connection_field);
  expect_taken(headers(1, get("/", {{"te", "trailers"}})));
}

TEST(H2Fields, NamesAreTokensInLowerCase) {
  for (const char* name : {"X", "x-Y", "", "x y", "x:", "x\r\n", "x\t", "\xc3\xbc", "x(", "x,", "Host", "x\x7f"})
    expect_refused(headers(1, get("/", {{name, "v"}})), rules::h2_field_name);
  expect_refused(headers(1, get("/", {{std::string("a\0b", 3), "v"}})), rules::h2_field_name);
  expect_taken(headers(1, get("/", {{"x!#$%&'*+-.^_`|~09az", "v"}})));
}

TEST(H2Fields, EachByteOfAValueIsTakenOrRefused) {
  for (int c = 0; c < 256; ++c) {
    const std::string value = std::string("a") + static_cast<char>(c) + "b";
    const bool good = (c >= 0x20 && c != 0x7f) || c == '\t';
    if (good)
      expect_taken(headers(1, get("/", {{"x", value}})));
    else
      expect_refused(headers(1, get("/", {{"x", value}})), rules::h2_field_value);
  }
  for (const char* value : {" a", "a ", "\ta", "a\t", " "})
    expect_refused(headers(1, get("/", {{"x", value}})), rules::h2_field_value);
  expect_taken(headers(1, get("/", {{"x", ""}})));
}

TEST(H2Fields, PseudoFieldsAreKnownSingleAndFirst) {
  for (const char* name : {":", ":x", ":Method", ":status", ":path2", ":METHOD"})
    expect_refused(headers(1, in_front(name, "200")), rules::h2_pseudo_field_unknown);
  for (const auto& [name, value] : get()) {
    FieldList fields = get();
    fields.insert(fields.begin(), {name, value});
    expect_refused(headers(1, fields), rules::h2_pseudo_field_repeated);
    fields = without(name);
    fields.emplace_back("x", "y");
    fields.emplace_back(name, value);
    expect_refused(headers(1, fields), rules::h2_pseudo_field_late);
    fields.at(fields.size() - 2) = {"cookie", "a"};
    expect_refused(headers(1, fields), rules::h2_pseudo_field_late);
  }
}

TEST(H2Fields, ARequestIsComplete) {
  for (const char* name : {":method", ":scheme", ":path"})
    expect_refused(headers(1, without(name)), rules::h2_pseudo_field_missing);
  expect_refused(headers(1, with(":path", "")), rules::h2_pseudo_field_missing);
  expect_refused(headers(1, without(":authority")), rules::host_missing);
  expect_taken(headers(1, get()));
}

TEST(H2Fields, MethodSchemeAndPathHaveTheirForms) {
  for (const char* method : {"", "G ET", "G@T", "GET/"})
    expect_refused(headers(1, with(":method", method)), rules::method_malformed);
  for (const char* scheme : {"http", "HTTPS", "", "ftp", "https:"})
    expect_refused(headers(1, with(":scheme", scheme)), rules::scheme_mismatch);
  for (const char* path : {"*", "a", "https://localhost/", "?a", "/a b", "/a#b", "/<", "/\"", "/\xc3\xbc"})
    expect_refused(headers(1, with(":path", path)), rules::target_malformed);
  expect_taken(headers(1, with(":path", "*", with(":method", "OPTIONS"))));
  expect_taken(headers(1, with(":path", "/a?b=%20&c={}|\\^`")));
}

TEST(H2Host, IsOneAndTheSameInBothPlaces) {
  for (const char* host :
       {"",     "a b", "a,b",  "a/b", "a?b",  "a#b", "a@b",    "user:pw@b", "a:",    "a:0",   "a:65536", "a:1x",
        "a:+1", ":80", "a..b", ".a",  "[::1", "::1", "[::1]x", "[]",        "[::g]", "a%20b", "a\\b",    "http://a"}) {
    expect_refused(headers(1, with(":authority", host)), rules::host_malformed);
    FieldList fields = without(":authority");
    fields.emplace_back("host", host);
    expect_refused(headers(1, fields), rules::host_malformed);
  }
  for (const char* host : {"a", "A.Test", "a.test.", "a-b_c.test:8443", "127.0.0.1", "[::1]", "[::1]:65535"}) {
    expect_taken(headers(1, with(":authority", host)));
    FieldList fields = without(":authority");
    fields.emplace_back("host", host);
    expect_taken(headers(1, fields));
    fields = with(":authority", host);
    fields.emplace_back("host", to_lower_ascii(host));
    expect_taken(headers(1, fields));
  }
  for (const char* host : {"other", "localhost:443", "localhost.", "localhost.test", "local"})
    expect_refused(headers(1, get("/", {{"host", host}})), rules::h2_host_differs);
  expect_refused(headers(1, get("/", {{"host", "a b"}})), rules::host_malformed);
  expect_refused(headers(1, get("/", {{"host", "localhost"}, {"host", "localhost"}})), rules::host_repeated);
  const auto record = serve({hello() + headers(1, with(":authority", "LocalHost:8443"))});
  EXPECT_EQ(record.events.front(), "1 request GET / of localhost:8443");
}

TEST(H2Connect, IsRefusedButInItsExtendedForm) {
  expect_refused(headers(1, FieldList{{":method", "CONNECT"}, {":authority", "a:443"}}), rules::h2_connect_refused);
  expect_refused(headers(1, with(":method", "CONNECT"), false), rules::h2_connect_refused);
  expect_refused(headers(1, in_front(":protocol", "websocket")), rules::h2_protocol_unasked);
  FieldList extended = with(":method", "CONNECT");
  extended.insert(extended.begin(), {":protocol", "websocket"});
  expect_refused(headers(1, extended, false), rules::h2_protocol_unasked);
  Limits limits = Limits::for_server();
  limits.extended_connect = true;
  const auto with_get = serve({hello() + headers(1, in_front(":protocol", "websocket"))}, limits);
  EXPECT_TRUE(with_get.has("1 refused http.h2.protocol_unasked"));
  extended.front().second = "";
  EXPECT_TRUE(serve({hello() + headers(1, extended)}, limits).has("1 refused http.h2.protocol_unasked"));
}

TEST(H2Bodies, AreAsLongAsContentLengthSays) {
  const auto length = [](std::string value) { return post({{"content-length", std::move(value)}}); };
  expect_taken(headers(1, length("5"), false) + data(1, "12") + data(1, "345", true));
  expect_taken(headers(1, length("0")));
  expect_taken(headers(1, length("0"), false) + data(1, "", true));
  expect_taken(headers(1, length("2"), false) + data(1, "12") + headers(1, {{"x", "y"}}));
  expect_refused(headers(1, length("5")), rules::h2_content_length_differs);
  expect_refused(headers(1, length("5"), false) + data(1, "1234", true), rules::h2_content_length_differs);
  expect_refused(headers(1, length("5"), false) + data(1, "123456"), rules::h2_content_length_differs);
  expect_refused(headers(1, length("5"), false) + data(1, "", true), rules::h2_content_length_differs);
  expect_refused(headers(1, length("0"), false) + data(1, "1"), rules::h2_content_length_differs);
  expect_refused(headers(1, length("5"), false) + data(1, "12") + headers(1, {{"x", "y"}}),
                 rules::h2_content_length_differs);
  for (const char* value : {"+5", "-5", "0x5", "5 5", "5,5", "", "99999999999999999999"})
    expect_refused(headers(1, length(value), false) + data(1, "12345", true), rules::content_length_malformed);
  expect_refused(headers(1, post({{"content-length", "5"}, {"content-length", "5"}}), false),
                 rules::content_length_repeated);
}

TEST(H2Bodies, AtBelowAndAboveTheirLimit) {
  Limits limits = Limits::for_server();
  limits.body_bytes = 10;
  for (const std::size_t size : {9U, 10U, 11U}) {
    const std::string body(size, 'x');
    const auto known = serve(
        {hello() + headers(1, post({{"content-length", std::to_string(size)}}), false) + data(1, body, true)}, limits);
    const auto unknown =
        serve({hello() + headers(1, post(), false) + data(1, "12345") + data(1, body.substr(5), true)}, limits);
    EXPECT_EQ(known.has("1 end"), size <= 10);
    EXPECT_EQ(known.has("1 refused http.body.too_large"), size > 10);
    EXPECT_EQ(has_frame(known.output, "HEADERS 1 :status=413"), size > 10);
    EXPECT_EQ(unknown.has("1 end"), size <= 10);
    EXPECT_EQ(unknown.has("1 reset NO_ERROR http.body.too_large"), size > 10);
    EXPECT_EQ(has_frame(unknown.output, "HEADERS 1 :status=413"), size > 10);
  }
}

TEST(H2Bodies, TrailersEndTheStreamAndSayNothingOfTheHead) {
  const std::string body = headers(1, post(), false) + data(1, "x");
  expect_taken(body + headers(1, {{"x", "y"}}));
  expect_refused(body + headers(1, {{"x", "y"}}, false), rules::h2_trailers_not_last);
  expect_refused(body + headers(1, {{":path", "/"}}), rules::h2_pseudo_field_unknown);
  expect_refused(body + headers(1, get()), rules::h2_pseudo_field_unknown);
  for (const char* name : {"content-length", "host", "content-type", "authorization", "cookie", "expect", "trailer"})
    expect_refused(body + headers(1, {{name, "a"}}), rules::trailer_forbidden);
  expect_refused(body + headers(1, {{"te", "trailers"}}), rules::trailer_forbidden);
  expect_refused(body + headers(1, {{"connection", "close"}}), rules::h2_connection_field);
  expect_refused(body + headers(1, {{"X", "y"}}), rules::h2_field_name);
}

TEST(H2Expectations, OthersThanContinueAreRefused) {
  expect_refused(headers(1, post({{"expect", "200-ok"}}), false), rules::expectation_unknown);
}

TEST(H2Limits, FieldsAtBelowAndAboveTheirLimit) {
  std::size_t used = 0;
  for (const auto& [name, value] : get()) used += name.size() + value.size() + 32;
  const auto sized = [&](std::size_t size) {
    const std::string block = testing::hpack(get("/", {{"x", std::string(size - used - 33, 'a')}}));
    std::string frames = testing::frame(FrameType::HEADERS, flags::END_STREAM, 1, block.substr(0, 16'384));
    for (std::size_t at = 16'384; at < block.size(); at += 16'384)
      frames += testing::frame(FrameType::CONTINUATION, at + 16'384 >= block.size() ? flags::END_HEADERS : 0, 1,
                               block.substr(at, 16'384));
    return frames;
  };
  expect_taken(sized(limits::fields_bytes - 1));
  expect_taken(sized(limits::fields_bytes));
  expect_refused(sized(limits::fields_bytes + 1), rules::fields_too_large);
  const auto many = [](std::size_t count) {
    FieldList fields = get();
    while (fields.size() < count) fields.emplace_back("x", "y");
    return headers(1, fields);
  };
  expect_taken(many(limits::field_count - 1));
  expect_taken(many(limits::field_count));
  expect_refused(many(limits::field_count + 1), rules::too_many_fields);
}

TEST(H2Streams, NumbersGoUpAndAreOdd) {
  const auto fails = [](const std::string& frames) { return serve({hello() + frames}).events.back(); };
  EXPECT_EQ(fails(headers(2, get())), "failed http.h2.protocol_error");
  EXPECT_EQ(fails(headers(0, get())), "failed http.h2.protocol_error");
  EXPECT_EQ(fails(data(1, "x")), "failed http.h2.protocol_error");
  EXPECT_EQ(fails(testing::rst_stream(1)), "failed http.h2.protocol_error");
  EXPECT_EQ(fails(testing::window_update(1, 1)), "failed http.h2.protocol_error");
  EXPECT_EQ(fails(headers(5, get()) + headers(3, get())), "failed http.h2.stream_number");
  EXPECT_EQ(fails(headers(1, get()) + headers(1, get())), "failed http.h2.stream_closed");
}

TEST(H2Streams, FramesAfterTheEndBreakTheConnection) {
  for (const std::string& frames : {data(1, "x"), headers(1, {{"x", "y"}})}) {
    Connection connection = Connection::server("https");
    testing::Record record;
    testing::run(connection, {hello() + headers(1, get()) + frames}, record, [](const Event&) {});
    EXPECT_EQ(record.events.back(), "failed http.h2.stream_closed");
    EXPECT_TRUE(has_frame(record.output, "GOAWAY 1 STREAM_CLOSED"));
  }
}

TEST(H2Streams, WhatComesAfterAResetInTheSamePacketIsHarmless) {
  const std::string zombie = testing::rst_stream(1) + data(1, std::string(1000, 'x')) + headers(1, {{"x", "y"}}) +
                             testing::window_update(1, 5) + testing::rst_stream(1) + data(1, "", true);
  const auto record = serve({hello() + headers(1, post(), false) + data(1, "a") + zombie + headers(3, get())});
  EXPECT_EQ(record.events, (std::vector<std::string>{"1 request POST / of localhost with body", "1 body a",
                                                     "1 reset CANCEL", "3 request GET / of localhost", "3 end"}));
  EXPECT_FALSE(has_frame(record.output, "GOAWAY"));
  EXPECT_TRUE(has_frame(record.output, "RST_STREAM 1 STREAM_CLOSED"));
}

TEST(H2Streams, WhatWasOnItsWayWhenWeResetIsNoFault) {
  const std::string late = data(1, "b") + headers(1, {{"x", "y"}});
  const auto record = serve({hello() + headers(1, post({{"te", "gzip"}}), false) + late + headers(3, get())});
  EXPECT_EQ(record.events.back(), "3 end");
  EXPECT_EQ(testing::count_frames(record.output, "RST_STREAM 1"), 1U);
}

TEST(H2Streams, AfterBothMessagesNothingMayFollow) {
  for (const std::string& more : {data(1, "x"), headers(1, {{"x", "y"}})})
    EXPECT_EQ(serve({hello() + headers(1, get()) + more}).events.back(), "failed http.h2.stream_closed");
  const auto harmless = serve({hello() + headers(1, get()) + testing::window_update(1, 1) + testing::rst_stream(1) +
                               testing::priority(1, 0) + headers(3, get())});
  EXPECT_EQ(harmless.events.back(), "3 end");
}

TEST(H2Frames, HaveTheirLengths) {
  const auto last = [](const std::string& frames) { return serve({hello() + frames}).events.back(); };
  using testing::frame;
  EXPECT_EQ(last(frame(FrameType::PING, 0, 0, "1234567")), "failed http.h2.frame_size");
  EXPECT_EQ(last(frame(FrameType::SETTINGS, 0, 0, "12345")), "failed http.h2.frame_size");
  EXPECT_EQ(last(frame(FrameType::SETTINGS, flags::ACK, 0, "123456")), "failed http.h2.frame_size");
  EXPECT_EQ(last(headers(1, get()) + frame(FrameType::WINDOW_UPDATE, 0, 1, "123")), "failed http.h2.frame_size");
  EXPECT_EQ(last(headers(1, get()) + frame(FrameType::RST_STREAM, 0, 1, "123")), "failed http.h2.frame_size");
  EXPECT_EQ(last(frame(FrameType::PRIORITY, 0, 1, "1234")), "failed http.h2.frame_size");
  EXPECT_EQ(last(headers(1, post(), false) + data(1, std::string(16'385, 'x'))), "failed http.h2.frame_size");
  EXPECT_EQ(last(frame(FrameType::PRIORITY_UPDATE, 0, 0, "123")), "failed http.h2.frame_size");
  EXPECT_EQ(last(headers(1, get()) + frame(static_cast<FrameType>(0x42), 0, 1, "unknown")), "1 end");
}

TEST(H2Frames, AFieldBlockIsInOnePiece) {
  const std::string begun = hello() + testing::frame(FrameType::HEADERS, flags::END_STREAM, 1, testing::hpack(get()));
  for (const std::string& between : {testing::ping(), data(1, "x"), headers(3, get()), testing::settings(),
                                     testing::frame(FrameType::CONTINUATION, flags::END_HEADERS, 3)})
    EXPECT_EQ(serve({begun + between}).events.back(), "failed http.h2.protocol_error");
  EXPECT_EQ(serve({hello() + testing::frame(FrameType::CONTINUATION, flags::END_HEADERS, 1)}).events.back(),
            "failed http.h2.protocol_error");
}

TEST(H2Frames, ABlockThatCannotBeDecodedBreaksTheConnection) {
  const auto record = serve({hello() + testing::frame(FrameType::HEADERS, flags::END_HEADERS, 1, "\xff\xff\xff\xff")});
  EXPECT_EQ(record.events.back(), "failed http.h2.compression");
}

}  // namespace
}  // namespace padlock::http::h2

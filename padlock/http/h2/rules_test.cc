// Every Rule of HTTP/2 is provoked here once, with what the peer is told; the tables of forms stand in the tests
// beside.
#include "padlock/http/h2/rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "padlock/http/h2/testing/frames.h"
#include "padlock/http/h2/testing/peer.h"
#include "padlock/http/h2/testing/run.h"
#include "padlock/http/limits.h"

namespace padlock::http::h2 {
namespace {

using testing::data;
using testing::frame;
using testing::get;
using testing::headers;
using testing::hello;
using testing::post;

std::string many(std::size_t count, const std::string& frames) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += frames;
  return all;
}

/// What breaks a rule and thereby the connection, as a client's frames.
const std::map<const Rule*, std::string> connections{
    {&rules::h2_preface, "GET / HTTP/1.1\r\n\r\n"},
    {&rules::h2_protocol_error, hello() + data(1, "x")},
    {&rules::h2_flow_control, hello() + testing::window_update(0, 0x7fffffff)},
    {&rules::h2_frame_size, hello() + frame(FrameType::PING, 0, 0, "x")},
    {&rules::h2_compression, hello() + frame(FrameType::HEADERS, flags::END_HEADERS, 1, "\xff\xff\xff\xff")},
    {&rules::h2_stream_closed, hello() + headers(1, get()) + data(1, "x")},
    {&rules::h2_stream_number, hello() + headers(5, get()) + headers(3, get())},
    {&rules::h2_self_dependency, hello() + testing::priority(1, 1)},
    {&rules::h2_priority_update, hello() + testing::priority_update(2, "u=1")},
    {&rules::h2_reset_flood,
     [] {
       std::string all = hello();
       for (StreamId id = 1; id < 500; id += 2) all += headers(id, post(), false) + testing::rst_stream(id);
       return all;
     }()},
    {&rules::h2_useless_frame_flood, hello() + many(1000, testing::ping())},
    {&rules::h2_continuation_flood,
     hello() + frame(FrameType::HEADERS, 0, 1) + many(9, frame(FrameType::CONTINUATION, 0, 1))},
    {&rules::h2_decompression_bomb,
     [] {
       std::string all = hello();
       const std::string value(4000, 'a');
       const std::string block = '\x40' + testing::hpack_length(1) + "x" + testing::hpack_length(value.size()) + value;
       return all + frame(FrameType::HEADERS, 0, 1, block + std::string(1000, '\xbe'));
     }()},
};

/// What breaks a rule and thereby stream 1.
const std::map<const Rule*, std::string> streams{
    {&rules::h2_field_name, headers(1, get("/", {{"X", "y"}}))},
    {&rules::h2_field_value, headers(1, get("/", {{"x", "\n"}}))},
    {&rules::h2_connection_field, headers(1, get("/", {{"upgrade", "h2c"}}))},
    {&rules::h2_pseudo_field_unknown, headers(1, {{":x", "y"}})},
    {&rules::h2_pseudo_field_repeated, headers(1, {{":path", "/"}, {":path", "/"}})},
    {&rules::h2_pseudo_field_late, headers(1, {{"x", "y"}, {":path", "/"}})},
    {&rules::h2_pseudo_field_missing, headers(1, {{":method", "GET"}})},
    {&rules::h2_host_differs, headers(1, get("/", {{"host", "other"}}))},
    {&rules::h2_connect_refused, headers(1, {{":method", "CONNECT"}, {":authority", "a:443"}})},
    {&rules::h2_protocol_unasked, headers(1, {{":method", "CONNECT"}, {":protocol", "websocket"}})},
    {&rules::h2_content_length_differs, headers(1, post({{"content-length", "5"}}))},
    {&rules::h2_trailers_not_last, headers(1, post(), false) + headers(1, {{"x", "y"}}, false)},
};

const std::map<const Rule*, std::string> responses{
    {&rules::h2_interim_ends_stream, headers(1, {{":status", "100"}})},
    {&rules::h2_data_before_head, headers(1, {{":status", "100"}}, false) + data(1, "x")},
};

const Rule* refused_send(const std::function<const Rule*(Connection&)>& send, const std::string& from_server = "") {
  Connection client = Connection::client();
  testing::Record record;
  testing::run(client, {testing::server_hello() + from_server}, record, [](const Event&) {});
  return send(client);
}
const Rule* request(Connection& client, std::string_view protocol = {}) {
  const auto sent = client.send_request(Request{"GET", "https", "a", "/", {}}, NoBody{}, protocol);
  return sent ? nullptr : sent.error().rule;
}

const std::map<const Rule*, std::function<const Rule*()>> sends{
    {&rules::h2_stream_gone,
     [] { return refused_send([](Connection& client) { return client.send_body(1, {}).error().rule; }); }},
    {&rules::h2_no_free_stream,
     [] {
       return refused_send([](Connection& client) { return request(client); },
                           testing::settings({{SettingId::MAX_CONCURRENT_STREAMS, 0}}));
     }},
    {&rules::h2_going_away,
     [] {
       return refused_send([](Connection& client) { return request(client); }, testing::goaway(0, ErrorCode::NO_ERROR));
     }},
    {&rules::h2_protocol_not_offered,
     [] { return refused_send([](Connection& client) { return request(client, "websocket"); }); }},
};

bool tells(const testing::Record& record, const Rule& rule) {
  if (rule.status != 0) return testing::has_frame(record.output, "HEADERS 1 :status=" + std::to_string(rule.status));
  const std::string code(name_of(static_cast<ErrorCode>(rule.http2_error)));
  return testing::has_frame(record.output, "RST_STREAM 1 " + code);
}

TEST(H2Rules, EachOneIsProvokedAndTold) {
  std::set<const Rule*> provoked;
  for (const auto& [rule, input] : connections) {
    Connection server = Connection::server("https");
    testing::Record record;
    testing::run(server, {input}, record, [](const Event&) {});
    EXPECT_EQ(record.events.back(), "failed " + std::string(rule->code));
    const std::string last = testing::frames_of(record.output).back();
    const std::string code(name_of(static_cast<ErrorCode>(rule->http2_error)));
    if (rule != &rules::h2_preface) {
      EXPECT_TRUE(last.starts_with("GOAWAY ") && last.ends_with(" " + code)) << rule->code << last;
    }
    provoked.insert(rule);
  }
  for (const auto& [rule, input] : streams) {
    const auto record = testing::serve({hello() + input});
    EXPECT_TRUE(record.has("1 refused " + std::string(rule->code)) || record.events.back().ends_with(rule->code))
        << rule->code << record.events.back();
    EXPECT_TRUE(tells(record, *rule)) << rule->code;
    provoked.insert(rule);
  }
  for (const auto& [rule, input] : responses) {
    const auto record = testing::receive({testing::server_hello() + input});
    EXPECT_TRUE(record.has("1 reset PROTOCOL_ERROR " + std::string(rule->code))) << rule->code;
    EXPECT_TRUE(tells(record, *rule)) << rule->code;
    provoked.insert(rule);
  }
  for (const auto& [rule, provoke] : sends) {
    EXPECT_EQ(provoke(), rule) << rule->code;
    provoked.insert(rule);
  }
  Limits none = Limits::for_server();
  none.concurrent_streams = 0;
  const auto refused = testing::serve({hello() + headers(1, get())}, none);
  EXPECT_EQ(refused.events.back(), "1 refused " + std::string(rules::h2_stream_refused.code));
  EXPECT_TRUE(tells(refused, rules::h2_stream_refused));
  provoked.insert(&rules::h2_stream_refused);
  for (const Rule* rule : rules::all_of_h2) EXPECT_TRUE(provoked.contains(rule)) << rule->code;
}

TEST(H2Rules, HaveCodesOfTheirOwnAndAHint) {
  std::set<std::string_view> codes;
  for (const Rule* rule : rules::all_of_h2) {
    EXPECT_TRUE(codes.insert(rule->code).second) << rule->code;
    EXPECT_FALSE(rule->hint.empty()) << rule->code;
  }
}

}  // namespace
}  // namespace padlock::http::h2

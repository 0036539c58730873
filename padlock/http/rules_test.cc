// Every Rule of this folder is provoked here once, so that none can be forgotten; the tables of forms stand in the
// tests beside the code.
#include "padlock/http/rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "padlock/http/h1/testing.h"
#include "padlock/http/limits.h"
#include "padlock/http/message/path.h"
#include "padlock/http/message/url.h"

namespace padlock::http {
namespace {

using h1::testing::receive;
using h1::testing::serve;

std::string request(std::string_view fields, std::string_view body = "") {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" + std::string(body);
}
std::string chunked(std::string_view body) { return request("Transfer-Encoding: chunked\r\n", body); }

/// What breaks each rule that a peer can break, as bytes for a server.
const std::map<const Rule*, std::string> requests{
    {&rules::bare_line_feed, "GET / HTTP/1.1\n"},
    {&rules::bare_carriage_return, "GET / HTTP/1.1\r\r"},
    {&rules::control_character, std::string(1, '\0')},
    {&rules::start_line_too_long, std::string(limits::start_line_bytes + 1, 'A')},
    {&rules::fields_too_large, request("X: " + std::string(limits::fields_bytes, 'x'))},
    {&rules::too_many_fields,
     [] {
       std::string fields;
       for (std::size_t i = 0; i < limits::field_count; ++i) fields += "X: y\r\n";
       return request(fields);
     }()},
    {&rules::request_line_malformed, "GET\r\n\r\n"},
    {&rules::method_malformed, "G@T / HTTP/1.1\r\n\r\n"},
    {&rules::target_malformed, "GET x HTTP/1.1\r\n\r\n"},
    {&rules::version_malformed, "GET / HTTP/x\r\n\r\n"},
    {&rules::version_unsupported, "GET / HTTP/2.0\r\n\r\n"},
    {&rules::scheme_mismatch, "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {&rules::field_line_malformed, request("X\r\n")},
    {&rules::field_name_malformed, request("X : y\r\n")},
    {&rules::obsolete_folding, request(" X: y\r\n")},
    {&rules::host_missing, "GET / HTTP/1.1\r\n\r\n"},
    {&rules::host_repeated, request("Host: a\r\n")},
    {&rules::host_malformed, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
    {&rules::expectation_unknown, request("Expect: x\r\n")},
    {&rules::content_length_malformed, request("Content-Length: x\r\n")},
    {&rules::content_length_repeated, request("Content-Length: 1\r\nContent-Length: 1\r\n")},
    {&rules::two_framings, request("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")},
    {&rules::transfer_encoding_malformed, request("Transfer-Encoding: x\r\n")},
    {&rules::transfer_coding_unsupported, request("Transfer-Encoding: gzip, chunked\r\n")},
    {&rules::transfer_encoding_in_http_1_0, "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {&rules::content_in_connect, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 1\r\n\r\n"},
    {&rules::body_too_large, request("Content-Length: 99999999999\r\n")},
    {&rules::chunk_size_malformed, chunked("x\r\n")},
    {&rules::chunk_extension_malformed, chunked("1;\r\n")},
    {&rules::chunk_extensions_too_large, chunked("1;" + std::string(limits::chunk_extension_bytes, 'x') + "\r\n")},
    {&rules::chunk_end_missing, chunked("1\r\nab")},
    {&rules::trailer_forbidden, chunked("0\r\nHost: a\r\n\r\n")},
};

const std::map<const Rule*, std::string> responses{
    {&rules::status_line_malformed, "hello\r\n"},
    {&rules::message_truncated, "HTTP/1.1 200 OK\r\n"},
    {&rules::response_missing, ""},
    {&rules::bytes_without_request, "HTTP/1.1 204 X\r\n\r\nX"},
    {&rules::too_many_interim_responses,
     [] {
       std::string text;
       for (std::size_t i = 0; i <= limits::interim_responses; ++i) text += "HTTP/1.1 102 X\r\n\r\n";
       return text;
     }()},
    {&rules::protocol_switch_unasked, "HTTP/1.1 101 X\r\n\r\n"},
};

/// What our own side can do wrong; gives the rule.
const Rule* wrong_send(std::string_view target, const Field& field, bool twice, bool cut) {
  h1::Connection connection = h1::Connection::client();
  Request request{"POST", "https", "a", std::string(target), {}};
  request.fields.add(field.name, field.value);
  auto sent = connection.send_request(request, h1::KnownLength{5});
  if (sent && twice) sent = connection.send_request(request, h1::NoBody{});
  if (sent && cut) sent = connection.end_message();
  return sent ? nullptr : sent.error().rule;
}

const std::map<const Rule*, std::function<const Rule*()>> others{
    {&rules::field_injection, [] { return wrong_send("/", {"X", "a\r\nb"}, false, false); }},
    {&rules::reserved_field, [] { return wrong_send("/", {"Host", "a"}, false, false); }},
    {&rules::head_unsendable, [] { return wrong_send("/ x", {"X", "a"}, false, false); }},
    {&rules::out_of_order, [] { return wrong_send("/", {"X", "a"}, true, false); }},
    {&rules::body_length_differs, [] { return wrong_send("/", {"X", "a"}, false, true); }},
    {&rules::url_malformed, [] { return parse_url("https://a/ ").error().rule; }},
    {&rules::url_scheme, [] { return parse_url("ftp://a/").error().rule; }},
    {&rules::url_userinfo, [] { return parse_url("https://u@a/").error().rule; }},
    {&rules::path_malformed, [] { return parse_file_path("/%").error().rule; }},
    {&rules::path_forbidden, [] { return parse_file_path("/%00").error().rule; }},
    {&rules::path_outside, [] { return parse_file_path("/..").error().rule; }},
};

TEST(Rules, EachOneIsProvokedAndTellsItsStatus) {
  // The two that only an owner's clock finds (Server.DeadlinesAreAnsweredOnlyWhenARequestHasBegun).
  std::set<const Rule*> provoked{&rules::head_timeout, &rules::body_timeout};
  for (const auto& [rule, input] : requests) {
    const auto record = serve({input});
    EXPECT_EQ(h1::testing::failure_of(record), rule->code);
    EXPECT_EQ(h1::testing::last_status(record), rule->status) << rule->code;
    provoked.insert(rule);
  }
  for (const auto& [rule, input] : responses) {
    EXPECT_EQ(h1::testing::failure_of(receive({input})), rule->code);
    provoked.insert(rule);
  }
  for (const auto& [rule, provoke] : others) {
    EXPECT_EQ(provoke(), rule) << rule->code;
    provoked.insert(rule);
  }
  for (const Rule* rule : rules::all) EXPECT_TRUE(provoked.contains(rule)) << rule->code;
}

TEST(Rules, HaveCodesOfTheirOwnAndAHint) {
  std::set<std::string_view> codes;
  for (const Rule* rule : rules::all) {
    EXPECT_TRUE(codes.insert(rule->code).second) << rule->code;
    EXPECT_FALSE(rule->hint.empty()) << rule->code;
  }
}

}  // namespace
}  // namespace padlock::http

// Tables of forms that two readers could understand differently (docs/threats.md, H1 to H4, H6, H11).
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "padlock/http/h1/testing.h"
#include "padlock/http/limits.h"
#include "padlock/http/rules.h"

namespace padlock::http::h1 {
namespace {

using testing::failure_of;
using testing::last_status;
using testing::serve;

std::string get(std::string_view fields) {
  return "GET / HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) + "\r\n";
}
std::string post(std::string_view fields, std::string_view body = "") {
  return "POST / HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

void expect_refused(const std::string& input, const Rule& rule) {
  const auto record = serve({input + "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"});
  EXPECT_EQ(failure_of(record), rule.code) << escaped(input);
  EXPECT_EQ(last_status(record), rule.status) << escaped(input);
  EXPECT_NE(record.output.find("Connection: close\r\n"), std::string::npos) << escaped(input);
  for (const std::string& event : record.events) EXPECT_EQ(event.find("smuggled"), std::string::npos) << escaped(input);
}

void expect_taken(const std::string& input) {
  const auto record = serve({input});
  EXPECT_EQ(failure_of(record), "") << escaped(input);
  EXPECT_EQ(last_status(record), 204) << escaped(input);
}

std::string two_fields(const std::string& first, const std::string& second) { return first + "\r\n" + second + "\r\n"; }

TEST(Framing, BothContentLengthAndTransferEncodingAreRefusedInEveryForm) {
  const std::vector<std::string> lengths{"Content-Length: 5", "content-length:5", "CONTENT-LENGTH: 0",
                                         "Content-Length: 4\r\nX: y", "Content-Length:\t5 "};
  const std::vector<std::string> encodings{"Transfer-Encoding: chunked",       "transfer-encoding:chunked",
                                           "TRANSFER-ENCODING: Chunked",       "Transfer-Encoding:\tchunked\t",
                                           "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity"};
  for (const std::string& length : lengths)
    for (const std::string& encoding : encodings) {
      expect_refused(post(two_fields(length, encoding), "0\r\n\r\n"), rules::two_framings);
      expect_refused(post(two_fields(encoding, length), "0\r\n\r\n"), rules::two_framings);
    }
}

TEST(Framing, TransferEncodingInHttp10IsRefused) {
  for (const char* fields : {"Transfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                             "transfer-encoding: gzip\r\n"})
    expect_refused("POST / HTTP/1.0\r\n" + std::string(fields) + "\r\n0\r\n\r\n", rules::transfer_encoding_in_http_1_0);
}

TEST(Framing, ObfuscatedTransferEncodingIsRefused) {
  const std::vector<std::string> values{"xchunked",
                                        "chunkedx",
                                        "chunked, identity",
                                        "identity, chunked",
                                        "identity",
                                        "gzip",
                                        "chunked, chunked",
                                        "chunked,gzip",
                                        "chunked,",
                                        ",chunked",
                                        ", chunked",
                                        "chunked;q=1",
                                        "\"chunked\"",
                                        "chunked chunked",
                                        "chunk",
                                        "",
                                        "chunked\t,",
                                        "'chunked'",
                                        "cow, chunked, cow",
                                        "chunked, cow",
                                        "gzip, chunked, chunked",
                                        "gzip;x, chunked",
                                        "gzip chunked",
                                        "deflate, gzip",
                                        "x\xc2\xa0\x63hunked"};
  for (const std::string& value : values)
    expect_refused(post("Transfer-Encoding: " + value + "\r\n", "0\r\n\r\n"), rules::transfer_encoding_malformed);
  expect_refused(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
                 rules::transfer_encoding_malformed);
  expect_refused(post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
                 rules::transfer_encoding_malformed);
  expect_refused(post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), rules::field_name_malformed);
  expect_refused(post("Transfer-Encoding\t: chunked\r\n", "0\r\n\r\n"), rules::field_name_malformed);
  expect_refused(post("Transfer-Encoding: \x0b"
                      "chunked\r\n",
                      "0\r\n\r\n"),
                 rules::control_character);
  expect_refused(post("Transfer-Encoding: chunked\x0c\r\n", "0\r\n\r\n"), rules::control_character);
  expect_refused(post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"), rules::obsolete_folding);
  expect_refused(post(" Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), rules::obsolete_folding);
  for (const char* value : {"gzip, chunked", "deflate, chunked", "compress,chunked", "x-gzip ,\tCHUNKED",
                            "gzip, deflate, chunked", "cow, chunked"})
    expect_refused(post("Transfer-Encoding: " + std::string(value) + "\r\n", "0\r\n\r\n"),
                   rules::transfer_coding_unsupported);
  for (const char* value : {"chunked", "Chunked", "CHUNKED", "\tchunked  "})
    expect_taken(post("Transfer-Encoding: " + std::string(value) + "\r\n", "0\r\n\r\n"));
}

TEST(Framing, BadContentLengthIsRefused) {
  for (const char* value : {"+5",
                            "-1",
                            "-0",
                            "0x5",
                            "5, 5",
                            "5,5",
                            "5 5",
                            "",
                            "five",
                            "5.0",
                            "1e1",
                            "18446744073709551616",
                            "99999999999999999999999",
                            "5;",
                            "'5'",
                            "\"5\"",
                            "5,",
                            ",5",
                            "0b1",
                            "\xd9\xa5",
                            "5\xc2\xa0",
                            "_5",
                            "5_0",
                            "NaN",
                            "0-5"})
    expect_refused(post("Content-Length: " + std::string(value) + "\r\n", "hello"), rules::content_length_malformed);
  expect_refused(post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), rules::content_length_repeated);
  expect_refused(post("Content-Length: 5\r\ncontent-length: 6\r\n", "hello"), rules::content_length_repeated);
  expect_refused(post("Content-Length : 5\r\n", "hello"), rules::field_name_malformed);
  expect_refused(post("Content-Length: 5\x0b\r\n", "hello"), rules::control_character);
  for (const char* value : {"5", "05", "0000000005", "\t5\t"})
    expect_taken(post("Content-Length: " + std::string(value) + "\r\n", "hello"));
}

TEST(Chunks, TricksAreRefused) {
  const auto chunked = [](std::string_view body) { return post("Transfer-Encoding: chunked\r\n", body); };
  for (const char* body :
       {"\r\n", " 5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", "5\t\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", "-5\r\nhello\r\n", "g\r\n", "5h\r\nhello\r\n0\r\n\r\n",
        "00000000000000005\r\nhello\r\n0\r\n\r\n", "fffffffffffffffff\r\n", "5 ;x\r\nhello\r\n0\r\n\r\n",
        "5,\r\nhello\r\n", ";x\r\n", "5\"\r\nhello\r\n", "five\r\n", "5_0\r\n"})
    expect_refused(chunked(body), rules::chunk_size_malformed);
  for (const char* body :
       {"5;\r\nhello\r\n0\r\n\r\n", "5;;\r\nhello\r\n", "5; x\r\nhello\r\n", "5;x=\r\nhello\r\n", "5;x =y\r\nhello\r\n",
        "5;x= y\r\nhello\r\n", "5;x=\"y\r\nhello\r\n", "5;x=\"y\\\"\r\nhello\r\n", "5;=y\r\nhello\r\n",
        "5;x y\r\nhello\r\n", "5;x\"y\"\r\nhello\r\n", "5;x=\"y\"z\r\nhello\r\n", "5;x;\r\nhello\r\n",
        "5;\t\r\nhello\r\n"})
    expect_refused(chunked(body), rules::chunk_extension_malformed);
  for (const char* body : {"5\nhello\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello\r\n0\n\r\n",
                           "5\r\nhello\r\n0\r\n\n", "5;x\nhello\r\n0\r\n\r\n", "\n"})
    expect_refused(chunked(body), rules::bare_line_feed);
  for (const char* body : {"5\rhello\r\n0\r\n\r\n", "5\r\r\nhello\r\n", "5\r\nhello\r0\r\n\r\n",
                           "5\r\nhello\r\n0\r\n\rX", "5;x\r;y\r\nhello"})
    expect_refused(chunked(body), rules::bare_carriage_return);
  for (const char* body : {"5;x=\x01\r\nhello\r\n0\r\n\r\n", "5;x=\"\x7f\"\r\nhello\r\n", "5\x0b\r\nhello\r\n"})
    expect_refused(chunked(body), rules::control_character);
  for (const char* body :
       {"5\r\nhelloX\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n", "1\r\nhello\r\n", "5\r\nhello \r\n0\r\n\r\n"})
    expect_refused(chunked(body), rules::chunk_end_missing);
  for (const char* body : {"0\r\nContent-Length: 5\r\n\r\n", "0\r\nTransfer-Encoding: chunked\r\n\r\n",
                           "0\r\nhost: x\r\n\r\n", "0\r\nAuthorization: x\r\n\r\n"})
    expect_refused(chunked(body), rules::trailer_forbidden);
  expect_refused(chunked("5\r\nhello\r\n0\r\nx\r\n\r\n"), rules::field_line_malformed);
  expect_refused(chunked("ffffffffffffffff\r\n"), rules::body_too_large);
  expect_refused(chunked("5\r\nhello\r\nffffffffffffffff\r\n"), rules::body_too_large);
  for (const char* body :
       {"5\r\nhello\r\n0\r\n\r\n", "0005\r\nhello\r\n000\r\n\r\n", "0000000000000005\r\nhello\r\n0\r\n\r\n",
        "5;x\r\nhello\r\n0;y=z\r\n\r\n", "5;x=\"y;\\\" z\";n=1\r\nhello\r\n0\r\nETag: x\r\n\r\n",
        "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"})
    expect_taken(chunked(body));
}

TEST(Chunks, ExtensionsOfABodyAreLimitedTogether) {
  const auto body = [](std::size_t last) {
    std::string text;
    for (int i = 0; i < 3; ++i) text += "1;" + std::string(1023, 'x') + "\r\nA\r\n";
    return post("Transfer-Encoding: chunked\r\n", text + "1;" + std::string(last - 1, 'x') + "\r\nA\r\n0\r\n\r\n");
  };
  expect_taken(body(1023));
  expect_taken(body(1024));
  expect_refused(body(1025), rules::chunk_extensions_too_large);
  expect_refused(post("Transfer-Encoding: chunked\r\n", "1;" + std::string(5000, 'x')),
                 rules::chunk_extensions_too_large);
}

/// The places of a request where a byte is put: {before, after}.
struct Place {
  std::string before, after;
};

TEST(Lines, EachByteAtEachPlaceIsTakenOnlyWhereTheGrammarHasIt) {
  const std::string rest = " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string line = "GET / HTTP/1.1\r\nHost: localhost\r\n";
  const auto is_visible = [](int c) { return c > 0x20 && c < 0x7f; };
  const auto token = [](int c) {
    return c > 0x20 && c < 0x7f &&
           std::string_view("\"(),/:;<=>?@[\\]{}").find(static_cast<char>(c)) == std::string_view::npos;
  };
  const auto target = [&](int c) {
    return is_visible(c) && std::string_view("\"<>#").find(static_cast<char>(c)) == std::string_view::npos;
  };
  const auto value = [](int c) { return c == '\t' || c == ' ' || (c > 0x20 && c != 0x7f); };
  const auto never = [](int) { return false; };
  struct Case {
    Place place;
    std::function<bool(int)> good;
  };
  const std::vector<Case> cases{
      {{"", "GET /" + rest}, token},
      {{"GE", "T /" + rest}, token},
      {{"GET", " /" + rest}, token},
      {{"GET /a", "b" + rest}, target},
      {{"GET /", rest}, target},
      {{"GET / HTTP/1.1", "\r\nHost: localhost\r\n\r\n"}, never},
      {{"GET / HTTP/", "1.1\r\nHost: localhost\r\n\r\n"}, never},
      {{line + "X", ": y\r\n\r\n"}, [&](int c) { return token(c) || c == ':'; }},
      {{line + "X", "Y: y\r\n\r\n"}, [&](int c) { return token(c) || c == ':'; }},
      {{line + "X:", "y\r\n\r\n"}, value},
      {{line + "X: a", "b\r\n\r\n"}, value},
      {{line + "X: ab", "\r\n\r\n"}, value},
      {{line, "\r\n"}, never},
      {{line + "X: y\r\n", "\r\n"}, never},
  };
  for (std::size_t place = 0; place < cases.size(); ++place)
    for (int c = 0; c < 256; ++c) {
      const std::string input = cases[place].place.before + static_cast<char>(c) + cases[place].place.after;
      const auto record = serve({input});
      const bool taken = last_status(record) == 204;
      EXPECT_EQ(taken, cases[place].good(c)) << "byte " << c << " at place " << place;
      EXPECT_EQ(taken, failure_of(record).empty()) << "byte " << c << " at place " << place;
    }
}

TEST(Lines, FoldingSpaceBeforeColonAndEmptyNamesAreRefused) {
  expect_refused(get("X: y\r\n z\r\n"), rules::obsolete_folding);
  expect_refused(get("X: y\r\n\tz\r\n"), rules::obsolete_folding);
  expect_refused(get("X : y\r\n"), rules::field_name_malformed);
  expect_refused(get(": y\r\n"), rules::field_name_malformed);
  expect_refused(get("X\r\n"), rules::field_line_malformed);
  expect_refused(get("X y: z\r\n"), rules::field_name_malformed);
  expect_refused("GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", rules::target_malformed);
  expect_refused("GET /  HTTP/1.1\r\nHost: localhost\r\n\r\n", rules::target_malformed);
  expect_refused(" GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", rules::method_malformed);
  expect_refused("GET\t/ HTTP/1.1\r\nHost: localhost\r\n\r\n", rules::request_line_malformed);
  expect_refused("GET /\r\nHost: localhost\r\n\r\n", rules::request_line_malformed);
  expect_refused("\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n", rules::request_line_malformed);
  expect_taken("\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

TEST(Lines, GarbageIsRefusedAtItsFirstControlCharacter) {
  const auto record = serve({std::string("\x16", 1)});  // how a TLS ClientHello begins
  EXPECT_EQ(failure_of(record), rules::control_character.code);
  EXPECT_EQ(last_status(record), 400);
}

TEST(Versions, OnlyHttp1IsSpoken) {
  for (const char* version :
       {"HTTP/1", "http/1.1", "HTTP/1.1.1", "HTTP-1.1", "HTTPS/1.1", "HTTP/11", "HTTP/1,1", "H", "", "HTTP/1.x"})
    expect_refused("GET / " + std::string(version) + "\r\nHost: localhost\r\n\r\n", rules::version_malformed);
  for (const char* version : {"HTTP/2.0", "HTTP/0.9", "HTTP/3.0", "HTTP/9.9"})
    expect_refused("GET / " + std::string(version) + "\r\nHost: localhost\r\n\r\n", rules::version_unsupported);
  expect_refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", rules::target_malformed);
  expect_taken("GET / HTTP/1.2\r\nHost: localhost\r\n\r\n");
  expect_taken("GET / HTTP/1.0\r\n\r\n");
}

TEST(Targets, HaveOneOfTheFourForms) {
  const auto request = [](std::string_view line) { return std::string(line) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"; };
  for (const char* line : {"GET *", "GET a", "GET a/b", "GET ftp://a/", "GET https:///x", "GET https:x", "GET ?x",
                           "GET /#f", "CONNECT /", "CONNECT *", "GET //a/<", "POST https://", "CONNECT a",
                           "CONNECT a:", "CONNECT a:0", "CONNECT {a}|^:1", "CONNECT user@a:1", "CONNECT https://a:1"})
    expect_refused(request(line), rules::target_malformed);
  expect_refused(request("GET http://localhost/"), rules::scheme_mismatch);
  expect_refused(request("GET https://a b/"), rules::target_malformed);
  expect_refused(request("GET https://user@host/"), rules::host_malformed);
  expect_refused(request("GET https://a:b/"), rules::host_malformed);
  const auto seen = [&](std::string_view line) { return serve({request(line)}).events.front(); };
  EXPECT_EQ(seen("GET /a?b=%20&c={}"), "request GET /a?b=%20&c={} of localhost");
  EXPECT_EQ(seen("GET https://Other.test:8443/a?b"), "request GET /a?b of other.test:8443");
  EXPECT_EQ(seen("GET HTTPS://other.test"), "request GET / of other.test");
  EXPECT_EQ(seen("GET https://other.test?q"), "request GET /?q of other.test");
  EXPECT_EQ(seen("OPTIONS https://other.test"), "request OPTIONS * of other.test");
  EXPECT_EQ(seen("OPTIONS *"), "request OPTIONS * of localhost");
  EXPECT_EQ(seen("CONNECT other.test:443"), "request CONNECT other.test:443 of localhost");
}

TEST(Connect, HasNoContent) {
  const auto connect = [](std::string_view fields) {
    return "CONNECT other.test:443 HTTP/1.1\r\nHost: other.test:443\r\n" + std::string(fields) + "\r\n";
  };
  expect_refused(connect("Content-Length: 5\r\n"), rules::content_in_connect);
  expect_refused(connect("Transfer-Encoding: chunked\r\n"), rules::content_in_connect);
  expect_taken(connect("Content-Length: 0\r\n"));
}

TEST(Host, IsThereOnceAndWellFormed) {
  expect_refused("GET / HTTP/1.1\r\n\r\n", rules::host_missing);
  expect_refused("GET / HTTP/1.1\r\nX-Host: a\r\n\r\n", rules::host_missing);
  expect_refused("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", rules::host_repeated);
  expect_refused("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", rules::host_repeated);
  expect_refused("GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", rules::host_repeated);
  for (const char* host :
       {"",      "a b",      "a,b",          "a/b",     "a?b",         "a#b",  "a@b",   "user:pw@b",
        "a:",    "a:0",      "a:65536",      "a:1x",    "a:+1",        "a:-1", ":80",   "a..b",
        ".a",    "[::1",     "::1",          "[::1]x",  "[::1]:",      "[]",   "[::g]", "[1:2:3:4:5:6:7:8:9]",
        "[1:2]", "[:::]",    "[::1%25eth0]", "[v1.x]",  "a%20b",       "a\\b", "a;b",   "a=b",
        "a!b",   "\xc3\xbc", "http://a",     "a:80:80", "[127.0.0.1]", "a\tb", "<a>"})
    expect_refused("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n", rules::host_malformed);
  expect_refused("GET / HTTP/1.1\r\nHost: " + std::string(254, 'a') + "\r\n\r\n", rules::host_malformed);
  expect_refused("GET https://good.test/ HTTP/1.1\r\nHost: b@d\r\n\r\n", rules::host_malformed);
  for (const char* host : {"a", "A.Test", "a.test.", "a-b_c.test:8443", "127.0.0.1", "127.0.0.1:1", "[::1]",
                           "[::1]:65535", "[FE80::1:2]", "[::ffff:127.0.0.1]", "[1:2:3:4:5:6:7:8]", "xn--a.test"})
    expect_taken("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
  expect_taken("GET / HTTP/1.1\r\nHost: " + std::string(253, 'a') + "\r\n\r\n");
}

TEST(Expectations, OthersThanContinueAreRefused) {
  expect_refused(post("Content-Length: 5\r\nExpect: 200-ok\r\n"), rules::expectation_unknown);
  expect_refused(post("Content-Length: 5\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n"),
                 rules::expectation_unknown);
  expect_taken("GET / HTTP/1.0\r\nExpect: anything\r\n\r\n");
}

TEST(Limits, RequestLineAtBelowAndAboveItsLimit) {
  const auto request = [](std::size_t size) {
    const std::string frame = "GET / HTTP/1.1";
    return "GET /" + std::string(size - frame.size(), 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  };
  expect_taken(request(limits::start_line_bytes - 1));
  expect_taken(request(limits::start_line_bytes));
  expect_refused(request(limits::start_line_bytes + 1), rules::start_line_too_long);
  expect_refused(std::string(limits::start_line_bytes + 1, 'A'), rules::start_line_too_long);
}

TEST(Limits, FieldsAtBelowAndAboveTheirLimit) {
  const auto request = [](std::size_t size) {
    const std::string host = "Host: localhost\r\n";
    return "GET / HTTP/1.1\r\n" + host + "X: " + std::string(size - host.size() - 5, 'a') + "\r\n\r\n";
  };
  expect_taken(request(limits::fields_bytes - 1));
  expect_taken(request(limits::fields_bytes));
  expect_refused(request(limits::fields_bytes + 1), rules::fields_too_large);
  const auto many = [](std::size_t count) {
    std::string text = "GET / HTTP/1.1\r\nHost: localhost\r\n";
    for (std::size_t i = 1; i < count; ++i) text += "X: y\r\n";
    return text + "\r\n";
  };
  expect_taken(many(limits::field_count - 1));
  expect_taken(many(limits::field_count));
  expect_refused(many(limits::field_count + 1), rules::too_many_fields);
}

TEST(Limits, BodiesAtBelowAndAboveTheirLimit) {
  Limits limits = Limits::for_server();
  limits.body_bytes = 10;
  const auto status = [&](const std::string& input) { return last_status(serve({input}, limits)); };
  for (const std::size_t size : {9U, 10U, 11U}) {
    const std::string body(size, 'x');
    const int expected = size <= 10 ? 204 : 413;
    EXPECT_EQ(status(post("Content-Length: " + std::to_string(size) + "\r\n", body)), expected);
    EXPECT_EQ(status(post("Transfer-Encoding: chunked\r\n",
                          "5\r\nhello\r\n" + std::to_string(size - 5) + "\r\n" + body.substr(5) + "\r\n0\r\n\r\n")),
              expected);
  }
}

}  // namespace
}  // namespace padlock::http::h1

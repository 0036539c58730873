#include "padlock/http/message/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "padlock/http/limits.h"
#include "padlock/http/message/authority.h"
#include "padlock/http/message/checks.h"
#include "padlock/http/message/conditional.h"
#include "padlock/http/message/content_coding.h"
#include "padlock/http/message/content_type.h"
#include "padlock/http/message/date.h"
#include "padlock/http/message/path.h"
#include "padlock/http/message/syntax.h"
#include "padlock/http/message/url.h"
#include "padlock/http/rules.h"

namespace padlock::http {
namespace {

constexpr WallTime now(std::chrono::seconds(1'790'000'000));  // September 2026

TEST(Fields, AreFoundWhateverTheirCase) {
  Fields fields;
  fields.add("Accept", "a");
  fields.add("X", "1");
  fields.add("ACCEPT", "b");
  EXPECT_EQ(fields.find("accept"), "a");
  EXPECT_EQ(fields.count("aCCEPT"), 2U);
  fields.set("accept", "c");
  EXPECT_EQ(fields.count("Accept"), 1U);
  fields.remove("x");
  EXPECT_FALSE(fields.find("X"));
}

RC_GTEST_PROP(Syntax, TheFirstControlCharacterIsFoundWhereverItIs, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::weightedOneOf<char>({{20, rc::gen::arbitrary<char>()}, {80, rc::gen::element('a', ' ', '\t', '~')}}));
  const auto is_one = [](char c) { return is_control(c) && c != '\t'; };
  RC_ASSERT(find_control(text) == static_cast<std::size_t>(std::ranges::find_if(text, is_one) - text.begin()));
}

TEST(Methods, AreKnownByWhatAskingAgainDoes) {
  for (const auto* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}) EXPECT_TRUE(is_idempotent(method));
  for (const auto* method : {"POST", "PATCH", "get", "X"}) EXPECT_FALSE(is_idempotent(method));
  EXPECT_TRUE(is_safe("GET"));
  EXPECT_FALSE(is_safe("PUT"));
}

TEST(HttpDate, IsReadInItsThreeForms) {
  const WallTime moment(std::chrono::seconds(784111777));
  EXPECT_EQ(to_http_date(moment), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", now), moment);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", now), moment);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", now), moment);
  EXPECT_EQ(parse_http_date("Sun Nov 06 08:49:37 1994", now), moment);
}

TEST(HttpDate, OtherTextIsNoDate) {
  for (const char* text :
       {"", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 6 Nov 1994 08:49:37 GMT", "sun, 06 Nov 1994 08:49:37 GMT",
        "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 06 Nov 1994 08:49:37 CET"})
    EXPECT_FALSE(parse_http_date(text, now)) << text;
}

RC_GTEST_PROP(HttpDate, ReadsBackWhatItWrites, ()) {
  const WallTime time(std::chrono::seconds(*rc::gen::inRange<std::int64_t>(0, 253'402'300'799)));
  RC_ASSERT(parse_http_date(to_http_date(time), now) == time);
}

TEST(Url, IsTakenApartAndPutTogether) {
  const Url url = parse_url("HTTPS://LocalHost:8443/a/./b/../c%20d?q=1&r={}#top").value();
  EXPECT_EQ(url.host, "localhost");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.target(), "/a/c%20d?q=1&r={}");
  EXPECT_EQ(url.to_string(), "https://localhost:8443/a/c%20d?q=1&r={}");
  EXPECT_TRUE(url.secure());
  EXPECT_EQ(parse_url("http://a").value().to_string(), "http://a/");
  EXPECT_EQ(parse_url("http://a:80?").value().to_string(), "http://a/?");
  EXPECT_EQ(parse_url("https://a:443/").value().authority(), "a");
  EXPECT_EQ(parse_url("http://a:443/").value().authority(), "a:443");
  const Url six = parse_url("https://[::1]:8443/x").value();
  EXPECT_EQ(six.host, "::1");
  EXPECT_EQ(six.authority(), "[::1]:8443");
  EXPECT_EQ(parse_typed_url("localhost:8443/x").value().to_string(), "https://localhost:8443/x");
  EXPECT_EQ(parse_typed_url("http://localhost").value().scheme, "http");
}

TEST(Url, WhatIsNotStrictlyGoodIsRefused) {
  const auto code = [](std::string_view text) {
    const auto url = parse_url(text);
    return url ? std::string_view() : url.error().rule->code;
  };
  for (const char* text :
       {"", "a", "/x", "https:", "https:/a", "https:a", "://a", "https://a/b c", "https://a/\"", "https://a/<",
        "https://a/%", "https://a/%2", "https://a/%zz", "https://\xc3\xbc.test/", "https://a/\n"})
    EXPECT_EQ(code(text), rules::url_malformed.code) << text;
  for (const char* text : {"ftp://a/", "file:///etc/passwd", "javascript:x", "localhost:8443", "httpss://a"})
    EXPECT_EQ(code(text), rules::url_scheme.code) << text;
  for (const char* text : {"https://user@a/", "https://user:pw@a/", "https://@a/"})
    EXPECT_EQ(code(text), rules::url_userinfo.code) << text;
  for (const char* text : {"https://", "https:///x", "https://a:/", "https://a:0/", "https://a:65536/", "https://[::1/",
                           "https://::1/", "https://a,b/", "https://a..b/"})
    EXPECT_EQ(code(text), rules::host_malformed.code) << text;
  const std::string frame = "https://a/";
  EXPECT_TRUE(parse_url(frame + std::string(limits::url_bytes - frame.size(), 'x')));
  EXPECT_EQ(code(frame + std::string(limits::url_bytes - frame.size() + 1, 'x')), rules::url_malformed.code);
}

TEST(Url, ReferencesAreResolvedAsRfc3986Section54Has) {
  const Url base = parse_url("http://a/b/c/d;p?q").value();
  const auto resolved = [&](std::string_view reference) { return resolve_url(base, reference).value().to_string(); };
  EXPECT_EQ(resolved("g"), "http://a/b/c/g");
  EXPECT_EQ(resolved("./g"), "http://a/b/c/g");
  EXPECT_EQ(resolved("g/"), "http://a/b/c/g/");
  EXPECT_EQ(resolved("/g"), "http://a/g");
  EXPECT_EQ(resolved("//g"), "http://g/");
  EXPECT_EQ(resolved("?y"), "http://a/b/c/d;p?y");
  EXPECT_EQ(resolved("g?y#s"), "http://a/b/c/g?y");
  EXPECT_EQ(resolved(""), "http://a/b/c/d;p?q");
  EXPECT_EQ(resolved("#s"), "http://a/b/c/d;p?q");
  EXPECT_EQ(resolved("."), "http://a/b/c/");
  EXPECT_EQ(resolved(".."), "http://a/b/");
  EXPECT_EQ(resolved("../g"), "http://a/b/g");
  EXPECT_EQ(resolved("../.."), "http://a/");
  EXPECT_EQ(resolved("../../../../g"), "http://a/g");
  EXPECT_EQ(resolved("/./g/../h"), "http://a/h");
  EXPECT_EQ(resolved("g;x=1/../y"), "http://a/b/c/y");
  EXPECT_EQ(resolved("https://b/"), "https://b/");
  EXPECT_EQ(resolve_url(base, "javascript:alert(1)").error().rule, &rules::url_scheme);
  EXPECT_EQ(resolve_url(base, "/a b").error().rule, &rules::url_malformed);
}

TEST(FilePath, IsDecodedOnceAndResolved) {
  const auto relative = [](std::string_view target) { return parse_file_path(target).value().relative; };
  EXPECT_EQ(relative("/"), "");
  EXPECT_EQ(relative("/a/b.html?q=/../x"), "a/b.html");
  EXPECT_EQ(relative("/a%20b/%C3%BC"), "a b/\xc3\xbc");
  EXPECT_EQ(relative("//a///b"), "a/b");
  EXPECT_EQ(relative("/a/../b/./c"), "b/c");
  EXPECT_EQ(relative("/a/%2e%2e/b"), "b");
  EXPECT_EQ(relative("/%252e%252e/b"), "%2e%2e/b") << "decoded once";
  EXPECT_TRUE(parse_file_path("/").value().trailing_slash);
  EXPECT_TRUE(parse_file_path("/a/").value().trailing_slash);
  EXPECT_TRUE(parse_file_path("/a/b/..").value().trailing_slash);
  EXPECT_FALSE(parse_file_path("/a").value().trailing_slash);
  for (const char* target : {"/.git/config", "/a/.env", "/%2egit", "/.well-known/x", "/..."})
    EXPECT_TRUE(parse_file_path(target).value().hidden) << target;
  EXPECT_FALSE(parse_file_path("/a/../b.c").value().hidden);
}

TEST(FilePath, WhatHasNoMeaningIsRefused) {
  const auto code = [](std::string_view target) { return parse_file_path(target).error().rule->code; };
  for (const char* target : {"*", "", "a", "/%", "/%2", "/%zz", "/%c3", "/%c3%28", "/%ff", "/%ed%a0%80", "/%c0%af",
                             "/%f5%80%80%80", "/%e0%80%af"})
    EXPECT_EQ(code(target), rules::path_malformed.code) << target;
  for (const char* target :
       {"/%00", "/a%00.html", "/%2f", "/a%2Fb", "/..%2f..%2fetc", "/%5c", "/a\\b", "/..\\..", "/..%5c.."})
    EXPECT_EQ(code(target), rules::path_forbidden.code) << target;
  for (const char* target : {"/..", "/../etc/passwd", "/a/../../b", "/%2e%2e/x", "/.%2e/x", "/./../x", "//../x"})
    EXPECT_EQ(code(target), rules::path_outside.code) << target;
}

RC_GTEST_PROP(FilePath, NeverHoldsAWayUpOrANul, (const std::string& text)) {
  const auto path = parse_file_path("/" + encode_path(text));
  if (!path) return;
  RC_ASSERT(("/" + path->relative + "/").find("/../") == std::string::npos);
  RC_ASSERT(path->relative.find('\0') == std::string::npos);
  RC_ASSERT(!path->relative.starts_with('/'));
}

RC_GTEST_PROP(FilePath, EncodedReadsBack, (const std::vector<std::string>& names)) {
  std::string path;
  for (const std::string& name : names)
    if (!name.empty() && is_utf8(name) && name.find_first_of(std::string_view("\0/\\", 3)) == std::string::npos &&
        name != "." && name != "..")
      path += (path.empty() ? "" : "/") + name;
  RC_ASSERT(parse_file_path("/" + encode_path(path)).value().relative == path);
}

Request get(std::initializer_list<Field> fields, std::string_view method = "GET") {
  Request request{std::string(method), "https", "localhost", "/", {}};
  for (const Field& field : fields) request.fields.add(field.name, field.value);
  return request;
}

const Validators strong{"\"abc\"", now - std::chrono::hours(1)};
const Validators weak{"W/\"abc\"", now - std::chrono::hours(1)};

TEST(Preconditions, EntityTagsAreComparedAsTheFieldAsks) {
  using enum Precondition;
  const auto evaluate = [](const Validators& validators, std::string_view name, std::string_view value,
                           std::string_view method = "GET") {
    return evaluate_preconditions(get({{std::string(name), std::string(value)}}, method), validators, now);
  };
  for (const char* list : {"\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*", "\"a,b\" ,W/\"abc\""})
    EXPECT_EQ(evaluate(strong, "If-None-Match", list), not_modified) << list;
  for (const char* list : {"\"ab\"", "abc", "", "w/\"abc\"", "\"abc", "\"abc\" x", "\"abc\",", "\"abc\",,", "\"a b\""})
    EXPECT_EQ(evaluate(strong, "If-None-Match", list), proceed) << list;
  EXPECT_EQ(evaluate(strong, "If-None-Match", "\"abc\"", "PUT"), failed);
  EXPECT_EQ(evaluate(strong, "If-Match", "\"abc\""), proceed);
  EXPECT_EQ(evaluate(strong, "If-Match", "W/\"abc\""), failed);
  EXPECT_EQ(evaluate(weak, "If-Match", "W/\"abc\""), failed);
  EXPECT_EQ(evaluate(weak, "If-None-Match", "\"abc\""), not_modified);
  std::string many;
  for (std::size_t i = 1; i < limits::entity_tags; ++i) many += "\"x\", ";
  EXPECT_EQ(evaluate(strong, "If-None-Match", many + "\"abc\""), not_modified);
  EXPECT_EQ(evaluate(strong, "If-None-Match", "\"x\", " + many + "\"abc\""), proceed);
}

TEST(Preconditions, DatesCountWhereNoEntityTagDoes) {
  using enum Precondition;
  const std::string same = to_http_date(strong.last_modified);
  const std::string before = to_http_date(strong.last_modified - std::chrono::seconds(1));
  EXPECT_EQ(evaluate_preconditions(get({{"If-Modified-Since", same}}), strong, now), not_modified);
  EXPECT_EQ(evaluate_preconditions(get({{"If-Modified-Since", before}}), strong, now), proceed);
  EXPECT_EQ(evaluate_preconditions(get({{"If-Modified-Since", "yesterday"}}), strong, now), proceed);
  EXPECT_EQ(evaluate_preconditions(get({{"If-Modified-Since", same}, {"If-None-Match", "\"x\""}}), strong, now),
            proceed);
  EXPECT_EQ(evaluate_preconditions(get({{"If-Modified-Since", same}}, "POST"), strong, now), proceed);
  EXPECT_EQ(evaluate_preconditions(get({{"If-Unmodified-Since", same}}), strong, now), proceed);
  EXPECT_EQ(evaluate_preconditions(get({{"If-Unmodified-Since", before}}), strong, now), failed);
  EXPECT_EQ(evaluate_preconditions(get({{"If-Unmodified-Since", before}, {"If-Match", "*"}}), strong, now), proceed);
}

std::string range(std::string_view value, std::uint64_t size = 100) {
  const auto answer = evaluate_range(get({{"Range", std::string(value)}}), strong, size, now);
  if (std::holds_alternative<WholeBody>(answer)) return "whole";
  if (std::holds_alternative<NotSatisfiable>(answer)) return "416";
  const auto text = [](const BodyPart& part) { return std::to_string(part.first) + "-" + std::to_string(part.last); };
  std::string all;
  if (const auto* parts = std::get_if<BodyParts>(&answer)) {
    for (const BodyPart& part : *parts) all += (all.empty() ? "" : " ") + text(part);
    return all;
  }
  const auto part = std::get<BodyPart>(answer);
  return text(part) + " of " + std::to_string(part.size());
}

TEST(Range, OneIsAPart) {
  EXPECT_EQ(range("bytes=0-0"), "0-0 of 1");
  EXPECT_EQ(range("bytes=10-19"), "10-19 of 10");
  EXPECT_EQ(range("Bytes=90-"), "90-99 of 10");
  EXPECT_EQ(range("bytes=90-1000"), "90-99 of 10");
  EXPECT_EQ(range("bytes=-10"), "90-99 of 10");
  EXPECT_EQ(range("bytes=-1000"), "0-99 of 100");
  EXPECT_EQ(range("bytes=0-18446744073709551615"), "0-99 of 100");
  EXPECT_EQ(range("lines=0-1"), "whole");
  EXPECT_EQ(range("0-1"), "whole");
  for (const char* bad : {"bytes=100-", "bytes=100-200", "bytes=-0", "bytes=5-4", "bytes=", "bytes=a-b", "bytes=-",
                          "bytes=1", "bytes=+1-2", "bytes=1-2-3", "bytes=0-1,x", "bytes=18446744073709551616-"})
    EXPECT_EQ(range(bad), "416") << bad;
  EXPECT_EQ(range("bytes=0-", 0), "416");
  EXPECT_EQ(range("bytes=-5", 0), "416");
}

TEST(Range, SeveralArePartsAsTheyWereAskedFor) {
  EXPECT_EQ(range("bytes=0-0,5-6"), "0-0 5-6");
  EXPECT_EQ(range("bytes= 5-6 , 0-0,-1"), "5-6 0-0 99-99");
  EXPECT_EQ(range("bytes=0-49,50-99"), "0-49 50-99") << "side by side";
  EXPECT_EQ(range("bytes=0-0,5-6,100-,7-300"), "0-0 5-6 7-99") << "one lies outside";
  EXPECT_EQ(range("bytes=0-0,100-"), "0-0 of 1") << "one is left";
  EXPECT_EQ(range("bytes=100-,200-"), "416") << "and none";
  for (const char* bad : {"bytes=0-1,", "bytes=,0-1", "bytes=0-1,,3-4", "bytes=0-1,5-4", "bytes=0-1 3-4"})
    EXPECT_EQ(range(bad), "416") << bad;
}

std::string many_ranges(int count, int apart) {
  std::string many = "bytes=0-0";
  for (int i = 1; i < count; ++i) many += "," + std::to_string(i * apart) + "-" + std::to_string(i * apart);
  return many;
}

TEST(Range, ManyOrOverlappingRangesAreTheWhole) {  // docs/threats.md, H9
  EXPECT_THAT(range(many_ranges(15, 2)), ::testing::EndsWith(" 28-28"));
  EXPECT_THAT(range(many_ranges(16, 2)), ::testing::EndsWith(" 30-30"));
  EXPECT_EQ(range(many_ranges(17, 2)), "whole");
  EXPECT_EQ(range(many_ranges(10'000, 0)), "whole");
  EXPECT_EQ(range(many_ranges(10'000, 1)), "whole");
  EXPECT_EQ(range("bytes=0-,0-,0-,0-"), "whole");
  EXPECT_EQ(range("bytes=0-5,5-9"), "whole") << "by one byte";
  EXPECT_EQ(range("bytes=50-,-51"), "whole");
  EXPECT_EQ(range("bytes=0-0,0-0"), "whole") << "the same twice";
}

RC_GTEST_PROP(Range, PartsLieInsideAndApartWhateverIsAsked, ()) {
  const auto size = *rc::gen::inRange<std::uint64_t>(0, 50);
  std::string asked = "bytes=";
  const auto numbers = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-1, 60));
  for (std::size_t at = 0; at + 1 < numbers.size(); at += 2) {
    const auto text = [](int number) { return number < 0 ? std::string() : std::to_string(number); };
    asked += (at == 0 ? "" : ",") + text(numbers[at]) + "-" + text(numbers[at + 1]);
  }
  const auto answer = evaluate_range(get({{"Range", asked}}), strong, size, now);
  const auto* parts = std::get_if<BodyParts>(&answer);
  if (parts == nullptr) return;
  RC_ASSERT(parts->size() >= 2U && parts->size() <= limits::ranges);
  std::uint64_t sum = 0;
  for (const BodyPart& part : *parts) {
    RC_ASSERT(part.first <= part.last && part.last < size);
    sum += part.size();
  }
  RC_ASSERT(sum <= size);
}

TEST(Range, CountsOnlyForGetAndWhenIfRangeMatches) {
  const auto whole = [](const Request& request, const Validators& validators = strong) {
    return std::holds_alternative<WholeBody>(evaluate_range(request, validators, 100, now));
  };
  const Field first{"Range", "bytes=0-1"};
  EXPECT_FALSE(whole(get({first})));
  EXPECT_TRUE(whole(get({first}, "HEAD")));
  EXPECT_TRUE(whole(get({first, first})));
  EXPECT_FALSE(whole(get({first, {"If-Range", "\"abc\""}})));
  EXPECT_TRUE(whole(get({first, {"If-Range", "\"x\""}})));
  EXPECT_TRUE(whole(get({first, {"If-Range", "W/\"abc\""}})));
  EXPECT_TRUE(whole(get({first, {"If-Range", "W/\"abc\""}}), weak));
  EXPECT_FALSE(whole(get({first, {"If-Range", to_http_date(strong.last_modified)}})));
  EXPECT_TRUE(whole(get({first, {"If-Range", to_http_date(now)}}), Validators{"W/\"abc\"", now}))
      << "too young to be strong";
  EXPECT_TRUE(whole(get({first, {"If-Range", "garbage"}})));
}

std::string weights(std::initializer_list<std::string> values) {
  Fields fields;
  for (const std::string& value : values) fields.add("accept-encoding", value);
  const auto accept = AcceptEncoding::of(fields);
  std::string text;
  for (const auto coding : {ContentCoding::br, ContentCoding::zstd, ContentCoding::gzip, ContentCoding::identity})
    text += (text.empty() ? "" : " ") + std::to_string(accept.weight(coding));
  return text;
}

TEST(AcceptEncoding, SaysHowMuchEachCodingIsWanted) {
  EXPECT_EQ(weights({}), "0 0 0 1") << "whoever sends none may know none";
  EXPECT_EQ(weights({""}), "0 0 0 1");
  EXPECT_EQ(weights({"gzip, deflate, br, zstd"}), "1000 1000 1000 1");
  EXPECT_EQ(weights({"GZIP;Q=0.5 , br ; q=0.25"}), "250 0 500 1");
  EXPECT_EQ(weights({"x-gzip"}), "0 0 1000 1");
  EXPECT_EQ(weights({"gzip", "br;q=0.1"}), "100 0 1000 1") << "several fields are one list";
  EXPECT_EQ(weights({"*"}), "1000 1000 1000 1");
  EXPECT_EQ(weights({"*;q=0.5, br;q=0"}), "0 500 500 1");
  EXPECT_EQ(weights({"gzip, identity;q=0"}), "0 0 1000 0");
  EXPECT_EQ(weights({"gzip, *;q=0"}), "0 0 1000 0");
  EXPECT_EQ(weights({"identity, gzip;q=0.5, *;q=0"}), "0 0 500 1000");
  EXPECT_EQ(weights({"br;q=1.000, zstd;q=0.001, gzip;q=0."}), "1000 1 0 1");
}

TEST(AcceptEncoding, PassesOverWhatItCannotRead) {
  for (const char* bad : {"br;q=1.001", "br;q=2", "br;q=0.1234", "br;q=-1", "br;q", "br;level=1", "br;q=a", "b r",
                          ";q=1", "br;q=1;q=1", "br;q=.5"})
    EXPECT_EQ(weights({std::string(bad) + ", gzip"}), "0 0 1000 1") << bad;
}

TEST(ContentType, GoesByTheExtension) {
  EXPECT_EQ(content_type_of("a/index.html"), "text/html; charset=utf-8");
  EXPECT_EQ(content_type_of("A.JPG"), "image/jpeg");
  EXPECT_EQ(content_type_of("x.tar.gz"), "application/gzip");
  for (const char* name : {"README", "a.b/c", "x.", "x.unknown", ""})
    EXPECT_EQ(content_type_of(name), "application/octet-stream") << name;
}

TEST(ContentType, SaysWhetherCompressionPays) {
  for (const char* name : {"a.html", "a.css", "a.js", "a.json", "a.svg", "a.xml", "a.txt", "a.wasm", "a.atom",
                           "a.webmanifest", "a.ttf", "a.ico", "a.md", "a.map"})
    EXPECT_TRUE(is_compressible(content_type_of(name))) << name;
  for (const char* name : {"a.png", "a.woff2", "a.gz", "a.zip", "a.tar", "a.mp4", "a.unknown", "a", "a.pdf", "a.docx"})
    EXPECT_FALSE(is_compressible(content_type_of(name))) << name;
}

TEST(ReasonPhrase, IsThereForEveryStatusOfARule) {
  for (const Rule* rule : rules::all)
    EXPECT_TRUE(rule->status == 0 || reason_phrase(rule->status) != "Unknown") << rule->code;
}

}  // namespace
}  // namespace padlock::http

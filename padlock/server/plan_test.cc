// What is answered, decided without a file system, socket or clock.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "padlock/http/message/date.h"
#include "padlock/http/message/path.h"
#include "padlock/server/admission.h"
#include "padlock/server/body_rate.h"
#include "padlock/server/limits.h"
#include "padlock/server/log.h"
#include "padlock/server/names.h"
#include "padlock/server/redirect.h"
#include "padlock/server/rules.h"
#include "padlock/server/static_files.h"

namespace padlock::server {
namespace {

using namespace std::chrono_literals;
constexpr WallTime now(std::chrono::seconds(1'790'000'000));

http::Request request(std::string_view target, std::string_view method = "GET",
                      std::initializer_list<http::Field> fields = {}, std::string_view authority = "localhost:8443") {
  http::Request made{std::string(method), "https", std::string(authority), std::string(target), {}};
  for (const http::Field& field : fields) made.fields.add(field.name, field.value);
  return made;
}

std::string field(const ResponsePlan& plan, std::string_view name) {
  return std::string(plan.response.fields.find(name).value_or(""));
}

int refused(std::string_view target, std::string_view method = "GET") {
  const auto found = find_wanted(request(target, method), now);
  const auto* plan = std::get_if<ResponsePlan>(&found);
  return plan == nullptr ? 0 : plan->response.status;
}

TEST(WantedFile, IsTheTargetsFileOrFolder) {
  const auto wanted = [](std::string_view target) {
    const auto path = std::get<WantedPath>(find_wanted(request(target), now));
    return path.relative + (path.is_folder ? " (folder)" : "");
  };
  EXPECT_EQ(wanted("/"), " (folder)");
  EXPECT_EQ(wanted("/?q"), " (folder)");
  EXPECT_EQ(wanted("/a/b.css?v=1"), "a/b.css");
  EXPECT_EQ(wanted("/a/"), "a (folder)");
  EXPECT_EQ(wanted("/a/."), "a (folder)");
  EXPECT_EQ(wanted("/a/../b"), "b");
}

TEST(WantedFile, IsNotThereForOtherMethodsAndPaths) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND"}) {
    const auto plan = std::get<ResponsePlan>(find_wanted(request("/", method), now));
    EXPECT_EQ(plan.response.status, 405) << method;
    EXPECT_EQ(field(plan, "Allow"), "GET, HEAD") << method;
  }
  for (const char* target : {"/.env", "/a/.git/config", "/%2ehtaccess", "/..", "/../etc/passwd", "/a/../../x"})
    EXPECT_EQ(refused(target), 404) << target;
  for (const char* target : {"/%00", "/%2f", "/%5c", "/a\\b", "/%ff", "/%", "*"})
    EXPECT_EQ(refused(target), 400) << target;
  EXPECT_EQ(refused("/", "HEAD"), 0);
}

const net::FileFacts facts{1000, now - 1h, 5};

ResponsePlan plan_of(const http::Request& asked, const net::FileFacts& of = facts, const FolderOptions& options = {}) {
  const StoredFile page{"text/html; charset=utf-8", make_representation(of, now)};
  return plan_file(asked, {page, page.whole, options, "cut"}, now);
}

TEST(PlanFile, SendsTheWholeFileWithItsValidators) {
  const auto plan = plan_of(request("/a/page.html"));
  EXPECT_EQ(plan.response.status, 200);
  EXPECT_EQ(plan.file.value().offset, 0U);
  EXPECT_EQ(plan.body_bytes(), 1000U);
  EXPECT_EQ(field(plan, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(field(plan, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(field(plan, "Accept-Ranges"), "bytes");
  EXPECT_EQ(field(plan, "Last-Modified"), http::to_http_date(now - 1h));
  EXPECT_EQ(field(plan, "Date"), http::to_http_date(now));
  EXPECT_EQ(field(plan, "Server"), "padlock");
  EXPECT_TRUE(field(plan, "ETag").starts_with('"'));
}

TEST(PlanFile, ItsEntityTagChangesWithTheFileAndIsWeakWhileTheFileIsNew) {
  const auto tag = [](const net::FileFacts& of) { return field(plan_of(request("/"), of), "ETag"); };
  EXPECT_EQ(tag(facts), tag(facts));
  EXPECT_NE(tag(facts), tag({1001, facts.modified, 5}));
  EXPECT_NE(tag(facts), tag({1000, facts.modified + 1s, 5}));
  EXPECT_NE(tag(facts), tag({1000, facts.modified, 6}));
  EXPECT_TRUE(tag({1, now - 1s, 0}).starts_with("W/"));
  EXPECT_FALSE(tag({1, now - 2s, 0}).starts_with("W/"));
  EXPECT_EQ(field(plan_of(request("/"), {1, now + 1h, 0}), "Last-Modified"), http::to_http_date(now));
}

TEST(PlanFile, AnswersConditionsAndRanges) {
  const std::string tag = field(plan_of(request("/")), "ETag");
  const auto status = [&](std::initializer_list<http::Field> fields) {
    return plan_of(request("/", "GET", fields)).response.status;
  };
  EXPECT_EQ(status({{"If-None-Match", tag}}), 304);
  EXPECT_EQ(status({{"If-None-Match", "\"other\""}}), 200);
  EXPECT_EQ(status({{"If-Modified-Since", http::to_http_date(now)}}), 304);
  EXPECT_EQ(status({{"If-Match", "\"other\""}}), 412);
  EXPECT_EQ(status({{"Range", "bytes=0-9"}, {"If-Range", "\"other\""}}), 200);
  EXPECT_EQ(status({{"Range", "bytes=0-9"}, {"If-Range", tag}}), 206);
  EXPECT_EQ(status({{"Range", "bytes=0-9,20-29"}, {"If-Range", "\"other\""}}), 200);
  EXPECT_EQ(status({{"Range", "bytes=0-9,20-29"}, {"If-Range", tag}}), 206);
  EXPECT_EQ(status({{"Range", "bytes=0-9,5-29"}}), 200) << "they overlap";
  EXPECT_EQ(status({{"Range", "bytes=1000-,2000-"}}), 416);
  const auto unchanged = plan_of(request("/", "GET", {{"If-None-Match", tag}}));
  EXPECT_EQ(unchanged.body_bytes(), 0U);
  EXPECT_EQ(field(unchanged, "ETag"), tag);
  EXPECT_EQ(field(unchanged, "Content-Type"), "");
  const auto part = plan_of(request("/", "GET", {{"Range", "bytes=-10"}}));
  EXPECT_EQ(part.response.status, 206);
  EXPECT_EQ(part.file.value().offset, 990U);
  EXPECT_EQ(part.body_bytes(), 10U);
  EXPECT_EQ(field(part, "Content-Range"), "bytes 990-999/1000");
  const auto outside = plan_of(request("/", "GET", {{"Range", "bytes=1000-"}}));
  EXPECT_EQ(outside.response.status, 416);
  EXPECT_EQ(field(outside, "Content-Range"), "bytes */1000");
}

TEST(PlanFile, SendsSeveralRangesWithAHeadEach) {  // RFC 9110, section 14.6
  const auto plan = plan_of(request("/", "GET", {{"Range", "bytes=20-29, 0-9"}}));
  EXPECT_EQ(plan.response.status, 206);
  EXPECT_EQ(field(plan, "Content-Type"), "multipart/byteranges; boundary=cut");
  EXPECT_EQ(field(plan, "Content-Range"), "") << "that is the parts' own";
  EXPECT_EQ(plan.page, "");
  EXPECT_FALSE(plan.file);
  ASSERT_EQ(plan.more.size(), 3U);
  EXPECT_EQ(plan.more[0].text,
            "--cut\r\nContent-Type: text/html; charset=utf-8\r\nContent-Range: bytes 20-29/1000\r\n\r\n");
  EXPECT_EQ(plan.more[0].part.offset, 20U);
  EXPECT_EQ(plan.more[0].part.size, 10U);
  EXPECT_EQ(plan.more[1].text,
            "\r\n--cut\r\nContent-Type: text/html; charset=utf-8\r\nContent-Range: bytes 0-9/1000\r\n\r\n");
  EXPECT_EQ(plan.more[2].text, "\r\n--cut--\r\n");
  EXPECT_EQ(plan.more[2].part.size, 0U);
  std::size_t texts = 0;
  for (const BodyPiece& piece : plan.more) texts += piece.text.size();
  EXPECT_EQ(plan.body_bytes(), texts + 20);
}

TEST(FolderRedirect, NeverLeadsToAnotherHost) {
  const auto location = [](std::string_view target) {
    const auto wanted = std::get<WantedPath>(find_wanted(request(target), now));
    return field(plan_folder_redirect(request(target), wanted.relative, now), "Location");
  };
  EXPECT_EQ(location("/docs"), "/docs/");
  EXPECT_EQ(location("/docs?a=b"), "/docs/?a=b");
  EXPECT_EQ(location("//evil.test"), "/evil.test/");
  EXPECT_EQ(location("/x/..//evil.test/%2e%2e/docs"), "/docs/");
  EXPECT_EQ(location("/a%0d%0aX:%20y"), "/a%0D%0AX:%20y/");
  EXPECT_EQ(location("/%c3%bc%3f"), "/%C3%BC%3F/");
}

TEST(Names, HoldHostsWildcardsAndAddresses) {
  const Names names({"localhost", "*.Test.", "127.0.0.1", "::1"});
  for (const char* host : {"localhost", "localhost.", "a.test", "127.0.0.1", "::1"})
    EXPECT_TRUE(names.hold(host)) << host;
  for (const char* host : {"test", "a.b.test", ".test", "xlocalhost", "local", "127.0.0.2", "", "*.test.x"})
    EXPECT_FALSE(names.hold(host)) << host;
  EXPECT_FALSE(Names({"*.0.0.1"}).hold("127.0.0.1"));
}

TEST(HttpsRedirect, GoesToTheSameTargetOfAConfiguredName) {
  const auto plan = [&](std::string_view authority, std::string_view target, std::uint16_t port = 8443) {
    return plan_https_redirect(request(target, "GET", {}, authority), port, now);
  };
  EXPECT_EQ(plan("localhost:8080", "/a?b").response.status, 308);
  EXPECT_EQ(field(plan("localhost:8080", "/a?b"), "Location"), "https://localhost:8443/a?b");
  EXPECT_EQ(field(plan("localhost.", "/"), "Location"), "https://localhost:8443/");
  EXPECT_EQ(field(plan("[::1]:80", "/"), "Location"), "https://[::1]:8443/");
  EXPECT_EQ(field(plan("localhost", "/", 443), "Location"), "https://localhost/");
  EXPECT_EQ(field(plan("localhost", "//evil.test/"), "Location"), "https://localhost:8443//evil.test/");
  EXPECT_EQ(plan("", "/").response.status, 400);
  EXPECT_EQ(plan("localhost", "*").response.status, 400);
  EXPECT_EQ(plan("localhost", "localhost:443").response.status, 400);
}

TEST(OriginRedirect, KeepsTheTarget) {
  const auto plan = plan_origin_redirect(request("/a?b"), "https://b.test:8443", now);
  EXPECT_EQ(plan.response.status, 308);
  EXPECT_EQ(field(plan, "Location"), "https://b.test:8443/a?b");
  EXPECT_EQ(plan_origin_redirect(request("*"), "https://b.test", now).response.status, 400);
}

TEST(Log, EscapesWhatAClientCanChoose) {
  RequestRecord record{.time = now,
                       .client = "127.0.0.1:5",
                       .method = "GET",
                       .authority = "localhost",
                       .target = "/a\"\x1b[31m\\\n",
                       .status = 200,
                       .body_bytes = 12,
                       .took = 1'250us,
                       .protection = "TLS 1.3 TLS_AES_128_GCM_SHA256"};
  EXPECT_EQ(
      format_request(record),
      to_string(now) +
          " 127.0.0.1:5 localhost \"GET /a\\x22\\x1b[31m\\\\\\x0a\" 200 12 B 1.25 ms TLS 1.3 TLS_AES_128_GCM_SHA256");
  record.authority = "";
  record.complete = false;
  record.target = "/";
  EXPECT_EQ(format_request(record),
            to_string(now) + " 127.0.0.1:5 - \"GET /\" 200 12 B 1.25 ms TLS 1.3 TLS_AES_128_GCM_SHA256 incomplete");
}

RequestRecord usual_record() {
  return {.time = now,
          .client = "[::1]:5",
          .method = "GET",
          .authority = "localhost",
          .target = "/a\"\x1b[31m",
          .version = "HTTP/2.0",
          .referer = "https://b.test/",
          .status = 200,
          .body_bytes = 12,
          .took = 1'250us,
          .protection = "TLS 1.3"};
}

TEST(Log, IsCombinedAsOtherServersWriteIt) {
  EXPECT_EQ(format_request(usual_record(), RequestFormat::combined),
            "::1 - - [21/Sep/2026:14:13:20 +0000] \"GET /a\\x22\\x1b[31m HTTP/2.0\" 200 12 \"https://b.test/\" \"-\"");
}

TEST(Log, IsAnObjectOfJson) {
  RequestRecord record = usual_record();
  EXPECT_EQ(format_request(record, RequestFormat::json),
            R"({"time":"2026-09-21 14:13:20 UTC","client":"[::1]:5","method":"GET","host":"localhost",)"
            R"("target":"/a\"\u001b[31m","version":"HTTP/2.0","status":200,"bytes":12,"milliseconds":1.25,)"
            R"("protection":"TLS 1.3","complete":true,"referer":"https://b.test/"})");
  record.user_agent = "\xff\xc3\xa4";
  EXPECT_NE(format_request(record, RequestFormat::json).find(R"("user_agent":"\ufffd\u00e4")"), std::string::npos);
  record.client_subject = "CN=ann";
  EXPECT_NE(format_request(record, RequestFormat::json).find(R"("client_subject":"CN=ann")"), std::string::npos);
  const std::string long_one(100'000, '\x01');
  record.client_subject = record.target = record.user_agent = record.referer = record.method = record.authority =
      long_one;
  for (const auto format : {RequestFormat::plain, RequestFormat::combined, RequestFormat::json})
    EXPECT_LE(format_request(record, format).size(), limits::log_line_bytes);
}

TEST(Log, FailuresAreEscapedOnce) {
  const Error quoting{&rules::no_names, "the request line GET /" + escaped("\x7f") + " is broken"};
  EXPECT_THAT(format_failure(now, "c", quoting), ::testing::HasSubstr("GET /\\x7f is"));
  const Error raw{&rules::no_names, "a\nb\x1b"};
  EXPECT_THAT(format_failure(now, "c", raw), ::testing::HasSubstr(" failed: a\\x0ab\\x1b"));
}

TEST(Log, LinesAreLimitedAndKeepTheirEnd) {
  RequestRecord record{.time = now,
                       .client = "c",
                       .method = "GET",
                       .authority = "a",
                       .target = "/",
                       .status = 404,
                       .protection = "plain"};
  const std::string overhead = format_request(record);
  const std::string exact(limits::log_line_bytes - overhead.size(), 'x');
  const auto line = [&](const std::string& more) {
    const std::string target = "/" + more;
    record.target = target;
    return format_request(record);
  };
  EXPECT_EQ(line(exact.substr(1)).size(), limits::log_line_bytes - 1);
  EXPECT_EQ(line(exact).size(), limits::log_line_bytes);
  EXPECT_EQ(line(exact + "x").size(), limits::log_line_bytes);
  EXPECT_TRUE(line(exact + "x").ends_with("x...\" 404 0 B 0.00 ms plain"));
  EXPECT_EQ(format_failure(now, "c", Error{&rules::no_names, std::string(9000, 'x')}).size(), limits::log_line_bytes);
  EXPECT_EQ(format_failure(now, "c", Error{&rules::no_names, "a\nb"}).find('\n'), std::string::npos);
}

TEST(Log, FailuresOfOneKindAreLimited) {
  FailureLimiter limiter;
  std::uint64_t suppressed = 0;
  for (std::size_t i = 0; i < limits::log_lines_per_second; ++i)
    EXPECT_TRUE(limiter.admit(rules::no_names, 5s, suppressed));
  EXPECT_FALSE(limiter.admit(rules::no_names, 5s, suppressed));
  EXPECT_FALSE(limiter.admit(rules::no_names, 5'999ms, suppressed));
  EXPECT_TRUE(limiter.admit(rules::not_found, 5s, suppressed)) << "another kind";
  EXPECT_EQ(suppressed, 0U);
  EXPECT_TRUE(limiter.admit(rules::no_names, 6s, suppressed));
  EXPECT_EQ(suppressed, 2U);
}

TEST(BodyRate, AllowsASlowBeginningAndNoSlowRest) {
  BodyRate rate(100s);
  EXPECT_EQ(rate.deadline(), 115s);
  rate.received(2399, 101s);
  EXPECT_EQ(rate.deadline(), 115s) << "one byte short";
  rate.received(1, 102s);
  EXPECT_EQ(rate.deadline(), 115s) << "the grace is not over";
  rate.received(2400, 110s);
  EXPECT_EQ(rate.deadline(), 120s);
}

TEST(Admission, LimitsConnectionsHandshakesAndClients) {
  const auto one = x509::parse_ip_address("127.0.0.1").value();
  const auto two = x509::parse_ip_address("::1").value();
  Admission admission({.connections = 3, .half_open = 2, .per_address = 2});
  auto a = admission.admit(one);
  auto b = admission.admit(two);
  ASSERT_TRUE(a && b);
  a->established();
  b->established();
  auto c = admission.admit(one);
  ASSERT_TRUE(c);
  c->established();
  EXPECT_FALSE(admission.admit(two)) << "three connections are the limit";
  b.reset();
  EXPECT_FALSE(admission.admit(one)) << "two of one client are the limit";
  EXPECT_TRUE(admission.admit(two));
  EXPECT_EQ(admission.connections(), 2U) << "a place that nobody keeps is given back";
  c.reset();
  a.reset();
  EXPECT_EQ(admission.connections(), 0U);
  EXPECT_EQ(AdmissionLimits::for_descriptors(1000).connections, 900U);
  EXPECT_EQ(AdmissionLimits::for_descriptors(1000).half_open, 225U);
}

TEST(Admission, ShedsTheOldestHandshakeForANewOne) {  // docs/threats.md, T31
  const auto client = x509::parse_ip_address("127.0.0.1").value();
  Admission admission({.connections = 10, .half_open = 3, .per_address = 10});
  std::vector<std::string> ended;
  const auto admit = [&](const std::string& name) {
    auto place = admission.admit(client);
    if (place) place->when_shed([&ended, name] { ended.push_back(name); });
    return place;
  };
  auto a = admit("a");
  auto b = admit("b");
  auto c = admit("c");
  ASSERT_TRUE(a && b && c);
  EXPECT_TRUE(ended.empty()) << "at the limit";
  auto d = admit("d");
  ASSERT_TRUE(d);
  EXPECT_EQ(ended, std::vector<std::string>{"a"}) << "one above it";
  b->established();
  auto e = admit("e");
  EXPECT_EQ(ended, std::vector<std::string>{"a"}) << "one below it";
  auto f = admit("f");
  EXPECT_EQ(ended, (std::vector<std::string>{"a", "c"})) << "b is no handshake any more";
  a.reset();
  auto g = admit("g");
  EXPECT_EQ(ended, (std::vector<std::string>{"a", "c", "d"})) << "a had left the handshakes already";
  EXPECT_EQ(admission.connections(), 6U);
}

TEST(Admission, ShedsAlsoWhoHasNotYetSaidHowItEnds) {
  const auto client = x509::parse_ip_address("127.0.0.1").value();
  Admission admission({.connections = 10, .half_open = 1, .per_address = 10});
  auto first = admission.admit(client);
  const auto second = admission.admit(client);
  bool ended = false;
  first->when_shed([&ended] { ended = true; });
  EXPECT_TRUE(ended);
}

RC_GTEST_PROP(PlanResponses, NeverHoldALineBreakWhateverIsAsked, (const std::string& text)) {
  const std::string target = "/" + http::encode_path(text);
  const auto found = find_wanted(request(target), now);
  const auto* wanted = std::get_if<WantedPath>(&found);
  const ResponsePlan plan =
      wanted == nullptr ? std::get<ResponsePlan>(found) : plan_folder_redirect(request(target), wanted->relative, now);
  for (const http::FieldView& each : plan.response.fields.all())
    RC_ASSERT(each.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
}

}  // namespace
}  // namespace padlock::server

#include "padlock/server/route/route_rules.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/server/limits.h"
#include "padlock/server/route/client_address.h"

namespace padlock::server {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

net::IpAddress address(std::string_view text) { return x509::parse_ip_address(text).value(); }

std::vector<net::AddressRange> ranges(std::initializer_list<std::string_view> texts) {
  std::vector<net::AddressRange> all;
  for (const std::string_view text : texts) all.push_back(net::parse_address_range(text).value());
  return all;
}

http::Request request_with(const std::vector<http::Field>& fields, std::string method = "GET") {
  http::Request request{std::move(method), "https", "a.test", "/", {}};
  for (const http::Field& field : fields) request.fields.add(field.name, field.value);
  return request;
}

/// The status in place of the handler's answer; 0: the handler answers.
int judge(const RouteRules& rules, std::string_view peer, const http::Request& request = request_with({}),
          std::chrono::nanoseconds now = 0s) {
  const auto answer = rules.answer_instead(request, address(peer), {now, {}});
  return answer ? answer->plan.response.status : 0;
}

std::vector<std::string> lines(const http::Fields& fields) {
  std::vector<std::string> all;
  for (const http::FieldView& field : fields.all())
    all.push_back(std::string(field.name).append(": ").append(field.value));
  return all;
}

// ---- who asks -------------------------------------------------------------------------------------------------------

std::string client(std::string_view peer, const std::vector<std::string>& forwarded) {
  http::Fields fields;
  for (const std::string& value : forwarded) fields.add("x-forwarded-for", value);
  const auto found = client_address(address(peer), fields, ranges({"10.0.0.0/8", "::1"}));
  return found ? x509::to_string(*found) : "nobody";
}

TEST(ClientAddress, IsThatOfTheConnectionUnlessAProxyIsTrusted) {
  EXPECT_EQ(client("192.0.2.1", {"10.0.0.1, 203.0.113.9"}), "192.0.2.1");
  EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
}

TEST(ClientAddress, BehindProxiesIsTheLastThatIsNoneOfTheirs) {
  EXPECT_EQ(client("10.0.0.1", {"203.0.113.9"}), "203.0.113.9");
  EXPECT_EQ(client("10.0.0.1", {"127.0.0.1, 203.0.113.9 ,10.2.3.4"}), "203.0.113.9")
      << "what is before it may be made up";
  EXPECT_EQ(client("::1", {"127.0.0.1", "203.0.113.9", "10.2.3.4"}), "203.0.113.9");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.9"}), "10.0.0.9");
  EXPECT_EQ(client("10.0.0.1", {"[2001:db8::7]:4711"}), "2001:db8::7");
  EXPECT_EQ(client("10.0.0.1", {"203.0.113.9:80"}), "203.0.113.9");
}

TEST(ClientAddress, IsNobodysWhereAProxyWritesNone) {
  EXPECT_EQ(client("10.0.0.1", {"203.0.113.9, unknown"}), "nobody");
  EXPECT_EQ(client("10.0.0.1", {"203.0.113.9, "}), "nobody");
}

// ---- who may ask ----------------------------------------------------------------------------------------------------

TEST(RouteRules, LetNobodyPassWhoIsDenied) {
  const RouteRules rules{.allow = ranges({"192.0.2.0/24", "2001:db8::/32"}), .deny = ranges({"192.0.2.7"})};
  EXPECT_EQ(judge(rules, "192.0.2.1"), 0);
  EXPECT_EQ(judge(rules, "::ffff:192.0.2.1"), 0);
  EXPECT_EQ(judge(rules, "2001:db8::1"), 0);
  EXPECT_EQ(judge(rules, "192.0.2.7"), 403);
  EXPECT_EQ(judge(rules, "198.51.100.1"), 403);
  EXPECT_EQ(judge({.deny = ranges({"192.0.2.7"})}, "198.51.100.1"), 0);
}

TEST(RouteRules, AskBehindProxiesForTheClient) {
  const RouteRules rules{.allow = ranges({"10.0.0.0/8"}), .trusted_proxies = ranges({"10.0.0.1"})};
  EXPECT_EQ(judge(rules, "10.0.0.1", request_with({{"X-Forwarded-For", "10.9.9.9"}})), 0);
  EXPECT_EQ(judge(rules, "10.0.0.1", request_with({{"X-Forwarded-For", "203.0.113.9"}})), 403);
  EXPECT_EQ(judge(rules, "10.0.0.1", request_with({{"X-Forwarded-For", "unknown"}})), 403);
  const RouteRules deny{.deny = ranges({"203.0.113.0/24"}), .trusted_proxies = ranges({"10.0.0.1"})};
  EXPECT_EQ(judge(deny, "10.0.0.1", request_with({{"X-Forwarded-For", "unknown"}})), 403) << "he may be one of those";
}

TEST(RouteRules, SayWhenTheSiteIsWorkedOn) {
  const auto answer = RouteRules{.maintenance = "back at noon"}.answer_instead(request_with({}), address("::1"), {});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->plan.response.status, 503);
  EXPECT_EQ(answer->plan.page, "back at noon");
  EXPECT_EQ(answer->plan.response.fields.find("Retry-After"), "300");
  EXPECT_EQ(answer->plan.response.fields.find("Content-Type"), "text/plain; charset=utf-8");
  const auto ours = RouteRules{.maintenance = ""}.answer_instead(request_with({}), address("::1"), {});
  EXPECT_THAT(ours->plan.page, HasSubstr("503 Service Unavailable"));
}

// ---- how often ------------------------------------------------------------------------------------------------------

TEST(RateLimit, LetsABurstPassAndThenTheRate) {
  RateLimiter limiter({.requests = 10, .per = 1s, .burst = 3});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.refuse(address("192.0.2.1"), 5s));
  EXPECT_EQ(limiter.refuse(address("192.0.2.1"), 5s), 100ms);
  EXPECT_EQ(limiter.refuse(address("192.0.2.1"), 5s), 100ms) << "who is refused loses nothing by it";
  EXPECT_FALSE(limiter.refuse(address("192.0.2.2"), 5s)) << "another client";
  EXPECT_FALSE(limiter.refuse(address("192.0.2.1"), 5s + 100ms));
  EXPECT_TRUE(limiter.would_refuse(address("192.0.2.1"), 5s + 100ms));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.refuse(address("192.0.2.1"), 9s)) << "and after silence a burst";
  EXPECT_TRUE(limiter.refuse(address("192.0.2.1"), 9s));
}

TEST(RateLimit, TakesANetworkOfIpv6ForOneClient) {
  RateLimiter limiter({.requests = 1, .per = 1s, .burst = 1});
  EXPECT_FALSE(limiter.refuse(address("2001:db8:0:1::1"), 1s));
  EXPECT_TRUE(limiter.refuse(address("2001:db8:0:1:ffff::2"), 1s));
  EXPECT_FALSE(limiter.refuse(address("2001:db8:0:2::1"), 1s));
  EXPECT_FALSE(limiter.refuse(address("192.0.2.1"), 1s));
  EXPECT_TRUE(limiter.refuse(address("::ffff:192.0.2.1"), 1s));
}

/// Who comes from everywhere makes the table forget clients, and never grow; one that asks all the time stays known.
TEST(RateLimit, ForgetsThoseThatAskedLeast) {
  RateLimiter limiter({.requests = 1, .per = 1h, .burst = 100});
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(limiter.refuse(address("192.0.2.1"), 1s));
  net::IpAddress other = address("2001:db8::");
  for (std::uint32_t i = 0; i < 4 * limits::rate_limited_clients; ++i) {
    for (std::size_t byte = 0; byte < 4; ++byte) other.bytes.at(4 + byte) = static_cast<std::uint8_t>(i >> (8 * byte));
    EXPECT_FALSE(limiter.refuse(other, 1s));
  }
  EXPECT_TRUE(limiter.refuse(address("192.0.2.1"), 1s));
}

TEST(RouteRules, RefuseWhoAsksTooOften) {
  RouteRules rules{.rate_limit = std::make_shared<RateLimiter>(RateLimitConfig{.requests = 1, .per = 90s, .burst = 2})};
  EXPECT_EQ(judge(rules, "192.0.2.1"), 0);
  EXPECT_EQ(judge(rules, "192.0.2.1"), 0);
  const auto answer = rules.answer_instead(request_with({}), address("192.0.2.1"), {500ms, {}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->plan.response.status, 429);
  EXPECT_EQ(answer->plan.response.fields.find("Retry-After"), "90") << "rounded up";
}

// ---- CORS -----------------------------------------------------------------------------------------------------------

const CorsConfig shop{.origins = {"https://shop.test"},
                      .methods = {"GET", "PUT"},
                      .headers = {"X-Token"},
                      .credentials = true,
                      .max_age = 1h};
const std::vector<http::Field> preflight{{"Origin", "https://shop.test"}, {"Access-Control-Request-Method", "PUT"}};

/// What a response says in the end, without Date and Server.
std::vector<std::string> finished(const CorsConfig& cors, const http::Request& request, int status = 200) {
  http::Response response{status, {}};
  response.fields.add("access-control-allow-origin", "https://from.handler");
  RouteRules{.cors = cors}.finish(response, request);
  return lines(response.fields);
}

TEST(Cors, AnswersWhatABrowserAsksBefore) {
  EXPECT_EQ(judge({.cors = shop}, "::1", request_with(preflight, "OPTIONS")), 204);
  EXPECT_THAT(finished(shop, request_with(preflight, "OPTIONS"), 204),
              ElementsAre("Vary: Origin", "Access-Control-Allow-Origin: https://shop.test",
                          "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: GET, PUT",
                          "Access-Control-Allow-Headers: X-Token", "Access-Control-Max-Age: 3600"));
  auto other = preflight;
  other[0].value = "https://shop.test.evil.test";
  EXPECT_EQ(judge({.cors = shop}, "::1", request_with(other, "OPTIONS")), 403);
  EXPECT_EQ(judge({.cors = shop}, "::1", request_with({}, "OPTIONS")), 0) << "no preflight";
}

TEST(Cors, LetsPagesOfNamedOriginsReadAnswers) {
  EXPECT_THAT(finished(shop, request_with({{"Origin", "https://shop.test"}})),
              ElementsAre("Vary: Origin", "Access-Control-Allow-Origin: https://shop.test",
                          "Access-Control-Allow-Credentials: true"));
  for (const auto* origin : {"null", "https://evil.test", "http://shop.test", "https://SHOP.test"})
    EXPECT_THAT(finished(shop, request_with({{"Origin", origin}})), ElementsAre("Vary: Origin")) << origin;
  EXPECT_THAT(finished(shop, request_with({})), ElementsAre("Vary: Origin"));
  EXPECT_THAT(finished({.origins = {"*"}}, request_with({})), ElementsAre("Access-Control-Allow-Origin: *"));
}

// ---- fields ---------------------------------------------------------------------------------------------------------

TEST(FieldRules, TakeOutThenSetThenAdd) {
  http::Fields fields;
  for (const auto* value : {"a", "b"}) fields.add("X-Old", value);
  fields.add("server", "padlock");
  FieldRules{.remove = {"x-old"}, .set = {{"Server", "none"}, {"X-New", "1"}}, .add = {{"X-New", "2"}}}.apply(fields);
  EXPECT_THAT(lines(fields), ElementsAre("Server: none", "X-New: 1", "X-New: 2"));
}

TEST(FieldRules, NeverTouchWhatFramesAMessage) {
  for (const auto* name : {"Host", "content-length", "TRANSFER-ENCODING", "Connection", "Upgrade", "TE", "Trailer"})
    EXPECT_TRUE(is_framing_field(name)) << name;
  for (const auto* name : {"Server", "Date", "X-Host"}) EXPECT_FALSE(is_framing_field(name)) << name;
}

}  // namespace
}  // namespace padlock::server

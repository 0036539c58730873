#include "padlock/server/proxy/forwarding.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/server/proxy/upstream_group.h"
#include "padlock/server/proxy/websocket.h"

namespace padlock::server {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

net::Endpoint at(std::string_view address, std::uint16_t port) { return {*x509::parse_ip_address(address), port}; }

std::vector<std::string> lines(const http::Fields& fields) {
  std::vector<std::string> all;
  for (const http::FieldView& field : fields.all())
    all.push_back(std::string(field.name).append(": ").append(field.value));
  return all;
}

http::Request passed_on(const std::vector<http::Field>& fields, std::string_view client = "192.0.2.1",
                        const std::vector<net::AddressRange>& trusted = {}) {
  http::Request request{"GET", "https", "shop.test", "/a%2Fb?c", {}};
  for (const http::Field& field : fields) request.fields.add(field.name, field.value);
  return upstream_request(request, {at(client, 40000), at("198.51.100.1", 443), "2.0", trusted}, std::nullopt, false);
}

TEST(Forwarding, SaysWhoAsks) {
  const http::Request request = passed_on({{"Accept", "*/*"}});
  EXPECT_EQ(request.method + " " + request.authority + request.target, "GET shop.test/a%2Fb?c");
  EXPECT_THAT(lines(request.fields),
              ElementsAre("Accept: */*", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Host: shop.test",
                          "X-Forwarded-Proto: https", "X-Forwarded-Port: 443", "X-Real-IP: 192.0.2.1",
                          "Forwarded: for=192.0.2.1;host=shop.test;proto=https", "Via: 2.0 padlock"));
  EXPECT_THAT(lines(passed_on({}, "2001:db8::1").fields),
              Contains("Forwarded: for=\"[2001:db8::1]\";host=shop.test;proto=https"));
}

TEST(Forwarding, BelievesAboutTheClientOnlyTrustedProxies) {
  const std::vector<http::Field> said{{"X-Forwarded-For", "203.0.113.9"}, {"x-forwarded-for", "203.0.113.10"},
                                      {"X-Forwarded-Proto", "http"},      {"x-forwarded-host", "evil.test"},
                                      {"X-Forwarded-Port", "1"},          {"X-Real-Ip", "203.0.113.9"},
                                      {"Forwarded", "for=203.0.113.9"},   {"Early-Data", "1"}};
  EXPECT_EQ(lines(passed_on(said).fields), lines(passed_on({}).fields));
  const auto range = *net::parse_address_range("192.0.2.0/24");
  EXPECT_THAT(lines(passed_on(said, "192.0.2.1", {range}).fields),
              ElementsAre("X-Forwarded-For: 203.0.113.9, 203.0.113.10, 192.0.2.1", "X-Forwarded-Host: evil.test",
                          "X-Forwarded-Proto: http", "X-Forwarded-Port: 1", "X-Real-IP: 203.0.113.9",
                          "Forwarded: for=203.0.113.9, for=192.0.2.1;host=shop.test;proto=https", "Via: 2.0 padlock"));
}

/// RFC 9440: what was proved here is said, and nothing else (docs/threats.md, H14).
TEST(Forwarding, SaysWhichCertificateTheClientHasShown) {
  const std::vector<http::Field> said{{"Client-Cert", ":AAAA:"},
                                      {"client-cert-chain", ":AAAA:"},
                                      {"Client_Cert", ":AAAA:"},
                                      {"X_Forwarded_For", "203.0.113.9"}};
  const auto range = *net::parse_address_range("192.0.2.0/24");
  EXPECT_EQ(lines(passed_on(said, "192.0.2.1", {range}).fields), lines(passed_on({}, "192.0.2.1", {range}).fields));
  http::Request request{"GET", "https", "shop.test", "/", {}};
  for (const http::Field& field : said) request.fields.add(field.name, field.value);
  Arrival arrival{at("192.0.2.1", 40000), at("198.51.100.1", 443), "2.0", {}, tls::CertificateChain({{1, 2, 3}})};
  const auto fields_of = [&] { return lines(upstream_request(request, arrival, std::nullopt, false).fields); };
  const auto is_of_certificates = ::testing::HasSubstr("lient-");
  EXPECT_THAT(fields_of(), Contains("Client-Cert: :AQID:"));
  EXPECT_THAT(fields_of(), Contains(is_of_certificates).Times(1));
  arrival.with_chain = true;
  EXPECT_THAT(fields_of(), Contains(is_of_certificates).Times(1)) << "there is nothing above it";
  arrival.client_certificates = tls::CertificateChain({{1, 2, 3}, {4}, {5, 6}});
  EXPECT_THAT(fields_of(), Contains("Client-Cert: :AQID:"));
  EXPECT_THAT(fields_of(), Contains("Client-Cert-Chain: :BA==:, :BQY=:"));
  arrival.with_chain = false;
  EXPECT_THAT(fields_of(), Contains(is_of_certificates).Times(1));
}

TEST(Forwarding, SaysWhichPrefixWasTakenOff) {
  http::Request request{"GET", "https", "shop.test", "/x", {}};
  request.fields.add("X-Forwarded-Prefix", "/outer");
  const auto range = *net::parse_address_range("192.0.2.0/24");
  const auto said = [&](std::vector<net::AddressRange> trusted, std::string_view prefix) {
    const Arrival arrival{.client = at("192.0.2.1", 40000),
                          .local = at("198.51.100.1", 443),
                          .version = "2.0",
                          .trusted_proxies = trusted,
                          .prefix = prefix};
    const auto fields = upstream_request(request, arrival, std::nullopt, false).fields;
    return std::string(fields.find("X-Forwarded-Prefix").value_or("none"));
  };
  EXPECT_EQ(said({}, "/app"), "/app");
  EXPECT_EQ(said({}, ""), "none");
  EXPECT_EQ(said({range}, "/app"), "/outer/app");
  EXPECT_EQ(said({range}, ""), "/outer");
}

TEST(Forwarding, SaysThatARequestHasComeEarlyAndTakesNobodysWordForIt) {
  http::Request request{"GET", "https", "shop.test", "/x", {}};
  request.fields.add("Early-Data", "1");
  const auto said = [&](bool early) {
    const Arrival arrival{.client = at("192.0.2.1", 40000),
                          .local = at("198.51.100.1", 443),
                          .version = "2.0",
                          .trusted_proxies = {},
                          .early = early};
    return upstream_request(request, arrival, std::nullopt, false).fields.count("Early-Data");
  };
  EXPECT_EQ(said(false), 0U);
  EXPECT_EQ(said(true), 1U);
}

TEST(Forwarding, LeavesOutOfTrailersWhatIsOfThisHopOrTheHead) {
  http::Fields trailers, head;
  head.add("X-User", "ann");
  for (const char* name : {"Sum", "X-User", "x-user", "X-Forwarded-For", "Client_Cert", "Connection", "Via", "X-More"})
    trailers.add(name, "1");
  EXPECT_THAT(lines(upstream_trailers(trailers, head)), ElementsAre("Sum: 1", "X-More: 1"));
}

TEST(Forwarding, LeavesOutWhatIsOfThisHop) {
  const std::vector<http::Field> hop{{"Connection", "keep-alive, X-Secret"},
                                     {"connection", "close, x-other"},
                                     {"X-Secret", "1"},
                                     {"x-OTHER", "2"},
                                     {"Keep-Alive", "timeout=5"},
                                     {"Proxy-Connection", "keep-alive"},
                                     {"Transfer-Encoding", "chunked"},
                                     {"Upgrade", "h2c"},
                                     {"HTTP2-Settings", "AAA"},
                                     {"TE", "trailers"},
                                     {"Trailer", "Sum"},
                                     {"Proxy-Authorization", "Basic x"},
                                     {"Expect", "100-continue"},
                                     {"Content-Length", "3"},
                                     {"Host", "x"}};
  EXPECT_EQ(lines(passed_on(hop).fields), lines(passed_on({}).fields));
  http::Response response{200, {}};
  for (const http::Field& field : hop) response.fields.add(field.name, field.value);
  response.fields.add("Proxy-Authenticate", "Basic");
  EXPECT_THAT(lines(client_response(response).fields), ElementsAre("Expect: 100-continue"));
}

TEST(Forwarding, MayAskForAnotherHost) {
  const http::Request request{"CONNECT", "https", "shop.test", "/chat", {}};
  const auto passed =
      upstream_request(request, {at("192.0.2.1", 1), at("192.0.2.2", 443), "2.0", {}}, "app.test", true);
  EXPECT_EQ(passed.authority, "app.test");
  EXPECT_EQ(passed.method, "GET") << "websocket over HTTP/2 begins with CONNECT";
}

TEST(Forwarding, CountsItsOwnPassages) {
  http::Request request{"GET", "https", "a.test", "/", {}};
  EXPECT_EQ(passages(request), 0U);
  request.fields.add("Via", "1.1 padlock, 1.0 other");
  request.fields.add("via", "2.0 padlock");
  EXPECT_EQ(passages(request), 2U);
}

TEST(WebSocket, AcceptsAsTheRfcShows) {  // RFC 6455, section 1.3
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  const auto provider = crypto::make_provider();
  const std::string key = make_websocket_key(*provider).value();
  EXPECT_EQ(from_base64(key).value().size(), 16U);
  EXPECT_NE(make_websocket_key(*provider).value(), key);
}

// ---- which upstream -------------------------------------------------------------------------------------------------

std::shared_ptr<const UpstreamGroup> group_of(std::vector<std::uint32_t> weights, Balance balance) {
  ProxyTarget target;
  for (const std::uint32_t weight : weights) {
    const std::string origin = "http://127.0.0.1:" + std::to_string(3000 + target.upstreams.size());
    target.upstreams.push_back({http::parse_url(origin).value(), weight});
  }
  target.balance = balance;
  return UpstreamGroup::make(std::move(target)).value();
}

/// The ports of the next ones, less 3000.
std::string picks(const UpstreamGroup& group, std::size_t count, std::string_view client = "192.0.2.1") {
  std::string text;
  for (std::size_t at = 0; at < count; ++at) {
    const Upstream* const one = group.pick(*x509::parse_ip_address(client), {}, 1s);
    text += one == nullptr ? "-" : std::to_string(one->url().port - 3000);
  }
  return text;
}

TEST(Upstreams, TakeTurnsByTheirWeights) {
  EXPECT_EQ(picks(*group_of({1, 1, 1}, Balance::round_robin), 7), "0120120");
  EXPECT_EQ(picks(*group_of({3, 1}, Balance::round_robin), 8), "00100010");
  EXPECT_EQ(picks(*group_of({1}, Balance::round_robin), 3), "000");
}

TEST(Upstreams, OfLeastWorkForTheirWeight) {
  const auto group = group_of({2, 1}, Balance::least_connections);
  std::vector<std::unique_ptr<Upstream::AtWork>> work;
  std::string order;
  for (int at = 0; at < 6; ++at) {
    Upstream* const one = group->pick(*x509::parse_ip_address("192.0.2.1"), {}, 1s);
    order += std::to_string(one->url().port - 3000);
    work.push_back(std::make_unique<Upstream::AtWork>(*one));
  }
  EXPECT_EQ(std::ranges::count(order, '0'), 4) << order;
  work.clear();
  EXPECT_EQ(group->all()[0]->at_work(), 0U);
}

TEST(Upstreams, StayTheSameForAClient) {
  const auto group = group_of({1, 1, 1, 1}, Balance::client_hash);
  std::string firsts;
  for (int at = 0; at < 32; ++at) {
    const std::string client = "192.0.2." + std::to_string(at);
    const std::string three = picks(*group, 3, client);
    EXPECT_EQ(three, std::string(3, three[0]));
    firsts += three[0];
  }
  for (const char one : {'0', '1', '2', '3'}) EXPECT_THAT(firsts, Contains(one)) << "all of them are used";
}

TEST(Upstreams, RestAfterFailuresUnlessThereIsNoOther) {
  const auto group = group_of({1, 1}, Balance::round_robin);
  Upstream& first = *group->all()[0];
  for (int at = 0; at < 2; ++at) first.failed(1s);
  first.succeeded();
  for (int at = 0; at < 2; ++at) first.failed(1s);
  EXPECT_FALSE(first.resting(1s)) << "not in a row";
  first.failed(1s);
  EXPECT_TRUE(first.resting(1s));
  EXPECT_EQ(picks(*group, 4), "1111");
  EXPECT_FALSE(first.resting(12s));
  for (int at = 0; at < 3; ++at) group->all()[1]->failed(1s);
  EXPECT_THAT(picks(*group, 4), Not(Contains('-')));
}

TEST(Upstreams, ThatAreNotWellGetNothing) {
  const auto group = group_of({1, 1}, Balance::round_robin);
  group->all()[0]->checked(false);
  EXPECT_TRUE(group->all()[0]->well()) << "once may be chance";
  group->all()[0]->checked(false);
  EXPECT_EQ(picks(*group, 3), "111");
  for (int at = 0; at < 2; ++at) group->all()[1]->checked(false);
  EXPECT_EQ(picks(*group, 2), "--");
  group->all()[0]->checked(true);
  EXPECT_EQ(picks(*group, 2), "00");
}

TEST(Upstreams, AreNotTriedTwice) {
  const auto group = group_of({1, 1}, Balance::round_robin);
  const std::vector<const Upstream*> tried{group->all()[0].get()};
  const auto client = *x509::parse_ip_address("192.0.2.1");
  for (int at = 0; at < 3; ++at) EXPECT_EQ(group->pick(client, tried, 1s), group->all()[1].get());
  const std::vector<const Upstream*> both{group->all()[0].get(), group->all()[1].get()};
  EXPECT_EQ(group->pick(client, both, 1s), nullptr);
}

}  // namespace
}  // namespace padlock::server

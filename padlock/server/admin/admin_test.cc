#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/ip/tcp.hpp>
#include <nlohmann/json.hpp>

#include "padlock/net/listener.h"
#include "padlock/server/admin/admin_server.h"
#include "padlock/server/admin/status.h"
#include "padlock/server/limits.h"
#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// ---- who may ask for what

const Rule* refused(std::string_view method, std::string_view authority, std::string_view target,
                    std::string_view origin = {}) {
  http::Request request{.method = std::string(method),
                        .scheme = "http",
                        .authority = std::string(authority),
                        .target = std::string(target),
                        .fields = {}};
  if (!origin.empty()) request.fields.add("Origin", origin);
  return refuse_on_loopback(request);
}

TEST(AdminOnLoopback, IsReadByAddressAndByNothingElse) {  // docs/threats.md, P9
  for (const char* const host : {"127.0.0.1:9180", "[::1]:9180", "localhost:9180", "localhost"}) {
    EXPECT_EQ(refused("GET", host, "/metrics"), nullptr) << host;
    EXPECT_EQ(refused("GET", host, "/healthz"), nullptr) << host;
  }
  for (const char* const host : {"evil.test:9180", "localhost.evil.test", "", "a.localhost"})
    EXPECT_EQ(refused("GET", host, "/metrics"), &rules::admin_host) << host;
  EXPECT_EQ(refused("GET", "127.0.0.1", "/metrics", "http://127.0.0.1:9180"), &rules::admin_origin);
  EXPECT_EQ(refused("GET", "127.0.0.1", "/metrics", "null"), &rules::admin_origin);
  EXPECT_EQ(refused("POST", "127.0.0.1", "/metrics"), &rules::admin_method);
  EXPECT_EQ(refused("HEAD", "127.0.0.1", "/healthz"), &rules::admin_method);
  for (const char* const target : {"/status", "/reload", "/", "/metrics?x", "*"})
    EXPECT_EQ(refused("POST", "127.0.0.1", target), &rules::admin_not_here) << target;
}

TEST(AdminOnAUnixSocket, IsForRootTheServersUserAndItsGroup) {
  EXPECT_TRUE(may_administer({.user = 0, .groups = {0}}, 1000, std::nullopt));
  EXPECT_TRUE(may_administer({.user = 1000, .groups = {1000}}, 1000, std::nullopt));
  EXPECT_FALSE(may_administer({.user = 1001, .groups = {1000}}, 1000, std::nullopt));
  EXPECT_TRUE(may_administer({.user = 1001, .groups = {1001, 27}}, 1000, gid_t{27}));
  EXPECT_FALSE(may_administer({.user = 1001, .groups = {1001, 28}}, 1000, gid_t{27}));
}

// ---- a server

/// Says what it was asked.
class Echo final : public AdminPages {
  net::Awaitable<AdminAnswer> answer(http::Request request, std::string body) override {
    co_return AdminAnswer{.content_type = "text/plain", .body = request.method + " " + request.target + " " + body};
  }
};

class Administration : public ::testing::Test {
 protected:
  Administration() {
    auto listener = net::UnixListener::open(folder_ / "admin.sock").value();
    server_.listen_unix(listener.take_socket(), std::nullopt);
    listener.keep_name();
    auto loopback = net::open_listeners(*net::parse_endpoint("127.0.0.1:0"), 1).value();
    port_ = net::local_endpoint(loopback.front()).port;
    server_.listen_loopback(std::move(loopback.front()));
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~Administration() override {
    loop_.stop();
    thread_.join();
    std::filesystem::remove_all(folder_);
  }

  static std::string talk(int socket, std::string_view text) {
    EXPECT_EQ(::write(socket, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    std::string all;
    std::array<char, 4096> room{};
    for (ssize_t count = 0; (count = ::read(socket, room.data(), room.size())) > 0;)
      all.append(room.data(), static_cast<std::size_t>(count));
    return all;
  }
  std::string ask(std::string_view text) { return talk(net::connect_unix(folder_ / "admin.sock").value().get(), text); }
  std::string ask_loopback(const std::string& text) {
    asio::io_context loop;
    asio::ip::tcp::socket socket(loop);
    socket.connect({asio::ip::address_v4::loopback(), port_});
    return talk(socket.native_handle(), text);
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("padlock-admin-" + std::to_string(::getpid()));
  asio::io_context loop_;
  Echo pages_;
  AdminServer server_{loop_, pages_};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(Administration, AnswersOneRequestAfterTheOther) {
  const std::string said =
      ask("POST /reload HTTP/1.1\r\nHost: padlock\r\nContent-Length: 4\r\n\r\nbody"
          "GET /status HTTP/1.1\r\nHost: padlock\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(said, AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\n\r\nPOST /reload bodyHTTP/1.1 200 OK\r\n"),
                          HasSubstr("Cache-Control: no-store\r\n"), EndsWith("\r\n\r\nGET /status ")));
}

TEST_F(Administration, TakesNoLongBodyAndNoNonsense) {
  const std::string body(limits::admin_body_bytes, 'a');
  const auto post = [](const std::string& text) {
    return "POST / HTTP/1.1\r\nHost: padlock\r\nConnection: close\r\nContent-Length: " + std::to_string(text.size()) +
           "\r\n\r\n" + text;
  };
  EXPECT_THAT(ask(post(body)), EndsWith("POST / " + body));
  EXPECT_THAT(ask(post(body + "a")), AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr("server.request.body_too_large")));
  EXPECT_THAT(ask("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST_F(Administration, OnLoopbackRefusesWhatAPageInABrowserSends) {
  const auto get = [](const std::string& more, const std::string& host = "127.0.0.1") {
    return "GET /metrics HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + more + "\r\n";
  };
  EXPECT_THAT(ask_loopback(get("")), EndsWith("GET /metrics "));
  EXPECT_THAT(ask_loopback(get("Origin: http://evil.test\r\n")),
              AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("server.admin.origin")));
  EXPECT_THAT(ask_loopback(get("", "evil.test")), AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("server.admin.host")));
  EXPECT_THAT(
      ask_loopback("POST /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
      AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET\r\n")));
}

// ---- what is said

ServerStatus example() {
  ServerStatus status;
  status.version = "1.2.3";
  status.now = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1));
  status.started = status.now - std::chrono::hours(1);
  status.uptime = std::chrono::hours(1);
  status.https = {"127.0.0.1:8443"};
  status.sites = {{.names = {"a.test", "b\"\\.test"},
                   .content = "/srv/a",
                   .certificates = {{{"a.test"}, "CA", status.now + std::chrono::days(9), status.now},
                                    {{"a.test"}, "CA", status.now + std::chrono::hours(47), status.started}}}};
  status.counts.connections_open = 3;
  status.counts.handshakes[{tls::ProtocolVersion::TLS_1_3, tls::CipherSuite::TLS_AES_128_GCM_SHA256,
                            tls::NamedGroup::X25519MLKEM768, false}] = 7;
  status.counts.handshakes[{tls::ProtocolVersion::TLS_1_2, tls::CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256,
                            std::nullopt, true}] = 2;
  status.counts.requests[{HttpVersion::http2, 2}] = 11;
  status.counts.failures[rules::shed.code] = 5;
  status.reloads = {.done = 1, .refused = 2, .last = status.now, .last_done = false};
  return status;
}

TEST(Metrics, AreWhatPrometheusReads) {
  const std::string text = metrics_text(example());
  EXPECT_THAT(text, StartsWith("# HELP padlock_build_info "));
  EXPECT_THAT(text, HasSubstr("\n# TYPE padlock_connections gauge\npadlock_connections 3\n"));
  EXPECT_THAT(text, HasSubstr("\npadlock_handshakes_total{version=\"TLS 1.3\",cipher_suite=\"TLS_AES_128_GCM_SHA256\","
                              "group=\"X25519MLKEM768\",resumed=\"no\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("group=\"none\",resumed=\"yes\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\npadlock_requests_total{version=\"HTTP/2\",status=\"2xx\"} 11\n"));
  EXPECT_THAT(text, HasSubstr("\npadlock_failures_total{rule=\"server.connection.shed\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("\npadlock_reloads_total{result=\"refused\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\npadlock_last_reload_done 0\n"));
  EXPECT_EQ(text.find("on_demand"), std::string::npos) << "there is none";
  EXPECT_THAT(text, HasSubstr("\npadlock_cert_not_after_seconds{site=\"a.test\"} 1772492400\n"))
      << "the first to expire";
}

TEST(Metrics, TellWhatBecomesOfCertificates) {
  ServerStatus status = example();
  EXPECT_EQ(metrics_text(status).find("cert_orders"), std::string::npos) << "no CA is asked";
  EXPECT_EQ(metrics_text(status).find("events_total"), std::string::npos) << "nobody is told";
  const auto certificate = [&](std::chrono::days age, std::chrono::days left) {
    return CertificateStatus{{"b.test"}, "CA", status.now + left, status.now - age};
  };
  using std::chrono::days;
  status.sites.push_back({.names = {"b.test"},
                          .content = "/srv/b",
                          .certificates = {certificate(days(80), days(10)), certificate(days(90), days(0))}});
  status.sites.push_back({.names = {"c.test"}, .content = "/srv/c", .certificates = {}});
  status.orders = {.obtained = 3,
                   .renewed = 2,
                   .failed = {{"acme.problem.caa", 4}},
                   .passed_over = {{"ca.test", 1}},
                   .under_way = 4};
  status.events = {{"webhook", {.delivered = 7, .failed = 6, .dropped = 5}}};
  const std::string text = metrics_text(status);
  for (const auto* const line :
       {"cert_states{state=\"good\"} 2", "cert_states{state=\"late\"} 1", "cert_states{state=\"expired\"} 1",
        "cert_states{state=\"missing\"} 1", "cert_orders_under_way 4", "cert_orders_total{result=\"obtained\"} 3",
        "cert_orders_total{result=\"renewed\"} 2", "cert_order_failures_total{rule=\"acme.problem.caa\"} 4",
        "ca_passed_over_total{ca=\"ca.test\"} 1", "events_total{receiver=\"webhook\",result=\"delivered\"} 7",
        "events_total{receiver=\"webhook\",result=\"failed\"} 6",
        "events_total{receiver=\"webhook\",result=\"dropped\"} 5"})
    EXPECT_THAT(text, HasSubstr("\npadlock_" + std::string(line) + "\n"));
  const auto json = nlohmann::json::parse(status_json(status));
  EXPECT_EQ(json["certificates"], (nlohmann::json{{"good", 2}, {"late", 1}, {"expired", 1}, {"missing", 1}}));
  EXPECT_EQ(json["sites"][1]["certificates"][0]["state"], "late");
  EXPECT_EQ(json["orders"]["failures"]["acme.problem.caa"], 4);
  EXPECT_EQ(json["orders"]["cas_passed_over"]["ca.test"], 1);
  EXPECT_EQ(json["events"]["webhook"]["failed"], 6);
}

TEST(Metrics, TellOfNamesOnDemand) {
  ServerStatus status = example();
  status.on_demand = {.certificates = 4, .ordered = 3, .failed = 2, .allowed = 7, .not_allowed = 6, .unanswered = 5};
  const std::string text = metrics_text(status);
  EXPECT_THAT(text, HasSubstr("\npadlock_on_demand_certificates 4\n"));
  EXPECT_THAT(text, HasSubstr("\npadlock_on_demand_orders_total{result=\"certified\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("\npadlock_on_demand_orders_total{result=\"failed\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\npadlock_on_demand_questions_total{answer=\"yes\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("{answer=\"no\"} 6\n"));
  EXPECT_THAT(text, HasSubstr("{answer=\"none\"} 5\n"));
  const auto json = nlohmann::json::parse(status_json(status));
  EXPECT_EQ(json["on_demand"]["orders"]["failed"], 2);
  EXPECT_EQ(json["on_demand"]["questions"]["none"], 5);
}

TEST(Status, IsAnObjectOfJson) {
  const auto json = nlohmann::json::parse(status_json(example()));
  EXPECT_EQ(json["state"], "serving");
  EXPECT_EQ(json["sites"][0]["certificates"][1]["days_left"], 1);
  EXPECT_EQ(json["handshakes"]["by_version"]["TLS 1.3"], 7);
  EXPECT_EQ(json["handshakes"]["by_group"]["none"], 2);
  EXPECT_EQ(json["handshakes"]["resumed"], 2);
  EXPECT_EQ(json["requests"]["by_status"]["2xx"], 11);
  EXPECT_EQ(json["reloads"]["last_result"], "refused");
  EXPECT_TRUE(json["on_demand"].is_null());
  EXPECT_TRUE(json["orders"].is_null());
}

}  // namespace
}  // namespace padlock::server

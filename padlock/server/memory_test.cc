// What a server does where memory ends (docs/threats.md, P3): each request for memory of its worker is refused in turn,
// libcrypto's too. A program of its own, for it replaces operator new.
#include <atomic>
#include <functional>
#include <new>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/read_until.hpp>
#include <asio/write.hpp>

#include "padlock/net/rules.h"
#include "padlock/server/proxy/proxy_handler.h"
#include "padlock/server/rules.h"
#include "padlock/server/test_serving.h"
#include "tests/support/failing_memory.h"

namespace padlock::server {
namespace {

using testing::Client;
using ::testing::EndsWith;
using testing::get;
using testing::Http2Client;
using testing::Serving;

/// Before the first test: libcrypto takes no other memory once it has some.
const bool libcrypto_is_ours = test::take_over_libcrypto();

constexpr std::string_view page = "<p>hello</p>";

/// What a client has heard, and that it did not wait in vain.
using Talk = std::function<std::string()>;

bool stalled(const Client& client) {
  const auto is_late = [](const Error& error) { return error.rule == &net::rules::deadline_passed; };
  if (!client.shaken()) return is_late(client.shaken().error());
  return client.ending() && is_late(*client.ending());
}

std::string ask(Client&& client) {
  const std::string heard = client.shaken() && client.say(get("/")) ? client.hear_all() : "";
  EXPECT_FALSE(stalled(client)) << "it waits in vain";
  return heard;
}

class ServerMemory : public Serving {
 protected:
  ServerMemory() {
    options_.workers = 1;
    options_.log = {};
    options_.requests.sink = {};
    service_.timers.linger = std::chrono::milliseconds(50);
  }

  /// Each request for memory that a talk needs is refused, with `burst - 1` behind it; the talk after it goes well.
  void refuse_each(const Talk& talk, std::size_t burst) {
    for (std::size_t met = 0; met < most; ++met) {
      SCOPED_TRACE(std::to_string(burst) + " after " + std::to_string(met));
      test::refuse_memory(met, burst);
      const std::string heard = talk();
      wait_until_gone();
      const bool reached = test::give_memory_again();
      const bool whole = heard.ends_with(page);
      EXPECT_TRUE(whole || reached) << heard;
      EXPECT_TRUE(whole || heard.empty() || !heard.starts_with("HTTP/1.1 200") || heard.size() < whole_size_) << heard;
      EXPECT_THAT(talk(), EndsWith(page)) << "the next one";
      wait_until_gone();
      if (!reached || HasFailure()) return;
    }
    ADD_FAILURE() << "it never goes well";
  }
  void refuse_all(const Talk& talk) {
    ASSERT_TRUE(libcrypto_is_ours);
    const std::string usual = talk();
    EXPECT_THAT(usual, EndsWith(page));
    whole_size_ = usual.size();
    refuse_each(talk, in_a_row);  // what answers a failure fails as well
    const std::size_t before = test::live_blocks();
    refuse_each(talk, 1);
    refuse_each(talk, in_a_row);
    EXPECT_LE(test::live_blocks(), before + 32) << "nothing leaks";  // caches, and blocks that Asio keeps
    EXPECT_GT(server_->counts().failures.at(rules::memory_refused.code), 0U);
  }

  const test::SparedThread client_;

  static constexpr std::size_t in_a_row = 4;
  static constexpr std::size_t most = 5'000;

 private:
  /// The server has done with all connections.
  void wait_until_gone() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (server_->counts().connections_open > 0) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << "a connection stays";
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }
  std::size_t whole_size_ = 0;
};

tls::ClientConfig config(tls::ProtocolVersion version) {
  tls::ClientConfig config;
  config.policy = tls::Policy::intermediate;
  config.max_version = version;
  config.alpn = {"http/1.1"};
  config.resumption = true;
  return config;
}

TEST(AdmissionMemory, LosesNoPlaceWhereItEnds) {
  Admission admission({.connections = 2, .half_open = 1, .per_address = 1});
  const x509::IpAddress client = *x509::parse_ip_address("192.0.2.1");
  bool refused = true;
  for (std::size_t met = 0; refused; ++met) {
    test::refuse_memory(met, 1);
    try {
      EXPECT_TRUE(admission.admit(client));
    } catch (const std::bad_alloc&) {
      EXPECT_EQ(admission.connections(), 0U);
    }
    refused = test::give_memory_again();
    EXPECT_TRUE(admission.admit(client)) << "its place is free again";
  }
}

TEST_F(ServerMemory, MayEndInAHandshakeAndARequest) {
  start();
  for (const auto version : {tls::ProtocolVersion::TLS_1_3, tls::ProtocolVersion::TLS_1_2})
    refuse_all([&] { return ask(Client(https(), config(version), nullptr)); });
}

TEST_F(ServerMemory, MayEndInAResumption) {
  start();
  for (const auto version : {tls::ProtocolVersion::TLS_1_3, tls::ProtocolVersion::TLS_1_2}) {
    Client first(https(), config(version), nullptr);
    ASSERT_TRUE(first.shaken() && first.say(get("/", "")));
    EXPECT_THAT(first.hear_until("</p>"), EndsWith(page));
    ASSERT_TRUE(first.session());
    EXPECT_THAT(first.ask(get("/")), EndsWith(page));
    refuse_all([&] { return ask(Client(https(), config(version), first.session())); });
  }
}

TEST_F(ServerMemory, MayEndInHttp2) {
  start();
  refuse_all([&] {
    Http2Client client(https());
    if (!client.shaken()) return std::string();
    const auto stream = client.ask("/");
    const std::string number = std::to_string(stream);
    client.talk_until([&] { return client.heard(number + " end") || client.heard(number + " reset"); });
    return client.body(stream);
  });
}

TEST_F(ServerMemory, MayEndOnPlainHttp) {
  start();
  refuse_all([&] {
    const std::string heard = ask(Client(http(), std::nullopt));
    return std::string(heard.starts_with("HTTP/1.1 308 ") ? page : "");
  });
}

/// Answers each request with the page; its own memory never ends.
class Upstream {
 public:
  Upstream() : thread_([this] { serve(); }) {}
  ~Upstream() {
    ending_ = true;
    asio::io_context loop;
    std::error_code ignored;
    asio::ip::tcp::socket(loop).connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }

 private:
  void serve() {
    const test::SparedThread spared;
    const std::string response =
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(page.size()) + "\r\n\r\n" +
        std::string(page);
    while (!ending_) {
      asio::ip::tcp::socket socket = acceptor_.accept();
      std::string request;
      std::error_code gone;
      asio::read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n", gone);
      asio::write(socket, asio::buffer(response), gone);
    }
  }

  asio::io_context loop_;
  asio::ip::tcp::acceptor acceptor_{loop_, {asio::ip::address_v4::loopback(), 0}};
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

TEST_F(ServerMemory, MayEndInAProxy) {
  const Upstream upstream;
  ProxyTarget target;
  target.upstreams = {{http::parse_url(upstream.url()).value()}};
  start(handler_site({"localhost"}, std::make_shared<ProxyHandler>(UpstreamGroup::make(std::move(target)).value())));
  refuse_all([&] { return ask(Client(https(), config(tls::ProtocolVersion::TLS_1_3), nullptr)); });
}

}  // namespace
}  // namespace padlock::server

// A whole server before upstreams that say what a test wants.
#include "padlock/server/proxy/proxy_handler.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <ctime>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>

#include "padlock/server/proxy/websocket.h"
#include "padlock/server/test_serving.h"

namespace padlock::server {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using testing::body_of;
using testing::Client;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using testing::get;
using ::testing::HasSubstr;
using testing::Http2Client;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::numbered;
using testing::post;
using testing::Serving;
using ::testing::StartsWith;

/// A server that does with each connection what it is told, and keeps what it heard.
class UpstreamServer {
 public:
  /// One connection of its.
  class Peer {
   public:
    Peer(UpstreamServer& server, asio::ip::tcp::socket& socket) : server_(server), socket_(socket) {}
    /// What came up to this mark; empty: it ended before.
    std::string hear(std::string_view mark = "\r\n\r\n") {
      std::error_code error;
      const std::size_t size = asio::read_until(socket_, asio::dynamic_buffer(heard_), mark, error);
      if (error) return {};
      std::string taken = heard_.substr(0, size);
      heard_.erase(0, size);
      server_.keep(taken);
      return taken;
    }
    void say(std::string_view text) {
      std::error_code gone;
      asio::write(socket_, asio::buffer(text), gone);
    }
    /// Until the other side ends.
    void wait_for_end() {
      std::array<char, 1024> dropped{};
      std::error_code error;
      while (!error) socket_.read_some(asio::buffer(dropped), error);
      ++server_.ends_;
    }
    void reset() {
      socket_.set_option(asio::socket_base::linger(true, 0));
      socket_.close();
    }

   private:
    UpstreamServer& server_;
    asio::ip::tcp::socket& socket_;
    std::string heard_;
  };

  explicit UpstreamServer(std::function<void(Peer&)> script)
      : script_(std::move(script)),
        acceptor_(loop_, {asio::ip::address_v4::loopback(), 0}),
        port_(acceptor_.local_endpoint().port()),
        thread_([this] { accept(); }) {}
  ~UpstreamServer() { stop(); }
  UpstreamServer(const UpstreamServer&) = delete;
  UpstreamServer& operator=(const UpstreamServer&) = delete;

  UpstreamConfig at(std::uint32_t weight = 1) const {
    return {http::parse_url("http://127.0.0.1:" + std::to_string(port_)).value(), weight};
  }
  /// Takes no more connections; those there are end.
  void stop() {
    if (!thread_.joinable()) return;
    stopping_ = true;
    asio::ip::tcp::socket waker(loop_);
    std::error_code ignored;
    waker.connect({asio::ip::address_v4::loopback(), port_}, ignored);
    thread_.join();
    acceptor_.close();
    {
      const std::scoped_lock lock(mutex_);
      for (auto& socket : sockets_) socket->shutdown(asio::socket_base::shutdown_both, ignored);
    }
    for (std::thread& one : peers_) one.join();
    peers_.clear();
  }
  std::vector<std::string> heard() {
    const std::scoped_lock lock(mutex_);
    return heard_;
  }
  std::size_t connections() const { return connections_; }
  std::size_t ends() const { return ends_; }

 private:
  void keep(const std::string& text) {
    const std::scoped_lock lock(mutex_);
    heard_.push_back(text);
  }
  void accept() {
    for (;;) {
      auto socket = std::make_shared<asio::ip::tcp::socket>(acceptor_.accept());
      if (stopping_) return;
      ++connections_;
      const std::scoped_lock lock(mutex_);
      sockets_.push_back(socket);
      peers_.emplace_back([this, socket] {
        Peer peer(*this, *socket);
        script_(peer);
        std::error_code ignored;
        if (socket->is_open()) socket->shutdown(asio::socket_base::shutdown_send, ignored);
      });
    }
  }

  std::function<void(Peer&)> script_;
  asio::io_context loop_;
  asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> connections_ = 0, ends_ = 0;
  std::mutex mutex_;
  std::vector<std::string> heard_;
  std::vector<std::shared_ptr<asio::ip::tcp::socket>> sockets_;
  std::vector<std::thread> peers_;
  std::thread thread_;  // last: it uses all the others
};

using Peer = UpstreamServer::Peer;

std::string answer(std::string_view body, std::string_view more = "") {
  return "HTTP/1.1 200 OK\r\n" + std::string(more) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

/// Answers every request on every connection.
void always(Peer& peer) {
  while (!peer.hear().empty()) peer.say(answer("hello"));
}

std::function<void(Peer&)> says(std::string text) {
  return [text](Peer& peer) {
    if (!peer.hear().empty()) peer.say(text);
  };
}

class Proxying : public Serving {
 protected:
  void start(ProxyTarget target) {
    Serving::start(handler_site({"localhost", "127.0.0.1"},
                                std::make_shared<ProxyHandler>(UpstreamGroup::make(std::move(target)).value())));
  }
  void start(const UpstreamServer& upstream) { start(to({upstream.at()})); }
  static ProxyTarget to(std::vector<UpstreamConfig> upstreams) {
    ProxyTarget target;
    target.upstreams = std::move(upstreams);
    target.response = 5s;
    return target;
  }
  std::string ask(std::string_view request) { return Client(https()).ask(request); }
  /// "200 end BODY", "200 reset BODY", "502 end ...".
  std::string ask2(const std::string& target = "/", std::optional<std::string> body = std::nullopt) {
    Http2Client client(https());
    const auto stream = body ? client.post(target, *body) : client.ask(target);
    const std::string number = std::to_string(stream);
    client.talk_until([&] { return client.heard(number + " end") || client.heard(number + " reset"); });
    for (const auto* status : {"200", "404", "413", "502", "503", "504"}) {
      if (client.heard(number + " " + status))
        return std::string(status) + (client.heard(number + " end") ? " end " : " reset ") + client.body(stream);
    }
    return client.heard(number + " end") ? "end " : "reset ";
  }
};

TEST_F(Proxying, PassesRequestsAndResponsesOn) {
  UpstreamServer upstream([](Peer& peer) {
    while (!peer.hear().empty())
      peer.say(answer("hello", "X-App: 1\r\nConnection: X-Hop\r\nX-Hop: 2\r\nKeep-Alive: 5\r\n"));
  });
  start(upstream);
  EXPECT_EQ(ask(get("/a%2Fb?c=d")),
            "HTTP/1.1 200 OK\r\nX-App: 1\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
  EXPECT_EQ(ask2("/a"), "200 end hello");
  const auto heard = upstream.heard();
  ASSERT_EQ(heard.size(), 2U);
  const std::string port = std::to_string(https().port);
  EXPECT_EQ(heard[0],
            "GET /a%2Fb?c=d HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 127.0.0.1\r\n"
            "X-Forwarded-Host: localhost\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: " +
                port +
                "\r\nX-Real-IP: 127.0.0.1\r\nForwarded: for=127.0.0.1;host=localhost;proto=https\r\n"
                "Via: 1.1 padlock\r\n\r\n");
  EXPECT_THAT(heard[1], AllOf(StartsWith("GET /a HTTP/1.1\r\nHost: localhost\r\n"), HasSubstr("Via: 2.0 padlock")));
}

TEST_F(Proxying, KeepsConnectionsAndTakesThemAgain) {
  options_.workers = 1;
  UpstreamServer upstream(always);
  start(upstream);
  Client client(https());
  for (int at = 0; at < 5; ++at) {
    ASSERT_TRUE(client.say(get("/", "")));
    EXPECT_THAT(client.hear_until("hello"), EndsWith("hello"));
  }
  EXPECT_EQ(ask2(), "200 end hello");
  EXPECT_EQ(upstream.connections(), 1U);
}

TEST_F(Proxying, OnADeadKeptConnectionAsksAgain) {
  options_.workers = 1;
  UpstreamServer upstream([](Peer& peer) {  // ends each connection as soon as it is asked a second time
    if (peer.hear().empty()) return;
    peer.say(answer("hello"));
    peer.hear();
  });
  start(upstream);
  Client client(https());
  for (int at = 0; at < 4; ++at) {
    ASSERT_TRUE(client.say(get("/", "")));
    EXPECT_THAT(client.hear_until("hello"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("hello"))) << at;
  }
  EXPECT_EQ(upstream.connections(), 4U);
  ASSERT_TRUE(client.say("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_THAT(client.hear_until("</html>"), StartsWith("HTTP/1.1 502 ")) << "nobody knows what it did with that one";
}

TEST_F(Proxying, NoticesThatAKeptConnectionHasEnded) {
  options_.workers = 1;
  UpstreamServer upstream(says(answer("hello")));  // one a connection, which it then closes without a word
  start(upstream);
  Client client(https());
  for (int at = 0; at < 3; ++at) {
    ASSERT_TRUE(client.say("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_THAT(client.hear_until("hello"), StartsWith("HTTP/1.1 200 ")) << at;
    std::this_thread::sleep_for(20ms);
  }
}

TEST_F(Proxying, BodiesStreamBothWays) {
  const std::string large = numbered(700'000);
  UpstreamServer upstream([&](Peer& peer) {
    while (!peer.hear().empty()) {
      if (peer.hear("END").size() == large.size() + 3) peer.say(answer(large));
    }
  });
  start(upstream);
  EXPECT_EQ(body_of(ask(post("/", large + "END"))), large);
  EXPECT_EQ(ask2("/", large + "END"), "200 end " + large);
  for (const std::string& one : upstream.heard()) {
    if (one.starts_with("POST")) {
      EXPECT_THAT(one, HasSubstr("\r\nContent-Length: 700003\r\n"));
    }
  }
}

TEST_F(Proxying, ChunksOfUnknownLengthStayChunks) {
  UpstreamServer upstream([](Peer& peer) {
    if (peer.hear().empty() || peer.hear("0\r\n\r\n").empty()) return;
    peer.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nSum: 6\r\n\r\n");
  });
  start(upstream);
  const std::string all =
      ask("POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
          "2\r\nhi\r\n0\r\n\r\n");
  EXPECT_THAT(all, AllOf(HasSubstr("Transfer-Encoding: chunked\r\n"), EndsWith("3\r\nabc\r\n0\r\nSum: 6\r\n\r\n")));
  EXPECT_THAT(upstream.heard(), ElementsAre(HasSubstr("Transfer-Encoding: chunked\r\n"), "2\r\nhi\r\n0\r\n\r\n"));
}

TEST_F(Proxying, TrailersOfRequestsGoOn) {
  UpstreamServer upstream([](Peer& peer) {
    while (!peer.hear().empty()) {
      if (peer.hear("END\r\n0\r\n").empty() || peer.hear().empty()) return;
      peer.say(answer("hello"));
    }
  });
  start(upstream);
  EXPECT_THAT(ask("POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "5\r\nhiEND\r\n0\r\nSum: 6\r\nX-Forwarded-For: 192.0.2.1\r\nVia: 1.1 x\r\n\r\n"),
              EndsWith("hello"));
  EXPECT_THAT(upstream.heard(),
              ElementsAre(HasSubstr("\r\nTransfer-Encoding: chunked\r\n"), "5\r\nhiEND\r\n0\r\n", "Sum: 6\r\n\r\n"));
  Http2Client client(https());
  const auto stream = client.post_with_trailers("/", "hiEND", {{"sum", "7"}, {"x-real-ip", "192.0.2.1"}});
  client.talk_until([&] { return client.heard(std::to_string(stream) + " end"); });
  EXPECT_TRUE(client.heard(std::to_string(stream) + " 200"));
  EXPECT_THAT(upstream.heard().back(), "sum: 7\r\n\r\n");
}

TEST_F(Proxying, TrailersWithoutChunksAreLeftOut) {
  UpstreamServer upstream([](Peer& peer) {
    for (std::string head = peer.hear(); !head.empty(); head = peer.hear()) {
      if (head.starts_with("POST") && peer.hear("END").empty()) return;
      peer.say(answer("hello"));
    }
  });
  start(upstream);
  Http2Client client(https());
  const auto stream = client.post_with_trailers("/", "hiEND", {{"sum", "7"}}, true);
  client.talk_until([&] { return client.heard(std::to_string(stream) + " end"); });
  EXPECT_TRUE(client.heard(std::to_string(stream) + " 200"));
  EXPECT_EQ(ask2(), "200 end hello") << "what follows on the connection is a request";
}

TEST_F(Proxying, PathsInLocationsGetBackWhatWasTakenOff) {
  UpstreamServer upstream([](Peer& peer) {
    for (std::string head = peer.hear(); !head.empty(); head = peer.hear()) {
      const std::string path = head.substr(4, head.find(' ', 4) - 4);
      const std::string location = path == "/path" ? "/there?a=b" : path == "/knows" ? "/app/there" : "//host/there";
      peer.say("HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n");
    }
  });
  const PathMap map{PathPrefix::parse("/app/").value(), PathPrefix()};
  Serving::start(
      handler_site({"localhost"}, std::make_shared<ProxyHandler>(UpstreamGroup::make(to({upstream.at()})).value(),
                                                                 UpstreamChanges{.fields = {}, .path = map})));
  EXPECT_THAT(ask(get("/app/path")), HasSubstr("\r\nLocation: /app/there?a=b\r\n"));
  EXPECT_THAT(ask(get("/app/knows")), HasSubstr("\r\nLocation: /app/there\r\n"));
  EXPECT_THAT(ask(get("/app/other")), HasSubstr("\r\nLocation: //host/there\r\n")) << "another host's";
  for (const std::string& one : upstream.heard()) EXPECT_THAT(one, HasSubstr("\r\nX-Forwarded-Prefix: /app\r\n"));
}

TEST_F(Proxying, AHashGoesByTheClientBehindTrustedProxies) {
  const auto named = [](const std::string& name) {
    return [name](Peer& peer) {
      while (!peer.hear().empty()) peer.say(answer(name));
    };
  };
  UpstreamServer a(named("a")), b(named("b"));
  ProxyTarget target = to({a.at(), b.at()});
  target.balance = Balance::client_hash;
  target.trusted_proxies = {net::parse_address_range("127.0.0.0/8").value()};
  start(std::move(target));
  const auto asked_by = [&](int client) {
    return body_of(ask(get("/", "Connection: close\r\nX-Forwarded-For: 192.0.2." + std::to_string(client) + "\r\n")));
  };
  std::string first, second;
  for (int client = 1; client <= 16; ++client) {
    first += asked_by(client);
    second += asked_by(client);
  }
  EXPECT_EQ(first, second);
  EXPECT_THAT(first, AllOf(HasSubstr("a"), HasSubstr("b"))) << "they are several clients";
}

TEST_F(Proxying, PagesOfTheSiteStandInForThoseOfUpstreamsWhereItWantsThat) {
  write("site/404.html", "<p>ours</p>");
  UpstreamServer upstream([](Peer& peer) {
    for (std::string head = peer.hear(); !head.empty(); head = peer.hear()) {
      const std::string status = head.substr(head.find('/') + 1, 3);
      peer.say("HTTP/1.1 " + status + " Status\r\nX-App: 1\r\nRetry-After: 7\r\nContent-Length: 6\r\n\r\ntheirs");
    }
  });
  const auto handler = std::make_shared<ProxyHandler>(UpstreamGroup::make(to({upstream.at()})).value());
  const auto folder = std::make_shared<FolderHandler>(net::Folder::open(folder_ / "site").value(), cache_);
  for (const bool wanted : {true, false}) {
    auto route = std::make_shared<Route>();
    route->handler = handler;
    auto rules = std::make_shared<RouteRules>();
    rules->error_pages[404] = {folder, "/404.html"};
    rules->error_pages_for_upstreams = wanted;
    route->rules = rules;
    const std::vector<std::string> names{"localhost"};
    Serving::start(
        make_site(names, Credentials::make({testing::make_self_signed(names).site(names)}).value(), route).value());
    EXPECT_THAT(ask(get("/404")), AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("\r\nRetry-After: 7\r\n"),
                                        EndsWith(wanted ? "<p>ours</p>" : "theirs")));
    EXPECT_THAT(ask2("/404"), EndsWith(wanted ? "<p>ours</p>" : "theirs"));
    EXPECT_THAT(ask(post("/404", "a body")), EndsWith(wanted ? "<p>ours</p>" : "theirs"));
    EXPECT_THAT(ask(get("/403")), AllOf(StartsWith("HTTP/1.1 403 "), EndsWith("theirs")));
    EXPECT_THAT(ask(get("/200")), EndsWith("theirs"));
  }
}

TEST_F(Proxying, AResponseMayComeBeforeItsRequestIsWhole) {
  UpstreamServer upstream([](Peer& peer) {
    if (!peer.hear().empty()) peer.say("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    peer.wait_for_end();
  });
  start(upstream);
  Client client(https());
  ASSERT_TRUE(client.say("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nsome"));
  EXPECT_THAT(client.hear_until("\r\n\r\nno"), AllOf(StartsWith("HTTP/1.1 403 "), EndsWith("no")));
}

/// An upstream's patience runs from the last that it was sent, and the server sleeps meanwhile.
TEST_F(Proxying, ASlowUploadIsWaitedForAtRest) {
  UpstreamServer upstream([](Peer& peer) {
    if (!peer.hear().empty() && !peer.hear("aaaaaaaaaa").empty()) peer.say(answer("got it"));
  });
  ProxyTarget target = to({upstream.at()});
  target.response = 1500ms;
  start(std::move(target));
  Client client(https());
  ASSERT_TRUE(client.say("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n"));
  const std::clock_t before = std::clock();  // of processor time
  for (int sent = 0; sent < 10; ++sent) {
    std::this_thread::sleep_for(300ms);
    ASSERT_TRUE(client.say("a"));
  }
  EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 2);
  EXPECT_THAT(client.hear_until("got it"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("got it")));
}

TEST_F(Proxying, InvitesTheBodyItself) {
  UpstreamServer upstream([](Peer& peer) {
    if (!peer.hear().empty() && !peer.hear("hi").empty()) peer.say("HTTP/1.1 100 Continue\r\n\r\n" + answer("got it"));
  });
  start(upstream);
  Client client(https());
  ASSERT_TRUE(client.say("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_EQ(client.hear_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.say("hi"));
  EXPECT_THAT(client.hear_until("got it"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("got it")));
  EXPECT_THAT(upstream.heard().at(0), Not(HasSubstr("Expect")));
}

TEST_F(Proxying, PassesOnWhatHasNoBody) {
  UpstreamServer upstream([](Peer& peer) {
    for (std::string head = peer.hear(); !head.empty(); head = peer.hear()) {
      if (head.starts_with("HEAD")) peer.say("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
      if (head.starts_with("GET /304")) peer.say("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n");
      if (head.starts_with("GET /204")) peer.say("HTTP/1.1 204 No Content\r\n\r\n");
    }
  });
  start(upstream);
  EXPECT_EQ(ask("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Length: 500\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(ask(get("/304")), "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(ask(get("/204")), "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(ask2("/204"), "end ");
}

// ---- what must not pass (docs/threats.md, H1 to H6, H12 to H15, H20)
// --------------------------------------------------

TEST_F(Proxying, NothingThatIsFramedInTwoWaysReachesAnUpstream) {
  UpstreamServer upstream(always);
  start(upstream);
  std::size_t sent = 0;
  const auto refused = [&](const std::string& head, std::string_view body) {
    ++sent;
    const std::string all =
        Client(https()).ask("POST / HTTP/1.1\r\nHost: localhost\r\n" + head + "\r\n" + std::string(body) +
                            "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(all, ::testing::AnyOf(StartsWith("HTTP/1.1 400 "), StartsWith("HTTP/1.1 501 "))) << head;
    EXPECT_THAT(all.substr(4), Not(HasSubstr("HTTP/1.1 "))) << head;
  };
  const std::string chunked = "Transfer-Encoding: chunked\r\n", two = "Content-Length: 2\r\n";
  for (const std::string& head : std::vector<std::string>{two + chunked,
                                                          chunked + two,
                                                          two + two,
                                                          two + "Content-Length: 3\r\n",
                                                          chunked + chunked,
                                                          "Transfer-Encoding: chunked, chunked\r\n",
                                                          "Transfer-Encoding: gzip, chunked\r\n",
                                                          "Transfer-Encoding: chunked, gzip\r\n",
                                                          "Transfer-Encoding: xchunked\r\n",
                                                          "Transfer-Encoding: \"chunked\"\r\n",
                                                          "Transfer-Encoding: chunked;q=1\r\n",
                                                          "Transfer-Encoding : chunked\r\n",
                                                          std::string("Transfer-Encoding: \x0b") + "chunked\r\n",
                                                          "Transfer-Encoding:\r\n",
                                                          "Transfer-Encoding: identity\r\n",
                                                          " Transfer-Encoding: chunked\r\n",
                                                          "X: y\r\n Transfer-Encoding: chunked\r\n",
                                                          "Content-Length: +2\r\n",
                                                          "Content-Length: 2, 2\r\n",
                                                          "Content-Length: -1\r\n",
                                                          "Content-Length: 0x2\r\n",
                                                          "Content-Length: 18446744073709551616\r\n",
                                                          "Content-Length:\r\n",
                                                          "Content-Length: 2 \t3\r\n",
                                                          "Content-Length : 2\r\n"})
    refused(head, "0\r\n\r\n");
  for (const std::string_view body :
       {"2\nab\r\n0\r\n\r\n", "2\r\nab\n0\r\n\r\n", "2 \r\nab\r\n0\r\n\r\n", "0x2\r\nab\r\n0\r\n\r\n",
        "2;\r\nab\r\n0\r\n\r\n", "2\r\nabc\r\n0\r\n\r\n", "-2\r\nab\r\n0\r\n\r\n",
        "00000000000000002\r\nab\r\n0\r\n\r\n", "2;a\x01\r\nab\r\n0\r\n\r\n"}) {
    Client client(https());
    const std::string all = client.ask("POST / HTTP/1.1\r\nHost: localhost\r\n" + chunked + "\r\n" + std::string(body) +
                                       "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(all, ::testing::AnyOf(StartsWith("HTTP/1.1 400 "), IsEmpty())) << body;
  }
  for (const std::string& heard : upstream.heard()) {
    EXPECT_THAT(heard, Not(HasSubstr("smuggled")));
    EXPECT_THAT(heard, StartsWith("POST / HTTP/1.1\r\nHost: localhost\r\n"))
        << "the chunked ones, whose end never came";
  }
  EXPECT_THAT(ask(get("/")), EndsWith("hello")) << "the connections behind are clean";
}

TEST_F(Proxying, AHostIsOneHost) {
  UpstreamServer upstream(always);
  start(upstream);
  const auto status = [&](const std::string& request) { return ask(request).substr(9, 3); };
  const std::string end = "Connection: close\r\n\r\n";
  EXPECT_EQ(status("GET / HTTP/1.1\r\n" + end), "400");
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n" + end), "400");
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: localhost, other\r\n" + end), "400");
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: other.test\r\n" + end), "421");
  EXPECT_EQ(status("GET https://other.test/ HTTP/1.1\r\nHost: localhost\r\n" + end), "421");
  EXPECT_THAT(upstream.heard(), IsEmpty());
  EXPECT_EQ(status("GET https://LOCALHOST/x HTTP/1.1\r\nHost: other.test\r\n" + end), "200");
  EXPECT_THAT(upstream.heard().at(0),
              AllOf(StartsWith("GET /x HTTP/1.1\r\nHost: localhost\r\n"), Not(HasSubstr("other"))));
}

TEST_F(Proxying, OtherProtocolsStayOutside) {
  UpstreamServer upstream(always);
  start(upstream);
  for (const std::string& fields :
       std::vector<std::string>{"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
                                "Connection: Upgrade\r\nUpgrade: h2c, websocket\r\n", "Upgrade: websocket\r\n",
                                "Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n",
                                "Connection: close, Upgrade\r\nUpgrade: h2c\r\n", "HTTP2-Settings: AAMAAABk\r\n"})
    EXPECT_THAT(ask(get("/", fields + "Connection: close\r\n")), StartsWith("HTTP/1.1 200 ")) << fields;
  EXPECT_THAT(ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Not(StartsWith("HTTP/1.1 200 ")));
  for (const std::string& heard : upstream.heard()) {
    EXPECT_THAT(heard, AllOf(Not(HasSubstr("pgrade")), Not(HasSubstr("ettings")), Not(HasSubstr("Connection"))));
  }
}

TEST_F(Proxying, AnUpstreamThatAnswersWronglyIsABadGateway) {
  for (const std::string& wrong :
       std::vector<std::string>{"",
                                "nonsense\r\n\r\n",
                                "HTTP/1.1 200 OK\r\n",
                                "HTTP/2.0 200 OK\r\n\r\n",
                                "HTTP/1.1 99 X\r\n\r\n",
                                "HTTP/1.1 600 X\r\n\r\n",
                                "HTTP/1.1 2000 X\r\n\r\n",
                                "HTTP/1.1 OK\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
                                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nX: a\nb: c\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n",
                                "HTTP/1.1 200 OK\r\n: a\r\n\r\n",
                                std::string("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", 27),
                                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
                                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n",
                                "\r\n\r\n\r\nHTTP/1.1 200",
                                "\x16\x03\x01\x02"}) {
    UpstreamServer upstream(says(wrong));
    start(upstream);
    EXPECT_THAT(ask(get("/")), StartsWith("HTTP/1.1 502 ")) << wrong.substr(0, 80);
    EXPECT_THAT(ask2(), StartsWith("502 end ")) << wrong.substr(0, 80);
  }
  std::string interim;
  for (int at = 0; at < 102; ++at) interim += "HTTP/1.1 103 Early Hints\r\n\r\n";
  UpstreamServer upstream(says(interim + answer("x")));
  start(upstream);
  EXPECT_THAT(ask(get("/")), StartsWith("HTTP/1.1 502 "));
}

TEST_F(Proxying, AnUpstreamThatBreaksOffIsNeverTakenAsWhole) {
  for (const std::string& cut :
       std::vector<std::string>{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello",
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n"}) {
    UpstreamServer upstream(says(cut));
    start(upstream);
    Client client(https());
    const std::string all = client.ask(get("/"));
    EXPECT_TRUE(client.ending()) << all;
    EXPECT_THAT(all, Not(EndsWith("0\r\n\r\n"))) << cut;
    EXPECT_THAT(ask2(), HasSubstr("reset ")) << cut;
  }
}

TEST_F(Proxying, ResponsesMayEndWithTheirConnection) {
  UpstreamServer upstream(says("HTTP/1.1 200 OK\r\n\r\nhello"));
  start(upstream);
  EXPECT_THAT(ask(get("/")), EndsWith("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
  EXPECT_EQ(ask2(), "200 end hello");
}

TEST_F(Proxying, WhatAnUpstreamSaysTooMuchIsNobodysResponse) {
  options_.workers = 1;
  UpstreamServer upstream([](Peer& peer) {
    while (!peer.hear().empty()) peer.say(answer("hello") + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen");
  });
  start(upstream);
  Client client(https());
  for (int at = 0; at < 3; ++at) {
    ASSERT_TRUE(client.say(get("/", "")));
    EXPECT_THAT(client.hear_until("hello"), Not(HasSubstr("stolen")));
  }
  EXPECT_THAT(client.ask(get("/")), EndsWith("hello"));
  EXPECT_EQ(upstream.connections(), 4U);
}

// ---- who answers ----------------------------------------------------------------------------------------------------

TEST_F(Proxying, AnotherUpstreamTakesOverFromOneThatCannotBeReached) {
  UpstreamServer dead(always), alive(always);
  const UpstreamConfig first = dead.at();
  dead.stop();
  start(to({first, alive.at()}));
  for (int at = 0; at < 6; ++at) EXPECT_THAT(ask(post("/", "body")), StartsWith("HTTP/1.1 200 "));
}

TEST_F(Proxying, OneThatDiesIsReplacedWhereThatIsSafe) {
  UpstreamServer dies([](Peer& peer) {
    peer.hear();
    peer.reset();
  });
  UpstreamServer alive(always);
  start(to({dies.at(), alive.at()}));
  for (int at = 0; at < 4; ++at) EXPECT_THAT(ask(get("/")), StartsWith("HTTP/1.1 200 ")) << at;
}

TEST_F(Proxying, SaysThatNobodyIsThere) {
  UpstreamServer dead(always);
  const UpstreamConfig only = dead.at();
  dead.stop();
  start(to({only}));
  EXPECT_THAT(ask(get("/")),
              AllOf(StartsWith("HTTP/1.1 502 "), HasSubstr("the server behind this one cannot be reached")));
  EXPECT_THAT(ask2(), StartsWith("502 end "));
  EXPECT_THAT(log(), Contains(HasSubstr("server.upstream.unreachable")));
}

TEST_F(Proxying, GivesUpOnOneThatIsLate) {
  UpstreamServer late([](Peer& peer) {
    peer.hear();
    peer.wait_for_end();
  });
  ProxyTarget target = to({late.at()});
  target.response = 300ms;
  start(std::move(target));
  EXPECT_THAT(ask(get("/")), StartsWith("HTTP/1.1 504 "));
  EXPECT_THAT(ask2(), StartsWith("504 end "));
}

TEST_F(Proxying, StopsWorkForAClientThatHasGone) {
  std::atomic<int> asked = 0;
  UpstreamServer late([&](Peer& peer) {
    peer.hear();
    ++asked;
    peer.wait_for_end();
  });
  start(late);
  const auto wait_for = [](auto&& condition) {
    for (int tries = 0; tries < 300 && !condition(); ++tries) std::this_thread::sleep_for(10ms);
    return condition();
  };
  {
    Client client(https());
    ASSERT_TRUE(client.say(get("/")));
    ASSERT_TRUE(wait_for([&] { return asked == 1; }));
    client.stream().reset();
  }
  EXPECT_TRUE(wait_for([&] { return late.ends() == 1; }));
  Http2Client second(https());
  const auto stream = second.ask("/");
  second.talk_until([&] { return second.can_connect(); });
  ASSERT_TRUE(wait_for([&] { return asked == 2; }));
  second.reset(stream);
  EXPECT_TRUE(wait_for([&] { return late.ends() == 2; }));
}

TEST_F(Proxying, AClientMayGoWhenItsUpstreamHasDoneItsPart) {
  const std::string body(http::limits::h2_response_stream_window_bytes + 30'000, 'x');  // the rest waits for a window
  UpstreamServer upstream([&](Peer& peer) {
    while (!peer.hear().empty()) {
      std::this_thread::sleep_for(2 * limits::watch_after);
      peer.say(answer(body));
    }
  });
  start(upstream);
  Http2Client client(https());
  const auto stream = client.ask("/");
  client.talk_until([&] { return client.body(stream).size() == http::limits::h2_response_stream_window_bytes; }, false);
  std::this_thread::sleep_for(100ms);
  client.reset(stream);
  std::this_thread::sleep_for(100ms);
  EXPECT_THAT(ask(get("/")), StartsWith("HTTP/1.1 200 "));
}

TEST_F(Proxying, ChecksTheHealthOfUpstreams) {
  std::atomic<bool> well = true;
  const auto script = [&](const char* name) {
    return [&well, name](Peer& peer) {
      for (std::string head = peer.hear(); !head.empty(); head = peer.hear()) {
        const bool check = head.starts_with("GET /healthz ");
        if (check && !well && *name == 'a')
          peer.say("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
        else
          peer.say(answer(name));
      }
    };
  };
  UpstreamServer a(script("a")), b(script("b"));
  ProxyTarget target = to({a.at(), b.at()});
  target.health = {.target = "/healthz", .interval = 30ms};
  start(std::move(target));
  const auto answers = [&] {
    std::string all;
    for (int at = 0; at < 6; ++at) all += body_of(ask(get("/")));
    return all;
  };
  EXPECT_THAT(answers(), AllOf(HasSubstr("a"), HasSubstr("b")));
  well = false;
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(answers(), "bbbbbb");
  well = true;
  std::this_thread::sleep_for(200ms);
  EXPECT_THAT(answers(), AllOf(HasSubstr("a"), HasSubstr("b")));
}

TEST_F(Proxying, ChecksTheHealthOfUpstreamsOfAPartOfASiteToo) {
  UpstreamServer upstream(always), part(always);
  ProxyTarget target = to({part.at()});
  target.health = {.target = "/healthz", .interval = 30ms};
  const auto proxy = [](ProxyTarget to) {
    return std::make_shared<ProxyHandler>(UpstreamGroup::make(std::move(to)).value());
  };
  auto route = std::make_shared<Route>(*make_route(proxy(to({upstream.at()}))));
  route->paths.emplace_back(PathPrefix::parse("/part/").value(), make_route(proxy(std::move(target))));
  const std::vector<std::string> names{"localhost", "127.0.0.1"};
  auto credentials = Credentials::make({testing::make_self_signed(names).site(names)}).value();
  Serving::start(make_site(names, std::move(credentials), std::move(route)).value());
  for (int tries = 0; tries < 300 && part.heard().empty(); ++tries) std::this_thread::sleep_for(10ms);
  EXPECT_THAT(part.heard(), Contains(StartsWith("GET /healthz ")));
}

/// As a service is switched: by connections that were there before, too, and from one successor to the next.
TEST_F(Proxying, GoesOnWithASuccessorOnConnectionsThatAreThere) {
  const auto saying = [](std::string text) {
    return [text](Peer& peer) {
      while (!peer.hear().empty()) peer.say(answer(text));
    };
  };
  UpstreamServer one(saying("first")), two(saying("second")), three(saying("third"));
  const auto proxy = [](const UpstreamServer& upstream) {
    return std::make_shared<ProxyHandler>(UpstreamGroup::make(to({upstream.at()})).value());
  };
  const auto first = proxy(one), second = proxy(two);
  Serving::start(handler_site({"localhost", "127.0.0.1"}, first));
  Client client(https());
  const auto ask_again = [&](std::string_view expected) {
    EXPECT_TRUE(client.say(get("/", "")));
    EXPECT_THAT(client.hear_until(expected), EndsWith(expected));
  };
  ask_again("first");
  first->supersede(second);
  ask_again("second");
  second->supersede(proxy(three));
  ask_again("third");
  EXPECT_EQ(body_of(ask(get("/"))), "third");
  EXPECT_EQ(one.heard().size(), 1U);
  EXPECT_EQ(first->at_work(), 0U);
}

TEST_F(Proxying, AStoppingServerWaitsForNoUpstream) {
  UpstreamServer upstream(always);
  ProxyTarget target = to({upstream.at()});
  target.health = {.target = "/healthz", .interval = 60s};
  start(std::move(target));
  EXPECT_THAT(ask(get("/")), EndsWith("hello"));
  const auto begin = std::chrono::steady_clock::now();
  static_cast<void>(log());  // ends it
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_F(Proxying, ARequestThatRunsInACircleEnds) {
  UpstreamServer upstream(always);
  start(upstream);
  std::string via;
  for (int at = 0; at < 8; ++at) via += "Via: 1.1 padlock\r\n";
  EXPECT_THAT(ask(get("/", via + "Connection: close\r\n")), StartsWith("HTTP/1.1 508 "));
  EXPECT_THAT(upstream.heard(), IsEmpty());
}

// ---- websocket ------------------------------------------------------------------------------------------------------

std::string field_of(const std::string& head, const std::string& name) {
  const std::size_t at = head.find(name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 2;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

/// Takes any websocket and sends what it says back.
void echo_websocket(Peer& peer) {
  const std::string head = peer.hear();
  if (head.empty()) return;
  peer.say("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: " +
           websocket_accept(field_of(head, "Sec-WebSocket-Key")) + "\r\n\r\n");
  for (std::string line = peer.hear("\n"); !line.empty(); line = peer.hear("\n")) peer.say(line);
}

const std::string ask_websocket =
    "GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

TEST_F(Proxying, TunnelsAWebSocket) {
  UpstreamServer upstream(echo_websocket);
  start(upstream);
  Client client(https());
  ASSERT_TRUE(client.say(ask_websocket + "one\n"));
  EXPECT_THAT(client.hear_until("one\n"), AllOf(StartsWith("HTTP/1.1 101 "), EndsWith("\r\n\r\none\n"),
                                                HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")));
  const std::string large = numbered(300'000) + "\n";
  ASSERT_TRUE(client.say(large));
  EXPECT_EQ(client.hear_until("\n"), large);
  EXPECT_THAT(upstream.heard().at(0), AllOf(HasSubstr("Connection: Upgrade\r\nUpgrade: websocket\r\n"),
                                            HasSubstr("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")));
}

TEST_F(Proxying, TunnelsAWebSocketThatCameOverHttp2) {
  UpstreamServer upstream(echo_websocket);
  start(upstream);
  Http2Client client(https());
  client.talk_until([&] { return client.can_connect(); });
  const auto stream = client.connect("/chat");
  client.send(stream, "one\n");
  client.talk_until([&] { return client.body(stream) == "one\n"; });
  client.send(stream, "two\n");
  client.talk_until([&] { return client.body(stream) == "one\ntwo\n"; });
  EXPECT_TRUE(client.heard(std::to_string(stream) + " 200"));
  EXPECT_THAT(upstream.heard().at(0), AllOf(StartsWith("GET /chat HTTP/1.1\r\n"), HasSubstr("Sec-WebSocket-Key: ")));
}

TEST_F(Proxying, AWebSocketThatIsRefusedIsAnOrdinaryResponse) {
  UpstreamServer upstream(says("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"));
  start(upstream);
  Client client(https());
  ASSERT_TRUE(client.say(ask_websocket));
  EXPECT_THAT(client.hear_until("\r\n\r\nno"), AllOf(StartsWith("HTTP/1.1 403 "), EndsWith("no")));
}

TEST_F(Proxying, AWebSocketMustBeUnderstood) {
  UpstreamServer upstream(
      says("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           "Sec-WebSocket-Accept: wrong\r\n\r\n"));
  start(upstream);
  EXPECT_THAT(Client(https()).ask(ask_websocket), StartsWith("HTTP/1.1 502 "));
}

}  // namespace
}  // namespace padlock::server

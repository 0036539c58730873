#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "padlock/certs/shared_marks.h"
#include "padlock/server/test_serving.h"
#include "padlock/tls/connection.h"

namespace padlock::server {
namespace {

using namespace std::string_literals;
using testing::body_of;
using testing::get;
using ::testing::HasSubstr;
using testing::post;
using ::testing::StartsWith;

/// Counts what it answers.
class Counting final : public PromptHandler {
 public:
  Answer answer(const http::Request& request, WallTime now) const override {
    ++asked;
    ResponsePlan plan = plan_response(200, now);
    plan.page = request.method + " " + request.target;
    return {std::move(plan)};
  }
  mutable std::atomic<int> asked{0};
};

/// A connection whose every step a test takes: what it says early, and when it says its Finished.
class EarlyClient {
 public:
  EarlyClient(const net::Endpoint& server, std::shared_ptr<const tls::ClientSession> old, std::string_view early)
      : socket_(loop_) {
    auto config = std::make_shared<tls::ClientConfig>();
    config->alpn = {"http/1.1"};
    config->resumption = true;
    config->early_data = true;
    tls_ = std::make_unique<tls::Connection>(
        tls::Connection::client(config, "localhost", *provider_, nullptr, nullptr, {std::move(old), net::now()}));
    take_events();
    if (!early.empty() && tls_->early_data_room() > 0) {
      EXPECT_TRUE(tls_->send(as_bytes(early)));
    }
    socket_.connect(net::to_asio(server));
    flight_.assign(as_text(tls_->output()));
    say();
  }

  /// What was sent before anything was read.
  const std::string& flight() const { return flight_; }
  tls::Connection& tls() { return *tls_; }
  const std::string& heard() const { return heard_; }
  bool complete() const { return complete_; }
  std::shared_ptr<const tls::ClientSession> session;

  /// Sends what there is to send.
  void say() {
    const Bytes output = tls_->output();
    std::error_code gone;
    asio::write(socket_, asio::buffer(output.data(), output.size()), gone);
    tls_->output_sent(output.size());
  }
  /// One read and what comes of it; false: the server has ended.
  bool hear() {
    std::error_code error;
    const std::size_t before = in_.size();
    in_.resize(before + 16'384);
    const std::size_t count = socket_.read_some(asio::buffer(in_) + before, error);
    in_.resize(before + count);
    if (error) tls_->input_ended();
    for (std::size_t taken = 1; taken > 0 && !in_.empty();) {
      taken = tls_->feed(in_, net::now()).value_or(0);
      take_events();
      in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(taken));
    }
    take_events();
    return !error && !ended_;
  }
  void hear_until(std::string_view mark) {
    while (heard_.find(mark) == std::string::npos && hear()) {
    }
  }
  /// Says what there is to say and hears until the server ends.
  std::string finish() {
    do {
      say();
    } while (hear());
    return heard_;
  }

 private:
  void take_events() {
    while (auto event = tls_->next_event()) {
      if (const auto* wanted = std::get_if<tls::CryptoWanted>(&*event)) {
        EXPECT_TRUE(tls::answer_at_once(*tls_, *wanted, *provider_));
      }
      if (const auto* wanted = std::get_if<tls::ChainVerificationWanted>(&*event)) {
        EXPECT_TRUE(tls_->answer(wanted->id, tls::PeerVerified::by_caller()));
      }
      if (auto* received = std::get_if<tls::SessionReceived>(&*event)) session = std::move(received->session);
      if (const auto* data = std::get_if<tls::ApplicationData>(&*event)) heard_ += as_text(data->bytes);
      if (std::holds_alternative<tls::HandshakeComplete>(*event)) complete_ = true;
      if (std::holds_alternative<tls::PeerClosed>(*event)) ended_ = true;
      if (std::holds_alternative<tls::Failed>(*event)) ended_ = true;
    }
  }

  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  asio::io_context loop_;
  asio::ip::tcp::socket socket_;
  std::unique_ptr<tls::Connection> tls_;
  std::vector<std::uint8_t> in_;
  std::string flight_, heard_;
  bool complete_ = false, ended_ = false;
};

class EarlyRequest : public testing::Serving {
 protected:
  EarlyRequest() { service_.early_data = true; }
  void start() { Serving::start(handler_site({"localhost"}, counting_)); }
  /// A session of a connection that has ended, and what it asked for on the way forgotten.
  std::shared_ptr<const tls::ClientSession> a_session() {
    EarlyClient client(https(), nullptr, "");
    while (!client.complete() && client.hear()) {
    }
    EXPECT_TRUE(client.tls().send(as_bytes(get("/first"))));
    EXPECT_THAT(client.finish(), StartsWith("HTTP/1.1 200 "));
    counting_->asked = 0;
    return client.session;
  }
  std::shared_ptr<Counting> counting_ = std::make_shared<Counting>();
};

TEST_F(EarlyRequest, ASafeRequestIsAnsweredBeforeTheHandshakeIsComplete) {
  start();
  EarlyClient client(https(), a_session(), get("/early"));
  client.hear_until("GET /early");  // and has not said its Finished
  EXPECT_THAT(client.heard(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(client.tls().info().early_data, tls::EarlyDataStatus::accepted);
  EXPECT_EQ(body_of(client.finish()), "GET /early");
  EXPECT_EQ(counting_->asked, 1);
}

TEST_F(EarlyRequest, TheConnectionGoesOnAfterIt) {
  start();
  EarlyClient client(https(), a_session(), get("/early", ""));
  client.hear_until("GET /early");
  client.say();
  ASSERT_TRUE(client.tls().send(as_bytes(post("/late", "body"))));
  EXPECT_THAT(client.finish(), HasSubstr("POST /late"));
  EXPECT_EQ(counting_->asked, 2);
}

TEST_F(EarlyRequest, WhatMayChangeSomethingIsToldToComeAgain) {
  start();
  for (const std::string& request :
       {post("/x", "", "X: y\r\n"), post("/x", "body"), "DELETE /x HTTP/1.1\r\nHost: localhost\r\n\r\n"s,
        "GET /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody"s}) {
    EarlyClient client(https(), a_session(), request);
    client.hear_until("425 Too Early");
    EXPECT_THAT(client.heard(), StartsWith("HTTP/1.1 425 Too Early\r\n")) << request;
    EXPECT_EQ(counting_->asked, 0) << request;
  }
}

TEST_F(EarlyRequest, ACopyOfAFlightIsServedOnce) {
  start();
  EarlyClient client(https(), a_session(), get("/early"));
  client.finish();
  EXPECT_EQ(counting_->asked, 1);
  for (int copy = 0; copy < 1000; ++copy) {
    asio::io_context loop;
    asio::ip::tcp::socket socket(loop);
    socket.connect(net::to_asio(https()));
    std::error_code gone;
    asio::write(socket, asio::buffer(client.flight()), gone);
    socket.shutdown(asio::ip::tcp::socket::shutdown_send, gone);
    std::string all;
    asio::read(socket, asio::dynamic_buffer(all), gone);  // until the server ends: it has seen everything
  }
  EXPECT_EQ(counting_->asked, 1);
}

/// A Redis that gives one answer to everything.
class FakeStore {
 public:
  explicit FakeStore(std::string answer) : answer_(std::move(answer)) {
    asio::co_spawn(loop_, accept(), asio::detached);
    thread_ = std::thread([this] { loop_.run(); });
  }
  FakeStore(const FakeStore&) = delete;
  FakeStore& operator=(const FakeStore&) = delete;
  ~FakeStore() {
    loop_.stop();
    thread_.join();
  }
  WorkersMarks marks(std::size_t workers) const {
    const certs::RedisSettings settings{.host = "127.0.0.1", .port = acceptor_.local_endpoint().port()};
    return certs::SharedMarks::open(settings, workers).value();
  }
  std::atomic<int> asked{0};

 private:
  net::Awaitable<void> accept() {
    for (;;) {
      auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
      asio::co_spawn(loop_, serve(std::move(socket)), asio::detached);
    }
  }
  net::Awaitable<void> serve(asio::ip::tcp::socket socket) {
    std::array<char, 65'536> room{};
    std::error_code gone;
    while (!gone) {
      co_await socket.async_read_some(asio::buffer(room), asio::redirect_error(asio::use_awaitable, gone));
      if (gone) break;
      ++asked;
      co_await asio::async_write(socket, asio::buffer(answer_), asio::redirect_error(asio::use_awaitable, gone));
    }
  }
  std::string answer_;
  asio::io_context loop_;
  asio::ip::tcp::acceptor acceptor_{loop_, {asio::ip::address_v4::loopback(), 0}};
  std::thread thread_;
};

TEST_F(EarlyRequest, OfAFleetIsTakenWhereTheStoreSaysThatItIsTheFirst) {
  FakeStore store(":0\r\n");
  Serving::start(handler_site({"localhost"}, counting_), store.marks(options_.workers));
  EarlyClient client(https(), a_session(), get("/early"));
  client.hear_until("GET /early");
  EXPECT_EQ(client.tls().info().early_data, tls::EarlyDataStatus::accepted);
  EXPECT_EQ(store.asked, 1);
  client.finish();
  EarlyClient copy(https(), nullptr, "");  // a handshake without early data asks nobody
  while (!copy.complete() && copy.hear()) {
  }
  EXPECT_EQ(store.asked, 1);
}

/// Whatever is wrong with the store, the handshake goes on, and the request comes a round trip later.
TEST_F(EarlyRequest, OfAFleetIsRefusedWithoutAGoodAnswer) {
  for (const char* const answer : {":1\r\n", "-ERR\r\n", "+OK\r\n", ""}) {  // the last: none in time
    FakeStore store(answer);
    Serving::start(handler_site({"localhost"}, counting_), store.marks(options_.workers));
    EarlyClient client(https(), a_session(), get("/early"));
    while (!client.complete() && client.hear()) {
    }
    EXPECT_TRUE(client.complete()) << answer;
    EXPECT_EQ(client.tls().info().early_data, tls::EarlyDataStatus::rejected) << answer;
    ASSERT_TRUE(client.tls().send(as_bytes(get("/late"))));
    EXPECT_THAT(client.finish(), HasSubstr("GET /late")) << answer;
    EXPECT_EQ(counting_->asked, 1) << answer;
    EXPECT_EQ(store.asked, 1) << answer;
    server_.reset();
  }
}

TEST_F(EarlyRequest, IsOffUnlessSomebodyAsksForIt) {
  service_.early_data = false;
  start();
  const auto session = a_session();
  EarlyClient client(https(), session, get("/early"));
  EXPECT_EQ(client.tls().info().early_data, tls::EarlyDataStatus::none) << "the ticket allows none";
}

}  // namespace
}  // namespace padlock::server

// Handlers that wait, over both versions of HTTP.
#include "padlock/server/exchange.h"

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/this_coro.hpp>

#include "padlock/net/rules.h"
#include "padlock/net/signal.h"
#include "padlock/server/rules.h"
#include "padlock/server/test_serving.h"

namespace padlock::server {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using testing::body_of;
using testing::Client;
using ::testing::Contains;
using ::testing::EndsWith;
using testing::get;
using ::testing::HasSubstr;
using testing::Http2Client;
using ::testing::Not;
using testing::numbered;
using testing::post;
using testing::Serving;
using ::testing::StartsWith;

/// Answers as a test wants it.
class Scripted final : public Handler {
 public:
  using Script = std::function<net::Awaitable<Result<void>>(Exchange&)>;
  explicit Scripted(Script script, std::uint64_t limit = 1 << 20) : script_(std::move(script)), limit_(limit) {}
  net::Awaitable<Result<void>> handle(Exchange& exchange) const override { return script_(exchange); }
  std::uint64_t body_limit(const http::Request&) const override { return limit_; }

 private:
  Script script_;
  std::uint64_t limit_;
};

/// Sends the request's body back while it comes.
net::Awaitable<Result<void>> echo(Exchange& exchange) {
  if (exchange.protocol().empty()) {
    auto begun = exchange.send_head({200, {}}, http::UnknownLength{});
    PADLOCK_CO_TRY(begun);
  } else {
    auto begun = exchange.accept({});
    PADLOCK_CO_TRY(begun);
  }
  for (;;) {
    auto bytes = co_await exchange.read_body();
    PADLOCK_CO_TRY(bytes);
    if (bytes->empty()) break;
    auto sent = co_await exchange.send_body(*bytes);
    PADLOCK_CO_TRY(sent);
    auto flushed = co_await exchange.flush();
    PADLOCK_CO_TRY(flushed);
  }
  http::Fields trailers;
  if (exchange.protocol().empty()) trailers.add("Sum", "42");
  co_return co_await exchange.end(trailers);
}

class Exchanging : public Serving {
 protected:
  void start(Scripted::Script script, std::uint64_t limit = 1 << 20) {
    Serving::start(handler_site({"localhost", "127.0.0.1"}, std::make_shared<Scripted>(std::move(script), limit)));
  }
  /// What a POST over HTTP/2 gets: "STATUS end" or "reset", then the body.
  std::string post2(std::string_view body) {
    Http2Client client(https());
    const auto stream = client.post("/", body);
    const std::string number = std::to_string(stream);
    client.talk_until([&] { return client.heard(number + " end") || client.heard(number + " reset"); });
    const std::string status = client.heard(number + " 200") ? "200 " : client.heard(number + " 413") ? "413 " : "";
    return status + (client.heard(number + " end") ? "end " : "reset ") + client.body(stream);
  }
};

TEST_F(Exchanging, ABodyStreamsThroughInBothVersions) {
  start(echo);
  EXPECT_THAT(Client(https()).ask(post("/", "hello")),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"),
                    EndsWith("\r\n\r\n5\r\nhello\r\n0\r\nSum: 42\r\n\r\n")));
  EXPECT_EQ(post2("hello"), "200 end hello");
  EXPECT_EQ(post2(numbered(700'000)), "200 end " + numbered(700'000));
  EXPECT_THAT(Client(https()).ask(get("/")), EndsWith("\r\n\r\n0\r\nSum: 42\r\n\r\n"));
}

TEST_F(Exchanging, ALongBodyComesBackWhileItIsSent) {
  start(echo);
  Client client(https());
  ASSERT_TRUE(client.say("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"));
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(client.say("4\r\nping\r\n"));
    EXPECT_THAT(client.hear_until("ping\r\n"), EndsWith("4\r\nping\r\n")) << round;
  }
  ASSERT_TRUE(client.say("0\r\n\r\n"));
  EXPECT_THAT(client.hear_until("42\r\n\r\n"), EndsWith("0\r\nSum: 42\r\n\r\n"));
  EXPECT_THAT(client.ask(get("/")), StartsWith("HTTP/1.1 200 ")) << "the connection is kept";
}

TEST_F(Exchanging, InvitesABodyWhenItIsWanted) {
  start([](Exchange& exchange) -> net::Awaitable<Result<void>> {
    auto bytes = co_await exchange.read_body();
    PADLOCK_CO_TRY(bytes);
    Answer answer{plan_response(200, exchange.began().wall)};
    answer.plan.page = "got " + std::string(as_text(*bytes));
    co_return co_await exchange.send(std::move(answer));
  });
  Client client(https());
  ASSERT_TRUE(client.say("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_THAT(client.hear_until("100 Continue\r\n\r\n"), HasSubstr("HTTP/1.1 100 Continue\r\n\r\n"));
  ASSERT_TRUE(client.say("hi"));
  EXPECT_THAT(client.hear_until("got hi"), EndsWith("got hi"));
}

TEST_F(Exchanging, RefusesABodyThatIsTooLong) {
  start(echo, 10);
  const std::string chunked = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_THAT(Client(https()).ask(post("/", "0123456789a")), StartsWith("HTTP/1.1 413 ")) << "by its length";
  EXPECT_EQ(post2("0123456789"), "200 end 0123456789");
  EXPECT_THAT(post2("0123456789a"), StartsWith("413 end "));
  Client client(https());
  const std::string cut = client.ask(chunked + "b\r\n0123456789a\r\n0\r\n\r\n");
  EXPECT_THAT(cut, AllOf(StartsWith("HTTP/1.1 200 "), Not(HasSubstr("Sum")))) << "its response has begun";
  EXPECT_TRUE(client.ending()) << "and does not look whole";
}

TEST_F(Exchanging, AFailureBeforeTheHeadHasTheStatusOfItsRule) {
  start([](Exchange&) -> net::Awaitable<Result<void>> { co_return broken(rules::file_unreadable, "it broke"); });
  EXPECT_THAT(Client(https()).ask(get("/")), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(log(), Contains(HasSubstr("it broke")));
}

TEST_F(Exchanging, AHandlerThatForgetsToAnswerIsAFailure) {
  start([](Exchange& exchange) -> net::Awaitable<Result<void>> {
    if (exchange.request().target == "/head") co_return exchange.send_head({200, {}}, http::KnownLength{5});
    co_return Result<void>{};
  });
  EXPECT_THAT(Client(https()).ask(get("/")), StartsWith("HTTP/1.1 500 "));
  Client client(https());
  EXPECT_THAT(client.ask(get("/head")), Not(HasSubstr("500")));
  EXPECT_TRUE(client.ending());
  Http2Client second(https());
  const std::string stream = std::to_string(second.ask("/head"));
  second.talk_until([&] { return second.heard(stream + " reset"); });
  EXPECT_TRUE(second.heard(stream + " reset"));
}

TEST_F(Exchanging, AResponseMayEndBeforeItsRequest) {
  // Two coroutines: one still reads when the other has answered.
  start([](Exchange& exchange) -> net::Awaitable<Result<void>> {
    auto ended = std::make_shared<net::Signal>();
    auto reads = std::make_shared<bool>(true);
    const auto read_all = [](Exchange& from, std::shared_ptr<net::Signal> signal,
                             std::shared_ptr<bool> flag) -> net::Awaitable<void> {
      for (;;) {
        const auto bytes = co_await from.read_body();
        if (!bytes || bytes->empty()) break;
      }
      *flag = false;
      signal->notify();
    };
    asio::co_spawn(co_await asio::this_coro::executor, read_all(exchange, ended, reads), asio::detached);
    Answer answer{plan_error(rules::not_found, exchange.began().wall)};
    auto sent = co_await exchange.send(std::move(answer));
    while (*reads) co_await ended->wait();
    co_return sent;
  });
  Client client(https());
  ASSERT_TRUE(client.say("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab"));
  EXPECT_THAT(client.hear_until("</html>"), StartsWith("HTTP/1.1 404 "));
  ASSERT_TRUE(client.say("cde"));
  EXPECT_THAT(client.ask(get("/")), StartsWith("HTTP/1.1 404 ")) << "the rest of the body was no request";
  EXPECT_THAT(post2("hello"), HasSubstr("404 Not Found"));
}

TEST_F(Exchanging, TunnelsWhatAWebSocketWouldSay) {
  start(echo);
  Client client(https());
  ASSERT_TRUE(
      client.say("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello"));
  EXPECT_THAT(client.hear_until("hello"), AllOf(StartsWith("HTTP/1.1 101 "), EndsWith("\r\n\r\nhello")));
  ASSERT_TRUE(client.say("world"));
  EXPECT_EQ(client.hear_until("world"), "world");
  Http2Client second(https());
  second.talk_until([&] { return second.can_connect(); });
  const auto stream = second.connect("/chat");
  second.send(stream, "hello");
  second.talk_until([&] { return second.body(stream) == "hello"; });
  EXPECT_TRUE(second.heard(std::to_string(stream) + " 200"));
  EXPECT_EQ(second.body(stream), "hello");
}

TEST_F(Exchanging, TellsAHandlerThatItsClientHasGone) {
  auto gone = std::make_shared<std::atomic<int>>(0), begun = std::make_shared<std::atomic<int>>(0);
  start([gone, begun](Exchange& exchange) -> net::Awaitable<Result<void>> {
    net::Signal ended;
    exchange.when_gone([&] { ended.notify(); });
    ++*begun;
    if (co_await ended.wait(net::deadline_in(5s))) ++*gone;
    co_return broken(net::rules::cancelled, "nobody is there");
  });
  const auto wait_for = [](const std::atomic<int>& what, int count) {
    for (int tries = 0; tries < 300 && what < count; ++tries) std::this_thread::sleep_for(10ms);
    return what.load();
  };
  {
    Client client(https());
    ASSERT_TRUE(client.say(get("/")));
    ASSERT_EQ(wait_for(*begun, 1), 1);
    client.stream().reset();
  }
  EXPECT_EQ(wait_for(*gone, 1), 1);
  Http2Client second(https());
  const auto stream = second.ask("/");
  second.talk_until([&] { return second.can_connect(); });
  ASSERT_EQ(wait_for(*begun, 2), 2);
  second.reset(stream);
  EXPECT_EQ(wait_for(*gone, 2), 2);
}

TEST_F(Exchanging, WhatComesWhileAHandlerWorksIsTheNextRequest) {
  start([](Exchange& exchange) -> net::Awaitable<Result<void>> {
    exchange.when_gone([] {});  // watches
    net::Signal never;
    co_await never.wait(net::deadline_in(60ms));
    Answer answer{plan_response(200, exchange.began().wall)};
    answer.plan.page = "for " + exchange.request().target + "\n";
    co_return co_await exchange.send(std::move(answer));
  });
  Client client(https());
  ASSERT_TRUE(client.say(get("/1", "")));
  std::this_thread::sleep_for(20ms);
  ASSERT_TRUE(client.say(get("/2", "")));
  EXPECT_THAT(client.hear_until("/2\n"), AllOf(HasSubstr("for /1\n"), EndsWith("for /2\n")));
  EXPECT_THAT(client.ask(get("/3")), EndsWith("for /3\n"));
}

}  // namespace
}  // namespace padlock::server

#include "padlock/net/connect.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/net/asio_endpoint.h"
#include "padlock/net/limits.h"
#include "padlock/net/resolver.h"
#include "padlock/net/rules.h"
#include "padlock/net/test_loop.h"

namespace padlock::net {
namespace {

using namespace std::chrono_literals;
using testing::run;

Endpoint endpoint(std::string_view text) { return *parse_endpoint(text); }

std::vector<std::string> names(const std::vector<Endpoint>& addresses) {
  std::vector<std::string> texts;
  texts.reserve(addresses.size());
  for (const Endpoint& one : addresses) texts.push_back(to_string(one));
  return texts;
}

Result<std::vector<Endpoint>> resolved(std::string host, Deadline deadline = deadline_in(10s)) {
  asio::io_context loop;
  return run(loop, resolve(std::move(host), 443, deadline));
}

TEST(Resolver, AnswersLocalhostAndNamesBelowItItself) {
  for (const auto* name : {"localhost", "Shop.LOCALHOST", "a.b.localhost."}) {
    EXPECT_THAT(names(*resolved(name)), ::testing::ElementsAre("[::1]:443", "127.0.0.1:443")) << name;
  }
}

TEST(Resolver, TakesLiteralsAsTheyAre) {
  EXPECT_THAT(names(*resolved("192.0.2.7")), ::testing::ElementsAre("192.0.2.7:443"));
  EXPECT_THAT(names(*resolved("2001:db8::1")), ::testing::ElementsAre("[2001:db8::1]:443"));
}

TEST(Resolver, SaysWhichNameIsNotThere) {
  const auto missing = resolved("no-such-name.invalid");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().what, ::testing::HasSubstr("no-such-name.invalid"));
  EXPECT_TRUE(missing.error().rule == &rules::name_not_found || missing.error().rule == &rules::name_lookup_failed)
      << "without a name server the look-up itself fails: " << missing.error().what;
}

TEST(Resolver, AbandonsALookUpAtItsDeadline) {
  const auto began = std::chrono::steady_clock::now();
  const auto late = resolved("no-such-name.invalid", deadline_in(0ms));
  EXPECT_EQ(late.error().rule, &rules::deadline_passed);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1s);
}

TEST(Interleaved, LetsFamiliesTakeTurnsInTheirOrder) {
  const std::vector<Endpoint> given{endpoint("[::1]:1"), endpoint("[::2]:1"), endpoint("[::3]:1"),
                                    endpoint("10.0.0.1:1"), endpoint("10.0.0.2:1")};
  EXPECT_THAT(names(interleaved(given)),
              ::testing::ElementsAre("[::1]:1", "10.0.0.1:1", "[::2]:1", "10.0.0.2:1", "[::3]:1"));
  EXPECT_TRUE(interleaved({}).empty());
}

struct Story final : Observer {
  void resolved(std::string_view, std::span<const Endpoint>) override {}
  void connecting(const Endpoint& remote) override { lines.push_back("try " + to_string(remote)); }
  void connect_failed(const Endpoint& remote, std::string_view) override {
    lines.push_back("lost " + to_string(remote));
  }
  void connected(const Endpoint& local, const Endpoint& remote, const TcpInfo& info) override {
    lines.push_back("won " + to_string(remote));
    EXPECT_NE(local.port, 0);
    EXPECT_GT(info.rtt.count(), 0);
    EXPECT_GT(info.send_mss, 500U);
  }
  void wire(Sender, Bytes) override {}
  void closed(CloseKind) override {}
  std::vector<std::string> lines;
};

struct Server {
  explicit Server(asio::io_context& loop) : acceptor(loop, {asio::ip::address_v4::loopback(), 0}) {}
  Endpoint address() const { return from_asio(acceptor.local_endpoint()); }
  asio::ip::tcp::acceptor acceptor;
};

/// A port of loopback on which nobody listens: bound, so that no other test takes it.
struct DeadPort {
  explicit DeadPort(asio::io_context& loop) : socket(loop) {
    socket.open(asio::ip::tcp::v4());
    socket.bind({asio::ip::address_v4::loopback(), 0});
  }
  Endpoint address() const { return from_asio(socket.local_endpoint()); }
  asio::ip::tcp::socket socket;
};

/// A listener whose queue is full: the kernel drops further SYNs, so an attempt hangs.
struct SilentPort {
  explicit SilentPort(asio::io_context& loop) : acceptor(loop), first(loop), second(loop) {
    acceptor.open(asio::ip::tcp::v4());
    acceptor.bind({asio::ip::address_v4::loopback(), 0});
    acceptor.listen(0);
    first.connect(acceptor.local_endpoint());
    second.async_connect(acceptor.local_endpoint(), [](std::error_code) {});  // takes the queue's last place
  }
  Endpoint address() const { return from_asio(acceptor.local_endpoint()); }
  asio::ip::tcp::acceptor acceptor;
  asio::ip::tcp::socket first, second;
};

TEST(Connect, TakesTheNextAddressAsSoonAsOneRefuses) {
  asio::io_context loop;
  const Server server(loop);
  const DeadPort dead(loop);
  Story story;
  const auto began = std::chrono::steady_clock::now();
  auto socket = run(loop, connect("host.test", {dead.address(), server.address()}, deadline_in(5s), &story));
  ASSERT_TRUE(socket) << socket.error().what;
  EXPECT_LT(std::chrono::steady_clock::now() - began, limits::connection_attempt_delay);
  EXPECT_EQ(from_asio(socket->remote_endpoint()), server.address());
  const std::string a = to_string(dead.address()), b = to_string(server.address());
  EXPECT_THAT(story.lines, ::testing::ElementsAre("try " + a, "lost " + a, "try " + b, "won " + b));
}

TEST(Connect, TriesTheNextAddressBesideOneThatIsSilent) {
  asio::io_context loop;
  const Server server(loop);
  const SilentPort silent(loop);
  const auto began = std::chrono::steady_clock::now();
  auto socket = run(loop, connect("host.test", {silent.address(), server.address()}, deadline_in(5s)));
  ASSERT_TRUE(socket) << socket.error().what;
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_GE(took, limits::connection_attempt_delay);
  EXPECT_LT(took, 4 * limits::connection_attempt_delay);
}

TEST(Connect, SaysThatNobodyListens) {
  asio::io_context loop;
  const DeadPort dead(loop);
  const auto refused = run(loop, connect("localhost", {dead.address()}, deadline_in(5s)));
  EXPECT_EQ(refused.error().rule->code, rules::connection_refused.code) << refused.error().what;
  EXPECT_THAT(refused.error().what,
              ::testing::AllOf(::testing::HasSubstr("localhost"), ::testing::HasSubstr(to_string(dead.address()))));
}

TEST(Connect, NamesEveryAddressThatWasTried) {
  asio::io_context loop;
  const DeadPort one(loop), two(loop);
  const auto refused = run(loop, connect("localhost", {one.address(), two.address()}, deadline_in(5s)));
  EXPECT_THAT(refused.error().what, ::testing::AllOf(::testing::HasSubstr(to_string(one.address())),
                                                     ::testing::HasSubstr(to_string(two.address()))));
}

TEST(Connect, EndsAtItsDeadline) {
  asio::io_context loop;
  const SilentPort silent(loop);
  const auto began = std::chrono::steady_clock::now();
  const auto late = run(loop, connect("host.test", {silent.address()}, deadline_in(100ms)));
  EXPECT_EQ(late.error().rule, &rules::deadline_passed);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
}

TEST(Connect, SaysThatThereIsNoRoute) {
  asio::io_context loop;  // TCP never goes to a broadcast address
  const auto lost = run(loop, connect("everybody.test", {endpoint("255.255.255.255:9")}, deadline_in(5s)));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().rule->code, rules::no_route.code) << lost.error().what;
}

TEST(Connect, NeedsAnAddress) {
  asio::io_context loop;
  EXPECT_EQ(run(loop, connect("nothing.test", {}, deadline_in(1s))).error().rule, &rules::name_not_found);
}

}  // namespace
}  // namespace padlock::net

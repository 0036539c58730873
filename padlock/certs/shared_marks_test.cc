#include "padlock/certs/shared_marks.h"

#include <array>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/test_redis.h"
#include "padlock/net/test_loop.h"

namespace padlock::certs {
namespace {

using namespace std::chrono_literals;

class Marks : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::RedisServer::is_installed()) GTEST_SKIP() << "redis-server absent (./dev setup)";
  }
  void TearDown() override {
    loop_.run_for(50ms);  // what goes on after its handshake
    for (const auto& one : nodes_) one->close();
  }
  SharedMarks& node(const RedisSettings& settings) {
    auto opened = SharedMarks::open(settings, 1);
    EXPECT_TRUE(opened) << opened.error().to_string();
    nodes_.push_back(opened->front());
    return *nodes_.back();
  }
  template <class T>
  T run(net::Awaitable<T> work) {
    return net::testing::run(loop_, std::move(work));
  }
  static std::vector<std::uint8_t> ticket(std::string_view text) {
    return {as_bytes(text).begin(), as_bytes(text).end()};
  }
  /// A patience that a busy machine keeps.
  bool use(SharedMarks& node, std::string_view text, std::chrono::nanoseconds patience = 5s) {
    return run(node.use(ticket(text), patience));
  }
  RespReply say(const testing::RedisServer& server, std::vector<std::string> command) {
    auto connection = RedisConnection::make(server.settings(), *provider_);
    auto reply = run(connection->call(std::move(command)));
    connection->close();
    EXPECT_TRUE(reply) << reply.error().to_string();
    return reply.value_or(RespReply{});
  }
  /// As if this run of Redis had seen everything for so long.
  void grow_older(const testing::RedisServer& server, std::chrono::milliseconds age) {
    const std::string info = say(server, {"INFO", "server"}).text;
    const std::size_t begin = info.find("run_id:") + 7;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now) - age;
    say(server, {"SET", "padlock:early:since",
                 info.substr(begin, info.find('\r', begin) - begin) + " " + std::to_string(since.count())});
  }

  asio::io_context loop_;
  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  std::vector<std::shared_ptr<SharedMarks>> nodes_;
};

/// docs/threats.md, T27.
TEST_F(Marks, OfATicketAreSetOnceInTheFleet) {
  for (const bool tls : {false, true}) {
    const testing::RedisServer server(tls);
    grow_older(server, SharedMarks::mark_life + 1s);
    SharedMarks& a = node(server.settings());
    SharedMarks& b = node(server.settings());
    EXPECT_TRUE(use(a, "one"));
    EXPECT_FALSE(use(b, "one"));
    EXPECT_FALSE(use(a, "one"));
    EXPECT_TRUE(use(b, "two"));
    EXPECT_FALSE(use(a, "two"));
    const std::string name = "padlock:early/" + to_hex(crypto::hash_of(crypto::HashAlgorithm::sha256, as_bytes("one")));
    const auto life = say(server, {"PTTL", name}).integer;
    EXPECT_GT(life, std::chrono::milliseconds(SharedMarks::mark_life).count() - 10'000);
    EXPECT_LE(life, std::chrono::milliseconds(SharedMarks::mark_life).count());
    a.close();
    b.close();
  }
}

/// What had been marked before, nobody knows.
TEST_F(Marks, AreNotTakenFromAStoreThatMayHaveForgottenSome) {
  testing::RedisServer server(false);
  SharedMarks& a = node(server.settings());
  EXPECT_FALSE(use(a, "young"));
  EXPECT_FALSE(use(a, "young too"));
  grow_older(server, SharedMarks::mark_life - 10s);
  EXPECT_FALSE(use(a, "nearly"));
  grow_older(server, SharedMarks::mark_life + 1s);
  EXPECT_TRUE(use(a, "old enough"));
  say(server, {"FLUSHALL"});
  EXPECT_FALSE(use(a, "emptied"));
  grow_older(server, SharedMarks::mark_life + 1s);
  EXPECT_TRUE(use(a, "old again"));
  const std::string since = say(server, {"GET", "padlock:early:since"}).text;
  server.stop();
  server.start();
  say(server, {"SET", "padlock:early:since", since});  // a disk has brought it back
  EXPECT_FALSE(use(a, "connection broken"));
  std::this_thread::sleep_for(100ms);  // the pause after it
  EXPECT_FALSE(use(a, "another run"));
  EXPECT_FALSE(use(a, "another run too"));
  grow_older(server, -1h);  // its clock was set back
  EXPECT_FALSE(use(a, "the clock was set back"));
}

TEST_F(Marks, AreNotTakenFromAStoreThatEvictsThem) {
  const testing::RedisServer evicts(false, {"--maxmemory", "100mb", "--maxmemory-policy", "volatile-ttl"});
  SharedMarks& a = node(evicts.settings());
  EXPECT_FALSE(use(a, "one"));
  EXPECT_EQ(say(evicts, {"GET", "padlock:early:since"}).type, RespReply::Type::nil) << "it never begins";
  const testing::RedisServer keeps(false, {"--maxmemory", "100mb", "--maxmemory-policy", "noeviction"});
  EXPECT_FALSE(use(node(keeps.settings()), "one"));
  EXPECT_EQ(say(keeps, {"GET", "padlock:early:since"}).type, RespReply::Type::text);
}

TEST_F(Marks, WaitNoLongerThanTheirTimeForAStoreThatHangs) {
  const testing::RedisServer server(false);
  grow_older(server, SharedMarks::mark_life + 1s);
  SharedMarks& a = node(server.settings());
  ASSERT_TRUE(use(a, "connects"));
  server.signal(SIGSTOP);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(use(a, "hangs", mark_patience));
  EXPECT_FALSE(use(a, "waits behind it", mark_patience));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
  server.signal(SIGCONT);
  EXPECT_FALSE(use(a, "hangs")) << "it was marked, if late";
  EXPECT_TRUE(use(a, "waits behind it")) << "it was not asked when its handshake had gone on";
  EXPECT_TRUE(use(a, "new"));
}

TEST_F(Marks, AreAskedForBySoManyAtOnceAndNoMore) {
  const testing::RedisServer server(false);
  grow_older(server, SharedMarks::mark_life + 1s);
  SharedMarks& a = node(server.settings());
  ASSERT_TRUE(use(a, "connects"));
  server.signal(SIGSTOP);
  std::size_t answered = 0, at_once = 0;
  for (std::size_t at = 0; at < most_waiting_marks + 10; ++at) {
    asio::co_spawn(loop_, a.use(ticket("n" + std::to_string(at)), 2s), [&](const std::exception_ptr&, bool first) {
      EXPECT_FALSE(first);
      ++answered;
    });
  }
  loop_.restart();
  loop_.run_for(100ms);
  at_once = answered;
  EXPECT_EQ(at_once, 10U);
  loop_.run_for(3s);
  EXPECT_EQ(answered, most_waiting_marks + 10);
  server.signal(SIGCONT);
  loop_.run_for(100ms);
  EXPECT_TRUE(use(a, "after all that"));
}

// ---- hostile answers ------------------------------------------------------------------------------------------------

class HostileMarks : public Marks {
 protected:
  bool use_with(std::string answer) {
    asio::io_context& loop = loop_;
    auto acceptor =
        std::make_shared<asio::ip::tcp::acceptor>(loop, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    asio::co_spawn(loop, serve(acceptor, std::move(answer)), asio::detached);
    RedisSettings settings{.host = "127.0.0.1", .port = acceptor->local_endpoint().port()};
    settings.patience = 100ms;
    SharedMarks& one = node(settings);
    const bool first = use(one, "ticket", 300ms);
    one.close();
    loop.run_for(20ms);
    return first;
  }

 private:
  static net::Awaitable<void> serve(std::shared_ptr<asio::ip::tcp::acceptor> acceptor, std::string answer) {
    auto socket = co_await acceptor->async_accept(asio::use_awaitable);
    std::array<char, 65'536> room{};
    std::error_code gone;
    while (!gone) {
      co_await socket.async_read_some(asio::buffer(room), asio::redirect_error(asio::use_awaitable, gone));
      if (!gone && answer == "close") co_return;
      if (!gone)
        co_await asio::async_write(socket, asio::buffer(answer), asio::redirect_error(asio::use_awaitable, gone));
    }
  }
};

TEST_F(HostileMarks, AreMarksOnlyWhereTheAnswerIsThatOfTheScript) {
  EXPECT_TRUE(use_with(":0\r\n"));
  for (const char* const answer :
       {":1\r\n", ":2\r\n", ":3\r\n", ":4\r\n", ":-1\r\n", ":00x\r\n", "$1\r\n0\r\n", "+0\r\n", "+OK\r\n", "$-1\r\n",
        "*1\r\n:0\r\n", "-NOSCRIPT no\r\n", "-NOPERM this user has no permissions to run the 'info' command\r\n",
        "-LOADING Redis is loading the dataset in memory\r\n", "HTTP/1.1 200 OK\r\n\r\n", "", ":0", "close"})
    EXPECT_FALSE(use_with(answer)) << answer;
}

}  // namespace
}  // namespace padlock::certs

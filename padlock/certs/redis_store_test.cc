#include "padlock/certs/redis_store.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "padlock/certs/redis_rules.h"
#include "padlock/certs/rules.h"
#include "padlock/certs/test_redis.h"
#include "padlock/net/rules.h"
#include "padlock/net/test_loop.h"

namespace padlock::certs {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class RedisStores : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::RedisServer::is_installed()) GTEST_SKIP() << "redis-server absent (./dev setup)";
  }
  void TearDown() override {
    for (const auto& one : stores_) one->close();
  }
  RedisStore& open(const RedisSettings& settings) {
    auto opened = RedisStore::open(settings, *provider_);
    EXPECT_TRUE(opened) << opened.error().to_string();
    stores_.push_back(std::make_unique<RedisStore>(*std::move(opened)));
    return *stores_.back();
  }
  template <class T>
  T run(net::Awaitable<T> work) {
    return net::testing::run(loop_, std::move(work));
  }
  const Rule* put(RedisStore& store, const StoreKey& key, std::string_view text) {
    const auto done = run(store.put(key, as_bytes(text), nullptr));
    return done ? nullptr : done.error().rule;
  }
  std::string text_in(RedisStore& store, const StoreKey& key) {
    const auto value = run(store.get(key));
    if (!value) return std::string(value.error().rule->code);
    return *value ? std::string(as_text((*value)->reveal())) : "none";
  }
  /// What somebody does who may read and write there.
  RespReply say(const testing::RedisServer& server, std::vector<std::string> command) {
    auto connection = RedisConnection::make(server.settings(), *provider_);
    auto reply = run(connection->call(std::move(command)));
    connection->close();
    EXPECT_TRUE(reply) << reply.error().to_string();
    return reply.value_or(RespReply{});
  }

  asio::io_context loop_;
  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  std::vector<std::unique_ptr<RedisStore>> stores_;
  const StoreKey shop_{.kind = Kind::certificate, .ca = "local", .name = "shop.test"};
  const StoreKey other_{.kind = Kind::certificate, .ca = "local", .name = "other.test"};
};

/// docs/threats.md, A10.
TEST_F(RedisStores, TakeWhatOthersHaveChangedOrSwappedForAbsent) {
  const testing::RedisServer server(false);
  RedisStore& store = open(server.settings());
  ASSERT_EQ(put(store, shop_, "the key of shop"), nullptr);
  ASSERT_EQ(put(store, other_, "the key of other"), nullptr);
  const std::string shop = say(server, {"GET", "padlock:certs/local/shop.test"}).text;
  const std::string other = say(server, {"GET", "padlock:certs/local/other.test"}).text;
  EXPECT_THAT(shop, HasSubstr("padlock-sealed 1 "));
  EXPECT_EQ(shop.find("the key"), std::string::npos);
  say(server, {"SET", "padlock:certs/local/shop.test", other});
  say(server, {"SET", "padlock:certs/local/other.test", shop});
  EXPECT_EQ(text_in(store, shop_), "none");
  EXPECT_EQ(text_in(store, other_), "none");
  say(server, {"SET", "padlock:certs/local/shop.test", shop});
  EXPECT_EQ(text_in(store, shop_), "the key of shop");
  say(server, {"SET", "padlock:certs/local/shop.test", "x" + shop});
  EXPECT_EQ(text_in(store, shop_), "none");
  ASSERT_EQ(put(store, shop_, "anew"), nullptr);
  EXPECT_EQ(text_in(store, shop_), "anew");
  say(server, {"DEL", "padlock:certs/local/shop.test"});
  say(server, {"RPUSH", "padlock:certs/local/shop.test", "a list"});
  EXPECT_EQ(text_in(store, shop_), "certs.redis.refused");
  say(server, {"HSET", "padlock:index:certs", "no key", "1", "local/../../etc", "1", "local/x.test", "no number"});
  EXPECT_EQ(run(store.list(Kind::certificate)).value().size(), 2U) << "what is none of ours is passed over";
}

TEST_F(RedisStores, ReadNothingWithAnotherKeyUntilTheyHaveBoth) {
  const testing::RedisServer server(false);
  RedisSettings settings = server.settings();
  RedisStore& before = open(settings);
  ASSERT_EQ(put(before, shop_, "before"), nullptr);
  ASSERT_TRUE(make_seal_key(server.folder() / "next.key", *provider_));
  settings.seal_key = server.folder() / "next.key";
  EXPECT_EQ(text_in(open(settings), shop_), "none");
  settings.older_keys = {server.folder() / "seal.key"};
  RedisStore& both = open(settings);
  EXPECT_EQ(text_in(both, shop_), "before");
  ASSERT_EQ(put(both, shop_, "after"), nullptr);
  EXPECT_EQ(text_in(before, shop_), "none");
}

TEST_F(RedisStores, CountChangesAndKnowWhenAllWasLost) {
  testing::RedisServer server(false);
  RedisStore& one = open(server.settings());
  RedisStore& two = open(server.settings());
  const auto first = run(one.pulse("one", 0)).value();
  EXPECT_EQ(first.changes, 0U);
  ASSERT_EQ(put(one, shop_, "x"), nullptr);
  EXPECT_EQ(run(one.pulse("one", 1)).value().seen_by_all, 1U);
  auto pulse = run(two.pulse("two", 0)).value();
  EXPECT_EQ(pulse.epoch, first.epoch);
  EXPECT_EQ(pulse.changes, 1U);
  EXPECT_EQ(pulse.seen_by_all, 0U);
  EXPECT_EQ(run(one.pulse("", 0)).value().seen_by_all, 0U) << "who only asks is no node";
  EXPECT_EQ(run(two.pulse("two", 1)).value().seen_by_all, 1U);
  ASSERT_TRUE(run(one.remove(shop_, nullptr)).value());
  EXPECT_EQ(run(one.pulse("one", 1)).value().changes, 2U);
  EXPECT_FALSE(run(one.remove(shop_, nullptr)).value());
  EXPECT_EQ(run(one.pulse("one", 2)).value().changes, 2U) << "nothing was there";
  std::this_thread::sleep_for(7s);
  EXPECT_EQ(run(one.pulse("one", 2)).value().seen_by_all, 2U) << "two is not waited for any more";
  server.stop();
  server.start();
  const auto lost = run(one.pulse("one", 2));
  const auto found = lost ? lost : (std::this_thread::sleep_for(3s), run(one.pulse("one", 2)));
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_NE(found->epoch, first.epoch);
}

TEST_F(RedisStores, GiveGreaterNumbersEvenIfAllWasLost) {
  testing::RedisServer server(false);
  RedisStore& store = open(server.settings());
  ASSERT_EQ(put(store, shop_, "x"), nullptr);
  const auto version = run(store.get_versioned(shop_)).value()->version;
  const auto late = run(store.lock(shop_, 600s)).value();
  say(server, {"FLUSHALL"});
  EXPECT_EQ(run(store.put(shop_, as_bytes("y"), &late)).error().rule, &rules::lease_lost);
  std::this_thread::sleep_for(1100ms);
  EXPECT_GT(run(store.lock(shop_, 600s)).value().fence, late.fence);
  ASSERT_EQ(put(store, shop_, "x"), nullptr);
  EXPECT_GT(run(store.get_versioned(shop_)).value()->version, version);
}

/// docs/threats.md, A8: what a CA is told once, it is told by one.
TEST_F(RedisStores, LetOneHolderClaimAThingOnce) {
  const testing::RedisServer server(false);
  RedisStore& one = open(server.settings());
  RedisStore& two = open(server.settings());
  const auto first = run(one.lock(shop_, 1s)).value();
  std::this_thread::sleep_for(1100ms);
  EXPECT_EQ(run(one.claim(first, "finalize 1")).error().rule, &rules::lease_lost)
      << "it has run out, though nobody came";
  const auto second = run(two.lock(shop_, 30s)).value();
  EXPECT_EQ(run(one.claim(first, "finalize 1")).error().rule, &rules::lease_lost);
  EXPECT_TRUE(run(two.claim(second, "finalize 1")));
  EXPECT_EQ(run(two.claim(second, "finalize 1")).error().rule, &redis_rules::already_claimed);
  EXPECT_TRUE(run(two.claim(second, "finalize 2")));
  EXPECT_TRUE(run(two.unlock(second)));
  EXPECT_EQ(run(two.claim(second, "finalize 3")).error().rule, &rules::lease_lost);
}

/// Three contenders, of whom any may be paused past its lease at any step: a lease of no time at all is one.
TEST_F(RedisStores, NeverHaveAnOrderFinalizedTwice) {
  const testing::RedisServer server(false);
  constexpr int rounds = 200;
  std::mt19937 chance(20'261'201);
  std::array<RedisStore*, 3> nodes{};
  for (auto& node : nodes) node = &open(server.settings());
  int finalized = 0, lost = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::string order = "finalize https://ca.test/order/" + std::to_string(round);
    std::array<std::optional<Lease>, 3> leases;
    int claims = 0;
    for (int step = 0; step < 12; ++step) {
      const std::size_t at = chance() % nodes.size();
      if (!leases[at]) {
        const bool paused = chance() % 2 == 0;
        auto taken = run(nodes[at]->lock(shop_, paused ? 0s : 30s));
        if (taken) leases[at] = *taken;
        continue;
      }
      const auto claimed = run(nodes[at]->claim(*leases[at], order));
      claims += claimed ? 1 : 0;
      lost += !claimed && claimed.error().rule == &rules::lease_lost ? 1 : 0;
      if (chance() % 2 == 0) {
        EXPECT_TRUE(run(nodes[at]->unlock(*leases[at])));
        leases[at].reset();
      }
    }
    EXPECT_LE(claims, 1) << round;
    finalized += claims;
    for (std::size_t at = 0; at < nodes.size(); ++at) {
      if (!leases[at]) continue;
      EXPECT_TRUE(run(nodes[at]->unlock(*leases[at])));
    }
  }
  EXPECT_GT(finalized, rounds / 2);
  EXPECT_GT(lost, rounds / 2) << "they were late";
  RecordProperty("rounds_of_three_nodes", rounds);
  RecordProperty("finalized", finalized);
  RecordProperty("refused_as_late", lost);
}

TEST_F(RedisStores, SayWhoTheyAre) {
  const testing::RedisServer server(
      false, {"--requirepass", "a password", "--user", "padlock", "on", ">another", "~padlock:*", "+@all"});
  RedisSettings settings = server.settings();
  EXPECT_EQ(text_in(open(settings), shop_), "certs.redis.refused");
  const auto with = [&](std::string_view user, std::string_view password) -> std::string {
    settings.user = user;
    settings.password_file = server.folder() / "password";
    std::ofstream(settings.password_file) << password;
    ::chmod(settings.password_file.c_str(), 0600);
    return text_in(open(settings), shop_);
  };
  EXPECT_EQ(with("", "a password\n"), "none");
  EXPECT_EQ(with("padlock", "another"), "none");
  EXPECT_EQ(with("padlock", "a password"), "certs.redis.refused");
  settings.database = 3;
  EXPECT_EQ(with("", "a password\n"), "none");
  settings.database = 99;
  EXPECT_EQ(with("", "a password\n"), "certs.redis.refused");
}

TEST_F(RedisStores, RefusePasswordsThatAreNone) {
  const testing::RedisServer server(false);
  RedisSettings settings = server.settings();
  settings.password_file = server.folder() / "password";
  for (const auto* const text : {"", "\n", "two\nlines\n"}) {
    std::ofstream(settings.password_file) << text;
    ::chmod(settings.password_file.c_str(), 0600);
    EXPECT_EQ(RedisStore::open(settings, *provider_).error().rule, &redis_rules::password_unusable) << text;
  }
  ::chmod(settings.password_file.c_str(), 0644);
  EXPECT_EQ(RedisStore::open(settings, *provider_).error().rule, &net::rules::key_readable_by_others);
}

TEST_F(RedisStores, VerifyTheServerTheyTalkTo) {
  const testing::RedisServer server(true);
  RedisSettings settings = server.settings();
  EXPECT_EQ(text_in(open(settings), shop_), "none");
  settings.ca_files = {};  // the system's
  EXPECT_EQ(text_in(open(settings), shop_), "certs.redis.away");
  settings = server.settings();
  settings.host = "127.0.0.2";  // which it has no certificate for, and does not listen on
  EXPECT_EQ(text_in(open(settings), shop_), "certs.redis.away");
  settings = server.settings();
  settings.tls = false;
  settings.patience = 500ms;
  EXPECT_THAT(text_in(open(settings), shop_), HasSubstr("certs.redis.")) << "it speaks TLS";
}

/// docs/threats.md, A9.
TEST_F(RedisStores, ComeBackByThemselves) {
  testing::RedisServer server(false);
  RedisSettings settings = server.settings();
  settings.patience = 250ms;
  RedisStore& store = open(settings);
  ASSERT_EQ(put(store, shop_, "x"), nullptr);
  const auto comes_back = [&] {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (put(store, shop_, "again") != nullptr && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(20ms);
    return text_in(store, shop_);
  };
  server.stop();
  EXPECT_EQ(text_in(store, shop_), "certs.redis.away");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(text_in(store, shop_), "certs.redis.away");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  server.start();
  EXPECT_EQ(comes_back(), "again");
  server.signal(SIGSTOP);
  EXPECT_EQ(text_in(store, shop_), "certs.redis.away") << "in its time";
  server.signal(SIGCONT);
  EXPECT_EQ(comes_back(), "again") << "and no late answer is taken for this one";
}

/// Calls of several coroutines are answered each with its own.
TEST_F(RedisStores, AreAskedByManyAtOnce) {
  const testing::RedisServer server(false);
  RedisStore& store = open(server.settings());
  constexpr int many = 32;
  int good = 0, done = 0;
  const auto ask = [&](int number) -> net::Awaitable<void> {
    const StoreKey key{Kind::certificate, "local", "n" + std::to_string(number) + ".test"};
    const std::string text = "value " + std::to_string(number);
    const auto put = co_await store.put(key, as_bytes(text), nullptr);
    const auto got = co_await store.get(key);
    good += put && got && *got && as_text((*got)->reveal()) == text ? 1 : 0;
    ++done;
  };
  for (int number = 0; number < many; ++number) asio::co_spawn(loop_, ask(number), asio::detached);
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (done < many && loop_.run_one_until(end) > 0) {
  }
  EXPECT_EQ(good, many);
}

// ---- what answers is no Redis ---------------------------------------------------------------------------------------

/// Where every answer is one of these texts, in turn; "" : it is closed at once.
class HostileRedis : public RedisStores {
 protected:
  void serve(std::vector<std::string> answers) { asio::co_spawn(loop_, answer(std::move(answers)), asio::detached); }
  RedisSettings hostile(std::chrono::milliseconds patience) {
    RedisSettings settings{.host = "127.0.0.1", .port = acceptor_.local_endpoint().port()};
    settings.seal_key = key_of_.folder() / "seal.key";
    settings.patience = patience;
    return settings;
  }
  /// What becomes of a GET.
  std::string get(std::string answer, std::chrono::milliseconds patience = 5s) {
    serve({std::move(answer)});
    RedisStore& store = open(hostile(patience));
    const std::string text = text_in(store, shop_);
    store.close();
    loop_.run_for(50ms);
    return text;
  }

  testing::RedisServer key_of_{false};

 private:
  net::Awaitable<void> answer(std::vector<std::string> answers) {
    auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
    if (answers.front().empty()) co_return;
    std::array<char, 65'536> room{};
    std::error_code gone;
    for (std::size_t at = 0; !gone; ++at) {
      const std::string& text = answers[at % answers.size()];
      const bool flood = text.size() > 1000;
      if (at == 0 || !flood)
        co_await socket.async_read_some(asio::buffer(room), asio::redirect_error(asio::use_awaitable, gone));
      if (!gone)
        co_await asio::async_write(socket, asio::buffer(text), asio::redirect_error(asio::use_awaitable, gone));
    }
  }
  asio::ip::tcp::acceptor acceptor_{loop_, {asio::ip::address_v4::loopback(), 0}};
};

/// As if others wrote the same value each time between our look and our write.
TEST_F(HostileRedis, ThatIsNeverAsItWasIsGivenUp) {
  serve({"$-1\r\n", "*2\r\n:2\r\n:5\r\n"});
  RedisStore& store = open(hostile(5s));
  EXPECT_EQ(put(store, shop_, "x"), &redis_rules::changed_meanwhile);
  store.close();
  loop_.run_for(50ms);
}

TEST_F(HostileRedis, IsLeftAtOnce) {
  EXPECT_EQ(get(""), "certs.redis.away");
  EXPECT_EQ(get("HTTP/1.1 400 Bad Request\r\n\r\n"), "certs.redis.malformed_reply");
  EXPECT_EQ(get(":1\r\n"), "certs.redis.malformed_reply") << "of another kind";
  EXPECT_EQ(get("*1\r\n$1\r\nx\r\n"), "certs.redis.malformed_reply") << "of another kind";
  EXPECT_EQ(get("-ERR unknown command\r\n"), "certs.redis.refused");
  EXPECT_EQ(get("$2000000000\r\n" + std::string(70'000, 'x')), "certs.redis.reply_too_large");
  EXPECT_EQ(get("*2000000000\r\n"), "certs.redis.reply_too_large");
  EXPECT_EQ(get("$5\r\nabc", 200ms), "certs.redis.away") << "never whole";
  EXPECT_EQ(get("$-1\r\n"), "none");
}

/// Nobody is asked before a pause is over.
TEST_F(RedisStores, AskNobodyWhileAPauseLasts) {
  RedisSettings settings{.host = "127.0.0.1", .port = 1};
  const testing::RedisServer with_a_key(false);
  settings.seal_key = with_a_key.settings().seal_key;
  RedisStore& store = open(settings);
  const auto first = run(store.get(shop_));
  ASSERT_FALSE(first);
  EXPECT_THAT(first.error().what, HasSubstr("redis://127.0.0.1:1/0 is away: "));
  EXPECT_THAT(first.error().what, HasSubstr("refused"));
  EXPECT_EQ(run(store.get(shop_)).error().what, first.error().what);
}

}  // namespace
}  // namespace padlock::certs

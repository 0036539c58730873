#include "padlock/certs/shared_challenges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/acme/identifier.h"
#include "padlock/certs/test_redis.h"
#include "padlock/net/test_loop.h"

namespace padlock::certs {
namespace {

using namespace std::chrono_literals;

const WallTime now{std::chrono::seconds(1'790'000'000)};
const StoreKey shop{Kind::challenge, "ca.test", "shop.test"};

acme::ChallengeAnswer answer(acme::ChallengeType type, const std::string& token) {
  return {type, acme::make_identifier("shop.test").value(), token, token + ".thumbprint"};
}

std::string shown(const std::vector<acme::ChallengeAnswer>& answers) {
  std::string text;
  for (const acme::ChallengeAnswer& one : answers)
    text += std::string(acme::name_of(one.type)) + " " + one.identifier.value + " " + one.token + " " +
            one.key_authorization + "; ";
  return text;
}

TEST(StoredChallenges, AreReadBackUntilTheyEnd) {
  const std::vector answers{answer(acme::ChallengeType::http_01, "a"), answer(acme::ChallengeType::tls_alpn_01, "b")};
  const std::string text = write_challenges(answers, now + 60s);
  EXPECT_EQ(shown(parse_challenges(text, shop, now)),
            "http-01 shop.test a a.thumbprint; tls-alpn-01 shop.test b b.thumbprint; ");
  EXPECT_EQ(shown(parse_challenges(text, shop, now + 60s)), "");
  for (const auto* const bad : {"", "x\nhttp-01 a b\n", "9999999999\nhttp-02 a b\n", "9999999999\nhttp-01 a\n",
                                "9999999999\nhttp-01\n", "9999999999\n\n"})
    EXPECT_EQ(shown(parse_challenges(bad, shop, now)), "") << bad;
}

/// Two nodes on one loop.
class SharedAnswers : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::RedisServer::is_installed()) GTEST_SKIP() << "redis-server absent (./dev setup)";
    server_.emplace(false);
    for (auto* const store : {&one_, &two_}) store->emplace(RedisStore::open(server_->settings(), *provider_).value());
  }
  void TearDown() override {
    for (auto* const store : {&one_, &two_}) {
      if (*store) (*store)->close();
    }
  }
  template <class T>
  T run(net::Awaitable<T> work) {
    return net::testing::run(loop_, std::move(work));
  }

  asio::io_context loop_;
  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  std::optional<testing::RedisServer> server_;
  std::optional<RedisStore> one_, two_;
  ChallengeBoard here_{*provider_}, there_{*provider_};
};

TEST_F(SharedAnswers, AreGivenByEveryNodeOnceTheyAreShown) {
  SharedChallenges shared("ca.test", *one_, here_);
  SharedChallengesView view(*two_, there_);
  bool over = false;
  std::uint64_t seen = 0;
  ASSERT_TRUE(run(two_->pulse("two", 0)));
  const auto node = [&]() -> net::Awaitable<void> {  // the second node, which looks after a while
    asio::steady_timer timer(loop_, 300ms);
    co_await timer.async_wait(asio::use_awaitable);
    while (!over) {
      const auto pulse = co_await two_->pulse("two", seen);
      const auto looked = co_await view.look();
      if (pulse && looked) seen = pulse->changes;
      timer.expires_after(20ms);
      co_await timer.async_wait(asio::use_awaitable);
    }
  };
  asio::co_spawn(loop_, node(), asio::detached);
  const std::vector answers{answer(acme::ChallengeType::http_01, "a"), answer(acme::ChallengeType::tls_alpn_01, "b"),
                            answer(acme::ChallengeType::dns_01, "c")};
  ASSERT_TRUE(run(shared.show(answers)));
  for (const ChallengeBoard* const board : {&here_, &there_}) {
    EXPECT_EQ(board->content_at("/.well-known/acme-challenge/a"), "a.thumbprint");
    EXPECT_NE(board->certificate_for("shop.test"), nullptr);
    EXPECT_EQ(board->content_at("/.well-known/acme-challenge/c"), std::nullopt);
  }
  const auto hide = [&]() -> net::Awaitable<bool> {
    co_await shared.hide(answers);
    co_return true;
  };
  run(hide());
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (there_.certificate_for("shop.test") != nullptr && std::chrono::steady_clock::now() < end) loop_.run_for(20ms);
  EXPECT_EQ(there_.content_at("/.well-known/acme-challenge/a"), std::nullopt);
  EXPECT_EQ(there_.certificate_for("shop.test"), nullptr);
  over = true;
  loop_.run_for(100ms);
}

TEST_F(SharedAnswers, OfANodeThatHasDiedEnd) {
  const std::string old = write_challenges(std::vector{answer(acme::ChallengeType::http_01, "a")}, now);
  ASSERT_TRUE(run(one_->put(shop, as_bytes(old), nullptr)));
  SharedChallengesView view(*two_, there_);
  ASSERT_TRUE(run(view.look()));
  EXPECT_EQ(there_.content_at("/.well-known/acme-challenge/a"), std::nullopt);
  EXPECT_TRUE(run(one_->list(Kind::challenge)).value().empty());
}

TEST_F(SharedAnswers, AreNotShownWhereTheStoreIsAway) {
  server_->stop();
  SharedChallenges shared("ca.test", *one_, here_);
  const std::vector answers{answer(acme::ChallengeType::http_01, "a")};
  EXPECT_FALSE(run(shared.show(answers)));
}

}  // namespace
}  // namespace padlock::certs

// What every Store keeps, whatever its medium: in files, on Redis, and on Redis through TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/certs/redis_store.h"
#include "padlock/certs/rules.h"
#include "padlock/certs/test_redis.h"
#include "padlock/certs/test_store.h"
#include "padlock/net/test_loop.h"

namespace padlock::certs {
namespace {

using namespace std::chrono_literals;

enum class Medium : std::uint8_t { files, redis, redis_with_tls };

class Stores : public testing::StoreTest, public ::testing::WithParamInterface<Medium> {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (GetParam() == Medium::files) return;
    if (!testing::RedisServer::is_installed()) GTEST_SKIP() << "redis-server absent (./dev setup)";
    server_.emplace(GetParam() == Medium::redis_with_tls);
  }
  void TearDown() override {
    for (const auto& one : redis_) one->close();
    server_.reset();
    StoreTest::TearDown();
  }

  /// Another node's.
  std::shared_ptr<Store> open() {
    if (!server_) return std::make_shared<FileStore>(store());
    auto opened = RedisStore::open(server_->settings(), *provider_);
    EXPECT_TRUE(opened) << opened.error().to_string();
    redis_.push_back(std::make_shared<RedisStore>(*std::move(opened)));
    return redis_.back();
  }
  template <class T>
  T run(net::Awaitable<T> work) {
    return net::testing::run(loop_, std::move(work));
  }
  std::string text_in(Store& store, const StoreKey& key) {
    const auto value = run(store.get(key));
    if (!value) return value.error().to_string();
    return *value ? std::string(as_text((*value)->reveal())) : "none";
  }
  const Rule* put(Store& store, const StoreKey& key, std::string_view text, const Lease* held = nullptr) {
    const auto done = run(store.put(key, as_bytes(text), held));
    return done ? nullptr : done.error().rule;
  }
  Result<Lease> lock(Store& store, const StoreKey& key, std::chrono::seconds life) {
    return run(store.lock(key, life));
  }
  /// Seconds that a lease notices.
  void pass(std::chrono::seconds time) {
    now_ += time;
    if (server_) std::this_thread::sleep_for(time + 50ms);
  }

  asio::io_context loop_;
  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  std::optional<testing::RedisServer> server_;
  std::vector<std::shared_ptr<RedisStore>> redis_;
  const StoreKey other_{Kind::certificate, "local", "other.test"};
};

TEST_P(Stores, GiveBackWhatWasPutAtOnceToEveryNode) {
  const auto one = open(), two = open();
  EXPECT_EQ(text_in(*one, shop_), "none");
  EXPECT_EQ(put(*one, shop_, "first"), nullptr);
  EXPECT_EQ(text_in(*two, shop_), "first");
  EXPECT_EQ(put(*two, shop_, "second"), nullptr);
  EXPECT_EQ(text_in(*one, shop_), "second");
  const std::string bytes("\0\r\n$-1\r\n\xff", 9);
  EXPECT_EQ(put(*one, other_, bytes), nullptr);
  EXPECT_EQ(text_in(*two, other_), bytes);
}

TEST_P(Stores, ListTheKeysOfAKindInOrder) {
  const auto one = open();
  const auto names = [&](Kind kind) {
    std::string all;
    const auto keys = run(one->list(kind));
    for (const StoreKey& key : keys.value()) all += to_string(key) + " ";
    return all;
  };
  EXPECT_EQ(names(Kind::certificate), "");
  for (const auto* const name : {"b.test", "*.a.test", "a.test", "192.0.2.1", "2001:db8::1"})
    EXPECT_EQ(put(*one, {Kind::certificate, "local", name}, "x"), nullptr);
  EXPECT_EQ(put(*one, {Kind::certificate, "another", "z.test"}, "x"), nullptr);
  EXPECT_EQ(put(*one, {Kind::order, "local", "y.test"}, "x"), nullptr);
  EXPECT_EQ(names(Kind::certificate),
            "certs/another/z.test certs/local/*.a.test certs/local/192.0.2.1 certs/local/2001:db8::1 "
            "certs/local/a.test certs/local/b.test ");
  EXPECT_EQ(names(Kind::order), "orders/local/y.test ");
}

TEST_P(Stores, RemoveWhatIsThereAndSayWhetherItWas) {
  const auto one = open();
  EXPECT_EQ(put(*one, shop_, "x"), nullptr);
  EXPECT_EQ(run(one->remove(shop_, nullptr)).value(), true);
  EXPECT_EQ(run(one->remove(shop_, nullptr)).value(), false);
  EXPECT_EQ(text_in(*one, shop_), "none");
  EXPECT_TRUE(run(one->list(Kind::certificate)).value().empty());
}

TEST_P(Stores, RefuseNamesThatAreNoneAndValuesThatAreTooLarge) {
  const auto one = open();
  for (const StoreKey& key : {StoreKey{Kind::certificate, "local", "Shop.test"},
                              {Kind::certificate, "../x", "a.test"},
                              {Kind::certificate, "local", "../a"},
                              {Kind::certificate, "", "a.test"}}) {
    EXPECT_EQ(put(*one, key, "x"), &rules::malformed_key) << to_string(key);
    EXPECT_EQ(run(one->get(key)).error().rule, &rules::malformed_key);
    EXPECT_EQ(run(one->remove(key, nullptr)).error().rule, &rules::malformed_key);
    EXPECT_EQ(lock(*one, key, 1s).error().rule, &rules::malformed_key);
  }
  EXPECT_EQ(put(*one, shop_, std::string(max_value_bytes, 'x')), nullptr);
  EXPECT_EQ(text_in(*one, shop_).size(), max_value_bytes);
  EXPECT_EQ(put(*one, shop_, std::string(max_value_bytes + 1, 'x')), &rules::value_too_large);
}

TEST_P(Stores, LockOutASecondHolderUntilTheLeaseEnds) {
  const auto one = open(), two = open();
  auto first = lock(*one, shop_, 2s).value();
  EXPECT_EQ(lock(*two, shop_, 2s).error().rule, &rules::lock_held);
  EXPECT_TRUE(lock(*two, other_, 2s)) << "of another name";
  pass(1s);
  EXPECT_TRUE(run(one->renew(first, 3s)));
  pass(2s);
  EXPECT_EQ(lock(*two, shop_, 2s).error().rule, &rules::lock_held);
  pass(1s);
  const auto second = lock(*two, shop_, 2s).value();
  EXPECT_GT(second.fence, first.fence);
}

/// docs/threats.md, A8.
TEST_P(Stores, RefuseWhatALateHolderWrites) {
  const auto one = open(), two = open();
  auto late = lock(*one, shop_, 1s).value();
  pass(2s);
  EXPECT_EQ(put(*one, shop_, "late, but nobody came", &late), nullptr);
  const auto holder = lock(*two, shop_, 30s).value();
  EXPECT_EQ(put(*one, shop_, "too late", &late), &rules::lease_lost);
  EXPECT_EQ(run(one->remove(shop_, &late)).error().rule, &rules::lease_lost);
  EXPECT_EQ(run(one->renew(late, 30s)).error().rule, &rules::lease_lost);
  EXPECT_TRUE(run(one->unlock(late))) << "it is another's now";
  EXPECT_EQ(put(*two, shop_, "of the holder", &holder), nullptr);
  EXPECT_EQ(text_in(*one, shop_), "of the holder");
  EXPECT_TRUE(run(two->unlock(holder)));
  EXPECT_GT(lock(*one, shop_, 30s).value().fence, holder.fence) << "at once, and its number has not gone back";
}

TEST_P(Stores, CompareTheNumberOfTheLockThatIsHeld) {
  const auto one = open();
  const auto held = lock(*one, shop_, 30s).value();
  EXPECT_EQ(put(*one, shop_, "x", &held), nullptr);
  Lease wrong = held;
  ++wrong.fence;
  EXPECT_EQ(put(*one, shop_, "y", &wrong), &rules::lease_lost);
  EXPECT_EQ(put(*one, shop_, "of who asks nobody"), nullptr);
  EXPECT_EQ(text_in(*one, shop_), "of who asks nobody");
}

std::string name_of(const ::testing::TestParamInfo<Medium>& info) {
  return info.param == Medium::files ? "Files" : info.param == Medium::redis ? "Redis" : "RedisWithTls";
}
INSTANTIATE_TEST_SUITE_P(Each, Stores, ::testing::Values(Medium::files, Medium::redis, Medium::redis_with_tls),
                         name_of);

}  // namespace
}  // namespace padlock::certs

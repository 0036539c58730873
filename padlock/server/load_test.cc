#include "padlock/server/load.h"

#include <vector>

#include <gtest/gtest.h>

namespace padlock::server {
namespace {

using namespace std::chrono_literals;

/// A worker whose numbers are what a test says.
struct Worker {
  MemoryWatch memory{0};
  WorkerLoad::Reading reading;
  std::chrono::nanoseconds now = 1h;
  WorkerLoad load{{.requests = 2, .handshake_percent = 10, .memory = 0}, memory, [this] { return reading; }};

  /// A window in which it slept so often and served an older connection, or none.
  void window(std::uint64_t sleeps, bool serves) {
    load.admits_handshake(now);
    if (serves) load.served(0ns);
    reading.sleeps += sleeps;
    now += limits::load_window;
  }
};

TEST(WorkerLoads, TakeEveryHandshakeWhileTheySleep) {
  Worker worker;
  for (int round = 0; round < 100; ++round) {
    worker.window(limits::sleeps_of_an_idle_window, true);
    worker.reading.public_key_time += limits::load_window;
    EXPECT_TRUE(worker.load.admits_handshake(worker.now));
  }
}

TEST(WorkerLoads, TakeEveryHandshakeWhileNobodyElseIsServed) {
  Worker worker;
  for (int round = 0; round < 100; ++round) {
    worker.window(0, false);
    worker.load.served(worker.now);  // a connection that has just come
    worker.reading.public_key_time += limits::load_window;
    EXPECT_TRUE(worker.load.admits_handshake(worker.now));
  }
}

TEST(WorkerLoads, GiveHandshakesTheirShareWhileOthersNeedTheRest) {
  Worker worker;
  worker.window(0, true);
  worker.window(0, true);
  EXPECT_TRUE(worker.load.admits_handshake(worker.now));
  worker.reading.public_key_time += limits::load_window / 10 - 1ns;
  EXPECT_TRUE(worker.load.admits_handshake(worker.now));
  worker.reading.public_key_time += 1ns;
  EXPECT_FALSE(worker.load.admits_handshake(worker.now));
  worker.load.served(0ns);
  worker.now += limits::load_window;
  EXPECT_TRUE(worker.load.admits_handshake(worker.now)) << "the next window has its own share";
}

TEST(WorkerLoads, GiveBackStepByStepWhatTheyDoNotNeed) {
  Worker worker;
  worker.window(0, true);
  worker.window(0, true);
  EXPECT_TRUE(worker.load.admits_handshake(worker.now));
  worker.reading.public_key_time += limits::load_window / 10;
  EXPECT_FALSE(worker.load.admits_handshake(worker.now));
  int windows = 0;
  for (bool all = false; !all; ++windows) {
    ASSERT_LT(windows, 100);
    worker.reading.sleeps += limits::sleeps_of_an_idle_window;
    worker.now += limits::load_window;
    EXPECT_TRUE(worker.load.admits_handshake(worker.now));
    worker.reading.public_key_time += limits::load_window;
    all = worker.load.admits_handshake(worker.now);
  }
  EXPECT_EQ(windows, 90 / static_cast<int>(limits::handshake_percent_step));
}

TEST(WorkerLoads, CountTheRequestsInWork) {
  Worker worker;
  auto first = worker.load.begin_request();
  {
    const auto second = worker.load.begin_request();
    EXPECT_TRUE(second);
    EXPECT_FALSE(worker.load.begin_request());
  }
  EXPECT_TRUE(worker.load.begin_request());
  const auto moved = *std::move(first);
  EXPECT_TRUE(worker.load.begin_request()) << "a place that was moved counts once";
}

TEST(MemoryWatches, SayWhenLittleIsLeft) {
  std::uint64_t used = 0;
  MemoryWatch watch(1000, [&] { return used; });
  std::chrono::nanoseconds now = 0ns;
  const auto look = [&](std::uint64_t bytes) {
    used = bytes;
    now += limits::memory_looks_apart;
    return std::pair(watch.keeps_connections(now), watch.takes_connections(now));
  };
  EXPECT_EQ(look(799), std::pair(true, true));
  EXPECT_EQ(look(800), std::pair(false, true));
  EXPECT_EQ(look(899), std::pair(false, true));
  EXPECT_EQ(look(900), std::pair(false, false));
  EXPECT_EQ(look(0), std::pair(true, true));
}

TEST(MemoryWatches, LookOnceInAWhile) {
  int looks = 0;
  MemoryWatch watch(1000, [&] {
    ++looks;
    return 0;
  });
  for (auto now = 0ms; now < 10 * limits::memory_looks_apart; now += 1ms) EXPECT_TRUE(watch.keeps_connections(now));
  EXPECT_EQ(looks, 10);
  MemoryWatch without(0, [&] { return ++looks; });
  EXPECT_TRUE(without.takes_connections(0ns));
  EXPECT_EQ(looks, 10) << "without a cap nobody looks";
}

TEST(MemoryWatches, MeasureTheHeap) {
  const std::uint64_t before = heap_bytes();
  if (before == 0) GTEST_SKIP() << "a sanitizer's heap is not measured";
  const std::vector<char> large(100'000'000);
  EXPECT_GE(heap_bytes(), before + large.size());
  EXPECT_GT(default_memory_cap(), 0U);
}

}  // namespace
}  // namespace padlock::server

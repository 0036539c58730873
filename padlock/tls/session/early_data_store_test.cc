// The single-use store of tickets (RFC 8446, section 8.1; docs/threats.md, T27).
#include "padlock/tls/session/early_data_store.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace padlock::tls {
namespace {

using namespace std::chrono_literals;

constexpr WallTime start{std::chrono::sys_days{std::chrono::January / 1 / 2030}};

/// So long after the start, with the civil clock so far off.
Instant at(std::chrono::seconds time, std::chrono::seconds wall_off = 0s) {
  return {.monotonic = time, .wall = start + time + wall_off};
}
std::vector<std::uint8_t> ticket(std::uint32_t number) {
  return {static_cast<std::uint8_t>(number >> 16), static_cast<std::uint8_t>(number >> 8),
          static_cast<std::uint8_t>(number)};
}

TEST(EarlyDataStore, AllowsEachTicketOnce) {
  EarlyDataStore store(100, at(-1h));
  EXPECT_TRUE(store.use(ticket(1), at(0s)));
  EXPECT_FALSE(store.use(ticket(1), at(0s)));
  EXPECT_TRUE(store.use(ticket(2), at(1s)));
  EXPECT_FALSE(store.use(ticket(1), at(EarlyDataStore::remembered))) << "the window's last moment";
  EXPECT_FALSE(store.use(ticket(2), at(EarlyDataStore::remembered)));
}

TEST(EarlyDataStore, ForgetsWhatIsTooOldToBeTaken) {
  EarlyDataStore store(100, at(-1h));
  for (std::uint32_t i = 0; i < 50; ++i) EXPECT_TRUE(store.use(ticket(i), at(0s)));
  EXPECT_EQ(store.size(), 50U);
  EXPECT_TRUE(store.use(ticket(100), at(EarlyDataStore::remembered + 1s)));
  EXPECT_EQ(store.size(), 1U);
}

TEST(EarlyDataStore, RefusesWhenItIsFullAndForgetsNothingForIt) {
  EarlyDataStore store(3, at(-1h));
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_TRUE(store.use(ticket(i), at(0s)));
  EXPECT_FALSE(store.use(ticket(3), at(1s)));
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_FALSE(store.use(ticket(i), at(1s)));
  EXPECT_EQ(store.size(), 3U);
  EXPECT_TRUE(store.use(ticket(3), at(EarlyDataStore::remembered + 1s)));
  EarlyDataStore none(0, at(-1h));
  EXPECT_FALSE(none.use(ticket(1), at(0s)));
}

/// What was used before it came to be, nobody can tell.
TEST(EarlyDataStore, RefusesUntilItHasSeenAWholeWindow) {
  EarlyDataStore store(100, at(0s));
  EXPECT_FALSE(store.use(ticket(1), at(0s)));
  EXPECT_FALSE(store.use(ticket(1), at(EarlyDataStore::remembered - 1s)));
  EXPECT_TRUE(store.use(ticket(1), at(EarlyDataStore::remembered)));
}

/// A hello that was used and forgotten looks new to a civil clock that is set back.
TEST(EarlyDataStore, RefusesWhileAClockThatWasSetBackComesToItsOldTime) {
  EarlyDataStore store(100, at(-1h));
  EXPECT_TRUE(store.use(ticket(1), at(0s)));
  EXPECT_FALSE(store.use(ticket(1), at(300s, -300s)));
  EXPECT_FALSE(store.use(ticket(2), at(301s, -300s)));
  EXPECT_FALSE(store.use(ticket(2), at(619s, -300s)));
  EXPECT_TRUE(store.use(ticket(2), at(620s, -300s))) << "300 s and a window later";
  EXPECT_TRUE(store.use(ticket(3), at(621s, 100s))) << "forward does no harm";
  EXPECT_FALSE(store.use(ticket(4), at(622s, 0s)));
}

TEST(EarlyDataStore, IsSharedByWorkers) {
  constexpr std::uint32_t tickets = 1000;
  EarlyDataStore store(tickets, at(-1h));
  std::atomic<std::size_t> taken = 0;
  std::vector<std::jthread> workers;
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&] {
      for (std::uint32_t i = 0; i < tickets; ++i) taken += store.use(ticket(i), at(0s)) ? 1 : 0;
    });
  }
  workers.clear();
  EXPECT_EQ(taken, tickets);
}

}  // namespace
}  // namespace padlock::tls

#include "padlock/net/readiness.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

#include "padlock/net/rules.h"
#include "padlock/net/socket_io.h"
#include "padlock/net/test_loop.h"

namespace padlock::net {
namespace {

using namespace std::chrono_literals;
using testing::connected_pair;
using testing::run;

/// A socket of ours and Asio's at the other end, on a loop of its own: that one blocks.
struct Pair {
  explicit Pair(asio::io_context& loop)
      : sockets(connected_pair(others)), ours(moved_to(loop, std::move(sockets.server)), Sender::server) {}
  static asio::ip::tcp::socket moved_to(asio::io_context& loop, asio::ip::tcp::socket socket) {
    const auto protocol = asio::ip::tcp::v4();
    return {loop, protocol, socket.release()};
  }
  asio::ip::tcp::socket& peer() { return sockets.client; }
  void send(std::string_view text) { asio::write(peer(), asio::buffer(text)); }

  asio::io_context others;
  testing::SocketPair sockets;
  SocketIo ours;
};

Awaitable<Result<void>> wait_readable(SocketIo& io, Deadline deadline = deadline_in(10s)) {
  std::optional<Error> failure;
  co_return co_await io.wait_readable(deadline, failure);
}
Awaitable<Result<void>> wait_writable(SocketIo& io, Deadline deadline = deadline_in(10s)) {
  std::optional<Error> failure;
  co_return co_await io.wait_writable(deadline, failure);
}

std::string read_some(SocketIo& io, std::size_t most) {
  std::vector<std::uint8_t> room(most);
  const auto count = io.read_now(room);
  EXPECT_TRUE(count);
  return count && *count ? std::string(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(**count)) : "nothing";
}

TEST(Readiness, WhatCameBeforeTheWaitIsFound) {
  asio::io_context loop;
  Pair pair(loop);
  pair.send("one");
  EXPECT_TRUE(run(loop, wait_readable(pair.ours)));
  EXPECT_EQ(read_some(pair.ours, 100), "one");
  pair.send("two");
  EXPECT_TRUE(run(loop, wait_readable(pair.ours)));
  EXPECT_TRUE(run(loop, wait_readable(pair.ours))) << "nobody has read it";
  EXPECT_EQ(read_some(pair.ours, 100), "two");
  EXPECT_EQ(run(loop, wait_readable(pair.ours, deadline_in(20ms))).error().rule, &rules::deadline_passed);
}

TEST(Readiness, WhatWasLeftIsFound) {
  asio::io_context loop;
  Pair pair(loop);
  pair.send("abcd");
  EXPECT_TRUE(run(loop, wait_readable(pair.ours)));
  EXPECT_EQ(read_some(pair.ours, 2), "ab");
  EXPECT_TRUE(run(loop, wait_readable(pair.ours))) << "the room was full: there may be more";
  EXPECT_EQ(read_some(pair.ours, 2), "cd");
  EXPECT_TRUE(run(loop, wait_readable(pair.ours)));
  EXPECT_EQ(read_some(pair.ours, 2), "nothing");
}

TEST(Readiness, AnEndThatCameWithTheLastBytesIsFound) {
  asio::io_context loop;
  Pair pair(loop);
  pair.send("last");
  pair.peer().shutdown(asio::socket_base::shutdown_send);
  EXPECT_TRUE(run(loop, wait_readable(pair.ours)));
  EXPECT_EQ(read_some(pair.ours, 100), "last");
  EXPECT_TRUE(run(loop, wait_readable(pair.ours)));
  std::array<std::uint8_t, 4> room{};
  EXPECT_EQ(pair.ours.read_now(room).value(), 0U);
}

TEST(Readiness, RoomIsFoundOnceThePeerReads) {
  asio::io_context loop;
  Pair pair(loop);
  const std::vector<std::uint8_t> piece(65'536);
  const std::array<Bytes, 1> pieces{piece};
  std::size_t sent = 0;
  for (;;) {
    const auto count = pair.ours.write_now(pieces);
    ASSERT_TRUE(count);
    if (*count == 0) break;
    sent += *count;
  }
  EXPECT_EQ(run(loop, wait_writable(pair.ours, deadline_in(20ms))).error().rule, &rules::deadline_passed);
  std::vector<std::uint8_t> room(sent);
  asio::read(pair.peer(), asio::buffer(room));
  EXPECT_TRUE(run(loop, wait_writable(pair.ours)));
  EXPECT_GT(pair.ours.write_now(pieces).value(), 0U);
  pair.send("too");
  EXPECT_TRUE(run(loop, wait_readable(pair.ours))) << "both directions are watched";
}

TEST(Readiness, EndsWaitsOfBothDirectionsOnCancel) {
  asio::io_context loop;
  Pair pair(loop);
  const std::vector<std::uint8_t> piece(65'536);
  const std::array<Bytes, 1> pieces{piece};
  while (pair.ours.write_now(pieces).value_or(0) > 0) {
  }
  std::vector<const Rule*> ended;
  const auto note = [&](Awaitable<Result<void>> wait) -> Awaitable<void> {
    const auto outcome = co_await std::move(wait);
    ended.push_back(outcome ? nullptr : outcome.error().rule);
  };
  asio::co_spawn(loop, note(wait_readable(pair.ours)), asio::detached);
  asio::co_spawn(loop, note(wait_writable(pair.ours)), asio::detached);
  loop.poll();
  EXPECT_TRUE(ended.empty());
  pair.ours.cancel();
  EXPECT_TRUE(ended.empty()) << "not in the middle of what cancels";
  loop.poll();
  EXPECT_EQ(ended, (std::vector<const Rule*>{&rules::cancelled, &rules::cancelled}));
}

TEST(Readiness, ALoopOnWhichNobodyWaitsEnds) {
  asio::io_context loop;
  Pair pair(loop);
  bool went_on = false;
  const auto work = [&]() -> Awaitable<void> {
    went_on = (co_await wait_readable(pair.ours, no_deadline)).has_value();
  };
  asio::co_spawn(loop, work(), asio::detached);
  loop.poll();
  EXPECT_FALSE(loop.stopped()) << "a wait is work";
  pair.send("x");
  loop.run();
  EXPECT_TRUE(went_on);
  EXPECT_TRUE(loop.stopped());
}

TEST(Readiness, ReadySocketsMayBeDroppedByTheFirstThatGoesOn) {
  asio::io_context loop;
  constexpr std::size_t count = 200;  // more than one turn takes
  std::vector<std::unique_ptr<Pair>> waiting, dropped;
  for (std::size_t one = 0; one < count; ++one) {
    waiting.push_back(std::make_unique<Pair>(loop));
    dropped.push_back(std::make_unique<Pair>(loop));
    EXPECT_FALSE(run(loop, wait_readable(dropped.back()->ours, deadline_in(0s)))) << "it is in the set from now on";
  }
  std::size_t gone_on = 0;
  const auto work = [&](SocketIo& io) -> Awaitable<void> {
    const auto outcome = co_await wait_readable(io, no_deadline);
    if (outcome) ++gone_on;
    dropped.clear();
  };
  for (const auto& pair : waiting) asio::co_spawn(loop, work(pair->ours), asio::detached);
  loop.poll();
  for (const auto& pair : dropped) pair->send("x");
  for (const auto& pair : waiting) pair->send("x");
  loop.restart();
  loop.run();
  EXPECT_EQ(gone_on, count);
}

TEST(Readiness, WhoSendsWithoutAPauseIsServedOnceATurn) {
  asio::io_context loop;
  constexpr std::size_t count = 50;
  std::vector<std::unique_ptr<Pair>> busy;
  std::size_t rounds = 0;
  bool over = false;
  const auto work = [&](SocketIo& io) -> Awaitable<void> {  // reads nothing: there is always more
    while (!over && (co_await wait_readable(io, no_deadline)).has_value()) ++rounds;
  };
  for (std::size_t one = 0; one < count; ++one) {
    busy.push_back(std::make_unique<Pair>(loop));
    busy.back()->send("x");
    asio::co_spawn(loop, work(busy.back()->ours), asio::detached);
  }
  Pair quiet(loop);
  std::size_t before = 0, until_served = 0;
  const auto ask = [&]() -> Awaitable<void> {
    const auto outcome = co_await wait_readable(quiet.ours, no_deadline);
    EXPECT_TRUE(outcome);
    until_served = rounds - before;
    over = true;
  };
  asio::co_spawn(loop, ask(), asio::detached);
  while (rounds < 10 * count) loop.run_one();
  quiet.send("now");
  before = rounds;
  loop.run();
  EXPECT_LT(until_served, count) << "before each of them has had a turn";
}

TEST(Readiness, ASocketThatSomebodyElseStillHoldsTellsUsNothingOnceClosed) {
  asio::io_context loop;
  Pair pair(loop);
  EXPECT_EQ(run(loop, wait_readable(pair.ours, deadline_in(1ms))).error().rule, &rules::deadline_passed);
  const Descriptor held(::dup(pair.ours.native_handle()));
  {
    const SocketIo dropped = std::move(pair.ours);
  }
  pair.send("nobody reads this");
  Pair other(loop);
  EXPECT_EQ(run(loop, wait_readable(other.ours, deadline_in(50ms))).error().rule, &rules::deadline_passed);
}

TEST(Readiness, ALoopThatIsDroppedTakesItsWaitersAlong) {
  auto alive = std::make_shared<int>(1);
  {
    asio::io_context loop;
    auto pair = std::make_shared<Pair>(loop);
    const auto work = [](std::shared_ptr<Pair> own, std::shared_ptr<int> witness) -> Awaitable<void> {
      const auto outcome = co_await wait_readable(own->ours);
      static_cast<void>(outcome);
      ++*witness;
    };
    asio::co_spawn(loop, work(std::move(pair), alive), asio::detached);
    loop.poll();
    EXPECT_EQ(alive.use_count(), 2);
  }
  EXPECT_EQ(alive.use_count(), 1);
  EXPECT_EQ(*alive, 1);
}

}  // namespace
}  // namespace padlock::net

#include "padlock/net/plain_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/buffer.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/read.hpp>

#include "padlock/crypto/hash.h"
#include "padlock/net/limits.h"
#include "padlock/net/resources.h"
#include "padlock/net/rules.h"
#include "padlock/net/socket_io.h"
#include "padlock/net/test_loop.h"

namespace padlock::net {
namespace {

using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;
using testing::connected_pair;
using testing::run;

struct Heard final : Observer {
  void resolved(std::string_view, std::span<const Endpoint>) override {}
  void connecting(const Endpoint&) override {}
  void connect_failed(const Endpoint&, std::string_view) override {}
  void connected(const Endpoint&, const Endpoint&, const TcpInfo&) override {}
  void wire(Sender sender, Bytes bytes) override { (sender == Sender::client ? client : server) += as_text(bytes); }
  void closed(CloseKind how) override { ends.push_back(how); }
  std::string client, server;
  std::vector<CloseKind> ends;
};

struct Pair {
  explicit Pair(asio::io_context& loop, Observer* observer = nullptr) : Pair(connected_pair(loop), observer) {}
  Pair(testing::SocketPair sockets, Observer* observer)
      : client(std::move(sockets.client), Sender::client, observer),
        server(std::move(sockets.server), Sender::server) {}
  PlainStream client, server;
};

Awaitable<Result<void>> say(Stream& stream, std::string_view text) {
  const Bytes piece = as_bytes(text);
  co_return co_await stream.write(std::span(&piece, 1), deadline_in(5s));
}

Awaitable<Result<std::string>> hear_all(Stream& stream) {
  std::string all;
  for (;;) {
    const auto bytes = co_await stream.read(deadline_in(5s));
    PADLOCK_CO_TRY(bytes);
    if (bytes->empty()) co_return all;
    all += as_text(*bytes);
  }
}

TEST(PlainStream, CarriesBytesBothWaysAndEndsCleanly) {
  asio::io_context loop;
  Heard heard;
  Pair pair(loop, &heard);
  const auto talk = [&]() -> Awaitable<std::string> {
    EXPECT_TRUE(co_await say(pair.client, "hello"));
    const auto hello = co_await pair.server.read(deadline_in(5s));
    EXPECT_EQ(as_text(*hello), "hello");
    EXPECT_TRUE(co_await say(pair.server, "bye"));
    EXPECT_TRUE(co_await pair.server.close(deadline_in(0s)));
    const auto all = co_await hear_all(pair.client);
    EXPECT_TRUE(co_await pair.client.close(deadline_in(0s)));
    co_return *all;
  };
  EXPECT_EQ(run(loop, talk()), "bye");
  EXPECT_EQ(heard.client, "hello");
  EXPECT_EQ(heard.server, "bye");
  EXPECT_THAT(heard.ends, ::testing::ElementsAre(CloseKind::fin_by_peer));
}

TEST(PlainStream, SendsAGatherWriteOfManyPiecesInOrder) {
  asio::io_context loop;
  Pair pair(loop);
  std::vector<std::string> texts;
  texts.reserve(3 * limits::pieces_at_once + 1);
  for (std::size_t piece = 0; piece < 3 * limits::pieces_at_once + 1; ++piece)
    texts.push_back(std::string(piece, 'x') + ";");
  const std::string whole = std::accumulate(texts.begin(), texts.end(), std::string());
  const auto talk = [&]() -> Awaitable<std::string> {
    std::vector<Bytes> pieces;
    for (const auto& text : texts) pieces.insert(pieces.end(), {as_bytes(text), Bytes{}});
    EXPECT_TRUE(co_await pair.client.write(pieces, deadline_in(5s)));
    EXPECT_TRUE(co_await pair.client.close(deadline_in(0s)));
    co_return *co_await hear_all(pair.server);
  };
  EXPECT_EQ(run(loop, talk()), whole);
}

TEST(PlainStream, SendsReservationsAndKeepsNothingAfterwards) {
  asio::io_context loop;
  Pair pair(loop);
  const auto talk = [&]() -> Awaitable<std::string> {
    for (const std::string_view word : {"one ", "two "}) {
      const auto room = pair.client.reserve(100);
      EXPECT_EQ(room->size(), 100U);
      EXPECT_EQ(pair.client.reserve(1).error().rule, &rules::reservation_misused);
      std::ranges::copy(as_bytes(word), room->begin());
      EXPECT_TRUE(pair.client.commit(word.size()));
    }
    EXPECT_EQ(pair.client.commit(1).error().rule, &rules::reservation_misused);
    EXPECT_EQ(pair.client.reserve(0).error().rule, &rules::reservation_misused);
    EXPECT_EQ(pair.client.reserve(1'000'000)->size(), Stream::max_reservation);
    pair.client.drop_reservation();
    EXPECT_EQ(pair.client.queued(), 8U);
    EXPECT_TRUE(co_await pair.client.flush(deadline_in(5s)));
    EXPECT_EQ(pair.client.queued(), 0U);
    EXPECT_TRUE(co_await pair.client.close(deadline_in(0s)));
    co_return *co_await hear_all(pair.server);
  };
  EXPECT_EQ(run(loop, talk()), "one two ");
}

/// Segments that have come to a socket, those without data too: tcpi_segs_in of <linux/tcp.h>, which cannot be included
/// beside the <netinet/tcp.h> that Asio includes.
std::uint32_t segments_in(asio::ip::tcp::socket& socket) {
  constexpr std::size_t place = 140;
  std::array<std::uint8_t, 256> info{};
  socklen_t size = info.size();
  EXPECT_EQ(::getsockopt(socket.native_handle(), IPPROTO_TCP, TCP_INFO, info.data(), &size), 0);
  EXPECT_GE(size, place + sizeof(std::uint32_t));
  std::uint32_t segments = 0;
  std::memcpy(&segments, &info.at(place), sizeof segments);
  return segments;
}

TEST(PlainStream, ItsEndLeavesInTheSegmentOfItsLastBytes) {
  asio::io_context loop;
  auto sockets = connected_pair(loop);
  PlainStream server(std::move(sockets.server), Sender::server);
  const std::uint32_t before = segments_in(sockets.client);
  const auto room = server.reserve(4);
  ASSERT_TRUE(room);
  copy_bytes(as_bytes("done"), *room);
  ASSERT_TRUE(server.commit(4));
  server.queue_end();
  EXPECT_EQ(server.flush_now(), true);
  std::string all;
  std::error_code end;
  asio::read(sockets.client, asio::dynamic_buffer(all), end);
  EXPECT_EQ(end, asio::error::eof);
  EXPECT_EQ(all, "done");
  EXPECT_EQ(segments_in(sockets.client) - before, 1U);
}

TEST(PlainStream, HoldsNoBufferWhileItWaits) {
  asio::io_context loop;
  Pair pair(loop);
  const auto silence = [&]() -> Awaitable<Result<Bytes>> { co_return co_await pair.client.read(deadline_in(50ms)); };
  const auto result = run(loop, silence());
  EXPECT_EQ(result.error().rule, &rules::deadline_passed);
  EXPECT_EQ(Resources::of(loop).buffers().lent(), 0U);
  EXPECT_EQ(Resources::of(loop).buffers().free(), 1U);
}

TEST(PlainStream, StalledReadersEndAWriteAtItsDeadline) {
  asio::io_context loop;
  Pair pair(loop);
  const std::string much(32 << 20, 'x');
  const auto began = std::chrono::steady_clock::now();
  const auto write = [&]() -> Awaitable<Result<void>> {
    const Bytes piece = as_bytes(much);
    co_return co_await pair.client.write(std::span(&piece, 1), deadline_in(100ms));
  };
  EXPECT_EQ(run(loop, write()).error().rule, &rules::deadline_passed);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
}

TEST(PlainStream, GivesItsFirstErrorAgain) {
  asio::io_context loop;
  Pair pair(loop);
  const auto twice = [&]() -> Awaitable<bool> {
    pair.client.cancel();
    const auto first = co_await pair.client.read(deadline_in(5s));
    EXPECT_TRUE(co_await say(pair.server, "late"));
    const auto second = co_await pair.client.read(deadline_in(5s));
    co_return !first && !second && second.error().rule == first.error().rule;
  };
  EXPECT_TRUE(run(loop, twice()));
}

TEST(PlainStream, GoesOnAfterAReadsDeadline) {
  asio::io_context loop;
  Pair pair(loop);
  const auto patient = [&]() -> Awaitable<std::string> {
    EXPECT_EQ((co_await pair.client.read(deadline_in(1ms))).error().rule, &rules::deadline_passed);
    EXPECT_TRUE(co_await say(pair.server, "late"));
    co_return std::string(as_text((co_await pair.client.read(deadline_in(5s))).value()));
  };
  EXPECT_EQ(run(loop, patient()), "late");
}

TEST(PlainStream, TheDeadlineOfOneDirectionLeavesTheOtherAlone) {
  asio::io_context loop;
  Pair pair(loop);
  const std::string much(32 << 20, 'x');
  const auto both = [&]() -> Awaitable<std::string> {
    auto reading = [&]() -> Awaitable<std::string> {
      const auto bytes = co_await pair.client.read(deadline_in(5s));
      co_return std::string(as_text(*bytes));
    };
    auto writing = [&]() -> Awaitable<std::string> {
      const Bytes piece = as_bytes(much);
      const auto stalled = co_await pair.client.write(std::span(&piece, 1), deadline_in(50ms));
      EXPECT_EQ(stalled.error().rule, &rules::deadline_passed);
      EXPECT_TRUE(co_await say(pair.server, "still here"));
      EXPECT_TRUE(co_await pair.server.close(deadline_in(0s)));
      co_return "";
    };
    const auto [read, written] = co_await (reading() && writing());
    co_return read;
  };
  // A failed write breaks the stream for later calls; the read that ran already goes on.
  EXPECT_EQ(run(loop, both()), "still here");
}

TEST(PlainStream, CancelEndsAWait) {
  asio::io_context loop;
  Pair pair(loop);
  const auto cancelled = [&]() -> Awaitable<Result<std::string>> {
    asio::post(co_await asio::this_coro::executor, [&] { pair.client.cancel(); });
    co_return co_await hear_all(pair.client);
  };
  EXPECT_EQ(run(loop, cancelled()).error().rule, &rules::cancelled);
}

TEST(PlainStream, SaysThatThePeerReset) {
  asio::io_context loop;
  Heard heard;
  auto sockets = connected_pair(loop);
  sockets.server.set_option(asio::socket_base::linger(true, 0));
  sockets.server.close();
  PlainStream client(std::move(sockets.client), Sender::client, &heard);
  const auto result = run(loop, hear_all(client));
  EXPECT_EQ(result.error().rule->code, rules::connection_reset.code) << result.error().what;
  const auto close = [&]() -> Awaitable<Result<void>> { co_return co_await client.close(deadline_in(0s)); };
  EXPECT_TRUE(run(loop, close()));
  EXPECT_THAT(heard.ends, ::testing::ElementsAre(CloseKind::reset));
}

TEST(PlainStream, CloseLingersUntilThePeerEndsButNotForEver) {
  asio::io_context loop;
  Pair pair(loop);
  const auto talk = [&]() -> Awaitable<std::string> {
    EXPECT_TRUE(co_await say(pair.client, "unread by the server"));
    EXPECT_TRUE(co_await say(pair.server, "the answer"));
    auto server = [&]() -> Awaitable<std::string> {
      EXPECT_TRUE(co_await pair.server.close(deadline_in(100ms)));
      co_return "";
    };
    auto client = [&]() -> Awaitable<std::string> { co_return *co_await hear_all(pair.client); };
    const auto [all, nothing] = co_await (client() && server());
    co_return all;
  };
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(run(loop, talk()), "the answer");
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
}

TEST(PlainStream, MovesMuchBothWaysWithoutLossBesideOthers) {
  asio::io_context loop;
  Pair pair(loop);
  std::string body;
  body.resize(20'000'000);
  for (std::size_t at = 0; at < body.size(); ++at) body[at] = static_cast<char>(at * 2654435761U >> 13U);
  const auto send = [&](Stream& stream) -> Awaitable<std::string> {
    EXPECT_TRUE(co_await say(stream, body));
    co_return "";
  };
  const auto receive = [&](Stream& stream) -> Awaitable<std::string> {
    std::string all;
    while (all.size() < body.size()) all += as_text(*co_await stream.read(deadline_in(10s)));
    co_return to_hex(crypto::hash_of(crypto::HashAlgorithm::sha256, as_bytes(all)));
  };
  const auto all = [&]() -> Awaitable<std::string> {
    const auto [a, b, there, back] =
        co_await (send(pair.client) && send(pair.server) && receive(pair.client) && receive(pair.server));
    co_return there == back ? there : "differ";
  };
  EXPECT_EQ(run(loop, all()), to_hex(crypto::hash_of(crypto::HashAlgorithm::sha256, as_bytes(body))));
}

TEST(Peek, ShowsTheFirstByteAndLeavesIt) {
  asio::io_context loop;
  auto sockets = connected_pair(loop);
  sockets.client.write_some(asio::buffer("GET", 3));
  SocketIo io(std::move(sockets.server), Sender::server, nullptr);
  EXPECT_EQ(run(loop, io.peek(deadline_in(5s))).value(), 'G');
  std::array<std::uint8_t, 3> bytes{};
  EXPECT_EQ(io.read_now(bytes).value(), 3U);
  EXPECT_EQ(run(loop, io.peek(deadline_in(20ms))).error().rule, &rules::deadline_passed);
  sockets.client.close();
  EXPECT_EQ(run(loop, io.peek(deadline_in(5s))).value(), std::nullopt);
}

}  // namespace
}  // namespace padlock::net

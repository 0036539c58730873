#include "padlock/net/tls_stream.h"

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "padlock/crypto/hash.h"
#include "padlock/net/limits.h"
#include "padlock/net/plain_stream.h"
#include "padlock/net/resources.h"
#include "padlock/net/rules.h"
#include "padlock/net/test_loop.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/session/ticket_keys.h"
#include "padlock/tls/testing/credentials.h"

namespace padlock::net {
namespace {

using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;
using testing::connected_pair;
using testing::run;
using Nothing = std::monostate;

/// Says yes to everything, at once or a moment later.
class Trusting final : public Responder {
 public:
  explicit Trusting(std::chrono::milliseconds delay = 0ms) : delay_(delay) {}
  NowOrLater<std::shared_ptr<const tls::Credential>> certificate_for(const tls::CertificateWanted& question) override {
    name = question.server_name;
    if (delay_ == 0ms) return Result<std::shared_ptr<const tls::Credential>>(tls::testing::credential());
    return later(tls::testing::credential());
  }
  NowOrLater<tls::PeerVerified> verify(const tls::ChainVerificationWanted& question) override {
    chain_length = question.chain.size();
    if (delay_ == 0ms) return Result<tls::PeerVerified>(tls::PeerVerified::by_caller());
    return later(tls::PeerVerified::by_caller());
  }
  NowOrLater<tls::EarlyDataAnswer> take_early_data(const tls::EarlyDataWanted&) override {
    ++early_questions;
    if (delay_ == 0ms) return Result<tls::EarlyDataAnswer>(early);
    return later(early);
  }
  void keep(std::shared_ptr<const tls::ClientSession> given) override {
    session = std::move(given);
    ++sessions;
  }
  tls::EarlyDataAnswer early = tls::EarlyDataAnswer::refuse;
  std::size_t early_questions = 0;
  std::shared_ptr<const tls::ClientSession> session;
  std::optional<std::string> name;
  std::size_t chain_length = 0;
  std::size_t sessions = 0;

 private:
  template <class T>
  Awaitable<Result<T>> later(T answer) {
    asio::steady_timer timer(co_await asio::this_coro::executor, delay_);
    co_await timer.async_wait(asio::use_awaitable);
    co_return answer;
  }
  std::chrono::milliseconds delay_;
};

tls::Connection client_end(asio::io_context& loop) {
  return tls::Connection::client(std::make_shared<tls::ClientConfig>(), "server.test", Resources::of(loop).provider());
}
tls::Connection server_end(asio::io_context& loop) {
  return tls::Connection::server(std::make_shared<tls::ServerConfig>(), Resources::of(loop).provider());
}

struct Pair {
  explicit Pair(asio::io_context& loop, std::chrono::milliseconds delay = 0ms)
      : Pair(loop, connected_pair(loop), delay) {}
  Pair(asio::io_context& loop, testing::SocketPair sockets, std::chrono::milliseconds delay)
      : responder(delay),
        client(std::move(sockets.client), client_end(loop), responder),
        server(std::move(sockets.server), server_end(loop), responder) {}
  Awaitable<Nothing> shake() {
    const auto [c, s] = co_await (client.handshake(deadline_in(5s)) && server.handshake(deadline_in(5s)));
    EXPECT_TRUE(c) << c.error().what;
    EXPECT_TRUE(s) << s.error().what;
    co_return Nothing{};
  }
  Trusting responder;
  TlsStream client, server;
};

Awaitable<Result<void>> say(Stream& stream, std::string_view text) {
  const Bytes piece = as_bytes(text);
  co_return co_await stream.write(std::span(&piece, 1), deadline_in(10s));
}

Awaitable<Result<std::string>> hear_all(Stream& stream) {
  std::string all;
  for (;;) {
    const auto bytes = co_await stream.read(deadline_in(10s));
    PADLOCK_CO_TRY(bytes);
    if (bytes->empty()) co_return all;
    all += as_text(*bytes);
  }
}

std::string numbered_bytes(std::size_t size) {
  std::string body(size, '\0');
  for (std::size_t at = 0; at < body.size(); ++at) body[at] = static_cast<char>(at * 2654435761U >> 13U);
  return body;
}

TEST(TlsStream, ShakesHandsTalksAndClosesCleanly) {
  asio::io_context loop;
  Pair pair(loop);
  const auto talk = [&]() -> Awaitable<std::string> {
    co_await pair.shake();
    EXPECT_TRUE(co_await say(pair.client, "hello"));
    const auto hello = co_await pair.server.read(deadline_in(5s));
    EXPECT_EQ(as_text(*hello), "hello");
    EXPECT_TRUE(co_await say(pair.server, "bye"));
    EXPECT_TRUE(co_await pair.server.close(deadline_in(0s)));
    co_return *co_await hear_all(pair.client);
  };
  EXPECT_EQ(run(loop, talk()), "bye");
  EXPECT_EQ(pair.responder.name, "server.test");
  EXPECT_EQ(pair.responder.chain_length, 2U);
  EXPECT_EQ(pair.client.info().version, tls::ProtocolVersion::TLS_1_3);
  EXPECT_EQ(pair.client.tls_info()->group, tls::NamedGroup::X25519MLKEM768);
  EXPECT_EQ(pair.client.last_error(), nullptr);
}

/// What the server does with early data that is offered, the answer being there at once or later.
std::string early_data_heard(tls::EarlyDataAnswer answer, std::chrono::milliseconds delay) {
  asio::io_context loop;
  Trusting responder(delay);
  responder.early = answer;
  auto config = std::make_shared<tls::ServerConfig>();
  config->max_early_data_size = 1000;
  config->ticket_keys = std::make_shared<tls::TicketKeys>(
      Resources::of(loop).provider(), Secret<32>(std::array<std::uint8_t, 32>{}), now().wall, tls::TicketSource{});
  auto wishes = std::make_shared<tls::ClientConfig>();
  wishes->resumption = wishes->early_data = true;
  std::string heard;
  for (const std::string_view early : {"", "early"}) {
    auto connection = tls::Connection::client(wishes, "server.test", Resources::of(loop).provider(), nullptr, nullptr,
                                              {responder.session, now()});
    while (auto event = connection.next_event()) {  // before its hello is there, nothing can be sent early
      const auto* const wanted = std::get_if<tls::CryptoWanted>(&*event);
      EXPECT_TRUE(wanted != nullptr && tls::answer_at_once(connection, *wanted, Resources::of(loop).provider()));
    }
    EXPECT_TRUE(early.empty() || connection.send(as_bytes(early)));
    auto sockets = connected_pair(loop);
    TlsStream client(std::move(sockets.client), std::move(connection), responder);
    TlsStream server(std::move(sockets.server), tls::Connection::server(config, Resources::of(loop).provider()),
                     responder);
    const auto talk = [&]() -> Awaitable<std::string> {
      const auto [c, s] = co_await (client.handshake(deadline_in(5s)) && server.handshake(deadline_in(5s)));
      EXPECT_TRUE(c && s);
      std::string all = server.is_early() ? "taken " : "refused ";
      EXPECT_TRUE(co_await say(client, "late"));
      while (!all.ends_with("late")) {
        const auto bytes = co_await server.read(deadline_in(5s));
        if (!bytes || bytes->empty()) break;
        all += as_text(*bytes);
      }
      EXPECT_TRUE(co_await say(server, "bye"));
      EXPECT_TRUE(co_await client.read(deadline_in(5s)));
      co_return all;
    };
    heard = run(loop, talk());
  }
  EXPECT_EQ(responder.early_questions, 1U);
  return heard;
}

TEST(TlsStream, TakesEarlyDataIfItsResponderSaysSoAtOnceOrLater) {
  for (const auto delay : {0ms, 20ms}) {
    EXPECT_EQ(early_data_heard(tls::EarlyDataAnswer::take, delay), "taken earlylate");
    EXPECT_EQ(early_data_heard(tls::EarlyDataAnswer::refuse, delay), "refused late");
  }
}

TEST(TlsStream, TicketsLeaveWithTheFirstBytesOfTheServerOrBeforeItWaits) {
  for (const bool waits : {false, true}) {
    asio::io_context loop;
    auto sockets = connected_pair(loop);
    Trusting responder;
    auto config = std::make_shared<tls::ServerConfig>();
    config->ticket_keys = std::make_shared<tls::TicketKeys>(
        Resources::of(loop).provider(), Secret<32>(std::array<std::uint8_t, 32>{}), now().wall, tls::TicketSource{});
    auto wishes = std::make_shared<tls::ClientConfig>();
    wishes->resumption = true;
    TlsStream client(std::move(sockets.client),
                     tls::Connection::client(wishes, "server.test", Resources::of(loop).provider()), responder);
    TlsStream server(std::move(sockets.server), tls::Connection::server(config, Resources::of(loop).provider()),
                     responder);
    const auto talk = [&]() -> Awaitable<Nothing> {
      const auto [c, s] = co_await (client.handshake(deadline_in(5s)) && server.handshake(deadline_in(5s)));
      EXPECT_TRUE(c && s);
      EXPECT_FALSE(server.connection().output().empty());
      EXPECT_EQ(server.queued(), 0U);
      if (waits) {
        EXPECT_FALSE(server.read_now()) << "the client has said nothing";
        EXPECT_TRUE(server.connection().output().empty());
      }
      EXPECT_TRUE(co_await say(server, "bye"));
      EXPECT_EQ(as_text(*co_await client.read(deadline_in(5s))), "bye");
      co_return Nothing{};
    };
    run(loop, talk());
    EXPECT_GT(responder.sessions, 0U);
    EXPECT_TRUE(server.connection().output().empty());
  }
}

TEST(TlsStream, WaitsForSlowAnswers) {
  asio::io_context loop;
  Pair pair(loop, 30ms);
  run(loop, pair.shake());
  EXPECT_TRUE(pair.client.info().cipher_suite);
}

TEST(TlsStream, AnAnswerThatNeverComesEndsAtTheDeadline) {
  asio::io_context loop;
  Pair pair(loop, 1h);
  const auto shake = [&]() -> Awaitable<Result<void>> {
    const auto [c, s] = co_await (pair.client.handshake(deadline_in(5s)) && pair.server.handshake(deadline_in(50ms)));
    EXPECT_FALSE(c);
    co_return s;
  };
  EXPECT_EQ(run(loop, shake()).error().rule, &rules::deadline_passed);
}

TEST(TlsStream, ARefusalReachesThePeerAsItsAlert) {
  asio::io_context loop;
  auto sockets = connected_pair(loop);
  Responder refusing;
  Trusting trusting;
  TlsStream client(std::move(sockets.client), client_end(loop), refusing);
  TlsStream server(std::move(sockets.server), server_end(loop), trusting);
  const auto shake = [&]() -> Awaitable<Nothing> {
    const auto [c, s] = co_await (client.handshake(deadline_in(5s)) && server.handshake(deadline_in(5s)));
    EXPECT_EQ(c.error().rule, &rules::not_verified);
    EXPECT_EQ(s.error().rule, &tls::rules::alert_received);
    EXPECT_THAT(s.error().what, ::testing::HasSubstr("certificate_unknown"));
    co_return Nothing{};
  };
  run(loop, shake());
  EXPECT_EQ(client.last_error()->rule, &rules::not_verified);
}

TEST(TlsStream, AServerWithoutCertificateSaysSo) {
  asio::io_context loop;
  auto sockets = connected_pair(loop);
  Responder nobody;
  TlsStream client(std::move(sockets.client), client_end(loop), nobody);
  TlsStream server(std::move(sockets.server), server_end(loop), nobody);
  const auto shake = [&]() -> Awaitable<Nothing> {
    const auto [c, s] = co_await (client.handshake(deadline_in(5s)) && server.handshake(deadline_in(5s)));
    EXPECT_EQ(s.error().rule, &rules::no_certificate);
    EXPECT_EQ(c.error().rule, &tls::rules::alert_received);
    co_return Nothing{};
  };
  run(loop, shake());
}

/// Talks over a relay that passes bytes on in pieces of `piece` bytes.
void talk_over_relay(std::size_t piece) {
  asio::io_context loop;
  auto near = connected_pair(loop);
  auto far = connected_pair(loop);
  Trusting responder;
  TlsStream client(std::move(near.client), client_end(loop), responder);
  TlsStream server(std::move(far.server), server_end(loop), responder);
  const auto relay = [piece](asio::ip::tcp::socket& from, asio::ip::tcp::socket& to) -> Awaitable<void> {
    std::vector<char> bytes(piece);
    for (;;) {
      std::error_code error;
      const auto count =
          co_await from.async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
      if (error) break;
      co_await asio::async_write(to, asio::buffer(bytes, count), asio::redirect_error(asio::use_awaitable, error));
      if (error) break;
    }
    std::error_code ignored;
    to.shutdown(asio::socket_base::shutdown_send, ignored);
  };
  asio::co_spawn(loop, relay(near.server, far.client), asio::detached);
  asio::co_spawn(loop, relay(far.client, near.server), asio::detached);
  const std::string body = numbered_bytes(piece < 100 ? 3'000 : 300'000);
  const auto talk = [&]() -> Awaitable<std::string> {
    auto there = [&]() -> Awaitable<std::string> {
      EXPECT_TRUE(co_await client.handshake(deadline_in(10s)));
      EXPECT_TRUE(co_await say(client, body));
      co_return *co_await hear_all(client);
    };
    auto echo = [&]() -> Awaitable<std::string> {
      EXPECT_TRUE(co_await server.handshake(deadline_in(10s)));
      std::string got;
      while (got.size() < body.size()) got += as_text(*co_await server.read(deadline_in(10s)));
      EXPECT_TRUE(co_await say(server, got));
      EXPECT_TRUE(co_await server.close(deadline_in(0s)));
      co_return "";
    };
    const auto [back, nothing] = co_await (there() && echo());
    co_return back;
  };
  EXPECT_TRUE(run(loop, talk()) == body) << "pieces of " << piece;
}

TEST(TlsStream, AnySplitOfTheTransportGivesTheSameBytes) {
  for (const std::size_t piece : {1U, 2U, 7U, 100U, 1'460U, 4'097U, 16'406U, 65'536U}) talk_over_relay(piece);
}

TEST(TlsStream, MovesMuchBothWaysAtOnce) {
  asio::io_context loop;
  Pair pair(loop);
  const std::string body = numbered_bytes(8'000'000);
  const auto send = [&](Stream& stream) -> Awaitable<Nothing> {
    EXPECT_TRUE(co_await say(stream, body));
    co_return Nothing{};
  };
  const auto receive = [&](Stream& stream) -> Awaitable<std::string> {
    std::string all;
    while (all.size() < body.size()) all += as_text(*co_await stream.read(deadline_in(10s)));
    co_return to_hex(crypto::hash_of(crypto::HashAlgorithm::sha256, as_bytes(all)));
  };
  const auto all = [&]() -> Awaitable<std::string> {
    co_await pair.shake();
    const auto [a, b, there, back] =
        co_await (send(pair.client) && send(pair.server) && receive(pair.client) && receive(pair.server));
    co_return there == back ? there : "differ";
  };
  EXPECT_EQ(run(loop, all()), to_hex(crypto::hash_of(crypto::HashAlgorithm::sha256, as_bytes(body))));
}

TEST(TlsStream, SealsReservationsInPlace) {
  asio::io_context loop;
  Pair pair(loop);
  const auto talk = [&]() -> Awaitable<std::string> {
    co_await pair.shake();
    for (const std::string_view word : {"one ", "two "}) {
      const auto room = pair.client.reserve(1'000'000);
      EXPECT_EQ(room->size(), Stream::max_reservation);
      std::ranges::copy(as_bytes(word), room->begin());
      EXPECT_TRUE(pair.client.commit(word.size()));
    }
    EXPECT_EQ(pair.client.reserve(0).error().rule, &rules::reservation_misused);
    EXPECT_GT(pair.client.queued(), 8U);
    EXPECT_TRUE(co_await pair.client.flush(deadline_in(5s)));
    EXPECT_EQ(pair.client.queued(), 0U);
    EXPECT_TRUE(co_await pair.client.close(deadline_in(0s)));
    co_return *co_await hear_all(pair.server);
  };
  EXPECT_EQ(run(loop, talk()), "one two ");
}

TEST(TlsStream, HoldsNoBufferWhileItWaits) {
  asio::io_context loop;
  Pair pair(loop);
  const auto silence = [&]() -> Awaitable<Result<Bytes>> {
    co_await pair.shake();
    co_return co_await pair.client.read(deadline_in(50ms));
  };
  EXPECT_EQ(run(loop, silence()).error().rule, &rules::deadline_passed);
  pair.client.cancel();
  EXPECT_LE(Resources::of(loop).buffers().lent(), 1U) << "the server's, whose handshake ended with a read";
}

TEST(TlsStream, AStalledHandshakeEndsAtItsDeadline) {
  asio::io_context loop;
  auto sockets = connected_pair(loop);
  Trusting responder;
  TlsStream server(std::move(sockets.server), server_end(loop), responder);
  sockets.client.write_some(asio::buffer("\x16\x03\x01", 3));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(run(loop, server.handshake(deadline_in(100ms))).error().rule, &rules::deadline_passed);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
  EXPECT_EQ(Resources::of(loop).buffers().lent(), 0U) << "three bytes keep no 64 KiB";
}

TEST(TlsStream, AnEndWithoutCloseNotifyIsTruncation) {
  asio::io_context loop;
  Pair pair(loop);
  const auto cut = [&]() -> Awaitable<Result<std::string>> {
    co_await pair.shake();
    EXPECT_TRUE(co_await say(pair.server, "half of "));
    pair.server.lowest_layer().shutdown_send();
    co_return co_await hear_all(pair.client);
  };
  EXPECT_EQ(run(loop, cut()).error().rule, &tls::rules::truncated);
}

TEST(TlsStream, GarbageIsAnsweredWithAnAlert) {
  asio::io_context loop;
  auto sockets = connected_pair(loop);
  Trusting responder;
  TlsStream server(std::move(sockets.server), server_end(loop), responder);
  sockets.client.write_some(asio::buffer(std::string_view("\x16\x03\x01\x00\x04\x63\x00\x00\x00", 9)));
  EXPECT_EQ(run(loop, server.handshake(deadline_in(5s))).error().rule, &tls::rules::unexpected_message);
  std::array<std::uint8_t, 16> alert{};
  EXPECT_EQ(asio::read(sockets.client, asio::buffer(alert, 7)), 7U);
  EXPECT_EQ(alert[0], 21);  // alert(21), fatal(2), unexpected_message(10)
  EXPECT_EQ(alert[5], 2);
  EXPECT_EQ(alert[6], 10);
}

TEST(TlsStream, WhatIsNoTlsAtAllEndsTheHandshake) {
  asio::io_context loop;
  auto sockets = connected_pair(loop);
  Trusting responder;
  TlsStream server(std::move(sockets.server), server_end(loop), responder);
  sockets.client.write_some(asio::buffer(std::string(600, '\xee')));
  EXPECT_EQ(run(loop, server.handshake(deadline_in(5s))).error().rule, &tls::rules::not_tls);
}

TEST(TlsStream, PlainHttpOnATlsPortIsNamed) {
  asio::io_context loop;
  auto sockets = connected_pair(loop);
  Trusting responder;
  TlsStream server(std::move(sockets.server), server_end(loop), responder);
  sockets.client.write_some(asio::buffer(std::string_view("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")));
  EXPECT_EQ(run(loop, server.handshake(deadline_in(5s))).error().rule, &tls::rules::plain_http_request);
  auto others = connected_pair(loop);
  TlsStream client(std::move(others.client), client_end(loop), responder);
  others.server.write_some(asio::buffer(std::string_view("HTTP/1.1 400 Bad Request\r\n\r\n")));
  EXPECT_EQ(run(loop, client.handshake(deadline_in(5s))).error().rule, &tls::rules::plain_http_response);
}

TEST(TlsStream, AfterAnErrorEveryCallGivesItAgain) {
  asio::io_context loop;
  Pair pair(loop);
  const auto twice = [&]() -> Awaitable<Nothing> {
    co_await pair.shake();
    pair.client.cancel();
    const auto first = co_await pair.client.read(deadline_in(5s));
    const auto second = co_await pair.client.read(deadline_in(5s));
    EXPECT_EQ(first.error().rule, &rules::cancelled);
    EXPECT_EQ(second.error().rule, &rules::cancelled);
    EXPECT_EQ((co_await say(pair.client, "x")).error().rule, &rules::cancelled);
    EXPECT_EQ(pair.client.reserve(1).error().rule, &rules::cancelled);
    EXPECT_TRUE(co_await pair.client.close(deadline_in(0s)));
    co_return Nothing{};
  };
  run(loop, twice());
}

TEST(TlsStream, GoesOnAfterAReadsDeadline) {
  asio::io_context loop;
  Pair pair(loop);
  const auto patient = [&]() -> Awaitable<Result<std::string>> {
    co_await pair.shake();
    EXPECT_EQ((co_await pair.client.read(deadline_in(1ms))).error().rule, &rules::deadline_passed);
    EXPECT_TRUE(co_await say(pair.client, "are you there?"));
    EXPECT_EQ(as_text(*co_await pair.server.read(deadline_in(5s))), "are you there?");
    EXPECT_TRUE(co_await say(pair.server, "yes"));
    EXPECT_TRUE(co_await pair.server.end_output(deadline_in(5s)));
    co_return co_await hear_all(pair.client);
  };
  EXPECT_EQ(run(loop, patient()).value(), "yes");
}

TEST(TlsStream, ReadsOnAfterItsOwnEnd) {
  asio::io_context loop;
  Pair pair(loop);
  const auto half_closed = [&]() -> Awaitable<Result<std::string>> {
    co_await pair.shake();
    EXPECT_TRUE(co_await pair.server.end_output(deadline_in(5s)));
    EXPECT_TRUE((co_await pair.client.read(deadline_in(5s)))->empty());
    EXPECT_TRUE(co_await say(pair.client, "last words"));
    EXPECT_TRUE(co_await pair.client.end_output(deadline_in(5s)));
    co_return co_await hear_all(pair.server);
  };
  EXPECT_EQ(run(loop, half_closed()).value(), "last words");
}

TEST(TlsStream, LoopsEndWhileHandshakesRun) {
  // The coroutines die with their loop, wherever they wait: no leak, no touch of what is gone (under ASan).
  for (int steps = 0; steps < 40; ++steps) {
    Trusting responder;
    asio::io_context loop;
    auto sockets = connected_pair(loop);
    const auto one = [&](asio::ip::tcp::socket socket, tls::Connection end) -> Awaitable<void> {
      TlsStream stream(std::move(socket), std::move(end), responder);
      const auto shaken = co_await stream.handshake(deadline_in(5s));
      if (shaken) co_await stream.read(deadline_in(5s));
    };
    asio::co_spawn(loop, one(std::move(sockets.client), client_end(loop)), asio::detached);
    asio::co_spawn(loop, one(std::move(sockets.server), server_end(loop)), asio::detached);
    for (int step = 0; step < steps; ++step) loop.poll_one();
  }
  SUCCEED();
}

// ---- as Asio's stream, for other people's programs

TEST(TlsStreamForAsio, ReadsAndWritesWithAnyToken) {
  asio::io_context loop;
  Pair pair(loop);
  run(loop, pair.shake());
  const std::string body = numbered_bytes(200'000);
  std::string got(body.size(), '\0');
  std::size_t written = 0, received = 0;
  asio::async_write(pair.client, asio::buffer(body), [&](std::error_code error, std::size_t count) {
    EXPECT_FALSE(error) << error.message();
    written = count;
  });
  asio::async_read(pair.server, asio::buffer(got), [&](std::error_code error, std::size_t count) {
    EXPECT_FALSE(error) << error.message();
    received = count;
  });
  loop.restart();
  loop.run_for(10s);
  EXPECT_EQ(written, body.size());
  EXPECT_EQ(received, body.size());
  EXPECT_TRUE(got == body);
}

TEST(TlsStreamForAsio, CloseNotifyIsEofAndAShorterEndIsNot) {
  for (const bool clean : {true, false}) {
    asio::io_context loop;
    Pair pair(loop);
    run(loop, pair.shake());
    const auto end = [&]() -> Awaitable<Nothing> {
      if (clean) co_await pair.server.close(deadline_in(0s));
      if (!clean) pair.server.lowest_layer().shutdown_send();
      co_return Nothing{};
    };
    run(loop, end());
    std::array<char, 10> bytes{};
    std::error_code told;
    pair.client.async_read_some(asio::buffer(bytes), [&](std::error_code error, std::size_t) { told = error; });
    loop.restart();
    loop.run_for(5s);
    const std::error_code expected = clean ? std::error_code(asio::error::eof) : StreamError::truncated;
    EXPECT_EQ(told, expected);
  }
}

TEST(TlsStreamForAsio, OneOperationCanBeCancelled) {
  asio::io_context loop;
  Pair pair(loop);
  run(loop, pair.shake());
  asio::cancellation_signal signal;
  std::array<char, 10> bytes{};
  std::error_code told;
  pair.client.async_read_some(
      asio::buffer(bytes),
      asio::bind_cancellation_slot(signal.slot(), [&](std::error_code error, std::size_t) { told = error; }));
  asio::steady_timer timer(loop, 20ms);
  timer.async_wait([&](std::error_code) { signal.emit(asio::cancellation_type::terminal); });
  loop.restart();
  loop.run_for(5s);
  EXPECT_EQ(told, asio::error::operation_aborted);
}

}  // namespace
}  // namespace padlock::net

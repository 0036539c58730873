// A whole server on loopback, talked to by our own client and by scripted ones.
#include "padlock/server/server.h"

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "padlock/net/clock.h"
#include "padlock/net/listener.h"
#include "padlock/net/rules.h"
#include "padlock/net/test_loop.h"
#include "padlock/server/exchange.h"
#include "padlock/server/folder_handler.h"
#include "padlock/server/limits.h"
#include "padlock/server/rules.h"
#include "padlock/server/test_serving.h"
#include "padlock/tls/rules.h"

namespace padlock::server {
namespace {

using namespace std::chrono_literals;
using net::testing::run;
using ::testing::AllOf;
using testing::body_of;
using testing::Client;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using testing::get;
using ::testing::HasSubstr;
using testing::Http2Client;
using testing::numbered;
using ::testing::Pair;
using testing::post;
using testing::Serving;
using ::testing::StartsWith;

TEST_F(Serving, AnswersWithFiles) {
  start();
  const std::string page = Client(https()).ask(get("/"));
  EXPECT_THAT(page, AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Type: text/html"),
                          HasSubstr("Content-Length: 12\r\n"), EndsWith("\r\n\r\n<p>hello</p>")));
  EXPECT_THAT(Client(https()).ask(get("/sub")), AllOf(StartsWith("HTTP/1.1 308 "), HasSubstr("Location: /sub/\r\n")));
  EXPECT_THAT(Client(https()).ask(get("/sub/")), EndsWith("<p>below</p>"));
  for (const char* target : {"/.hidden", "/link.txt", "/missing", "/../outside.txt", "/%2e%2e/outside.txt"})
    EXPECT_THAT(Client(https()).ask(get(target)), StartsWith("HTTP/1.1 404 ")) << target;
  const std::string head = Client(https()).ask("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(head, AllOf(HasSubstr("Content-Length: 12\r\n"), EndsWith("\r\n\r\n")));
  EXPECT_THAT(
      Client(https()).ask(get("/", "Range: bytes=3-7\r\nConnection: close\r\n")),
      AllOf(StartsWith("HTTP/1.1 206 "), HasSubstr("Content-Range: bytes 3-7/12\r\n"), EndsWith("\r\n\r\nhello")));
  EXPECT_THAT(
      Client(https()).ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"),
      StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Client(https()).ask("GET / HTTP/1.1\r\nHost: other.test\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 421 "));
}

TEST_F(Serving, KeepsConnectionsAndAnswersPipelinedRequestsInOrder) {
  start();
  Client client(https());
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(client.say(get("/", "")));
    EXPECT_THAT(client.hear_until("</p>"), EndsWith("<p>hello</p>"));
  }
  const std::string all = client.ask(get("/", "") + get("/sub/", "") + get("/none"));
  EXPECT_THAT(all, ::testing::ContainsRegex("hello(.|\n)*below(.|\n)*404 Not Found"));
  EXPECT_FALSE(client.ending());
}

TEST_F(Serving, SendsALargeFileWhole) {
  const std::string large = numbered(5'000'000);
  write("site/large.txt", large);
  start();
  EXPECT_EQ(body_of(Client(https()).ask(get("/large.txt"))), large);
  EXPECT_EQ(body_of(Client(https()).ask(get("/large.txt", "Range: bytes=70000-\r\nConnection: close\r\n"))),
            large.substr(70000));
}

TEST_F(Serving, DropsABodyThatNobodyAskedForAndGoesOn) {
  start();
  Client client(https());
  const std::string body(60'000, 'x');
  EXPECT_TRUE(client.say("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"));
  EXPECT_THAT(client.hear_until("</html>"), StartsWith("HTTP/1.1 405 "));
  EXPECT_TRUE(client.say(body));
  EXPECT_THAT(client.ask(get("/")), EndsWith("<p>hello</p>"));
}

TEST_F(Serving, PlainHttpLeadsToHttps) {
  start();
  const std::string answer = Client(http(), std::nullopt).ask(get("/sub/?q=1"));
  EXPECT_THAT(answer,
              AllOf(StartsWith("HTTP/1.1 308 "),
                    HasSubstr("Location: https://localhost:" + std::to_string(https().port) + "/sub/?q=1\r\n")));
}

TEST_F(Serving, PlainHttpOnTheTlsPortIsToldSo) {
  start();
  const std::string answer = Client(https(), std::nullopt).ask(get("/", ""));
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("Content-Type: text/plain"), HasSubstr("https://")));
  EXPECT_THAT(Client(https()).ask(get("/")), EndsWith("<p>hello</p>"));
}

TEST_F(Serving, SpeaksForItsNamesAlone) {
  start();
  EXPECT_TRUE(Client(https(), "127.0.0.1").shaken());
  const Client stranger(https(), "other.test");
  ASSERT_FALSE(stranger.shaken());
  EXPECT_EQ(stranger.shaken().error().rule, &tls::rules::alert_received);
  EXPECT_THAT(stranger.shaken().error().what, HasSubstr("unrecognized_name"));
  EXPECT_THAT(log(), Contains(HasSubstr("server.tls.unknown_server_name")));
}

TEST_F(Serving, GarbageEndsAConnectionAndNothingElse) {
  start();
  using namespace std::string_view_literals;  // some hold a NUL
  for (const auto garbage :
       {"\x16\x03\x01"sv, "\x16\x03\x01\x00\x05hello"sv, "\x80\x2e\x01"sv, "\x15\x03\x03\x00\x02\x02\x28"sv}) {
    Client client(https(), std::nullopt);
    EXPECT_TRUE(client.say(garbage));
    EXPECT_TRUE(run(client.loop(), client.stream().end_output(net::deadline_in(5s))));
    client.hear_all();
  }
  EXPECT_THAT(Client(https()).ask(get("/")), EndsWith("<p>hello</p>"));
}

TEST_F(Serving, ASlowHeadIsTold408) {
  service_.timers.head = 100ms;
  start();
  Client client(https());
  EXPECT_TRUE(client.say("GET / HTTP/1.1\r\nHost:"));
  EXPECT_THAT(client.hear_all(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(Serving, ABrokenHeadIsTold400) {
  start();
  Client client(https());
  EXPECT_THAT(
      client.ask("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
      StartsWith("HTTP/1.1 400 "));
  EXPECT_FALSE(client.ending()) << "the end is a clean one";
}

TEST_F(Serving, AnIdleConnectionIsEndedCleanly) {
  service_.timers.idle = 100ms;
  start();
  Client client(https());
  EXPECT_EQ(client.hear_all(), "");
  EXPECT_FALSE(client.ending());
}

TEST_F(Serving, ASilentHandshakeIsEnded) {
  service_.timers.handshake = 100ms;
  start();
  Client mute(https(), std::nullopt);
  EXPECT_EQ(mute.hear_all(), "");
  Client half(https(), std::nullopt);
  EXPECT_TRUE(half.say("\x16"));
  half.hear_all();
  EXPECT_THAT(log(), Contains(HasSubstr("net.deadline_passed")));
}

TEST_F(Serving, AClientThatReadsNothingIsCutOff) {
  write("site/large.txt", numbered(40'000'000));
  service_.timers.write = 200ms;
  start();
  Client client(https());
  EXPECT_TRUE(client.say(get("/large.txt")));
  for (int tries = 0; tries < 100; ++tries) {
    std::this_thread::sleep_for(50ms);
    const std::scoped_lock lock(mutex_);
    if (lines_.size() >= 2) break;
  }
  EXPECT_LT(client.hear_all().size(), 40'000'000U);
  EXPECT_TRUE(client.ending()) << "a short body must not look whole";
  EXPECT_THAT(log(), Contains(EndsWith(" incomplete")));
}

TEST_F(Serving, ADownloadOutlivesTheOrderToStop) {
  const std::string large = numbered(20'000'000);
  write("site/large.txt", large);
  start();
  Client client(https());
  Client idle(https());
  EXPECT_TRUE(client.say(get("/large.txt", "")));
  std::string response = client.hear_until("Content-Length");
  server_->finish();
  response += client.hear_all();
  EXPECT_EQ(body_of(response), large);
  EXPECT_FALSE(client.ending());
  EXPECT_EQ(idle.hear_all(), "");
  EXPECT_FALSE(idle.ending()) << "an idle client hears close_notify";
  server_->join();
  asio::io_context loop;
  asio::ip::tcp::socket refused(loop);
  std::error_code error;
  refused.connect(net::to_asio(https()), error);
  EXPECT_TRUE(error);
}

TEST_F(Serving, ADownloadThatDragsOnIsDroppedInTheEnd) {
  write("site/large.txt", numbered(40'000'000));
  service_.timers.drain = 200ms;
  start();
  Client client(https());
  EXPECT_TRUE(client.say(get("/large.txt", "")));
  EXPECT_THAT(client.hear_until("Content-Length"), StartsWith("HTTP/1.1 200 "));
  server_->finish();
  server_->join();  // although the client takes nothing
  client.hear_all();
  EXPECT_TRUE(client.ending());
}

TEST_F(Serving, StopsAtOnceWhenToldSo) {
  start();
  Client idle(https());
  server_->stop();
  server_->join();
  server_.reset();
  idle.hear_all();
}

TEST_F(Serving, TurnsAwayWhoHasTooManyConnections) {
  options_.admission.per_address = 2;
  start();
  {
    Client one(https());
    Client two(https());
    EXPECT_FALSE(Client(https()).shaken());
    EXPECT_THAT(one.ask(get("/")), EndsWith("<p>hello</p>"));
  }
  EXPECT_THAT(log(), Contains(HasSubstr("server.connection.too_many")));
}

/// True once the server has ended this connection.
bool was_ended(asio::ip::tcp::socket& socket) {
  std::error_code error;
  std::array<char, 16> room{};
  for (int tries = 0; tries < 100; ++tries) {
    socket.read_some(asio::buffer(room), error);
    if (error && error != asio::error::would_block) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

TEST_F(Serving, ShedsTheOldestHandshakesInAFloodAndServesNewcomers) {  // docs/threats.md, T31
  constexpr std::size_t flood = 1000;
  options_.admission = {.connections = 4000, .half_open = 50, .per_address = 4000};
  start();
  asio::io_context loop;
  std::vector<asio::ip::tcp::socket> stalled;
  for (std::size_t i = 1; i <= flood; ++i) {
    stalled.emplace_back(loop).connect(net::to_asio(https()));
    asio::write(stalled.back(), asio::buffer("\x16", 1));  // a record's first byte, and then nothing
    if (i % 50 != 0) continue;
    EXPECT_THAT(Client(https()).ask(get("/")), EndsWith("<p>hello</p>")) << "after " << i;
  }
  std::size_t ended = 0;
  for (auto& socket : stalled) socket.non_blocking(true);
  for (std::size_t i = 0; i < flood - 50; ++i) ended += was_ended(stalled[i]) ? 1U : 0U;
  EXPECT_EQ(ended, flood - 50) << "the oldest made room";
  stalled.clear();
  EXPECT_THAT(log(), Contains(HasSubstr("server.connection.shed")));
}

/// Answers once it is told to.
class Slow final : public Handler {
 public:
  mutable std::atomic<int> begun = 0;
  std::atomic<bool> may_answer = false;

 private:
  net::Awaitable<Result<void>> handle(Exchange& exchange) const override {
    ++begun;
    asio::steady_timer timer(exchange.executor());
    while (!may_answer) {
      timer.expires_after(10ms);
      co_await timer.async_wait(asio::use_awaitable);
    }
    Answer answer{plan_response(204, exchange.began().wall)};
    co_return co_await exchange.send(std::move(answer));
  }
};

TEST_F(Serving, TellsRequestsToComeAgainWhenTooManyAreInWork) {  // docs/threats.md, P2
  options_.load.requests = 1;
  options_.workers = 1;
  const auto slow = std::make_shared<Slow>();
  start(handler_site({"localhost"}, slow));
  Client first(https());
  EXPECT_TRUE(first.say(get("/")));
  while (slow->begun == 0) std::this_thread::sleep_for(10ms);
  Client second(https());
  EXPECT_THAT(second.ask(get("/")), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("\r\nRetry-After: 1\r\n")));
  Http2Client third(https());
  const auto refused = third.ask("/");
  third.talk_until([&] { return third.heard(std::to_string(refused) + " end"); });
  EXPECT_TRUE(third.heard(std::to_string(refused) + " 503"));
  slow->may_answer = true;
  EXPECT_THAT(first.hear_all(), StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(Client(https()).ask(get("/")), StartsWith("HTTP/1.1 204 ")) << "its place is free again";
  EXPECT_THAT(log(), Contains(HasSubstr("server.request.overloaded")));
}

TEST_F(Serving, KeepsNoConnectionsWhileMemoryIsTight) {  // docs/threats.md, P2
  std::atomic<std::uint64_t> used = 0;
  options_.load.memory = 1000;
  options_.heap = [&] { return used.load(); };
  start();
  Client kept(https());
  EXPECT_TRUE(kept.say(get("/", "")));
  EXPECT_THAT(kept.hear_until("</p>"), EndsWith("<p>hello</p>"));
  Http2Client both(https());
  auto asked = both.ask("/");
  both.talk_until([&] { return both.heard(std::to_string(asked) + " end"); });
  used = 850;
  std::this_thread::sleep_for(2 * limits::memory_looks_apart);
  EXPECT_TRUE(kept.say(get("/", "")));
  EXPECT_THAT(kept.hear_all(), AllOf(HasSubstr("Connection: close\r\n"), EndsWith("<p>hello</p>")));
  EXPECT_FALSE(kept.ending());
  asked = both.ask("/");
  both.talk_until([&] { return both.heard("goaway") && both.heard(std::to_string(asked) + " end"); });
  EXPECT_TRUE(both.heard(std::to_string(asked) + " 200"));
  EXPECT_THAT(Client(https()).ask(get("/", "")), EndsWith("<p>hello</p>")) << "newcomers are served still";
}

TEST_F(Serving, AcceptsNobodyWhileMemoryIsOut) {  // docs/threats.md, P2
  std::atomic<std::uint64_t> used = 950;
  options_.load.memory = 1000;
  options_.heap = [&] { return used.load(); };
  start();
  std::jthread frees([&] {
    std::this_thread::sleep_for(500ms);
    used = 100;
  });
  const auto began = net::monotonic_now();
  EXPECT_THAT(Client(https()).ask(get("/")), EndsWith("<p>hello</p>"));
  EXPECT_GT(net::monotonic_now() - began, 300ms) << "it waits until there is room";
  EXPECT_THAT(log(), Contains(HasSubstr("server.connection.memory")));
}

TEST_F(Serving, AFileThatShrinksEndsTheConnectionVisibly) {
  write("site/large.txt", numbered(40'000'000));
  start();
  Client client(https());
  EXPECT_TRUE(client.say(get("/large.txt")));
  std::string response = client.hear_until("Content-Length: 40000000");
  std::filesystem::resize_file(folder_ / "site" / "large.txt", 100);
  response += client.hear_all();
  EXPECT_LT(response.size(), 40'000'000U);
  EXPECT_TRUE(client.ending());
  EXPECT_THAT(log(), AllOf(Contains(HasSubstr("server.file_changed")), Contains(EndsWith(" incomplete"))));
}

TEST_F(Serving, LogsALineForEachRequest) {
  start();
  EXPECT_THAT(Client(https()).ask(get("/sub/?a=b")), StartsWith("HTTP/1.1 200 "));
  Client(http(), std::nullopt).ask(get("/"));
  const auto lines = log();
  EXPECT_THAT(lines, Contains(::testing::ContainsRegex(" 127.0.0.1:[0-9]+ localhost \"GET /\" 308 0 B .* plain$")));
  EXPECT_THAT(lines, Contains(HasSubstr(" localhost \"GET /sub/?a=b\" 200 12 B ")));
}

TEST_F(Serving, CountsWhatItDoes) {
  start();
  EXPECT_THAT(Client(https()).ask(get("/")), EndsWith("<p>hello</p>"));
  EXPECT_THAT(Client(https()).ask(get("/missing")), StartsWith("HTTP/1.1 404 "));
  EXPECT_FALSE(Client(https(), "other.test").shaken());
  Client(http(), std::nullopt).ask(get("/"));
  Client open(https());
  EXPECT_EQ(server_->counts().connections_open, 1);
  static_cast<void>(log());  // all has ended
  const Counts counts = server_->counts();
  EXPECT_EQ(counts.connections_accepted, 5);
  EXPECT_EQ(counts.connections_open, 0);
  ASSERT_EQ(counts.handshakes.size(), 1);
  EXPECT_EQ(counts.handshakes.begin()->first.version, tls::ProtocolVersion::TLS_1_3);
  EXPECT_EQ(counts.handshakes.begin()->second, 3);
  EXPECT_THAT(counts.handshake_failures, ElementsAre(Pair(rules::unknown_server_name.code, 1)));
  EXPECT_THAT(counts.failures, ElementsAre(Pair(rules::unknown_server_name.code, 1)));
  EXPECT_THAT(counts.requests,
              ElementsAre(Pair(RequestKind{HttpVersion::http1, 2}, 1), Pair(RequestKind{HttpVersion::http1, 3}, 1),
                          Pair(RequestKind{HttpVersion::http1, 4}, 1)));
  EXPECT_GT(counts.body_bytes, 12);
}

/// Says back what it was asked, in plain http below /plain/.
class Echo final : public PlainAnswers {
 public:
  std::optional<std::size_t> body_limit(const http::Request& request) const override {
    return request.target.starts_with("/plain/") ? std::optional<std::size_t>(8) : std::nullopt;
  }
  ResponsePlan answer(const http::Request& request, Bytes body, WallTime now) const override {
    ResponsePlan plan = plan_response(200, now);
    plan.page = request.method + " " + request.target + " [" + std::string(as_text(body)) + "]";
    return plan;
  }
};

TEST_F(Serving, AnswersInPlainHttpWhatMustNotBeRedirected) {
  service_.plain_answers = std::make_shared<Echo>();
  start();
  const auto ask = [&](std::string_view request) { return Client(http(), std::nullopt).ask(request); };
  EXPECT_EQ(body_of(ask(get("/plain/x"))), "GET /plain/x []");
  EXPECT_EQ(body_of(ask(post("/plain/x", "12345678"))), "POST /plain/x [12345678]") << "at the limit";
  EXPECT_THAT(ask(post("/plain/x", "123456789")), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(ask(post("/plain/x", std::string(100'000, 'x'))), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(ask(get("/plain")), StartsWith("HTTP/1.1 308 "));
  EXPECT_THAT(ask(post("/other", "12345678")), StartsWith("HTTP/1.1 308 "));
  EXPECT_THAT(Client(https()).ask(get("/plain/x")), StartsWith("HTTP/1.1 404 ")) << "in plain http alone";
  EXPECT_THAT(log(), Contains(HasSubstr("\"POST /plain/x\" 413")));
}

TEST_F(Serving, AnswersChallengesOfHttp01WhileTheyArePending) {
  const auto provider = crypto::make_provider();
  const auto board = std::make_shared<certs::ChallengeBoard>(*provider);
  service_.challenges = board;
  start();
  const auto ask = [&](std::string_view request) { return Client(http(), std::nullopt).ask(request); };
  const std::string path = "/.well-known/acme-challenge/token";
  EXPECT_THAT(ask(get(path)), StartsWith("HTTP/1.1 308 "));
  const std::vector<acme::ChallengeAnswer> answers{
      {acme::ChallengeType::http_01, {acme::Identifier::Type::dns, "localhost"}, "token", "token.thumbprint"}};
  asio::io_context loop;
  ASSERT_TRUE(net::testing::run(loop, board->show(answers)));
  EXPECT_EQ(body_of(ask(get(path))), "token.thumbprint");
  EXPECT_THAT(ask(get(path + "x")), StartsWith("HTTP/1.1 308 "));
  EXPECT_THAT(ask(post(path, "")), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Client(https()).ask(get(path)), StartsWith("HTTP/1.1 404 ")) << "in plain http alone";
}

TEST_F(Serving, TakesBodiesInPiecesAndKeepsTheConnection) {
  service_.plain_answers = std::make_shared<Echo>();
  start();
  Client client(http(), std::nullopt);
  const std::string head = "POST /plain/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string_view piece : {std::string_view(head), std::string_view("2\r\nab\r\n"),
                                       std::string_view("1\r\nc"), std::string_view("\r\n0\r\n\r\n")}) {
    EXPECT_TRUE(client.say(piece));
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_THAT(client.hear_until("]"), EndsWith("POST /plain/x [abc]"));
  EXPECT_TRUE(
      client.say("POST /plain/y HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_THAT(client.hear_until("\r\n\r\n"), StartsWith("HTTP/1.1 100 "));
  EXPECT_TRUE(client.say("de"));
  EXPECT_THAT(client.hear_until("]"), EndsWith("POST /plain/y [de]"));
  EXPECT_THAT(client.ask(get("/plain/z")), EndsWith("GET /plain/z []"));
}

TEST_F(Serving, ABodyThatBreaksOffIsNotAnswered) {
  service_.plain_answers = std::make_shared<Echo>();
  start();
  const std::string head = "POST /plain/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string said = Client(http(), std::nullopt).ask(head + "zz\r\n");
  EXPECT_THAT(said, StartsWith("HTTP/1.1 400 "));
  EXPECT_EQ(said.find("POST /plain/x ["), std::string::npos);
}

TEST_F(Serving, SaysWhyItCannotStart) {
  start();
  const auto refused = [&](auto change) {
    ServerOptions options = options_;
    change(options);
    const auto opened = Server::open(options, service_);
    return opened ? nullptr : opened.error().rule;
  };
  EXPECT_EQ(refused([&](ServerOptions& options) { options.https_port = https().port; }), &net::rules::port_in_use);
  EXPECT_EQ(refused([&](ServerOptions& options) { options.http_port = https().port; }), &net::rules::port_in_use);
  EXPECT_EQ(refused([](ServerOptions& options) { options.addresses = {*x509::parse_ip_address("192.0.2.1")}; }),
            &net::rules::address_not_available);
}

TEST_F(Serving, ShowsEachSiteUnderItsNames) {
  std::filesystem::create_directories(folder_ / "other");
  write("other/index.html", "<p>other</p>");
  start();
  const auto first = folder_site({"localhost", "127.0.0.1"}, "site"), other = folder_site({"other.test"}, "other");
  service_.sites = Sites::make({first, other}).value();
  Client before(https());
  server_->replace(service_);
  const std::string ask_other = "GET / HTTP/1.1\r\nHost: other.test\r\nConnection: close\r\n\r\n";
  while (!Client(https(), "other.test").shaken()) std::this_thread::sleep_for(1ms);  // workers take it one by one
  EXPECT_THAT(Client(https(), "other.test").ask(ask_other), EndsWith("<p>other</p>"));
  EXPECT_THAT(Client(https()).ask(get("/")), EndsWith("<p>hello</p>"));
  EXPECT_THAT(Client(https()).ask(ask_other), StartsWith("HTTP/1.1 421 "));
  EXPECT_THAT(before.ask(get("/")), EndsWith("<p>hello</p>")) << "a connection keeps what it began with";
  EXPECT_FALSE(Client(https(), "third.test").shaken());
}

TEST_F(Serving, PassesOverAnAddressThatThisHostDoesNotHave) {
  options_.addresses.push_back(*x509::parse_ip_address("192.0.2.1"));
  options_.skip_unavailable_addresses = true;
  start();
  EXPECT_EQ(server_->https().size(), 1U);
  EXPECT_THAT(Client(https()).ask(get("/")), EndsWith("<p>hello</p>"));
}

/// As many sockets as a server of before had workers; a server with more or fewer takes from all of them.
TEST_F(Serving, TakesSocketsThatAreThere) {
  for (const std::size_t sockets : {1U, 5U}) {
    service_.sites = Sites::make({folder_site({"localhost", "127.0.0.1"}, "site")}).value();
    BoundSockets bound{.https = net::open_listeners(*net::parse_endpoint("127.0.0.1:0"), sockets).value(),
                       .http = net::open_listeners(*net::parse_endpoint("127.0.0.1:0"), 1).value()};
    const net::Endpoint where = net::local_endpoint(bound.https.front());
    auto opened = Server::open(options_, service_, std::move(bound));
    ASSERT_TRUE(opened) << opened.error().what;
    server_ = std::move(*opened);
    server_->start();
    ASSERT_THAT(server_->https(), ElementsAre(where));
    for (int i = 0; i < 40; ++i) EXPECT_THAT(Client(where).ask(get("/")), EndsWith("<p>hello</p>")) << i;
    static_cast<void>(log());
  }
}

// ---- HTTP/2 ---------------------------------------------------------------------------------------------------------

class Serving2 : public Serving {};

TEST_F(Serving2, AnswersManyRequestsOnOneConnection) {
  write("site/large.txt", numbered(3'000'000));
  start();
  Http2Client client(https());
  const auto large = client.ask("/large.txt"), page = client.ask("/"), missing = client.ask("/missing"),
             other = client.ask("/", "other.test");
  client.talk_until([&] { return client.heard(std::to_string(large) + " end"); });
  EXPECT_EQ(client.body(large), numbered(3'000'000));
  EXPECT_EQ(client.body(page), "<p>hello</p>");
  EXPECT_TRUE(client.heard(std::to_string(missing) + " 404"));
  EXPECT_TRUE(client.heard(std::to_string(other) + " 421"));
  EXPECT_THAT(log(), Contains(HasSubstr("\"GET /large.txt\" 200 3000000 B")));
}

TEST_F(Serving2, AClientThatTakesNothingLosesItsStreamAlone) {
  write("site/large.txt", numbered(3'000'000));
  service_.timers.write = 200ms;
  start();
  Http2Client client(https());
  const std::string large = std::to_string(client.ask("/large.txt"));
  client.talk_until([&] { return client.heard(large + " reset"); }, false);
  EXPECT_TRUE(client.heard(large + " reset"));
  const auto page = client.ask("/");
  client.talk_until([&] { return client.heard(std::to_string(page) + " end"); });
  EXPECT_EQ(client.body(page), "<p>hello</p>");
  EXPECT_THAT(log(), Contains(EndsWith(" incomplete")));
}

TEST_F(Serving2, AnIdleConnectionEndsWhateverTrickles) {
  service_.timers.idle = 400ms;
  start();
  Http2Client client(https());
  const std::array<std::uint8_t, 17> ping{0, 0, 8, 6};
  for (int tries = 0; tries < 20; ++tries) {  // for longer than it may be idle
    std::this_thread::sleep_for(50ms);
    client.say(ping);
  }
  const auto page = client.ask("/");
  client.talk_until([&] { return client.heard(std::to_string(page) + " end"); });
  EXPECT_EQ(client.body(page), "") << "it is over";
}

TEST_F(Serving2, AStoppingServerEndsWhatIsAtWorkAndSaysGoodbye) {
  write("site/large.txt", numbered(3'000'000));
  start();
  Http2Client idle(https()), busy(https());
  const auto page = idle.ask("/");
  idle.talk_until([&] { return idle.heard(std::to_string(page) + " end"); });
  const auto large = busy.ask("/large.txt");
  busy.talk_until([&] { return !busy.body(large).empty(); });
  server_->finish();
  idle.talk_until([] { return false; });
  EXPECT_TRUE(idle.heard("goaway"));
  busy.talk_until([] { return false; });
  EXPECT_TRUE(busy.heard("goaway"));
  EXPECT_EQ(busy.body(large).size(), 3'000'000U);
  server_->join();
}

}  // namespace
}  // namespace padlock::server

// What goes wrong around a server: clients that vanish at any moment, and a process that is out of descriptors. The
// server lives on, whoever comes next is served, and nothing is left of those who went (docs/threats.md, P1, P4).
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/net/descriptor.h"
#include "padlock/server/exchange.h"
#include "padlock/server/limits.h"
#include "padlock/server/test_serving.h"
#include "padlock/tls/connection.h"

namespace padlock::server {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using testing::body_of;
using testing::Client;
using ::testing::EndsWith;
using testing::get;
using ::testing::HasSubstr;
using testing::numbered;
using testing::Serving;
using ::testing::StartsWith;

/// Sends what comes back, piece by piece.
class Echo final : public Handler {
  net::Awaitable<Result<void>> handle(Exchange& exchange) const override {
    if (auto begun = exchange.send_head({200, {}}, http::UnknownLength{}); !begun) co_return begun;
    for (;;) {
      auto bytes = co_await exchange.read_body();
      PADLOCK_CO_TRY(bytes);
      if (bytes->empty()) break;
      auto sent = co_await exchange.send_body(*bytes);
      PADLOCK_CO_TRY(sent);
      auto flushed = co_await exchange.flush();
      PADLOCK_CO_TRY(flushed);
    }
    co_return co_await exchange.end();
  }
};

class Vanishing : public Serving {
 protected:
  void start() {
    options_.log = {};  // a line for each of a thousand cuts
    options_.requests = {};
    options_.admission = {.connections = 1000, .half_open = 1000, .per_address = 1000};
    auto route = std::make_shared<Route>();
    route->handler = std::make_shared<FolderHandler>(net::Folder::open(folder_ / "site").value(), cache_);
    route->paths.emplace_back(PathPrefix::parse("/echo").value(), make_route(std::make_shared<Echo>()));
    const std::vector<std::string> names{"localhost"};
    Serving::start(
        make_site(names, Credentials::make({testing::make_self_signed(names).site(names)}).value(), route).value());
  }
  /// A connection says so much and is cut off, by a reset or without one.
  void say_and_vanish(std::string_view said, const std::optional<std::string>& alpn, bool reset) const {
    Client client(https(), alpn ? std::optional<std::string>("localhost") : std::nullopt, alpn.value_or(""));
    EXPECT_TRUE(said.empty() || client.say(said));
    if (reset) {
      client.stream().reset();
    } else {
      client.stream().cancel();
    }
  }
  void vanish_everywhere(std::string_view all, const std::optional<std::string>& alpn, std::size_t step) const {
    for (std::size_t size = 0; size <= all.size(); size += step)
      say_and_vanish(all.substr(0, size), alpn, size / step % 2 == 0);
  }
  void expect_that_nothing_is_left() {
    for (int tries = 0; tries < 1000 && server_->counts().connections_open > 0; ++tries)
      std::this_thread::sleep_for(10ms);
    EXPECT_EQ(server_->counts().connections_open, 0U);
    EXPECT_THAT(Client(https()).ask(get("/")), EndsWith("<p>hello</p>"));
  }
};

TEST_F(Vanishing, ClientsOfHttp1AreMissedByNobody) {
  start();
  vanish_everywhere(
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nSum: 5\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"
      "GET /sub/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "http/1.1", 3);
  expect_that_nothing_is_left();
}

TEST_F(Vanishing, ClientsOfHttp2AreMissedByNobody) {
  start();
  auto http = http::h2::Connection::client();
  std::string all;
  const auto take = [&] {
    all += as_text(http.output());
    http.output_sent(http.output().size());
  };
  take();
  for (const char* target : {"/", "/echo", "/echo", "/sub/"}) {
    const bool body = std::string_view(target) == "/echo";
    const auto framing = body ? http::BodyFraming(http::UnknownLength{}) : http::BodyFraming(http::NoBody{});
    const auto stream = http.send_request({body ? "POST" : "GET", "https", "localhost", target, {}}, framing).value();
    take();
    if (!body) continue;
    EXPECT_EQ(http.send_body(stream, as_bytes("hello")).value(), 5U);
    take();
    EXPECT_TRUE(http.end_message(stream));
    take();
  }
  vanish_everywhere(all, "h2", 3);
  expect_that_nothing_is_left();
}

TEST_F(Vanishing, ClientsInTheirHandshakesAreMissedByNobody) {
  start();
  auto config = std::make_shared<tls::ClientConfig>();
  config->alpn = {"h2"};
  auto client = tls::Connection::client(config, "localhost", testing::provider());
  while (auto event = client.next_event()) {
    if (const auto* asked = std::get_if<tls::CryptoWanted>(&*event)) {
      std::vector<crypto::Question> questions;
      questions.push_back(asked->question);
      auto answers = testing::provider().answer(std::move(questions));
      ASSERT_TRUE(client.answer(asked->id, std::move(answers.front())));
    }
  }
  const std::string hello(as_text(client.output()));
  ASSERT_GT(hello.size(), 1000U) << "a hybrid share is in it";
  vanish_everywhere(hello, std::nullopt, 17);
  for (const std::size_t size : {hello.size() - 1, hello.size()})
    say_and_vanish(std::string_view(hello).substr(0, size), std::nullopt, true);
  expect_that_nothing_is_left();
}

TEST_F(Vanishing, ClientsInTheMiddleOfAResponseAreMissedByNobody) {
  write("site/large.txt", numbered(3'000'000));
  start();
  for (std::size_t rounds = 0; rounds < 60; ++rounds) {
    Client client(https());
    EXPECT_TRUE(client.say(get("/large.txt", "")));
    for (std::size_t reads = 0; reads < rounds; ++reads) {
      if (!net::testing::run(client.loop(), client.stream().read(net::deadline_in(5s)))) break;
    }
    client.stream().reset();
  }
  expect_that_nothing_is_left();
}

/// All descriptors of this process but so many are taken while this lives.
class Taken {
 public:
  explicit Taken(rlim_t leave) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit low = before_;
    low.rlim_cur = 256;
    ::setrlimit(RLIMIT_NOFILE, &low);
    while (true) {
      net::Descriptor one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
      if (!one) break;
      taken_.push_back(std::move(one));
    }
    for (; leave > 0 && !taken_.empty(); --leave) taken_.pop_back();
  }
  ~Taken() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  Taken(const Taken&) = delete;
  Taken& operator=(const Taken&) = delete;

 private:
  rlimit before_{};
  std::vector<net::Descriptor> taken_;
};

TEST_F(Serving, OutOfDescriptorsWhatIsInMemoryIsServedAndTheRestIsPutOff) {
  write("site/large.txt", numbered(limits::stored_file_bytes + 1));
  options_.workers = 1;
  start();
  Client client(https());
  EXPECT_TRUE(client.say(get("/", "")));
  EXPECT_THAT(client.hear_until("</p>"), EndsWith("<p>hello</p>"));
  {
    const Taken taken(0);
    EXPECT_TRUE(client.say(get("/large.txt", "")));
    EXPECT_THAT(client.hear_until("</html>"), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("\r\nRetry-After: 1\r\n")));
    std::this_thread::sleep_for(2 * limits::file_trusted);
    EXPECT_TRUE(client.say(get("/", "")));
    EXPECT_THAT(client.hear_until("</p>"), EndsWith("<p>hello</p>"));
  }
  EXPECT_TRUE(client.say(get("/large.txt")));
  EXPECT_EQ(body_of(client.hear_all()).size(), limits::stored_file_bytes + 1);
}

}  // namespace
}  // namespace padlock::server

// Real fetches over loopback, explained: what the ladder says is compared with what passed.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>

#include "padlock/client/testing/fetching.h"
#include "padlock/client/testing/scripted_server.h"
#include "padlock/explain/json.h"
#include "padlock/explain/make_ladder.h"
#include "padlock/explain/recorder.h"
#include "padlock/explain/terminal.h"
#include "padlock/tls/rules.h"
#include "padlock/x509/rules.h"

namespace padlock::explain {
namespace {

using client::testing::page;
using client::testing::redirect;
using client::testing::says;
using client::testing::Scripted;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view secret = "the secret is swordfish";

bool holds(Bytes bytes, std::string_view text) { return as_text(bytes).find(text) != std::string_view::npos; }

class ExplainedFetch : public client::testing::Fetching {
 protected:
  Ladder explained(const std::string& url) {
    Recorder recorder;
    options_.observer = &recorder;
    outcome_ = fetched(url);
    trace_ = recorder.take();
    return make_ladder(trace_, outcome_, {.url = url, .told_names = {}, .now = net::now().wall});
  }

  /// Titles of the messages in their order, each once in a row; what a server says beside the story is left out.
  static std::vector<std::string> story(const Ladder& ladder) {
    std::vector<std::string> titles;
    for (const Step& step : ladder.steps) {
      const bool beside = !step.sender || step.id == "change_cipher_spec" || step.id == "new_session_ticket" ||
                          step.id == "close_notify" || step.id == "unread";
      if (!beside && (titles.empty() || titles.back() != step.title)) titles.push_back(step.title);
    }
    return titles;
  }

  /// The bytes of all steps of one side, in the order of the ladder.
  static std::vector<std::uint8_t> wire_of(const Ladder& ladder, Party party) {
    std::vector<std::uint8_t> all;
    for (const Step& step : ladder.steps) {
      if (step.sender == party) all.insert(all.end(), step.wire.begin(), step.wire.end());
    }
    return all;
  }

  void expect_every_byte_once(const Ladder& ladder) const {
    ASSERT_EQ(trace_.connections.size(), 1U);
    EXPECT_EQ(wire_of(ladder, Party::client), trace_.connections[0].client.kept);
    EXPECT_EQ(wire_of(ladder, Party::server), trace_.connections[0].server.kept);
  }

  void expect_stopped(const Ladder& ladder) const {
    EXPECT_THAT(ladder.stopped, HasSubstr("stopped here"));
    EXPECT_FALSE(ladder.outcome.ok);
    EXPECT_EQ(ladder.outcome.exit_code, outcome_.exit_code());
    EXPECT_NE(ladder.outcome.exit_code, 0);
    EXPECT_THAT(to_terminal(ladder, {}, {.columns = 80}), HasSubstr("next "));
  }

  client::FetchOutcome outcome_;
  trace::Trace trace_;
};

/// A server that reads once, answers the same to everybody, and closes.
class Blunt {
 public:
  explicit Blunt(std::string answer)
      : acceptor_(loop_, {asio::ip::address_v4::loopback(), 0}), thread_([this, answer = std::move(answer)] {
          auto socket = acceptor_.accept();
          std::array<char, 4096> request{};
          socket.read_some(asio::buffer(request));
          asio::write(socket, asio::buffer(answer));
        }) {}
  ~Blunt() { thread_.join(); }
  std::string at(std::string_view scheme) const {
    return std::string(scheme) + "://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/";
  }

 private:
  asio::io_context loop_;
  asio::ip::tcp::acceptor acceptor_;
  std::thread thread_;
};

TEST_F(ExplainedFetch, TellsEveryStepOfHttpsInItsOrder) {
  Scripted server({page(secret)}, credential());
  const Ladder ladder = explained(server.at("https") + "/secret.txt");
  EXPECT_THAT(story(ladder), ::testing::ElementsAre("SYN", "SYN-ACK", "ACK", "ClientHello", "ServerHello",
                                                    "EncryptedExtensions", "Certificate", "CertificateVerify",
                                                    "Finished", "request: GET", "response: 200 OK", "content", "FIN"));
  EXPECT_EQ(std::ranges::count(ladder.steps, std::string("finished"), &Step::id), 2);
  EXPECT_TRUE(ladder.outcome.ok);
  EXPECT_TRUE(ladder.outcome.secure);
  EXPECT_THAT(ladder.outcome.verdict, HasSubstr("[locked] localhost"));
  EXPECT_EQ(ladder.stopped, "");
  for (const Step& step : ladder.steps) {
    EXPECT_FALSE(step.words.empty()) << step.title;
    EXPECT_THAT(step.source, HasSubstr("RFC ")) << step.title;
    EXPECT_TRUE(step.fields_missing.empty()) << step.title << ": " << step.fields_missing;
    EXPECT_EQ(step.listener.empty(), !step.sender) << step.title;
  }
  expect_every_byte_once(ladder);
}

TEST_F(ExplainedFetch, ShowsTheChainWithItsVerdict) {
  Scripted server({page(secret)}, credential());
  const Ladder ladder = explained(server.at("https"));
  const auto certificate = std::ranges::find(ladder.steps, "certificate", &Step::id);
  ASSERT_NE(certificate, ladder.steps.end());
  std::string facts;
  for (const Fact& fact : certificate->facts) facts += fact.name + ": " + fact.value + "\n";
  EXPECT_THAT(facts, HasSubstr("chain 0 valid: 20"));
  EXPECT_THAT(facts, HasSubstr("chain 0 is for: localhost"));
  EXPECT_THAT(facts, HasSubstr("chain 1: "));
  EXPECT_THAT(facts, HasSubstr("verdict: trusted: "));
}

TEST_F(ExplainedFetch, HidesThePageFromAListenerOnHttps) {
  Scripted server({page(secret)}, credential());
  const Ladder ladder = explained(server.at("https") + "/secret.txt");
  ASSERT_TRUE(ladder.outcome.ok);
  EXPECT_EQ(body_, secret);
  for (const Step& step : ladder.steps) {
    EXPECT_FALSE(holds(step.wire, "swordfish")) << step.title;
    EXPECT_FALSE(holds(step.wire, "secret.txt")) << step.title;
  }
  EXPECT_FALSE(holds(trace_.connections[0].server.kept, "swordfish"));
  EXPECT_TRUE(holds(trace_.connections[0].client.kept, "localhost")) << "the name leaks";
  EXPECT_THAT(to_json(ladder, {.bytes = true, .wiretap = true}), Not(HasSubstr(to_hex(as_bytes("swordfish")))));
}

TEST_F(ExplainedFetch, ShowsThePageToAListenerOnHttp) {
  Scripted server({page(secret)});
  const Ladder ladder = explained(server.at("http") + "/secret.txt");
  ASSERT_TRUE(ladder.outcome.ok);
  EXPECT_FALSE(ladder.outcome.secure);
  const auto content = std::ranges::find(ladder.steps, "content", &Step::id);
  ASSERT_NE(content, ladder.steps.end());
  EXPECT_EQ(as_text(content->wire), secret);
  EXPECT_THAT(to_terminal(ladder, {.bytes = false, .wiretap = true}, {.columns = 80}), HasSubstr("the secret is s"));
  EXPECT_THAT(story(ladder),
              ::testing::ElementsAre("SYN", "SYN-ACK", "ACK", "request: GET", "response: 200 OK", "content", "FIN"));
  expect_every_byte_once(ladder);
}

TEST_F(ExplainedFetch, CountsALargePageThatItDoesNotKeep) {
  const std::string large(2'000'000, 'x');
  Scripted server({page(large)}, credential());
  const Ladder ladder = explained(server.at("https"));
  EXPECT_TRUE(ladder.outcome.ok);
  std::size_t bytes = 0;
  for (const Step& step : ladder.steps) {
    const bool tcp = step.id == "syn_ack" || step.id == "close";
    if (step.sender == Party::server && !tcp) bytes += step.wire_bytes.value_or(0);
  }
  EXPECT_GT(bytes, large.size());
  EXPECT_EQ(bytes, ladder.server_bytes);
  EXPECT_LT(to_json(ladder, {.bytes = true, .wiretap = true}).size(), 200'000U);
}

TEST_F(ExplainedFetch, FollowsARedirectOverTwoConnections) {
  Scripted second({page("end")});
  Scripted first({redirect(302, second.at("http", "127.0.0.1") + "/there")});
  options_.follow_redirects = true;
  const Ladder ladder = explained(first.at("http"));
  EXPECT_TRUE(ladder.outcome.ok);
  EXPECT_EQ(trace_.connections.size(), 2U);
  EXPECT_EQ(std::ranges::count(ladder.steps, std::string("redirect"), &Step::id), 1);
  EXPECT_EQ(std::ranges::count(ladder.steps, std::string("syn"), &Step::id), 2);
  EXPECT_EQ(ladder.url, first.at("http") + "/");
}

TEST_F(ExplainedFetch, StopsWhereNobodyListens) {
  std::uint16_t port = 0;
  {
    asio::io_context loop;
    port = asio::ip::tcp::acceptor(loop, {asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
  }
  const Ladder ladder = explained("https://127.0.0.1:" + std::to_string(port) + "/");
  ASSERT_EQ(ladder.steps.size(), 1U);
  EXPECT_EQ(ladder.steps[0].id, "connect_failed");
  expect_stopped(ladder);
  EXPECT_EQ(ladder.outcome.exit_code, 7);
}

TEST_F(ExplainedFetch, StopsAtACertificateThatNobodyVouchesFor) {
  Scripted server({page(secret)}, credential());
  options_.trust.ca_files = {path("bundle.pem")};
  const Ladder ladder = explained(server.at("https"));
  expect_stopped(ladder);
  EXPECT_EQ(ladder.outcome.exit_code, 60);
  EXPECT_THAT(story(ladder), Contains("alert: unknown_ca"));
  EXPECT_THAT(story(ladder), Not(Contains("request: GET")));
  EXPECT_FALSE(ladder.outcome.secure);
  const auto certificate = std::ranges::find(ladder.steps, "certificate", &Step::id);
  ASSERT_NE(certificate, ladder.steps.end());
  EXPECT_THAT(certificate->facts.back().value, HasSubstr("not trusted: "));
  expect_every_byte_once(ladder);
}

TEST_F(ExplainedFetch, StopsAtAServerThatSpeaksSomethingElse) {
  Blunt server("220 mail.example ESMTP\r\n");
  const Ladder ladder = explained(server.at("https"));
  expect_stopped(ladder);
  EXPECT_EQ(ladder.outcome.exit_code, 35);
  const auto unread = std::ranges::find(ladder.steps, "unread", &Step::id);
  ASSERT_NE(unread, ladder.steps.end());
  EXPECT_EQ(as_text(unread->wire), "220 mail.example ESMTP\r\n");
}

TEST_F(ExplainedFetch, StopsAtAnAlert) {
  Blunt server(std::string("\x15\x03\x03\x00\x02\x02\x28", 7));
  const Ladder ladder = explained(server.at("https"));
  expect_stopped(ladder);
  EXPECT_THAT(story(ladder), Contains("alert: handshake_failure"));
  expect_every_byte_once(ladder);
}

TEST_F(ExplainedFetch, StopsWhereAServerClosesInTheHandshake) {
  Blunt server("");
  const Ladder ladder = explained(server.at("https"));
  expect_stopped(ladder);
  EXPECT_THAT(story(ladder), Contains("ClientHello"));
}

TEST_F(ExplainedFetch, StopsAtAResponseThatIsCutShort) {
  Scripted server({says("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")}, credential());
  const Ladder ladder = explained(server.at("https"));
  expect_stopped(ladder);
  EXPECT_EQ(ladder.outcome.exit_code, 18);
  EXPECT_THAT(story(ladder), Contains("content"));
  expect_every_byte_once(ladder);
}

TEST_F(ExplainedFetch, StopsAtAResponseThatIsNoHttp) {
  Scripted server({says("GARBAGE\r\n\r\n")});
  const Ladder ladder = explained(server.at("http"));
  expect_stopped(ladder);
  EXPECT_THAT(story(ladder), Contains("request: GET"));
  expect_every_byte_once(ladder);
}

TEST_F(ExplainedFetch, TellsAUrlThatIsNone) {
  const Ladder ladder = explained("ftp://localhost/");
  EXPECT_EQ(ladder.url, "ftp://localhost/");
  EXPECT_TRUE(ladder.steps.empty());
  expect_stopped(ladder);
  EXPECT_EQ(ladder.outcome.exit_code, 2);
}

}  // namespace
}  // namespace padlock::explain

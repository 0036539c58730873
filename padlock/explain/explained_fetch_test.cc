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

#include "padlock/client/testing/scripted_server.h"
#include "padlock/explain/json.h"
#include "padlock/explain/terminal.h"
#include "padlock/explain/testing/explained_fetch.h"
#include "padlock/tls/credential.h"
#include "padlock/tls/rules.h"
#include "padlock/x509/rules.h"

namespace padlock::explain {
namespace {

using client::testing::page;
using client::testing::redirect;
using client::testing::says;
using client::testing::Scripted;
using ::testing::Contains;
using testing::ExplainedFetch;
using ::testing::HasSubstr;
using testing::holds;
using ::testing::Not;

constexpr std::string_view secret = "the secret is swordfish";

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

TEST_F(ExplainedFetch, TellsWhatACompressedCertificateHolds) {
  const auto chain = credential();
  for (const tls::CertificateCompression& compression : tls::default_certificate_compression()) {
    Scripted server({page(secret)}, std::make_shared<const tls::Credential>(tls::add_compressed_forms(
                                        *chain, std::vector<tls::CertificateCompression>{compression})));
    const Ladder ladder = explained(server.at("https") + "/secret.txt");
    const auto step = std::ranges::find(ladder.steps, std::string("certificate"), &Step::id);
    ASSERT_NE(step, ladder.steps.end());
    EXPECT_EQ(step->title, "CompressedCertificate");
    EXPECT_THAT(step->source, HasSubstr("RFC 8879"));
    EXPECT_TRUE(step->fields_missing.empty());
    const auto fact = [&](std::string_view name) {
      const auto found = std::ranges::find(step->facts, name, &Fact::name);
      return found == step->facts.end() ? std::string("none") : found->value;
    };
    EXPECT_THAT(fact("compressed"), ::testing::MatchesRegex("by " + std::string(name_of(compression.algorithm)) +
                                                            ", [0-9,]+ bytes to [0-9,]+"));
    EXPECT_THAT(fact("chain 0 is for"), HasSubstr("localhost"));
    EXPECT_THAT(fact("chain 1"), HasSubstr("Padlock"));
    expect_every_byte_once(ladder);
  }
}

tls::ServerConfig server12(tls::CipherSuite suite) {
  return {.policy = tls::Policy::intermediate, .max_version = tls::ProtocolVersion::TLS_1_2, .cipher_suites = {suite}};
}

TEST_F(ExplainedFetch, TellsEveryStepOfTls12InItsOrder) {
  using enum tls::CipherSuite;
  for (const auto suite : {TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256}) {
    Scripted server({page(secret)}, credential(), server12(suite));
    const Ladder ladder = explained(server.at("https") + "/secret.txt");
    EXPECT_TRUE(ladder.outcome.secure) << ladder.outcome.reason;
    std::vector<std::string> told;
    for (const Step& step : ladder.steps) {
      if (step.id != "connect_failed" && step.id != "close_notify" && step.id != "unread") told.push_back(step.title);
    }
    EXPECT_THAT(told,
                ::testing::ElementsAre("look-up of localhost", "SYN", "SYN-ACK", "ACK", "ClientHello", "ServerHello",
                                       "Certificate", "ServerKeyExchange", "ServerHelloDone", "ClientKeyExchange",
                                       "the session's keys", "ChangeCipherSpec", "Finished", "ChangeCipherSpec",
                                       "Finished", "request: GET", "response: 200 OK", "content", "FIN"));
    for (const Step& step : ladder.steps) {
      EXPECT_FALSE(step.words.empty()) << step.title;
      EXPECT_THAT(step.source, HasSubstr("RFC ")) << step.title;
      EXPECT_TRUE(step.fields_missing.empty()) << step.title << ": " << step.fields_missing;
      EXPECT_EQ(step.listener.empty(), !step.sender) << step.title;
      EXPECT_FALSE(holds(step.wire, "swordfish")) << step.title;
    }
    expect_every_byte_once(ladder);
  }
}

/// Names and lengths of what a step made.
std::vector<std::string> keys_of(const Ladder& ladder, std::string_view id) {
  std::vector<std::string> all;
  for (const Step& step : ladder.steps) {
    if (step.id != id) continue;
    for (const DerivedKey& key : step.keys) all.push_back(key.label + " " + std::to_string(key.length));
  }
  return all;
}

TEST_F(ExplainedFetch, ShowsHowTheKeysOfTls12Come) {
  Scripted server({page(secret)}, credential(), server12(tls::CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256));
  options_.groups = {tls::NamedGroup::x25519, tls::NamedGroup::secp256r1};
  const Ladder ladder = explained(server.at("https"));
  EXPECT_THAT(keys_of(ladder, "session_keys"),
              ::testing::ElementsAre("pre_master_secret 32", "master_secret 48", "client_write_key 16",
                                     "server_write_key 16", "client_write_IV 4", "server_write_IV 4"));
  const auto named = [&](std::string_view id, std::string_view name) -> std::string {
    const auto step = std::ranges::find(ladder.steps, id, &Step::id);
    const auto fact = std::ranges::find(step->facts, name, &Fact::name);
    return fact == step->facts.end() ? "(none)" : fact->value;
  };
  EXPECT_THAT(named("server_key_exchange", "public"), ::testing::StartsWith("32 bytes, "));
  EXPECT_THAT(named("client_key_exchange", "ecdh_Yc"), ::testing::StartsWith("32 bytes, "));
  EXPECT_EQ(named("session_keys", "client_random").size(), 64U);
  EXPECT_THAT(named("certificate", "verdict"), HasSubstr("trusted: "));
  EXPECT_THAT(to_terminal(ladder, {.bytes = true, .wiretap = true}, {.columns = 80}),
              ::testing::AllOf(HasSubstr("encryption begins"), HasSubstr("certificate: in the clear")));
}

/// Only where the server has one, and the client asked.
TEST_F(ExplainedFetch, ShowsAStapledStatusOfTls12) {
  auto stapled = std::make_shared<tls::Credential>(*credential());
  stapled->ocsp_staple = {0x30, 0x03, 0x0a, 0x01, 0x06};  // unauthorized
  Scripted server({page(secret)}, stapled, server12(tls::CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256));
  const Ladder ladder = explained(server.at("https"));
  EXPECT_THAT(story(ladder), Contains("CertificateStatus"));
  expect_every_byte_once(ladder);
}

TEST_F(ExplainedFetch, StopsAtACertificateOfTls12ThatNobodyVouchesFor) {
  Scripted server({page(secret)}, credential(), server12(tls::CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256));
  options_.trust.ca_files = {path("bundle.pem")};
  const Ladder ladder = explained(server.at("https"));
  expect_stopped(ladder);
  EXPECT_THAT(story(ladder), Contains("alert: unknown_ca"));
  EXPECT_THAT(story(ladder), Not(Contains("ClientKeyExchange")));
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

// docs/threats.md, T25: tickets open under the keys that they were made with, and no longer.
#include "padlock/tls/session/ticket_keys.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "padlock/tls/session/session.h"
#include "padlock/tls/testing/sessions.h"

namespace padlock::tls {
namespace {

using namespace std::chrono_literals;
using testing::beginning;
using testing::ticket_keys;

constexpr std::string_view content = "a session";

std::string opened(TicketKeys& keys, Bytes ticket, WallTime now) {
  std::vector<std::uint8_t> copy(ticket.begin(), ticket.end());
  const auto session = keys.open(copy, now);
  return session ? std::string(as_text(*session)) : "nothing";
}

TEST(TicketKeys, OpenWhatTheySealed) {
  const auto keys = ticket_keys();
  const auto ticket = keys->seal(as_bytes(content), beginning);
  EXPECT_EQ(opened(*keys, ticket, beginning), content);
  EXPECT_EQ(to_hex(ticket).find(to_hex(as_bytes(content))), std::string::npos);
  EXPECT_EQ(opened(*keys, {}, beginning), "nothing");
}

TEST(TicketKeys, OpenTheTicketsOfEveryNodeWithTheSameRoot) {
  const auto here = ticket_keys(1, 1);
  const auto there = ticket_keys(1, 2);
  const auto stranger = ticket_keys(2, 1);
  const auto ticket = here->seal(as_bytes(content), beginning);
  EXPECT_EQ(opened(*there, ticket, beginning + 1h), content);
  EXPECT_EQ(opened(*stranger, ticket, beginning + 1h), "nothing");
}

TEST(TicketKeys, EndWithTheSecondPeriod) {
  for (const std::chrono::seconds age : {0s, 1s, 12h - 1s, std::chrono::seconds(12h), 24h - 1s}) {
    const auto keys = ticket_keys();
    const auto ticket = keys->seal(as_bytes(content), beginning);
    EXPECT_EQ(opened(*keys, ticket, beginning + age), content) << age.count();
  }
  const auto keys = ticket_keys();
  const auto ticket = keys->seal(as_bytes(content), beginning);
  EXPECT_EQ(opened(*keys, ticket, beginning + 24h), "nothing");
  EXPECT_EQ(opened(*keys, ticket, beginning), "nothing") << "a clock that is set back brings no key back";
  const auto next = keys->seal(as_bytes(content), beginning);
  EXPECT_EQ(opened(*keys, next, beginning + 47h), content) << "and new tickets are of the period that was reached";
}

TEST(TicketKeys, ANodeThatStartsLaterReadsThePeriodItIsIn) {
  const auto old = ticket_keys(1, 1);
  const auto ticket = old->seal(as_bytes(content), beginning + 5 * 12h);
  const auto late = ticket_keys(1, 2);
  EXPECT_EQ(opened(*late, ticket, beginning + 6 * 12h), content);
}

TEST(TicketKeys, SayForHowLongATicketOpens) {
  for (auto time = 0h; time < 72h; time += 1h) {
    const auto keys = ticket_keys();
    const WallTime now = beginning + time;
    const auto ticket = keys->seal(as_bytes(content), now);
    const auto lifetime = keys->lifetime(now);
    EXPECT_GE(lifetime, 12h);
    EXPECT_LE(lifetime, 24h);
    EXPECT_EQ(opened(*keys, ticket, now + lifetime - 1s), content);
    EXPECT_EQ(opened(*keys, ticket, now + lifetime), "nothing");
  }
}

/// Two tickets under one key and nonce would give their difference away.
TEST(TicketKeys, NeverUseANonceTwice) {
  const auto keys = ticket_keys();
  std::set<std::vector<std::uint8_t>> headers;
  for (int i = 0; i < 10'000; ++i) {
    const auto ticket = keys->seal(as_bytes(content), beginning + std::chrono::seconds(i * 60));
    EXPECT_TRUE(headers.insert({ticket.begin(), ticket.begin() + 32}).second) << i;
  }
}

/// Made-up sources cost a bounded number of keys, and our own tickets still open.
TEST(TicketKeys, AreNotFloodedByStrangers) {
  const auto keys = ticket_keys();
  const auto ticket = keys->seal(as_bytes(content), beginning);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    auto forged = ticket;
    forged[4] = static_cast<std::uint8_t>(1 + i % 255);
    forged[5] = static_cast<std::uint8_t>(i >> 8);
    EXPECT_EQ(opened(*keys, forged, beginning), "nothing");
  }
  EXPECT_EQ(opened(*keys, ticket, beginning), content);
}

Session whole_session() {
  const std::vector<std::uint8_t> secret(32, 7);
  return {.version = ProtocolVersion::TLS_1_3,
          .cipher_suite = CipherSuite::TLS_AES_128_GCM_SHA256,
          .secret = crypto::HashSecret(secret),
          .authenticated = beginning,
          .issued = beginning + 1h,
          .ticket_age_add = 0x01020304,
          .server_name = "server.test",
          .alpn = ""};
}

TEST(Sessions, AreWrittenAndReadAgain) {
  const Session session = whole_session();
  std::vector<std::uint8_t> bytes;
  Writer out(bytes);
  write_session(out, session);
  const auto read = parse_session(Reader(bytes, "Session"));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->version, session.version);
  EXPECT_EQ(read->cipher_suite, session.cipher_suite);
  EXPECT_TRUE(equal_constant_time(read->secret.reveal(), session.secret.reveal()));
  EXPECT_EQ(read->authenticated, session.authenticated);
  EXPECT_EQ(read->issued, session.issued);
  EXPECT_EQ(read->ticket_age_add, session.ticket_age_add);
  EXPECT_EQ(read->server_name, "server.test");
  EXPECT_EQ(read->alpn, "") << "not the same as none";
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse_session(Reader(Bytes(bytes).first(size), "Session"))) << size;
  }
  bytes.front() ^= 1;
  EXPECT_FALSE(parse_session(Reader(bytes, "Session"))) << "another format";
}

// A buffer that grows leaves the secret behind in each place that it had.
TEST(Sessions, AreNoLongerThanTheirLimit) {
  Session session = whole_session();
  session.secret = crypto::HashSecret(std::vector<std::uint8_t>(48, 1));
  session.server_name = std::string(255, 'a');
  session.alpn = std::string(255, 'b');
  session.peer_chain = CertificateChain({{1, 2, 3}, {4}});
  std::vector<std::uint8_t> bytes;
  Writer out(bytes);
  write_session(out, session);
  EXPECT_LE(bytes.size(), written_size_limit(session));
  EXPECT_GT(bytes.size() + 16, written_size_limit(session)) << "and not much shorter";
}

}  // namespace
}  // namespace padlock::tls

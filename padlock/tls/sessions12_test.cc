// Resumption in TLS 1.2, by tickets (RFC 5077) and by session IDs (RFC 5246, section 7.3; docs/threats.md, T6, T25,
// T26).
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/session/client_session.h"
#include "padlock/tls/session/session_cache.h"
#include "padlock/tls/testing/provoked.h"
#include "padlock/tls/testing/scripted_peer.h"
#include "padlock/tls/testing/sessions.h"
#include "padlock/tls/wire/tls12.h"

namespace padlock::tls {
namespace {

using namespace std::chrono_literals;
using testing::End;
using testing::later;
using testing::Pair;
using testing::resume;
using testing::ScriptedServer;
using testing::SessionPtr;
using testing::ticket_keys;
using testing::to_message;

enum class By : std::uint8_t { ticket, id };

ClientConfig client_config() {
  return {.policy = Policy::intermediate,
          .max_version = ProtocolVersion::TLS_1_2,
          .alpn = {"http/1.1"},
          .resumption = true};
}
ServerConfig server_config(By by) {
  ServerConfig config{.policy = Policy::intermediate, .alpn = {"http/1.1"}};
  if (by == By::ticket) config.ticket_keys = ticket_keys();
  if (by == By::id) config.session_cache = std::make_shared<SessionCache>(10);
  return config;
}

SessionPtr session_from(const ClientConfig& client, const ServerConfig& server) {
  return resume(client, server, nullptr, later(0s)).client.sessions.at(0);
}

std::string failure_of(const End& end) { return end.failed ? end.failed->error.to_string() : "none"; }

void expect_resumed(Pair& pair, bool resumed) {
  ASSERT_TRUE(pair.client.complete) << failure_of(pair.client) << "; server: " << failure_of(pair.server);
  ASSERT_TRUE(pair.server.complete);
  EXPECT_EQ(pair.client.connection.info().version, ProtocolVersion::TLS_1_2);
  EXPECT_EQ(pair.client.connection.info().resumed, resumed);
  EXPECT_EQ(pair.server.connection.info().resumed, resumed);
  ASSERT_TRUE(pair.client.connection.send(as_bytes("ping")));
  ASSERT_TRUE(pair.server.connection.send(as_bytes("pong")));
  pair.exchange();
  EXPECT_EQ(as_text(pair.server.received), "ping");
  EXPECT_EQ(as_text(pair.client.received), "pong");
}

class Resumption12 : public ::testing::TestWithParam<std::tuple<CipherSuite, By, ProtocolVersion>> {};

TEST_P(Resumption12, GoesOnFromASessionMoreThanOnce) {
  const auto& [suite, by, most] = GetParam();
  ClientConfig client = client_config();
  client.policy = Policy::legacy;
  client.max_version = most;
  client.cipher_suites = {suite, CipherSuite::TLS_AES_128_GCM_SHA256};
  ServerConfig server = server_config(by);
  server.policy = Policy::legacy;
  server.max_version = ProtocolVersion::TLS_1_2;
  const auto key = needs_rsa_key(suite) ? crypto::KeyKind::rsa_2048 : crypto::KeyKind::ecdsa_p256;
  const auto connect = [&](SessionPtr session, Instant now) {
    Pair pair = testing::unconnected(client, server, std::move(session), now);
    pair.server.credential = testing::credential(key);
    pair.exchange();
    return pair;
  };
  Pair first = connect(nullptr, later(0s));
  expect_resumed(first, false);
  ASSERT_EQ(first.client.sessions.size(), 1U);
  EXPECT_EQ(first.client.sessions.front()->ticket.empty(), by == By::id);

  SessionPtr session = first.client.sessions.front();
  for (const auto age : {1min, 2min}) {
    Pair again = connect(session, later(age));
    expect_resumed(again, true);
    EXPECT_EQ(again.client.connection.info().peer_chain, first.client.connection.info().peer_chain);
    EXPECT_EQ(again.client.connection.info().alpn, "http/1.1");
    ASSERT_EQ(again.client.sessions.size(), 1U);
    EXPECT_EQ(again.client.sessions.front(), session) << "the same one, for the next time";
    std::array<std::uint8_t, 32> ours;
    std::array<std::uint8_t, 32> theirs;
    ASSERT_TRUE(again.client.connection.export_keying_material("test", {}, ours));
    ASSERT_TRUE(again.server.connection.export_keying_material("test", {}, theirs));
    EXPECT_EQ(ours, theirs);
  }
}

INSTANTIATE_TEST_SUITE_P(EverySuiteAndWay, Resumption12,
                         ::testing::Combine(::testing::ValuesIn(cipher_suites_of(ProtocolVersion::TLS_1_2,
                                                                                 Policy::legacy)),
                                            ::testing::Values(By::ticket, By::id),
                                            ::testing::Values(ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3)));

TEST(Resumption12, ATicketThatHasLivedHalfItsTimeIsReplaced) {
  const ServerConfig server = server_config(By::ticket);
  const auto session = session_from(client_config(), server);
  Pair pair = resume(client_config(), server, session, later(7h));
  expect_resumed(pair, true);
  const auto renewed = pair.client.sessions.at(0);
  EXPECT_NE(renewed->ticket, session->ticket);
  EXPECT_EQ(renewed->authenticated, session->authenticated);
  Pair next = resume(client_config(), server, renewed, later(23h));
  expect_resumed(next, true);
}

TEST(Resumption12, MakesNoAuthenticationYounger) {
  const ServerConfig server = server_config(By::ticket);
  auto session = session_from(client_config(), server);
  for (auto age = 11h; age < 7 * 24h; age += 11h) {
    Pair pair = resume(client_config(), server, session, later(age));
    expect_resumed(pair, true);
    session = pair.client.sessions.front();
  }
  auto renewed = testing::copy_of(*session);  // a client that does not count
  renewed->authenticated = later(7 * 24h).monotonic;
  Pair too_old = resume(client_config(), server, renewed, later(7 * 24h));
  expect_resumed(too_old, false);
}

TEST(Resumption12, HappensOnlyWhereBothWantIt) {
  ClientConfig unwilling = client_config();
  unwilling.resumption = false;
  for (const By by : {By::ticket, By::id}) {
    const ServerConfig server = server_config(by);
    EXPECT_TRUE(resume(unwilling, server, nullptr, later(0s)).client.sessions.empty());
    const auto session = session_from(client_config(), server);
    Pair not_offered = resume(unwilling, server, session, later(1s));
    expect_resumed(not_offered, false);
    ServerConfig forgetful = server;
    forgetful.ticket_keys = nullptr;
    forgetful.session_cache = nullptr;
    Pair not_taken = resume(client_config(), forgetful, session, later(1s));
    expect_resumed(not_taken, false);
    EXPECT_TRUE(not_taken.client.sessions.empty());
  }
}

/// Everything that a session is bound to (T26): another value, and there is a full handshake.
TEST(Resumption12, IsBoundToNameProtocolSuiteAndVersion) {
  for (const By by : {By::ticket, By::id}) {
    SCOPED_TRACE(by == By::ticket ? "ticket" : "ID");
    const ServerConfig server = server_config(by);
    const auto session = session_from(client_config(), server);
    const auto with = [&](const std::function<void(ClientConfig&, ClientSession&)>& change) {
      ClientConfig client = client_config();
      auto changed = testing::copy_of(*session);
      change(client, *changed);
      return resume(client, server, changed, later(1s), changed->server_name);
    };
    Pair same = with([](auto&, auto&) {});
    expect_resumed(same, true);
    Pair other_name = with([](auto&, auto& s) { s.server_name = "other.test"; });
    expect_resumed(other_name, false);
    Pair no_name = with([](auto&, auto& s) { s.server_name = "192.0.2.1"; });
    expect_resumed(no_name, false);
    Pair no_protocol = with([](auto& c, auto&) { c.alpn.clear(); });
    expect_resumed(no_protocol, false);
    Pair other_suite =
        with([](auto& c, auto&) { c.cipher_suites = {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384}; });
    expect_resumed(other_suite, false);
    Pair newer = with([](auto& c, auto&) { c.max_version = ProtocolVersion::TLS_1_3; });
    ASSERT_TRUE(newer.client.complete) << failure_of(newer.client);
    EXPECT_EQ(newer.client.connection.info().version, ProtocolVersion::TLS_1_3);
    EXPECT_FALSE(newer.client.connection.info().resumed);
    ServerConfig narrower = server;
    narrower.cipher_suites = {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384};
    Pair not_allowed_now = resume(client_config(), narrower, session, later(1s));
    expect_resumed(not_allowed_now, false);
  }
}

TEST(Resumption12, AnAlteredTicketOrIdIsAFullHandshake) {
  for (const By by : {By::ticket, By::id}) {
    const ServerConfig server = server_config(by);
    const auto session = session_from(client_config(), server);
    const std::size_t size = by == By::ticket ? session->ticket.size() : session->session_id.size();
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      auto altered = testing::copy_of(*session);
      auto& name = by == By::ticket ? altered->ticket : altered->session_id;
      name[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      Pair pair = resume(client_config(), server, altered, later(1s));
      ASSERT_TRUE(pair.client.complete && pair.server.complete) << "bit " << bit;
      ASSERT_FALSE(pair.server.connection.info().resumed) << "bit " << bit;
    }
  }
}

TEST(Resumption12, KeepsNoIdThatAClientMade) {
  const ServerConfig server = server_config(By::id);
  const auto session = session_from(client_config(), server);
  auto made_up = testing::copy_of(*session);
  made_up->session_id.assign(32, 7);
  Pair pair = resume(client_config(), server, made_up, later(1s));
  expect_resumed(pair, false);
  Pair again = resume(client_config(), server, made_up, later(2s));
  expect_resumed(again, false);
}

TEST(Resumption12, NeverFollowsALookAway) {
  Pair pair = testing::unconnected(client_config(), server_config(By::ticket), nullptr, later(0s));
  pair.client.proof = PeerVerified::dangerous_unverified();
  pair.exchange();
  ASSERT_TRUE(pair.client.complete);
  EXPECT_TRUE(pair.client.sessions.empty());
}

/// The client knows another master secret than the session has: its Finished shows it.
TEST(Resumption12, ASecretThatIsWrongIsNoticed) {
  for (const By by : {By::ticket, By::id}) {
    const ServerConfig server = server_config(by);
    auto wrong = testing::copy_of(*session_from(client_config(), server));
    wrong->secret = crypto::HashSecret(std::vector<std::uint8_t>(48, 9));
    const Pair pair = resume(client_config(), server, wrong, later(1s));
    ASSERT_TRUE(pair.client.failed);
    EXPECT_EQ(pair.client.failed->error.rule, &rules::record_not_authentic) << failure_of(pair.client);
    EXPECT_FALSE(pair.server.complete);
  }
}

// ---- what a server may say wrongly

ServerHello answer_to(const ScriptedServer& server, CipherSuite suite) {
  ServerHello hello{.cipher_suite = suite, .tls12 = Tls12Answers{.extended_master_secret = true}};
  hello.tls12->renegotiated_connection.emplace();
  hello.legacy_session_id_echo = server.hello.legacy_session_id;
  return hello;
}

const Rule* told(const SessionPtr& session, const std::function<void(ScriptedServer&)>& say) {
  End client = End::client(std::make_shared<const ClientConfig>(client_config()), nullptr, nullptr, "server.test",
                           {session, later(1s)});
  ScriptedServer server(client);
  say(server);
  return client.failed ? client.failed->error.rule : nullptr;
}

TEST(Resumption12, AServerMustKeepWhatTheSessionHas) {
  const auto session = session_from(client_config(), server_config(By::ticket));
  EXPECT_EQ(told(session, [&](auto& s) { s.send(to_message(answer_to(s, session->cipher_suite))); }), nullptr);
  const auto other_suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384;
  EXPECT_EQ(told(session, [&](auto& s) { s.send(to_message(answer_to(s, other_suite))); }),
            &rules::session_suite_changed);
  testing::provoked().insert(&rules::session_suite_changed);
  EXPECT_EQ(told(session,
                 [&](auto& s) {
                   ServerHello hello = answer_to(s, session->cipher_suite);
                   hello.tls12->extended_master_secret = false;
                   s.send(to_message(hello));
                 }),
            &rules::extended_master_secret_missing);
  EXPECT_EQ(told(nullptr, [&](auto& s) { s.send(to_message(answer_to(s, session->cipher_suite))); }), nullptr)
      << "an empty ID is no session";
}

TEST(Resumption12, NoCertificateComesInIt) {
  const auto session = session_from(client_config(), server_config(By::ticket));
  const auto after_hello = [&](bool ticket, const testing::Message& message) {
    return told(session, [&](auto& s) {
      ServerHello hello = answer_to(s, session->cipher_suite);
      hello.tls12->session_ticket = ticket;
      s.send(to_message(hello));
      s.send(message);
    });
  };
  const auto certificate = compose(HandshakeType::certificate,
                                   [](Writer& body) { tls12::write_certificate(body, testing::credential()->chain); });
  const auto ticket = compose(HandshakeType::new_session_ticket, [](Writer& body) {
    tls12::write_new_session_ticket(body, {.ticket_lifetime_hint = 10, .ticket = {1}});
  });
  for (const bool promised : {false, true}) {
    EXPECT_EQ(after_hello(promised, certificate), &rules::unexpected_message);
    EXPECT_EQ(after_hello(promised, ticket), promised ? nullptr : &rules::unexpected_message);
  }
  EXPECT_EQ(told(session,
                 [&](auto& s) {
                   ServerHello hello = answer_to(s, session->cipher_suite);
                   hello.tls12->session_ticket = true;
                   s.send(to_message(hello));
                   s.send_change_cipher_spec();
                 }),
            &rules::change_cipher_spec_misplaced)
      << "the ticket that was promised comes first";
}

// ---- the cache

Session small_session(WallTime issued) { return {.version = ProtocolVersion::TLS_1_2, .issued = issued}; }

TEST(SessionCache, HoldsTheNewestForTheirTime) {
  SessionCache cache(3);
  for (std::uint8_t i = 0; i < 5; ++i) {
    const std::vector<std::uint8_t> id(32, i);
    cache.put(id, small_session(testing::beginning));
    EXPECT_LE(cache.size(), 3U);
  }
  const auto has = [&](std::uint8_t i, WallTime now) {
    return cache.find(std::vector<std::uint8_t>(32, i), now).has_value();
  };
  EXPECT_FALSE(has(1, testing::beginning));
  EXPECT_TRUE(has(2, testing::beginning));
  EXPECT_TRUE(has(4, testing::beginning + SessionCache::lifetime - 1s));
  EXPECT_FALSE(has(4, testing::beginning + SessionCache::lifetime));
  EXPECT_FALSE(cache.find({}, testing::beginning));
}

/// RFC 6066, section 3: a server answers server_name where it shows a certificate for it, not where it resumes.
TEST(Resumption12, AnswersNoName) {
  const auto client = std::make_shared<const ClientConfig>(client_config());
  const auto server = std::make_shared<const ServerConfig>(server_config(By::ticket));
  SessionPtr session;
  for (const bool resumed : {false, true}) {
    testing::Heard heard(HandshakeType::server_hello);
    Pair pair(End::client(client, &heard, nullptr, "server.test", {session, later(0s)}), End::server(server));
    pair.exchange();
    expect_resumed(pair, resumed);
    const auto hello = std::get<ServerHello>(parse_server_hello(Reader(heard.body, "ServerHello")).value());
    EXPECT_EQ(hello.tls12->server_name, !resumed);
    session = pair.client.sessions.at(0);
  }
}

}  // namespace
}  // namespace padlock::tls

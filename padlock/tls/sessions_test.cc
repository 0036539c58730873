// Resumption by tickets (RFC 8446, sections 2.2, 4.2.11 and 4.6.1; docs/threats.md, T24 to T26).
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "padlock/tls/limits.h"
#include "padlock/tls/record/record_header.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/session/client_session.h"
#include "padlock/tls/testing/provoked.h"
#include "padlock/tls/testing/scripted_peer.h"
#include "padlock/tls/testing/sessions.h"

namespace padlock::tls {
namespace {

using namespace std::chrono_literals;
using testing::End;
using testing::later;
using testing::Pair;
using testing::resume;
using testing::ScriptedClient;
using testing::ScriptedServer;
using testing::SessionPtr;
using testing::ticket_keys;
using testing::to_message;

ClientConfig client_config() { return {.alpn = {"http/1.1"}, .resumption = true}; }
ServerConfig server_config() { return {.alpn = {"http/1.1"}, .ticket_keys = ticket_keys()}; }

/// The sessions of a first connection between them.
std::vector<SessionPtr> sessions_from(const ClientConfig& client, const ServerConfig& server) {
  return resume(client, server, nullptr, later(0s)).client.sessions;
}

std::string failure_of(const End& end) { return end.failed ? end.failed->error.to_string() : "none"; }

void expect_data_both_ways(Pair& pair) {
  ASSERT_TRUE(pair.client.complete) << failure_of(pair.client) << "; server: " << failure_of(pair.server);
  ASSERT_TRUE(pair.server.complete);
  ASSERT_TRUE(pair.client.connection.send(as_bytes("ping")));
  ASSERT_TRUE(pair.server.connection.send(as_bytes("pong")));
  pair.exchange();
  EXPECT_EQ(as_text(pair.server.received), "ping");
  EXPECT_EQ(as_text(pair.client.received), "pong");
}

void expect_resumed(Pair& pair, bool resumed) {
  expect_data_both_ways(pair);
  EXPECT_EQ(pair.client.connection.info().resumed, resumed);
  EXPECT_EQ(pair.server.connection.info().resumed, resumed);
}

class Resumption13 : public ::testing::TestWithParam<std::tuple<CipherSuite, NamedGroup, bool>> {};

TEST_P(Resumption13, GoesOnFromATicketAndFromItsSuccessor) {
  const auto& [suite, group, retry] = GetParam();
  ClientConfig client = client_config();
  client.cipher_suites = {suite};
  client.groups = {group};
  client.key_share_count = retry ? 0 : 1;
  if (retry) client.groups.insert(client.groups.begin(), NamedGroup::secp521r1), client.key_share_count = 1;
  const ServerConfig server = server_config();
  Pair first = resume(client, server, nullptr, later(0s));
  expect_resumed(first, false);
  ASSERT_EQ(first.client.sessions.size(), 2U);

  Pair second = resume(client, server, first.client.sessions.front(), later(1h));
  expect_resumed(second, true);
  EXPECT_EQ(second.client.connection.info().hello_retry_request, retry);
  EXPECT_EQ(second.client.connection.info().peer_chain, first.client.connection.info().peer_chain);
  EXPECT_EQ(second.client.connection.info().alpn, "http/1.1");
  ASSERT_EQ(second.client.sessions.size(), 1U) << "one for the one that was used";

  Pair third = resume(client, server, second.client.sessions.front(), later(2h));
  expect_resumed(third, true);
}

INSTANTIATE_TEST_SUITE_P(EverySuiteAndWay, Resumption13,
                         ::testing::Combine(::testing::ValuesIn(cipher_suites_of(ProtocolVersion::TLS_1_3)),
                                            ::testing::Values(NamedGroup::X25519MLKEM768, NamedGroup::x25519,
                                                              NamedGroup::secp384r1),
                                            ::testing::Bool()));

TEST(Resumption, TicketsOfOneConnectionDiffer) {
  const auto sessions = sessions_from(client_config(), server_config());
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_NE(sessions[0]->ticket, sessions[1]->ticket);
  EXPECT_FALSE(equal_constant_time(sessions[0]->secret.reveal(), sessions[1]->secret.reveal()));
  EXPECT_NE(sessions[0]->ticket_age_add, sessions[1]->ticket_age_add);
}

TEST(Resumption, HappensOnlyWhereBothWantIt) {
  ClientConfig unwilling = client_config();
  unwilling.resumption = false;
  Pair first = resume(unwilling, server_config(), nullptr, later(0s));
  EXPECT_EQ(first.client.connection.info().tickets_received, 0U) << "no modes, no ticket";

  ServerConfig forgetful = server_config();
  forgetful.ticket_keys = nullptr;
  EXPECT_TRUE(sessions_from(client_config(), forgetful).empty());

  const ServerConfig server = server_config();
  const auto session = sessions_from(client_config(), server).front();
  Pair not_offered = resume(unwilling, server, session, later(1s));
  expect_resumed(not_offered, false);
  Pair not_taken = resume(client_config(), forgetful, session, later(1s));
  expect_resumed(not_taken, false);
}

TEST(Resumption, NeverFollowsALookAway) {
  Pair pair = testing::unconnected(client_config(), server_config(), nullptr, later(0s));
  pair.client.proof = PeerVerified::dangerous_unverified();
  pair.exchange();
  ASSERT_TRUE(pair.client.complete);
  EXPECT_EQ(pair.client.connection.info().tickets_received, 2U);
  EXPECT_TRUE(pair.client.sessions.empty());
}

/// Everything that a ticket is bound to (T26): another value, and there is a full handshake.
TEST(Resumption, IsBoundToNameProtocolAndHash) {
  const ServerConfig server = server_config();
  const auto session = sessions_from(client_config(), server).front();
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
  Pair other_hash = with([](auto& c, auto&) { c.cipher_suites = {CipherSuite::TLS_AES_256_GCM_SHA384}; });
  expect_resumed(other_hash, false);
  Pair same_hash = with([](auto& c, auto&) { c.cipher_suites = {CipherSuite::TLS_CHACHA20_POLY1305_SHA256}; });
  expect_resumed(same_hash, true);
}

TEST(Resumption, IsNotOfferedToAnotherNameOrAfterItsTime) {
  const ServerConfig server = server_config();
  const auto session = sessions_from(client_config(), server).front();
  const auto offers = [&](Instant now, const std::string& name) {
    End client =
        End::client(std::make_shared<const ClientConfig>(client_config()), nullptr, nullptr, name, {session, now});
    return ScriptedServer(client).hello.pre_shared_key.has_value();
  };
  EXPECT_TRUE(offers(later(1s), "server.test"));
  EXPECT_FALSE(offers(later(1s), "other.test"));
  EXPECT_GE(session->lifetime, 12h);
  EXPECT_LE(session->lifetime, 24h);
  EXPECT_TRUE(offers(later(session->lifetime - 1s), "server.test"));
  EXPECT_FALSE(offers(later(session->lifetime), "server.test"));
}

TEST(Resumption, MakesNoAuthenticationYounger) {
  const ServerConfig server = server_config();
  auto session = sessions_from(client_config(), server).front();
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

/// T25: forged, altered, of other keys or too old: a full handshake and no alert.
TEST(Resumption, AnAlteredTicketIsAFullHandshake) {
  const ServerConfig server = server_config();
  const auto session = sessions_from(client_config(), server).front();
  ClientConfig client = client_config();
  client.groups = {NamedGroup::x25519};
  for (std::size_t bit = 0; bit < session->ticket.size() * 8; ++bit) {
    auto altered = testing::copy_of(*session);
    altered->ticket[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    Pair pair = resume(client, server, altered, later(1s));
    ASSERT_TRUE(pair.client.complete && pair.server.complete) << "bit " << bit;
    ASSERT_FALSE(pair.server.connection.info().resumed) << "bit " << bit;
  }
  for (std::size_t size = 1; size < session->ticket.size(); ++size) {
    auto cut = testing::copy_of(*session);
    cut->ticket.resize(size);
    Pair pair = resume(client, server, cut, later(1s));
    ASSERT_TRUE(pair.client.complete && !pair.server.connection.info().resumed) << size << " bytes";
  }
}

TEST(Resumption, EndsWithTheKeysOfItsTicket) {
  const ServerConfig server = server_config();
  const auto session = sessions_from(client_config(), server).front();
  ServerConfig other = server_config();
  other.ticket_keys = ticket_keys(2);
  Pair other_root = resume(client_config(), other, session, later(1s));
  expect_resumed(other_root, false);

  auto patient = testing::copy_of(*session);
  patient->lifetime = 48h;
  Pair next_period = resume(client_config(), server, patient, later(23h));
  expect_resumed(next_period, true);
  Pair after_two = resume(client_config(), server, patient, later(25h));
  expect_resumed(after_two, false);
  Pair clock_set_back = resume(client_config(), server, patient, later(1h));
  expect_resumed(clock_set_back, false);
}

// ---- what a client may say wrongly (T24)

/// A hello of a scripted client that offers the session as identity `place` of `count`, with this binder changed.
ClientHello hello_with(ScriptedClient& client, const ClientSession& session, std::size_t place, std::size_t count) {
  ClientHello hello = client.client_hello();
  hello.server_name = "server.test";
  hello.application_layer_protocol_negotiation = {{"http/1.1"}};
  hello.psk_key_exchange_modes = {{psk_dhe_ke}};
  hello.pre_shared_key.emplace();
  for (std::size_t i = 0; i < count; ++i) {
    const auto& ticket = i == place ? session.ticket : std::vector<std::uint8_t>(100, static_cast<std::uint8_t>(i));
    hello.pre_shared_key->identities.push_back({{ticket.begin(), ticket.end()}, 0});
    hello.pre_shared_key->binders.emplace_back(std::size_t{32}, std::uint8_t{0});
  }
  client.put_binder(hello, place, session.secret.reveal());
  return hello;
}

struct Spoken {
  End server;
  std::optional<std::uint16_t> selected;
};
using Change = std::function<void(ClientHello&)>;

Spoken speak(
    const ServerConfig& config, const ClientSession& session, std::size_t place, std::size_t count,
    const Change& change = [](ClientHello&) {}) {
  Spoken spoken{End::server(std::make_shared<const ServerConfig>(config)), {}};
  spoken.server.now = later(1s);
  ScriptedClient client(spoken.server);
  ClientHello hello = hello_with(client, session, place, count);
  change(hello);
  client.send(hello);
  const auto output = spoken.server.take_output();
  if (spoken.server.failed) return spoken;
  const auto record = std::span(output).subspan(record_header_length);
  const std::size_t length = (std::size_t{output[3]} << 8) + output[4];
  const auto message = parse_handshake_message(record.first(length)).value();
  spoken.selected =
      std::get<ServerHello>(parse_server_hello(Reader(message.body, "ServerHello")).value()).pre_shared_key;
  return spoken;
}

TEST(Resumption, TakesTheSessionAtAnyOfSixteenPlaces) {
  const ServerConfig server = server_config();
  const auto session = sessions_from(client_config(), server).front();
  for (std::size_t place = 0; place < limits::psk_identities; ++place) {
    const Spoken spoken = speak(server, *session, place, limits::psk_identities + 1);
    EXPECT_FALSE(spoken.server.failed) << failure_of(spoken.server);
    EXPECT_EQ(spoken.selected, place);
  }
  const Spoken beyond = speak(server, *session, limits::psk_identities, limits::psk_identities + 1);
  EXPECT_FALSE(beyond.server.failed) << failure_of(beyond.server);
  EXPECT_EQ(beyond.selected, std::nullopt) << "more are not looked at";
}

TEST(Resumption, AWrongBinderIsAnAlert) {
  const ServerConfig server = server_config();
  const auto session = sessions_from(client_config(), server).front();
  const auto expect = [&](const Rule& rule, std::size_t place, std::size_t count, const Change& change) {
    const Spoken spoken = speak(server, *session, place, count, change);
    ASSERT_TRUE(spoken.server.failed) << rule.code;
    EXPECT_EQ(spoken.server.failed->error.rule, &rule) << failure_of(spoken.server);
    testing::provoked().insert(&rule);
  };
  for (std::size_t place = 0; place < 3; ++place) {
    for (const std::size_t bit : {0U, 100U, 255U}) {
      expect(rules::psk_binder_wrong, place, 3, [&](ClientHello& hello) {
        hello.pre_shared_key->binders[place][bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      });
    }
    expect(rules::psk_binder_wrong, place, 3,
           [&](ClientHello& hello) { hello.pre_shared_key->binders[place].push_back(0); });
  }
  expect(rules::psk_binder_wrong, 0, 1, [](ClientHello& hello) { hello.random[0] ^= 1; });
  expect(rules::psk_binder_count, 0, 1,
         [](ClientHello& hello) { hello.pre_shared_key->binders.emplace_back(std::size_t{32}, std::uint8_t{0}); });
  expect(rules::psk_binder_count, 0, 2, [](ClientHello& hello) { hello.pre_shared_key->binders.pop_back(); });
  expect(rules::psk_without_modes, 0, 1, [](ClientHello& hello) { hello.psk_key_exchange_modes.reset(); });
}

TEST(Resumption, NeedsDiffieHellmanBesideIt) {
  const ServerConfig server = server_config();
  const auto session = sessions_from(client_config(), server).front();
  const Spoken spoken = speak(server, *session, 0, 1, [](ClientHello& hello) { hello.psk_key_exchange_modes = {{0}}; });
  EXPECT_FALSE(spoken.server.failed);
  EXPECT_EQ(spoken.selected, std::nullopt) << "psk_ke alone is never taken";
}

/// Section 9.2: what no certificate needs may be missing, until there is one.
TEST(Resumption, NeedsNoSignatureAlgorithmsUnlessItFails) {
  const ServerConfig server = server_config();
  const auto session = sessions_from(client_config(), server).front();
  const auto without_schemes = [&](bool right) {
    End end = End::server(std::make_shared<const ServerConfig>(server));
    end.now = later(1s);
    ScriptedClient client(end);
    ClientHello hello = hello_with(client, *session, 0, 1);
    hello.signature_algorithms.reset();
    if (!right) hello.pre_shared_key->identities[0].identity[40] ^= 1;
    client.put_binder(hello, 0, session->secret.reveal());
    client.send(hello);
    return end.failed ? end.failed->error.rule : nullptr;
  };
  EXPECT_EQ(without_schemes(true), nullptr);
  EXPECT_EQ(without_schemes(false), &rules::missing_extension);
}

// ---- what a server may say wrongly

struct Resuming {
  explicit Resuming(const SessionPtr& session)
      : client(End::client(std::make_shared<const ClientConfig>(client_config()), nullptr, nullptr, "server.test",
                           {session, later(1s)})),
        server(client) {
    server.use_psk(session->secret.reveal());
  }
  void expect(const Rule& rule) {
    ASSERT_TRUE(client.failed);
    EXPECT_EQ(client.failed->error.rule, &rule) << failure_of(client);
    testing::provoked().insert(&rule);
  }
  End client;
  ScriptedServer server;
};

TEST(Resumption, AServerMayOnlyChooseWhatWasOffered) {
  const auto session = sessions_from(client_config(), server_config()).front();
  Resuming identity(session);
  ServerHello hello = identity.server.server_hello();
  hello.pre_shared_key = 1;
  identity.server.send(hello);
  identity.expect(rules::psk_identity_not_offered);

  Resuming hash(session);
  hello = hash.server.server_hello();
  hello.pre_shared_key = 0;
  hello.cipher_suite = CipherSuite::TLS_AES_256_GCM_SHA384;
  hash.server.send(hello);
  hash.expect(rules::psk_hash_wrong);

  Resuming no_share(session);
  hello = no_share.server.server_hello();
  hello.pre_shared_key = 0;
  hello.key_share.reset();
  no_share.server.send(hello);
  no_share.expect(rules::missing_extension);
}

TEST(Resumption, NoCertificateComesInIt) {
  const auto session = sessions_from(client_config(), server_config()).front();
  const auto play = [&](const std::function<void(ScriptedServer&)>& rest) {
    Resuming resuming(session);
    ServerHello hello = resuming.server.server_hello();
    hello.pre_shared_key = 0;
    resuming.server.send(hello);
    resuming.server.use_handshake_keys();
    resuming.server.ScriptedPeer::send(to_message(resuming.server.encrypted_extensions()));
    rest(resuming.server);
    return std::pair(resuming.client.complete, resuming.client.failed ? resuming.client.failed->error.rule : nullptr);
  };
  const auto request = to_message(CertificateRequest{{}, list_of(default_signature_schemes()), {}});
  EXPECT_EQ(play([](auto& s) { s.send(s.finished()); }), (std::pair<bool, const Rule*>(true, nullptr)));
  EXPECT_EQ(play([](auto& s) { s.send(to_message(s.certificate())); }).second, &rules::unexpected_message);
  EXPECT_EQ(play([&](auto& s) { s.send(request); }).second, &rules::unexpected_message);
}

/// RFC 6066, section 3: a server answers server_name where it shows a certificate for it, not where it resumes.
TEST(Resumption, AnswersNoName) {
  const auto client = std::make_shared<const ClientConfig>(client_config());
  const auto server = std::make_shared<const ServerConfig>(server_config());
  SessionPtr session;
  for (const bool resumed : {false, true}) {
    testing::Heard heard(HandshakeType::encrypted_extensions);
    Pair pair(End::client(client, &heard, nullptr, "server.test", {session, later(0s)}), End::server(server));
    pair.exchange();
    expect_resumed(pair, resumed);
    const auto extensions = parse_encrypted_extensions(Reader(heard.body, "EncryptedExtensions")).value();
    EXPECT_EQ(extensions.server_name, !resumed);
    session = pair.client.sessions.at(0);
  }
}

// ---- a client that asks about the chain once more

class Verdicts : public ::testing::TestWithParam<Policy> {};

TEST_P(Verdicts, OnASessionsChainAreAskedForOnceMore) {
  ClientConfig client = client_config();
  client.policy = Policy::intermediate;
  client.verify_resumed = true;
  ServerConfig server = server_config();
  server.policy = Policy::intermediate;
  server.max_version = GetParam() == Policy::modern ? ProtocolVersion::TLS_1_3 : ProtocolVersion::TLS_1_2;
  Pair first = resume(client, server, nullptr, later(0s));
  expect_resumed(first, false);
  for (const bool believed : {true, false}) {
    Pair pair = testing::unconnected(client, server, first.client.sessions.at(0), later(1s));
    pair.client.answers_at_once = true;
    pair.server.deliver(pair.client.take_output());
    const auto flight = pair.server.take_output();
    pair.client.answers_at_once = false;
    pair.client.deliver(flight);
    while (!pair.client.questions.empty() && std::holds_alternative<CryptoWanted>(pair.client.questions.front())) {
      pair.client.answer(0);
      pair.client.pump();
    }
    ASSERT_EQ(pair.client.questions.size(), 1U);
    const auto wanted = std::get<ChainVerificationWanted>(pair.client.questions.front());
    EXPECT_EQ(wanted.server_name, "server.test");
    EXPECT_EQ(wanted.chain, first.client.connection.info().peer_chain);
    EXPECT_FALSE(pair.client.complete);
    EXPECT_TRUE(pair.client.take_output().empty()) << "nothing is said before the verdict";
    if (believed) {
      pair.client.answer(0);
      pair.client.answers_at_once = true;
      pair.exchange();
      expect_resumed(pair, true);
    } else {
      ASSERT_TRUE(pair.client.connection.decline(wanted.id, {&rules::signature_wrong, "not any more"}));
      pair.exchange();
      EXPECT_FALSE(pair.client.complete);
      EXPECT_FALSE(pair.server.complete);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(InBothVersions, Verdicts, ::testing::Values(Policy::modern, Policy::intermediate));

TEST(Resumption, OfAClientThatLooksAwayNowIsForgotten) {
  ClientConfig client = client_config();
  client.verify_resumed = true;
  const ServerConfig server = server_config();
  Pair pair = testing::unconnected(client, server, sessions_from(client, server).front(), later(1s));
  pair.client.proof = PeerVerified::dangerous_unverified();
  pair.exchange();
  expect_resumed(pair, true);
  EXPECT_TRUE(pair.client.sessions.empty());
}

}  // namespace
}  // namespace padlock::tls

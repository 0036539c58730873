// Handshakes by external keys, imported (RFC 9257, RFC 9258; docs/threats.md, T28).
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "padlock/tls/rules.h"
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
using testing::ScriptedServer;

std::string failure_of(const End& end) { return end.failed ? end.failed->error.to_string() : "none"; }

/// The key that a client and a server share, imported for these roles.
std::shared_ptr<const ExternalPsk> key_for(std::string_view client, std::string_view server, std::uint8_t byte = 7,
                                           std::string_view identity = "the key") {
  return ExternalPsk::make(as_bytes(identity), SecretBytes(std::vector<std::uint8_t>(32, byte)),
                           role_context(client, server))
      .value();
}

ClientConfig client_config() { return {.external_psks = {key_for("anna", "ben")}, .resumption = true}; }
ServerConfig server_config() {
  return {.ticket_keys = testing::ticket_keys(), .external_psks = {key_for("anna", "ben")}};
}

/// Both ends, of which the server has no certificate.
Pair connect(const ClientConfig& client, const ServerConfig& server, testing::SessionPtr session = nullptr) {
  Pair pair = testing::unconnected(client, server, std::move(session), later(1s));
  pair.server.credential = nullptr;
  pair.client.answers_at_once = true;
  pair.exchange();
  return pair;
}

void expect_known(Pair& pair, bool resumed) {
  ASSERT_TRUE(pair.client.complete && pair.server.complete)
      << failure_of(pair.client) << "; server: " << failure_of(pair.server);
  for (const End* end : {&pair.client, &pair.server}) {
    const ConnectionInfo& info = end->connection.info();
    ASSERT_TRUE(info.external_psk);
    EXPECT_EQ(as_text(*info.external_psk), "the key");
    EXPECT_TRUE(info.peer_chain.empty());
    EXPECT_EQ(info.resumed, resumed);
  }
  ASSERT_TRUE(pair.client.connection.send(as_bytes("ping")));
  ASSERT_TRUE(pair.server.connection.send(as_bytes("pong")));
  pair.exchange();
  EXPECT_EQ(as_text(pair.server.received), "ping");
  EXPECT_EQ(as_text(pair.client.received), "pong");
}

class ByExternalPsk : public ::testing::TestWithParam<std::tuple<CipherSuite, bool>> {};

TEST_P(ByExternalPsk, BothEndsAreKnownWithoutCertificates) {
  const auto& [suite, retry] = GetParam();
  ClientConfig client = client_config();
  client.policy = Policy::intermediate;
  ServerConfig server = server_config();
  server.cipher_suites = {suite};
  if (retry) server.groups = {NamedGroup::secp384r1};
  Pair pair = connect(client, server);
  expect_known(pair, false);
  EXPECT_EQ(pair.client.connection.info().hello_retry_request, retry);

  ASSERT_EQ(pair.client.sessions.size(), 2U);
  Pair again = connect(client, server, pair.client.sessions.front());
  expect_known(again, true);
}

INSTANTIATE_TEST_SUITE_P(EverySuite, ByExternalPsk,
                         ::testing::Combine(::testing::ValuesIn(cipher_suites_of(ProtocolVersion::TLS_1_3)),
                                            ::testing::Bool()));

TEST(ExternalPskHandshake, NeedsNeitherTicketsNorSignatures) {
  ClientConfig client = client_config();
  client.resumption = false;
  ServerConfig server = server_config();
  server.ticket_keys = nullptr;
  Pair pair = connect(client, server);
  expect_known(pair, false);
  EXPECT_TRUE(pair.client.sessions.empty());
}

TEST(ExternalPskHandshake, TakesTheSecondKeyToo) {
  ClientConfig client = client_config();
  client.external_psks.insert(client.external_psks.begin(), key_for("anna", "carl", 9, "another key"));
  Pair pair = connect(client, server_config());
  expect_known(pair, false);
}

TEST(ExternalPskHandshake, EndsAtAWrongKey) {
  ClientConfig client = client_config();
  client.external_psks = {key_for("anna", "ben", 8)};
  Pair pair = connect(client, server_config());
  ASSERT_TRUE(pair.server.failed);
  EXPECT_EQ(pair.server.failed->error.rule, &rules::psk_binder_wrong);
  ASSERT_TRUE(pair.client.failed);
  EXPECT_TRUE(pair.client.failed->by_peer);
}

/// A key that the server does not know is as if it were not there.
TEST(ExternalPskHandshake, IsOneWithCertificatesWhereNoKeyIsKnown) {
  ClientConfig client = client_config();
  client.external_psks = {key_for("anna", "ben", 7, "unknown")};
  Pair pair = resume(client, server_config(), nullptr, later(1s));
  ASSERT_TRUE(pair.client.complete && pair.server.complete) << failure_of(pair.client);
  EXPECT_FALSE(pair.server.connection.info().external_psk);
  EXPECT_FALSE(pair.client.connection.info().external_psk);
  EXPECT_FALSE(pair.client.connection.info().peer_chain.empty());

  Pair nothing = connect(client, server_config());
  ASSERT_TRUE(nothing.server.failed);
  EXPECT_FALSE(nothing.client.complete);
}

/// T28: one end that is client and server under one key never answers its own hello (RFC 9258, appendix A).
TEST(ExternalPskHandshake, NeverAnswersItself) {
  const auto as_client = key_for("anna", "ben");
  const auto as_server = key_for("ben", "anna");
  End client = End::client(std::make_shared<const ClientConfig>(ClientConfig{.external_psks = {as_client}}));
  End server = End::server(std::make_shared<const ServerConfig>(ServerConfig{.external_psks = {as_server}}));
  server.credential = nullptr;
  const auto hello = client.take_output();
  server.deliver(hello);
  ASSERT_TRUE(server.failed);
  EXPECT_EQ(server.failed->error.rule, &rules::external_psk_of_other_roles) << failure_of(server);
  EXPECT_EQ(server.failed->error.rule->alert, AlertDescription::decrypt_error);
  testing::provoked().insert(&rules::external_psk_of_other_roles);

  client.deliver(hello);  // and a hello is no answer either
  ASSERT_TRUE(client.failed);
  EXPECT_EQ(client.failed->error.rule, &rules::unexpected_message);
}

TEST(ExternalPskHandshake, SessionsEndWithTheirKey) {
  const ServerConfig server = server_config();
  const auto session = connect(client_config(), server).client.sessions.at(0);
  ServerConfig without = server;
  without.external_psks.clear();
  Pair taken_away = resume(client_config(), without, session, later(2s));
  ASSERT_TRUE(taken_away.client.complete) << failure_of(taken_away.client);
  EXPECT_FALSE(taken_away.client.connection.info().resumed);
  EXPECT_FALSE(taken_away.client.connection.info().peer_chain.empty());

  ServerConfig other = server;
  other.external_psks = {key_for("anna", "ben", 7, "another key")};
  Pair exchanged = resume(client_config(), other, session, later(2s));
  EXPECT_FALSE(exchanged.server.connection.info().external_psk);
}

/// Whoever asks clients for certificates gets none beside a key, and a session by key is none by certificate.
TEST(ExternalPskHandshake, SaysNothingAboutCertificatesOfClients) {
  const ServerConfig server = server_config();
  Pair by_key = connect(client_config(), server);
  ClientConfig without = client_config();
  without.external_psks.clear();
  Pair pair = testing::unconnected(without, server, by_key.client.sessions.at(0), later(2s));
  auto asks = std::make_shared<Credential>(*testing::credential());
  asks->client_authentication = std::make_shared<const ClientAuthentication>();
  pair.server.credential = asks;
  pair.exchange();
  expect_known(pair, true);

  ServerConfig no_keys = server;
  no_keys.external_psks.clear();
  Pair refused = testing::unconnected(without, no_keys, by_key.client.sessions.at(1), later(2s));
  refused.server.credential = asks;
  refused.exchange();
  ASSERT_TRUE(refused.server.failed) << "a certificate is required";
  EXPECT_EQ(refused.server.failed->error.rule, &rules::client_certificate_required);
}

/// RFC 8446, section 4.2.11: only what was offered, with a suite of its hash.
TEST(ExternalPskHandshake, MayNotBeChosenWrongly) {
  const auto play = [](std::uint16_t identity, CipherSuite suite) {
    End client = End::client(std::make_shared<const ClientConfig>(client_config()));
    ScriptedServer server(client);
    ServerHello hello = server.server_hello();
    hello.cipher_suite = suite;
    hello.pre_shared_key = identity;
    server.send(hello);
    return client.failed ? client.failed->error.rule : nullptr;
  };
  EXPECT_EQ(play(0, CipherSuite::TLS_AES_128_GCM_SHA256), nullptr);
  EXPECT_EQ(play(1, CipherSuite::TLS_AES_256_GCM_SHA384), nullptr);
  EXPECT_EQ(play(0, CipherSuite::TLS_AES_256_GCM_SHA384), &rules::psk_hash_wrong);
  EXPECT_EQ(play(1, CipherSuite::TLS_AES_128_GCM_SHA256), &rules::psk_hash_wrong);
  EXPECT_EQ(play(2, CipherSuite::TLS_AES_128_GCM_SHA256), &rules::psk_identity_not_offered);
}

}  // namespace
}  // namespace padlock::tls

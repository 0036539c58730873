// TLS 1.2 between two ends of our own. Strangers judge it in tests/interop.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <tuple>

#include "padlock/tls/rules.h"
#include "padlock/tls/schedule/key_schedule12.h"
#include "padlock/tls/testing/end.h"
#include "padlock/tls/testing/provoked.h"

namespace padlock::tls {
namespace {

using testing::End;
using testing::Pair;

std::string failure_of(const End& end) { return end.failed ? end.failed->error.to_string() : "none"; }

ClientConfig client12() {
  ClientConfig config;
  config.policy = Policy::intermediate;
  config.max_version = ProtocolVersion::TLS_1_2;
  return config;
}
ServerConfig server12() {
  ServerConfig config;
  config.policy = Policy::intermediate;
  config.max_version = ProtocolVersion::TLS_1_2;
  return config;
}

void expect_conversation(Pair& pair) {
  pair.exchange();
  ASSERT_TRUE(pair.client.complete) << failure_of(pair.client) << "; server: " << failure_of(pair.server);
  ASSERT_TRUE(pair.server.complete) << failure_of(pair.server);
  const std::string much(100'000, 'm');
  ASSERT_TRUE(pair.client.connection.send(as_bytes("ping")));
  ASSERT_TRUE(pair.server.connection.send(as_bytes(much)));
  pair.exchange();
  EXPECT_EQ(as_text(pair.server.received), "ping");
  EXPECT_EQ(as_text(pair.client.received), much);
  pair.client.connection.close();
  pair.exchange();
  EXPECT_TRUE(pair.server.peer_closed);
}

// The vector for SHA-256 that implementers share: PRF(secret, "test label", seed).
TEST(Prf, GivesThePublishedOutput) {
  const auto secret = *from_hex("9bbe436ba940f017b17652849a71db35");
  const auto seed = *from_hex("a0ba9f936cda311827a6f796ffd5198c");
  std::array<std::uint8_t, 100> out{};
  const Bytes piece(seed);
  tls12::prf(crypto::Hmac(crypto::HashAlgorithm::sha256, secret), "test label", std::span(&piece, 1), out);
  EXPECT_EQ(to_hex(out),
            "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f707"
            "7def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66");
}

using Combination = std::tuple<CipherSuite, NamedGroup, crypto::KeyKind>;
class Handshakes12 : public ::testing::TestWithParam<Combination> {};

TEST_P(Handshakes12, CompleteAndCarryDataBothWays) {
  const auto& [suite, group, key] = GetParam();
  if (needs_rsa_key(suite) != (key == crypto::KeyKind::rsa_2048)) return;  // no handshake of this key has the suite
  const KeyExchange key_exchange = key_exchange_of(suite);
  if (key_exchange != KeyExchange::ecdhe && group != NamedGroup::x25519) return;  // it has no curve
  ClientConfig client = client12();
  client.policy = Policy::legacy;
  client.cipher_suites = {suite};
  client.groups = {group};
  if (const auto* curve = std::get_if<crypto::EcPublicKey>(&testing::credential(key)->key->public_key().parts());
      curve != nullptr && curve->curve != group)
    client.groups.push_back(curve->curve);
  ServerConfig server = server12();
  server.policy = Policy::legacy;
  Pair pair(client, server);
  pair.server.credential = testing::credential(key);
  expect_conversation(pair);
  // The server's first of those that the client lists: its own, and the certificate's curve.
  const auto groups = default_groups();
  const auto chosen = *std::ranges::find_first_of(groups, client.groups);
  for (const End* end : {&pair.client, &pair.server}) {
    const ConnectionInfo& info = end->connection.info();
    EXPECT_EQ(info.version, ProtocolVersion::TLS_1_2);
    EXPECT_EQ(info.cipher_suite, suite);
    if (key_exchange == KeyExchange::rsa) {
      EXPECT_EQ(info.group, std::nullopt);
      EXPECT_EQ(info.signature_scheme, std::nullopt);
    } else {
      EXPECT_EQ(info.group, key_exchange == KeyExchange::dhe ? NamedGroup::ffdhe2048 : chosen);
      EXPECT_EQ(info.signature_scheme, pair.server.credential->key->schemes().front());
    }
    EXPECT_EQ(info.server_name, "server.test");
  }
  EXPECT_EQ(pair.client.connection.info().peer_chain, pair.server.credential->chain);
}

INSTANTIATE_TEST_SUITE_P(
    All, Handshakes12,
    ::testing::Combine(::testing::ValuesIn(cipher_suites_of(ProtocolVersion::TLS_1_2, Policy::legacy)),
                       ::testing::Values(NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1),
                       ::testing::Values(crypto::KeyKind::ecdsa_p256, crypto::KeyKind::ecdsa_p384,
                                         crypto::KeyKind::ed25519, crypto::KeyKind::rsa_2048)));

TEST(Versions, TheNewestOfBothSidesIsSpoken) {
  constexpr auto old = ProtocolVersion::TLS_1_2;
  constexpr auto recent = ProtocolVersion::TLS_1_3;
  for (const auto& [clients, servers] : {std::pair(recent, recent), {recent, old}, {old, recent}, {old, old}}) {
    ClientConfig client = client12();
    client.max_version = clients;
    ServerConfig server = server12();
    server.max_version = servers;
    Pair pair(client, server);
    expect_conversation(pair);
    EXPECT_EQ(pair.client.connection.info().version, std::min(clients, servers));
  }
}

TEST(Versions, AModernEndSpeaksNothingOld) {
  Pair modern_server(client12(), {});
  modern_server.exchange();
  ASSERT_TRUE(modern_server.server.failed);
  EXPECT_EQ(modern_server.server.failed->error.rule, &rules::version_not_supported);
  Pair modern_client({}, server12());
  modern_client.exchange();
  ASSERT_TRUE(modern_client.client.failed);
  EXPECT_EQ(modern_client.server.failed->error.rule, &rules::version_not_supported);
}

TEST(Connection12, ExportsTheSameKeysAtBothEnds) {
  Pair pair(client12(), server12());
  pair.exchange();
  std::array<std::uint8_t, 40> ours{};
  std::array<std::uint8_t, 40> theirs{};
  ASSERT_TRUE(pair.client.connection.export_keying_material("EXPORTER-test", as_bytes("context"), ours));
  ASSERT_TRUE(pair.server.connection.export_keying_material("EXPORTER-test", as_bytes("context"), theirs));
  EXPECT_EQ(to_hex(ours), to_hex(theirs));
  ASSERT_TRUE(pair.server.connection.export_keying_material("EXPORTER-test", as_bytes("another"), theirs));
  EXPECT_NE(to_hex(ours), to_hex(theirs));
}

TEST(Connection12, TellsAnEmptyContextOfAnExporterFromNone) {  // RFC 5705, section 4; RFC 8446, section 7.5 does not
  for (const bool tls12 : {true, false}) {
    Pair pair = tls12 ? testing::connected(client12(), server12()) : testing::connected();
    std::array<std::uint8_t, 40> with{};
    std::array<std::uint8_t, 40> without{};
    ASSERT_TRUE(pair.client.connection.export_keying_material("EXPORTER-test", Bytes(), with));
    ASSERT_TRUE(pair.client.connection.export_keying_material("EXPORTER-test", std::nullopt, without));
    EXPECT_EQ(with == without, !tls12);
    ASSERT_TRUE(pair.server.connection.export_keying_material("EXPORTER-test", std::nullopt, with));
    EXPECT_EQ(with, without);
  }
}

TEST(Connection12, AgreesOnRecordSizesAndAlpn) {
  ClientConfig client = client12();
  client.record_size_limit = 500;
  client.alpn = {"h2", "http/1.1"};
  ServerConfig server = server12();
  server.record_size_limit = 300;
  server.alpn = {"http/1.1"};
  Pair pair(client, server);
  expect_conversation(pair);
  EXPECT_EQ(pair.client.connection.info().alpn, "http/1.1");
}

TEST(Connection12, PassesStapleAndTimestampsOn) {
  Credential credential = *testing::credential();
  credential.ocsp_staple = {0x30, 0x03, 0x0a, 0x01, 0x06};
  credential.signed_certificate_timestamps = {0x00, 0x04, 0x00, 0x02, 0xab, 0xcd};
  Pair pair(client12(), server12());
  pair.client.answers_at_once = false;
  pair.server.credential = std::make_shared<const Credential>(credential);
  bool seen = false;
  for (int turn = 0; turn < 8; ++turn) {
    pair.exchange();
    while (!pair.client.questions.empty()) {
      if (const auto* chain = std::get_if<ChainVerificationWanted>(&pair.client.questions.front())) {
        EXPECT_EQ(chain->ocsp_staple, credential.ocsp_staple);
        EXPECT_EQ(chain->signed_certificate_timestamps, credential.signed_certificate_timestamps);
        seen = true;
      }
      pair.client.answer(0);
    }
  }
  EXPECT_TRUE(seen);
  EXPECT_TRUE(pair.client.complete) << failure_of(pair.client);
}

TEST(Connection12, HasNoKeyUpdateAndClosesWhenItsKeyIsUsedUp) {  // docs/threats.md, T19
  ServerConfig server = server12();
  server.rekey_after = {.gcm_records = 64, .chacha_records = 64};
  Pair pair(client12(), server);
  pair.exchange();
  testing::provoked().insert({&rules::no_key_update, &rules::keys_used_up});
  EXPECT_EQ(pair.client.connection.update_keys(false).error().rule, &rules::no_key_update);
  std::size_t sent = 0;
  Result<void> result;
  while ((result = pair.server.connection.send(as_bytes("x")))) ++sent;
  EXPECT_EQ(result.error().rule, &rules::keys_used_up);
  EXPECT_EQ(sent, 63U) << "Finished was the first record";
  pair.exchange();
  EXPECT_TRUE(pair.client.peer_closed);
}

TEST(Versions, ThatNobodySharesAreWhatTheAlertIsReadAs) {
  Pair pair(client12(), ServerConfig{});  // which speaks TLS 1.3 alone
  pair.exchange();
  ASSERT_TRUE(pair.client.failed);
  EXPECT_TRUE(pair.client.failed->by_peer);
  EXPECT_NE(failure_of(pair.client).find("protocol_version (70): the two ends share no version of TLS"),
            std::string::npos)
      << failure_of(pair.client);
}

/// What the server's caller is told that the client can check.
std::vector<SignatureScheme> schemes_wanted(const ClientConfig& client) {
  Pair pair(client, server12());
  pair.server.answers_at_once = false;
  pair.exchange();
  const auto& schemes = std::get<CertificateWanted>(pair.server.questions.at(0)).schemes;
  return {schemes.begin(), schemes.end()};
}

/// A site with two certificates takes one that works: a key needs a suite of its kind (RFC 5246, section 7.4.2), and a
/// curve that the client lists (RFC 8422, section 5.1.1).
TEST(CertificateWanted12, NamesOnlySchemesThatSuitesAndCurvesAllow) {
  ClientConfig client = client12();
  client.grease = false;
  client.signature_schemes = {SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::ecdsa_secp384r1_sha384,
                              SignatureScheme::ed25519, SignatureScheme::rsa_pss_rsae_sha256};
  EXPECT_EQ(schemes_wanted(client), client.signature_schemes);

  ClientConfig rsa = client;
  rsa.cipher_suites = {CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256};
  EXPECT_EQ(schemes_wanted(rsa), std::vector{SignatureScheme::rsa_pss_rsae_sha256});

  ClientConfig other = client;
  other.cipher_suites = {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
  other.groups = {NamedGroup::x25519, NamedGroup::secp384r1};
  EXPECT_EQ(schemes_wanted(other), (std::vector{SignatureScheme::ecdsa_secp384r1_sha384, SignatureScheme::ed25519}));
}

/// RFC 5246, section 7.4.5: behind ServerHelloDone the server waits for the client's flight, with whole messages too.
TEST(ServerHelloDone, EndsItsRecord) {
  Pair pair(client12(), server12());
  pair.client.pump();
  pair.server.deliver(pair.client.take_output());
  auto flight = pair.server.take_output();  // one record, which ServerHelloDone ends
  flight.at(4) = static_cast<std::uint8_t>(flight.at(4) + 1);
  flight.push_back(static_cast<std::uint8_t>(HandshakeType::new_session_ticket));
  pair.client.deliver(flight);
  ASSERT_TRUE(pair.client.failed);
  EXPECT_EQ(pair.client.failed->error.rule, &rules::message_across_key_change) << failure_of(pair.client);
}

}  // namespace
}  // namespace padlock::tls

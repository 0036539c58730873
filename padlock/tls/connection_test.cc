#include "padlock/tls/connection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/schedule/key_schedule.h"
#include "padlock/tls/testing/scripted_peer.h"
#include "padlock/x509/rules.h"
#include "tests/support/fixed_provider.h"

namespace padlock::tls {
namespace {

using testing::connected;
using testing::End;
using testing::Pair;
using testing::ScriptedClient;
using testing::ScriptedServer;
using testing::to_message;
using testing::with_extension;

std::string failure_of(const End& end) { return end.failed ? end.failed->error.to_string() : "none"; }

using Combination = std::tuple<CipherSuite, NamedGroup, crypto::KeyKind>;
std::vector<NamedGroup> with_p521() {
  auto groups = default_groups();
  groups.push_back(NamedGroup::secp521r1);  // only where it is named
  return groups;
}
class Handshakes : public ::testing::TestWithParam<Combination> {};

TEST_P(Handshakes, CompleteAndCarryDataBothWays) {
  const auto& [suite, group, key] = GetParam();
  ClientConfig client_config{.groups = {group}, .cipher_suites = {suite}};
  Pair pair(client_config, {.groups = with_p521()});
  pair.server.credential = testing::credential(key);
  pair.exchange();
  ASSERT_TRUE(pair.client.complete) << failure_of(pair.client) << "; server: " << failure_of(pair.server);
  ASSERT_TRUE(pair.server.complete);
  ASSERT_TRUE(pair.client.connection.send(as_bytes("ping")));
  ASSERT_TRUE(pair.server.connection.send(as_bytes("pong")));
  pair.exchange();
  EXPECT_EQ(as_text(pair.server.received), "ping");
  EXPECT_EQ(as_text(pair.client.received), "pong");
  for (const End* end : {&pair.client, &pair.server}) {
    const ConnectionInfo& info = end->connection.info();
    EXPECT_EQ(info.version, ProtocolVersion::TLS_1_3);
    EXPECT_EQ(info.cipher_suite, suite);
    EXPECT_EQ(info.group, group);
    EXPECT_EQ(info.signature_scheme, pair.server.credential->key->schemes().front());
    EXPECT_EQ(info.server_name, "server.test");
    EXPECT_FALSE(info.hello_retry_request);
  }
  EXPECT_EQ(pair.client.connection.info().peer_chain, pair.server.credential->chain);
}

INSTANTIATE_TEST_SUITE_P(All, Handshakes,
                         ::testing::Combine(::testing::ValuesIn(cipher_suites_of(ProtocolVersion::TLS_1_3)),
                                            ::testing::ValuesIn(with_p521()),
                                            ::testing::Values(crypto::KeyKind::ecdsa_p256, crypto::KeyKind::ecdsa_p384,
                                                              crypto::KeyKind::ecdsa_p521, crypto::KeyKind::ed25519,
                                                              crypto::KeyKind::rsa_2048)));

TEST(Connection, RetriesForAGroupThatBothHave) {
  for (const bool compatibility : {true, false}) {
    ClientConfig client_config{.groups = {NamedGroup::secp521r1, NamedGroup::secp256r1},
                               .key_share_count = 1,
                               .middlebox_compatibility = compatibility};
    Pair pair = connected(client_config);
    ASSERT_TRUE(pair.client.complete) << failure_of(pair.client);
    ASSERT_TRUE(pair.server.complete) << failure_of(pair.server);
    EXPECT_TRUE(pair.client.connection.info().hello_retry_request);
    EXPECT_EQ(pair.client.connection.info().group, NamedGroup::secp256r1);
  }
}

TEST(Connection, SharesTheHybridAndX25519WithOneKey) {
  Pair pair;
  const ClientHello hello = ScriptedServer(pair.client).hello;
  EXPECT_EQ(*hello.supported_groups, list_of(default_groups()));
  ASSERT_EQ(hello.key_share->size(), 2U);
  const KeyShareEntry& hybrid = hello.key_share->front();
  const KeyShareEntry& x25519 = hello.key_share->back();
  EXPECT_EQ(hybrid.group, NamedGroup::X25519MLKEM768);
  EXPECT_EQ(x25519.group, NamedGroup::x25519);
  EXPECT_EQ(hybrid.key_exchange.size(), 1216U);
  EXPECT_TRUE(std::ranges::equal(std::span(hybrid.key_exchange).last(32), x25519.key_exchange));
}

TEST(Connection, FallsToX25519WithoutARetryWhereTheServerHasNoHybrid) {
  Pair pair = connected({}, {.groups = {NamedGroup::x25519, NamedGroup::secp256r1}});
  ASSERT_TRUE(pair.client.complete) << failure_of(pair.client);
  EXPECT_EQ(pair.client.connection.info().group, NamedGroup::x25519);
  EXPECT_FALSE(pair.client.connection.info().hello_retry_request);
}

TEST(Connection, RetriesForTheHybridRatherThanTakeAWeakerTier) {  // docs/threats.md, T14
  Pair pair = connected({.groups = {NamedGroup::x25519, NamedGroup::X25519MLKEM768}, .key_share_count = 1});
  ASSERT_TRUE(pair.client.complete) << failure_of(pair.client);
  ASSERT_TRUE(pair.server.complete) << failure_of(pair.server);
  for (const End* end : {&pair.client, &pair.server}) {
    EXPECT_TRUE(end->connection.info().hello_retry_request);
    EXPECT_EQ(end->connection.info().group, NamedGroup::X25519MLKEM768);
  }
}

TEST(Connection, MakesAShareOfX25519AloneForAProviderWhoseHybridsHaveNoPart) {
  struct Opaque final : crypto::EphemeralKey {
    NamedGroup group() const override { return NamedGroup::X25519MLKEM768; }
    Bytes public_share() const override { return bytes; }
    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(1216, 7);
  };
  Connection client = Connection::client(std::make_shared<const ClientConfig>(), "server.test", testing::provider());
  const auto first = std::get<CryptoWanted>(*client.next_event());
  EXPECT_EQ(std::get<crypto::KeyShareQuestion>(first.question).group, NamedGroup::X25519MLKEM768);
  EXPECT_FALSE(client.next_event()) << "one question";
  ASSERT_TRUE(client.answer(first.id, crypto::Answer(std::make_shared<const Opaque>())));
  EXPECT_TRUE(client.output().empty());
  const auto second = std::get<CryptoWanted>(*client.next_event());
  EXPECT_EQ(std::get<crypto::KeyShareQuestion>(second.question).group, NamedGroup::x25519);
  ASSERT_TRUE(answer_at_once(client, second, testing::provider()));
  EXPECT_GT(client.output().size(), 1216U);
}

TEST(Connection, FailsWhenTheHybridsCiphertextWasChanged) {
  End client = End::client(std::make_shared<const ClientConfig>());
  ScriptedServer server(client);
  ServerHello hello = server.server_hello();
  hello.key_share->key_exchange.front() ^= 1;  // rejected implicitly: the client's keys are not the server's
  server.send(hello);
  ASSERT_FALSE(client.failed) << failure_of(client);
  server.use_handshake_keys();
  server.send(to_message(server.encrypted_extensions()));
  ASSERT_TRUE(client.failed);
  EXPECT_EQ(client.failed->error.rule->alert, AlertDescription::bad_record_mac);
}

TEST(Connection, SendsACookieBack) {
  End client = End::client(std::make_shared<const ClientConfig>());
  ScriptedServer server(client);
  const ClientHello first = server.hello;
  HelloRetryRequest retry = server.hello_retry_request(NamedGroup::secp256r1);
  retry.key_share.reset();  // a cookie is reason enough
  retry.cookie = {{1, 2, 3, 4}};
  server.send(retry);
  ASSERT_FALSE(client.failed) << failure_of(client);
  EXPECT_EQ(server.hello.cookie, retry.cookie);
  EXPECT_EQ(server.hello.key_share->size(), 2U) << "the shares of the first hello";
  EXPECT_EQ(server.hello.key_share, first.key_share) << "unchanged, for none was asked for";
  server.complete();
  EXPECT_TRUE(client.complete) << failure_of(client);
}

TEST(Connection, NegotiatesAlpn) {
  Pair pair = connected({.alpn = {"h2", "http/1.1"}}, {.alpn = {"http/1.1"}});
  ASSERT_TRUE(pair.client.complete) << failure_of(pair.client);
  EXPECT_EQ(pair.client.connection.info().alpn, "http/1.1");
  EXPECT_EQ(pair.server.connection.info().alpn, "http/1.1");
  Pair none = connected({.alpn = {"h2"}});
  ASSERT_TRUE(none.client.complete);
  EXPECT_FALSE(none.client.connection.info().alpn);
}

TEST(Connection, DoesNotSendAnIpAddressAsServerName) {
  for (const char* address : {"127.0.0.1", "::1", "2001:db8::1"}) {
    End client = End::client(std::make_shared<const ClientConfig>(), nullptr, nullptr, address);
    const ScriptedServer server(client);
    EXPECT_FALSE(server.hello.server_name);
    EXPECT_FALSE(server.hello.has(ExtensionType::server_name));
  }
  End client = End::client(std::make_shared<const ClientConfig>(), nullptr, nullptr, "Server.TEST");
  EXPECT_EQ(ScriptedServer(client).hello.server_name, "server.test");
}

TEST(Connection, AsksForACertificateWithNameAndSchemes) {
  Pair pair({.signature_schemes = {SignatureScheme::ed25519, SignatureScheme::ecdsa_secp256r1_sha256}});
  pair.server.answers_at_once = false;
  pair.exchange();
  const auto wanted = std::ranges::find_if(
      pair.server.questions, [](const Event& question) { return std::holds_alternative<CertificateWanted>(question); });
  ASSERT_NE(wanted, pair.server.questions.end());
  EXPECT_EQ(std::get<CertificateWanted>(*wanted).server_name, "server.test");
  EXPECT_EQ(std::get<CertificateWanted>(*wanted).schemes.size(), 2U);
  EXPECT_EQ(pair.server.connection.waiting_for(), Waiting::answer);
}

TEST(Connection, FailsWithTheRuleOfADeclinedQuestion) {
  static constexpr Rule unknown_name{
      .code = "test.unknown_name", .source = {6066, "3"}, .alert = AlertDescription::unrecognized_name};
  Pair pair;
  pair.server.answers_at_once = false;
  pair.exchange();
  const QuestionId id = std::get<CertificateWanted>(pair.server.questions.front()).id;
  ASSERT_TRUE(pair.server.connection.decline(id, {&unknown_name, "nobody knows it"}));
  EXPECT_FALSE(pair.server.connection.decline(id, {&unknown_name, "again"}));
  pair.exchange();
  ASSERT_TRUE(pair.server.failed);
  EXPECT_EQ(pair.server.failed->error.rule, &unknown_name);
  ASSERT_TRUE(pair.client.failed);
  EXPECT_EQ(pair.client.failed->error.rule, &rules::alert_received);
  EXPECT_TRUE(pair.client.failed->by_peer);
  EXPECT_NE(pair.client.failed->error.what.find("unrecognized_name (112)"), std::string::npos);
}

TEST(Connection, RefusesAnAnswerOfAnotherKind) {
  Connection fresh = Connection::client(std::make_shared<const ClientConfig>(), "server.test", testing::provider());
  const auto question = fresh.next_event();
  const QuestionId id = std::get<CryptoWanted>(*question).id;
  EXPECT_EQ(fresh.answer(id, PeerVerified::by_caller()).error().rule, &rules::unknown_question);
  EXPECT_EQ(fresh.answer(id, crypto::Answer(crypto::SignatureCheckAnswer{true})).error().rule,
            &rules::unknown_question);
  EXPECT_EQ(fresh.waiting_for(), Waiting::answer) << "the question is still open";
  EXPECT_TRUE(answer_at_once(fresh, std::get<CryptoWanted>(*question), testing::provider()));
  EXPECT_FALSE(fresh.output().empty());
}

/// A client that has answered everything but ChainVerificationWanted, which is its only open question.
void answer_all_but_the_chain(Pair& pair) {
  pair.client.answers_at_once = false;
  for (int round = 0; round < 4; ++round) {
    pair.exchange();
    for (std::size_t at = pair.client.questions.size(); at-- > 0;) {
      if (std::holds_alternative<CryptoWanted>(pair.client.questions[at])) pair.client.answer(at);
    }
  }
  ASSERT_EQ(pair.client.questions.size(), 1U);
  ASSERT_TRUE(std::holds_alternative<ChainVerificationWanted>(pair.client.questions[0]));
}

TEST(Connection, IsNotCompleteBeforeTheChainIsJudged) {
  Pair pair;
  answer_all_but_the_chain(pair);
  EXPECT_EQ(pair.client.connection.waiting_for(), Waiting::answer);
  EXPECT_FALSE(pair.client.complete);
  EXPECT_FALSE(pair.server.complete) << "the client's Finished waits for the verdict";
  const auto& wanted = std::get<ChainVerificationWanted>(pair.client.questions[0]);
  EXPECT_EQ(wanted.server_name, "server.test");
  EXPECT_EQ(wanted.chain, pair.server.credential->chain);
  pair.client.answer(0);
  pair.exchange();
  EXPECT_TRUE(pair.client.complete);
  EXPECT_TRUE(pair.server.complete);
}

TEST(Connection, KeepsTheChainReadableAfterItWasRefused) {
  static constexpr Rule untrusted{
      .code = "test.untrusted", .source = {5280, "6.1"}, .alert = AlertDescription::unknown_ca};
  Pair pair;
  answer_all_but_the_chain(pair);
  const QuestionId id = std::get<ChainVerificationWanted>(pair.client.questions[0]).id;
  ASSERT_TRUE(pair.client.connection.decline(id, {&untrusted, "nobody knows this root"}));
  pair.exchange();
  ASSERT_TRUE(pair.client.failed);
  EXPECT_EQ(pair.client.connection.info().peer_chain, pair.server.credential->chain);
  ASSERT_TRUE(pair.server.failed);
  EXPECT_NE(pair.server.failed->error.what.find("unknown_ca"), std::string::npos);
}

TEST(Connection, RefusesALeafThatIsNoCertificate) {
  End client = End::client(std::make_shared<const ClientConfig>());
  ScriptedServer server(client);
  server.send(server.server_hello());
  server.use_handshake_keys();
  server.send(to_message(server.encrypted_extensions()));
  server.send(to_message(Certificate{{}, {{{0x30, 0x03, 1, 1, 0xff}, {}}}}));
  ASSERT_TRUE(client.failed);
  EXPECT_TRUE(client.failed->error.rule->code.starts_with("x509.") ||
              client.failed->error.rule->code.starts_with("der."))
      << client.failed->error.rule->code;
  EXPECT_EQ(client.connection.info().peer_chain.size(), 1U) << "kept for inspection";
}

TEST(Connection, SendsNothingWhenTheRandomSourceFails) {  // docs/threats.md, T33
  test::FixedProvider broken_provider;
  Connection client = Connection::client(std::make_shared<const ClientConfig>(), "server.test", broken_provider);
  const auto question = client.next_event();
  broken_provider.fail_after(2);  // the key share's two seeds are drawn, the hello's random is not
  (void)answer_at_once(client, std::get<CryptoWanted>(*question), broken_provider);
  const auto event = client.next_event();
  ASSERT_TRUE(event && std::holds_alternative<Failed>(*event));
  EXPECT_EQ(std::get<Failed>(*event).error.rule->alert, AlertDescription::internal_error);
  EXPECT_EQ(to_hex(client.output()).substr(0, 2), "15") << "an alert, no hello";
  EXPECT_EQ(client.output().size(), 7U);
}

// ---- the flight's shape

std::vector<unsigned> record_types(Bytes records) {
  std::vector<unsigned> types;
  while (!records.empty()) {
    const RecordHeader header = parse_record_header(records.first<record_header_length>());
    types.push_back(static_cast<unsigned>(header.type));
    records = records.subspan(record_header_length + header.length);
  }
  return types;
}

TEST(Connection, SendsTheServersFlightInOneOutputAndFewRecords) {
  Pair pair;
  pair.server.deliver(pair.client.take_output());
  EXPECT_EQ(record_types(pair.server.connection.output()), (std::vector<unsigned>{22, 20, 23}))
      << "ServerHello, change_cipher_spec, all the rest";
}

TEST(Connection, SaysItsDummyBeforeAnAlertThatTakesTheFlightsPlace) {  // RFC 8446, appendix D.4
  for (const bool compatibility : {true, false}) {
    End client =
        End::client(std::make_shared<const ClientConfig>(ClientConfig{.middlebox_compatibility = compatibility}));
    ScriptedServer server(client);
    server.send(server.server_hello());
    server.use_handshake_keys();
    server.send(to_message(HelloRetryRequest{}));
    EXPECT_TRUE(client.failed);
    const auto types = compatibility ? std::vector<unsigned>{20, 23} : std::vector<unsigned>{23};
    EXPECT_EQ(record_types(client.take_output()), types);
  }
}

TEST(Connection, SpeaksWithoutDummiesWhenTheClientWantsNone) {
  Pair pair({.middlebox_compatibility = false});
  const auto hello = pair.client.take_output();
  EXPECT_EQ(hello.at(5 + 4 + 2 + 32), 0) << "empty legacy_session_id";
  pair.server.deliver(hello);
  const auto flight = pair.server.take_output();
  const std::array<std::uint8_t, 6> dummy = {20, 3, 3, 0, 1, 1};
  EXPECT_EQ(std::ranges::search(flight, dummy).begin(), flight.end());
  pair.client.deliver(flight);
  pair.exchange();
  EXPECT_TRUE(pair.server.complete);
}

// ---- early data that nobody asked for

TEST(Connection, SkipsEarlyDataThatItDidNotAccept) {
  End server = End::server(std::make_shared<const ServerConfig>());
  ScriptedClient client(server);
  client.send(with_extension(to_message(client.client_hello()), ExtensionType::early_data));
  std::vector<std::uint8_t> early(5 + 1000, 0x42);
  std::ranges::copy(std::array<std::uint8_t, 5>{23, 3, 3, 0x03, 0xe8}, early.begin());
  for (int i = 0; i < 10; ++i) client.send_bytes(early);
  EXPECT_FALSE(server.failed) << failure_of(server);
  EXPECT_TRUE(server.received.empty());
}

TEST(Connection, SkipsEarlyDataBeforeASecondHelloToo) {
  End server = End::server(std::make_shared<const ServerConfig>());
  ScriptedClient client(server);
  client.send(with_extension(to_message(client.client_hello(NamedGroup::secp521r1)), ExtensionType::early_data));
  std::vector<std::uint8_t> early(5 + 1000, 0x42);
  std::ranges::copy(std::array<std::uint8_t, 5>{23, 3, 3, 0x03, 0xe8}, early.begin());
  client.send_bytes(early);
  EXPECT_FALSE(server.failed) << failure_of(server);
}

// ---- limits at their bound

TEST(Limits, OfChangeCipherSpecAreExact) {
  End client = End::client(std::make_shared<const ClientConfig>());
  ScriptedServer server(client);
  for (std::size_t i = 0; i < limits::change_cipher_specs; ++i) server.send_change_cipher_spec();
  server.complete();
  EXPECT_TRUE(client.complete) << failure_of(client);
}

TEST(Limits, OfRecordsWithoutDataStartAnewWithData) {
  End client = End::client(std::make_shared<const ClientConfig>());
  ScriptedServer server(client);
  server.complete();
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < limits::records_without_data; ++i) server.send(testing::new_session_ticket());
    server.send_record(ContentType::application_data, as_bytes("."));
  }
  EXPECT_FALSE(client.failed) << failure_of(client);
  EXPECT_EQ(as_text(client.received), "...");
  EXPECT_EQ(client.connection.info().tickets_received, 3 * limits::records_without_data);
}

TEST(Limits, OfWarningsAreExact) {
  End client = End::client(std::make_shared<const ClientConfig>());
  ScriptedServer server(client);
  server.complete();
  const std::array<std::uint8_t, 2> user_canceled = {1, 90};
  for (std::size_t i = 0; i < limits::warning_alerts; ++i) server.send_record(ContentType::alert, user_canceled);
  EXPECT_FALSE(client.failed);
}

TEST(Limits, OfAMessageSplitIntoSingleBytes) {  // docs/threats.md, T15
  End server = End::server(std::make_shared<const ServerConfig>());
  ScriptedClient client(server);
  const auto padded =
      with_extension(to_message(client.client_hello()), ExtensionType::padding, std::vector<std::uint8_t>(60000));
  for (const std::uint8_t byte : padded) client.send_record(ContentType::handshake, std::span(&byte, 1));
  EXPECT_FALSE(server.failed) << failure_of(server);
  EXPECT_FALSE(server.connection.output().empty()) << "the server's flight";
}

// ---- keys

TEST(KeyUpdate, OfBothSidesKeepsTheDataFlowing) {
  Pair pair = connected();
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(pair.client.connection.update_keys(round % 2 == 0));
    ASSERT_TRUE(pair.client.connection.send(as_bytes("c")));
    ASSERT_TRUE(pair.server.connection.update_keys(round % 2 == 1));
    ASSERT_TRUE(pair.server.connection.send(as_bytes("s")));
    pair.exchange();
  }
  EXPECT_EQ(as_text(pair.server.received), "ccccc");
  EXPECT_EQ(as_text(pair.client.received), "sssss");
}

TEST(KeyUpdate, IsAnsweredOnceWhileTheAnswerIsUnsent) {
  Pair pair = connected();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(pair.client.connection.update_keys(true));
  pair.server.deliver(pair.client.take_output());
  constexpr std::size_t one_key_update = 5 + 5 + 1 + 16;
  EXPECT_EQ(pair.server.connection.output().size(), one_key_update);
  pair.exchange();
  ASSERT_TRUE(pair.server.connection.send(as_bytes("fine")));
  pair.exchange();
  EXPECT_EQ(as_text(pair.client.received), "fine");
}

TEST(KeyUpdate, ComesByItselfAfterTheLimitOfRecords) {  // docs/threats.md, T19
  Pair pair = connected({.rekey_after = {.gcm_records = 64, .chacha_records = 64}});
  std::size_t sent = 0;
  std::size_t extra = 0;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(pair.client.connection.send(as_bytes("x")));
    const auto bytes = pair.client.take_output();
    constexpr std::size_t one_record = 5 + 1 + 1 + 16;
    if (bytes.size() > one_record) {
      ++extra;
      EXPECT_EQ(sent, 64U) << "records under one key";
      sent = 0;
    }
    ++sent;
    pair.server.deliver(bytes);
    pair.client.deliver(pair.server.take_output());
  }
  EXPECT_EQ(extra, 15U);
  EXPECT_EQ(pair.server.received.size(), 1000U);
}

TEST(KeyUpdate, AlsoComesBeforeAReservationThatIsCommitted) {
  Pair pair = connected({.rekey_after = {.gcm_records = 2, .chacha_records = 2}});
  for (int i = 0; i < 10; ++i) {
    const auto room = pair.client.connection.reserve(100);
    ASSERT_TRUE(room);
    std::ranges::copy(as_bytes("abc"), room->begin());
    ASSERT_TRUE(pair.client.connection.commit(3));
  }
  pair.exchange();
  EXPECT_EQ(pair.server.received.size(), 30U);
  EXPECT_FALSE(pair.server.failed) << failure_of(pair.server);
}

TEST(KeyUpdate, AfterEachMebibyteIsNoFlood) {  // docs/threats.md, T16
  Pair pair = connected();
  const std::vector<std::uint8_t> mebibyte(1 << 20, 'm');
  std::size_t received = 0;
  for (int i = 0; i < 64; ++i) {  // twice the limit of messages without data
    ASSERT_TRUE(pair.client.connection.send(mebibyte));
    ASSERT_TRUE(pair.client.connection.update_keys(true));
    pair.exchange();
    received += pair.server.received.size();
    pair.server.received.clear();
  }
  EXPECT_EQ(received, 64 * mebibyte.size());
  EXPECT_FALSE(pair.server.failed) << failure_of(pair.server);
}

TEST(Exporter, GivesBothEndsTheSameKeys) {
  Pair pair = connected();
  const auto exported = [](const End& end, std::string_view label, std::string_view context) {
    std::array<std::uint8_t, 48> key{};
    EXPECT_TRUE(end.connection.export_keying_material(label, as_bytes(context), key));
    return to_hex(key);
  };
  const std::string key = exported(pair.client, "EXPORTER-Channel-Binding", "");
  EXPECT_EQ(exported(pair.server, "EXPORTER-Channel-Binding", ""), key);
  EXPECT_NE(exported(pair.server, "EXPORTER-Channel-Binding", "x"), key);
  EXPECT_NE(exported(pair.server, "EXPORTER-other", ""), key);
  EXPECT_NE(exported(connected().client, "EXPORTER-Channel-Binding", ""), key);
}

struct Lines : KeyLog {
  void line(std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

TEST(KeyLog, HearsTheSameFiveSecretsAtBothEnds) {
  Lines client_lines;
  Lines server_lines;
  End client = End::client(std::make_shared<const ClientConfig>(), nullptr, &client_lines);
  End server = End::server(std::make_shared<const ServerConfig>(), nullptr, &server_lines);
  testing::exchange(client, server);
  ASSERT_TRUE(client.complete);
  EXPECT_EQ(client_lines.lines, server_lines.lines);
  std::vector<std::string> labels;
  labels.reserve(client_lines.lines.size());
  for (const std::string& line : client_lines.lines) labels.push_back(line.substr(0, line.find(' ')));
  EXPECT_EQ(labels,
            (std::vector<std::string>{"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                                      "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0", "EXPORTER_SECRET"}));
  for (const std::string& line : client_lines.lines) {
    EXPECT_EQ(line.size(), line.find(' ') + 1 + 64 + 1 + 64) << "label, client random, secret";
  }
}

// ---- sending

TEST(Send, GathersPiecesIntoAsFewRecordsAsTheyFill) {
  Pair pair = connected();
  const std::vector<std::uint8_t> body(3 * limits::plaintext - 10, 'b');
  const std::array<Bytes, 4> pieces = {as_bytes("0123456789"), Bytes{}, body, as_bytes("end")};
  ASSERT_TRUE(pair.client.connection.send(pieces));
  pair.exchange();
  EXPECT_EQ(pair.server.received.size(), body.size() + 13);
  EXPECT_EQ(pair.server.events,
            (std::vector<std::string>{"HandshakeComplete", "ApplicationData 16384", "ApplicationData 16384",
                                      "ApplicationData 16384", "ApplicationData 3"}));
}

TEST(Send, OfNothingSendsNothing) {
  Pair pair = connected();
  ASSERT_TRUE(pair.client.connection.send(Bytes{}));
  EXPECT_TRUE(pair.client.connection.output().empty());
}

TEST(Reserve, IsReplacedByAnotherAndDroppedBySend) {
  Pair pair = connected();
  Connection& connection = pair.client.connection;
  ASSERT_TRUE(connection.reserve(10));
  ASSERT_TRUE(connection.reserve(20));
  ASSERT_TRUE(connection.send(as_bytes("sent")));
  EXPECT_EQ(connection.commit(1).error().rule, &rules::no_reservation);
  ASSERT_TRUE(connection.reserve(limits::plaintext));
  ASSERT_TRUE(connection.commit(limits::plaintext));
  ASSERT_TRUE(connection.reserve(5));
  ASSERT_TRUE(connection.commit(0)) << "nothing to say after all";
  connection.drop_reservation();
  pair.exchange();
  EXPECT_EQ(pair.server.received.size(), 4 + limits::plaintext);
}

// ---- closing

TEST(Close, OfBothSidesIsClean) {
  Pair pair = connected();
  pair.client.connection.close();
  pair.client.connection.close();
  EXPECT_EQ(pair.client.connection.send(as_bytes("late")).error().rule, &rules::not_connected);
  pair.exchange();
  EXPECT_TRUE(pair.server.peer_closed);
  EXPECT_EQ(pair.server.connection.waiting_for(), Waiting::application);
  ASSERT_TRUE(pair.server.connection.send(as_bytes("still sending")));
  pair.server.connection.close();
  pair.exchange();
  EXPECT_EQ(as_text(pair.client.received), "still sending");
  EXPECT_TRUE(pair.client.peer_closed);
  pair.client.connection.input_ended();
  pair.server.connection.input_ended();
  pair.exchange();
  EXPECT_FALSE(pair.client.failed);
  EXPECT_FALSE(pair.server.failed);
  EXPECT_EQ(pair.client.connection.waiting_for(), Waiting::nothing);
}

TEST(Close, IgnoresWhatComesAfterThePeersCloseNotify) {
  Pair pair = connected();
  pair.client.connection.close();
  auto bytes = pair.client.take_output();
  bytes.insert(bytes.end(), {'j', 'u', 'n', 'k'});
  pair.server.deliver(bytes);
  EXPECT_TRUE(pair.server.peer_closed);
  EXPECT_FALSE(pair.server.failed);
  EXPECT_TRUE(pair.server.inbox.empty());
}

TEST(Close, InTheMiddleOfAHandshakeIsOver) {
  Pair pair;
  pair.client.connection.close();
  EXPECT_EQ(to_hex(pair.client.connection.output().last(2)), "0100") << "close_notify";
  pair.exchange();
  ASSERT_TRUE(pair.server.failed);
  EXPECT_EQ(pair.server.failed->error.rule, &rules::closed_in_handshake);
  EXPECT_EQ(pair.client.connection.waiting_for(), Waiting::nothing);
}

TEST(Truncation, IsNeverACleanEnd) {  // docs/threats.md, T30
  Pair pair = connected();
  ASSERT_TRUE(pair.server.connection.send(std::vector<std::uint8_t>(50000, 'x')));
  const auto stream = pair.server.take_output();
  std::size_t at = 0;
  while (at < stream.size()) {
    const RecordHeader header = parse_record_header(Bytes(stream).subspan(at).first<record_header_length>());
    const std::size_t size = record_header_length + header.length;
    pair.client.deliver(Bytes(stream).subspan(at, size));
    at += size;
    EXPECT_FALSE(pair.client.peer_closed);
  }
  pair.client.connection.input_ended();
  pair.client.pump();
  ASSERT_TRUE(pair.client.failed);
  EXPECT_EQ(pair.client.failed->error.rule, &rules::truncated);
  EXPECT_FALSE(pair.client.failed->by_peer);
}

TEST(Fail, TellsThePeerTheAlertOfTheCallersRule) {
  static constexpr Rule deadline{
      .code = "test.deadline", .source = {0, "T31"}, .alert = AlertDescription::user_canceled};
  Pair pair = connected();
  ASSERT_TRUE(pair.client.connection.reserve(100));
  pair.client.connection.fail({&deadline, "ten seconds have passed"});
  pair.client.pump();
  ASSERT_TRUE(pair.client.failed);
  EXPECT_EQ(pair.client.failed->error.rule, &deadline);
  EXPECT_EQ(pair.client.connection.waiting_for(), Waiting::room_for_output);
  pair.client.connection.fail({&deadline, "again"});
  EXPECT_FALSE(pair.client.connection.next_event()) << "it fails once";
  EXPECT_EQ(pair.client.connection.feed(pair.client.inbox, Instant{}), 0U);
  EXPECT_EQ(pair.client.take_output().size(), 5U + 2 + 1 + 16);
  EXPECT_EQ(pair.client.connection.waiting_for(), Waiting::nothing);
}

// ---- what the hellos offer beside the keys

TEST(Grease, StandsInEveryListAndIsPassedOverByServers) {  // RFC 8701
  End client = End::client(std::make_shared<const ClientConfig>());
  const auto flight = client.take_output();
  const Bytes message = Bytes(flight).subspan(5);
  const auto hello = parse_client_hello(Reader(message.subspan(4), "ClientHello")).value();
  const auto grease_in = [](const auto& list) {
    return std::ranges::count_if(list, [](auto point) { return is_grease(static_cast<std::uint16_t>(point)); });
  };
  EXPECT_EQ(grease_in(hello.cipher_suites), 1);
  EXPECT_EQ(grease_in(*hello.supported_groups), 1);
  EXPECT_EQ(grease_in(*hello.supported_versions), 1);
  EXPECT_EQ(grease_in(hello.extension_types), 2);
  EXPECT_EQ(hello.key_share->front().group, hello.supported_groups->front());
  EXPECT_TRUE(is_grease(static_cast<std::uint16_t>(hello.key_share->front().group)));
  Pair without = connected({.grease = false});
  EXPECT_TRUE(without.client.complete) << failure_of(without.client);
}

std::shared_ptr<const Credential> stapled() {
  Credential credential = *testing::credential();
  credential.ocsp_staple = {0x30, 0x03, 0x0a, 0x01, 0x06};
  credential.signed_certificate_timestamps = {0x00, 0x04, 0x00, 0x02, 0xab, 0xcd};
  return std::make_shared<const Credential>(std::move(credential));
}

TEST(Staple, ReachesTheJudgeWithTheChainIfItWasAskedFor) {
  for (const bool asked : {true, false}) {
    Pair pair({.status_request = asked, .signed_certificate_timestamp = asked});
    pair.server.credential = stapled();
    pair.client.answers_at_once = false;
    pair.exchange();
    while (!pair.client.questions.empty() &&
           !std::holds_alternative<ChainVerificationWanted>(pair.client.questions.front())) {
      pair.client.answer(0);
      pair.exchange();
    }
    ASSERT_FALSE(pair.client.questions.empty()) << failure_of(pair.client);
    const auto& wanted = std::get<ChainVerificationWanted>(pair.client.questions.front());
    EXPECT_EQ(wanted.ocsp_staple, asked ? stapled()->ocsp_staple : std::vector<std::uint8_t>());
    EXPECT_EQ(wanted.signed_certificate_timestamps,
              asked ? stapled()->signed_certificate_timestamps : std::vector<std::uint8_t>());
  }
}

TEST(Staple, HasTimestampsOfAtLeastOneByte) {  // RFC 6962, section 3.3
  Credential credential = *testing::credential();
  credential.signed_certificate_timestamps = {0x00, 0x05, 0x00, 0x01, 0xab, 0x00, 0x00};
  for (const ProtocolVersion version : {ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2}) {
    Pair pair({.policy = Policy::intermediate, .max_version = version}, {.policy = Policy::intermediate});
    pair.server.credential = std::make_shared<const Credential>(credential);
    pair.exchange();
    ASSERT_TRUE(pair.client.failed);
    EXPECT_EQ(pair.client.failed->error.rule->code, "base.reader.vector_length");
    EXPECT_EQ(pair.client.failed->error.rule->alert, AlertDescription::decode_error);
  }
}

/// Lengths of one sender's protected records on the wire.
struct RecordLengths : Observer {
  explicit RecordLengths(Sender whose) : sender(whose) {}
  void handshake_message(Sender, EncryptionLevel, Bytes) override {}
  void record(Sender by, EncryptionLevel level, ContentType, ContentType, std::size_t wire_length,
              std::size_t) override {
    if (by == sender && level != EncryptionLevel::plaintext) inner.push_back(wire_length - 5 - 16);
  }
  void key_derived(std::string_view, std::size_t) override {}
  void chosen(std::string_view, std::string_view, std::string_view) override {}
  void alert(Sender, EncryptionLevel, AlertDescription) override {}
  Sender sender;
  std::vector<std::size_t> inner;  ///< content, type and padding
};

std::vector<std::uint8_t> numbered(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 >> 2);
  return bytes;
}

/// Sends with `send` and with a reservation, from the server to the client; gives the lengths of the server's records.
std::vector<std::size_t> lengths_of(ClientConfig client_config, ServerConfig server_config, std::size_t size) {
  RecordLengths lengths(Sender::server);
  End client = End::client(std::make_shared<const ClientConfig>(std::move(client_config)));
  End server = End::server(std::make_shared<const ServerConfig>(std::move(server_config)), &lengths);
  testing::exchange(client, server);
  EXPECT_TRUE(client.complete) << failure_of(client);
  const auto data = numbered(size);
  EXPECT_TRUE(server.connection.send(data));
  const auto room = server.connection.reserve(size);
  EXPECT_TRUE(room);
  const auto part = Bytes(data).first(room->size());
  std::ranges::copy(part, room->begin());
  EXPECT_TRUE(server.connection.commit(part.size()));
  testing::exchange(client, server);
  EXPECT_EQ(client.received.size(), size + part.size());
  EXPECT_TRUE(std::ranges::equal(Bytes(client.received).first(size), data));
  EXPECT_TRUE(std::ranges::equal(Bytes(client.received).subspan(size), part));
  return lengths.inner;
}

TEST(RecordSizeLimit, OfThePeerIsKeptByEveryProtectedRecord) {  // RFC 8449
  for (const std::uint16_t limit : std::initializer_list<std::uint16_t>{64, 65, 1000, 16'384, 16'385}) {
    const auto lengths = lengths_of({.record_size_limit = limit}, {}, 16'384);
    EXPECT_EQ(*std::ranges::max_element(lengths), limit);
    EXPECT_EQ(std::ranges::count(lengths, limit) >= 1, true);
  }
}

TEST(RecordSizeLimit, OfTheServerIsKeptByTheClient) {
  RecordLengths lengths(Sender::client);
  End client = End::client(std::make_shared<const ClientConfig>(), &lengths);
  End server = End::server(std::make_shared<const ServerConfig>(ServerConfig{.record_size_limit = 100}));
  testing::exchange(client, server);
  ASSERT_TRUE(client.complete) << failure_of(client);
  ASSERT_TRUE(client.connection.send(numbered(5000)));
  testing::exchange(client, server);
  EXPECT_EQ(server.received, numbered(5000));
  EXPECT_EQ(*std::ranges::max_element(lengths.inner), 100U);
}

TEST(RecordPadding, FillsRecordsToAMultipleAsFarAsTheyGo) {  // RFC 8446, section 5.4
  for (const std::uint16_t multiple : std::initializer_list<std::uint16_t>{1, 2, 256, 4096, 65'535}) {
    for (const std::size_t size : {1U, 255U, 256U, 4095U, 16'384U}) {
      for (const std::size_t length : lengths_of({}, {.padding = {multiple}}, size)) {
        EXPECT_TRUE(length % multiple == 0 || length == limits::inner_plaintext) << length << " " << multiple;
      }
    }
  }
  for (const std::size_t length : lengths_of({.record_size_limit = 300}, {.padding = {256}}, 5000)) {
    EXPECT_TRUE(length == 256 || length == 300) << length;
  }
}

// ---- the observer

struct Notes : Observer {
  void handshake_message(Sender sender, EncryptionLevel level, Bytes message) override {
    const std::string who = sender == Sender::client ? "client " : "server ";
    heard.push_back(who + std::string(name_of(level)) + " " +
                    std::string(name_of(static_cast<HandshakeType>(message[0]))));
  }
  void record(Sender, EncryptionLevel level, ContentType outer, ContentType inner, std::size_t wire_length,
              std::size_t plaintext_length) override {
    ++records;
    const std::size_t overhead = level == EncryptionLevel::plaintext ? 5U : 5U + 1 + 16;
    EXPECT_EQ(wire_length, plaintext_length + overhead);
    EXPECT_EQ(level == EncryptionLevel::plaintext, outer == inner && outer != ContentType::application_data);
  }
  void key_derived(std::string_view label, std::size_t length) override { keys[std::string(label)] = length; }
  void chosen(std::string_view what, std::string_view value, std::string_view reason) override {
    EXPECT_FALSE(reason.empty());
    choices[std::string(what)] = value;
  }
  void alert(Sender, EncryptionLevel level, AlertDescription description) override {
    alerts.push_back(std::string(name_of(level)) + " " + std::string(name_of(description)));
  }
  std::vector<std::string> heard;
  std::vector<std::string> alerts;
  std::map<std::string, std::size_t> keys;
  std::map<std::string, std::string> choices;
  std::size_t records = 0;
};

TEST(Observer, HearsTheSameStoryAtBothEnds) {
  Notes at_client;
  Notes at_server;
  End client = End::client(std::make_shared<const ClientConfig>(), &at_client);
  End server = End::server(std::make_shared<const ServerConfig>(), &at_server);
  testing::exchange(client, server);
  ASSERT_TRUE(client.complete);
  const std::vector<std::string> story = {
      "client plaintext ClientHello", "server plaintext ServerHello",       "server handshake EncryptedExtensions",
      "server handshake Certificate", "server handshake CertificateVerify", "server handshake Finished",
      "client handshake Finished"};
  EXPECT_EQ(at_client.heard, story);
  EXPECT_EQ(at_server.heard, story);
  EXPECT_EQ(at_client.records, 6U) << "ClientHello, ServerHello, two dummies, two protected";
  EXPECT_EQ(at_server.records, 6U);
  EXPECT_EQ(at_client.choices, at_server.choices);
  EXPECT_EQ(at_client.choices.at("group"), "X25519MLKEM768");
  EXPECT_EQ(at_client.choices.at("cipher_suite"), "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(at_client.choices.at("signature_scheme"), "ecdsa_secp256r1_sha256");
  EXPECT_EQ(at_client.keys, at_server.keys);
  EXPECT_EQ(at_client.keys.at("server_application_traffic_secret_0"), 32U);
  client.connection.close();
  testing::exchange(client, server);
  EXPECT_EQ(at_server.alerts, std::vector<std::string>{"application close_notify"});
  EXPECT_EQ(at_client.alerts, at_server.alerts);
}

}  // namespace
}  // namespace padlock::tls

// The handshake without records, as QUIC carries it (RFC 9001).
#include "padlock/tls/quic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/testing/provoked.h"
#include "padlock/tls/testing/quic_end.h"
#include "padlock/tls/testing/scripted_peer.h"
#include "padlock/tls/wire/post_handshake.h"

namespace padlock::tls {
namespace {

using namespace std::chrono_literals;
using testing::later;
using testing::provider;
using testing::provoked;
using testing::QuicEnd;
using testing::QuicPair;
using testing::QuicParcel;

using Octets = std::vector<std::uint8_t>;

std::string failure_of(const QuicEnd& end) { return end.failed ? end.failed->error.to_string() : "none"; }

ClientConfig client_config() {
  return {.policy = Policy::intermediate, .alpn = {"h3"}, .resumption = true, .early_data = true};
}
ServerConfig server_config() {
  return {.policy = Policy::intermediate,
          .alpn = {"h3"},
          .ticket_keys = testing::ticket_keys(),
          .max_early_data_size = 1000};
}

void expect_connected(const QuicPair& pair) {
  ASSERT_TRUE(pair.client.complete()) << failure_of(pair.client) << "; server: " << failure_of(pair.server);
  ASSERT_TRUE(pair.server.complete()) << failure_of(pair.server);
  EXPECT_EQ(pair.server.peers_parameters, (Octets{1, 2, 3}));
  EXPECT_EQ(pair.client.peers_parameters, (Octets{4, 5}));
  for (const auto level : {EncryptionLevel::handshake, EncryptionLevel::application}) {
    EXPECT_EQ(pair.client.reading.at(level), pair.server.writing.at(level));
    EXPECT_EQ(pair.client.writing.at(level), pair.server.reading.at(level));
    EXPECT_NE(pair.client.writing.at(level), pair.client.reading.at(level));
  }
  EXPECT_EQ(pair.client.connection.info().alpn, "h3");
  EXPECT_EQ(pair.client.connection.info().version, ProtocolVersion::TLS_1_3);
}

class QuicHandshake : public ::testing::TestWithParam<std::tuple<std::size_t, bool>> {};

TEST_P(QuicHandshake, ShakesHandsWithoutRecordsAndGoesOnFromASession) {
  const auto& [piece, retry] = GetParam();
  ServerConfig server = server_config();
  if (retry) server.groups = {NamedGroup::secp384r1};
  QuicPair pair(client_config(), server);
  pair.exchange(piece);
  expect_connected(pair);
  EXPECT_EQ(pair.client.connection.info().hello_retry_request, retry);
  EXPECT_EQ(pair.client.order, (std::vector<std::string>{"read handshake", "write handshake", "write application",
                                                         "read application", "complete"}));
  EXPECT_EQ(pair.server.order, (std::vector<std::string>{"write handshake", "read handshake", "write application",
                                                         "read application", "complete"}));

  ASSERT_EQ(pair.client.sessions.size(), 2U);
  EXPECT_EQ(pair.client.sessions.front()->max_early_data_size, 0xffffffff) << "RFC 9001, section 4.6.1";
  QuicPair again(client_config(), server, pair.client.sessions.front());
  again.exchange(piece);
  expect_connected(again);
  EXPECT_TRUE(again.client.connection.info().resumed);
  EXPECT_EQ(again.client.connection.info().early_data, retry ? EarlyDataStatus::rejected : EarlyDataStatus::accepted);
}

INSTANTIATE_TEST_SUITE_P(WholeAndByteByByte, QuicHandshake,
                         ::testing::Combine(::testing::Values(std::size_t{1}, std::size_t{100'000}),
                                            ::testing::Bool()));

/// RFC 9001, sections 4.6 and 8.3: the secret of early data leaves on both sides, and no EndOfEarlyData is said.
TEST(Quic, HasEarlyDataWithoutItsEnd) {
  QuicPair first(client_config(), server_config());
  first.exchange();
  QuicPair pair(client_config(), server_config(), first.client.sessions.at(0));
  EXPECT_EQ(pair.client.order, (std::vector<std::string>{"write early_data"}));
  std::vector<Octets> said;
  while (!pair.client.parcels.empty()) {
    for (const QuicParcel& parcel : std::exchange(pair.client.parcels, {})) {
      EXPECT_NE(parcel.first, EncryptionLevel::early_data);
      said.push_back(parcel.second);
      pair.server.take(parcel);
    }
    for (const QuicParcel& parcel : std::exchange(pair.server.parcels, {})) pair.client.take(parcel);
  }
  expect_connected(pair);
  EXPECT_EQ(pair.client.writing.at(EncryptionLevel::early_data), pair.server.reading.at(EncryptionLevel::early_data));
  EXPECT_EQ(pair.server.order, (std::vector<std::string>{"write handshake", "write application", "read early_data",
                                                         "read handshake", "read application", "complete"}));
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].front(), static_cast<std::uint8_t>(HandshakeType::client_hello));
  EXPECT_EQ(said[1].front(), static_cast<std::uint8_t>(HandshakeType::finished));
}

/// RFC 9001, sections 4.2 and 8.4: TLS 1.3 alone, without its disguise.
TEST(Quic, SaysNothingForMiddleboxesOrRecords) {
  const QuicPair pair(client_config(), server_config());
  ASSERT_EQ(pair.client.parcels.size(), 1U);
  const auto message = parse_handshake_message(pair.client.parcels.front().second).value();
  const auto hello = parse_client_hello(Reader(message.body, "ClientHello")).value();
  EXPECT_TRUE(hello.legacy_session_id.empty());
  EXPECT_FALSE(hello.record_size_limit);
  EXPECT_EQ(hello.supported_versions->back(), ProtocolVersion::TLS_1_3);
  EXPECT_FALSE(hello.extended_master_secret) << "no TLS 1.2";
  EXPECT_EQ(Octets(hello.quic_transport_parameters->begin(), hello.quic_transport_parameters->end()),
            (Octets{1, 2, 3}));
}

TEST(Quic, SaysAlertsAsErrorCodes) {
  QuicPair pair(client_config(), server_config());
  pair.client.declines = true;
  pair.exchange();
  ASSERT_TRUE(pair.client.failed);
  EXPECT_EQ(quic_error_code(pair.client.failed->error), 0x100U + 51) << "decrypt_error, as the caller's rule says";
  EXPECT_FALSE(pair.client.connection.receive(EncryptionLevel::handshake, {}, later(1s))) << "it is over";

  ServerConfig other_protocol = server_config();
  other_protocol.alpn = {"h2"};
  QuicPair no_overlap(client_config(), other_protocol);
  no_overlap.exchange();
  ASSERT_TRUE(no_overlap.server.failed);
  EXPECT_EQ(quic_error_code(no_overlap.server.failed->error), 0x178U) << "no_application_protocol";
}

// ---- what is refused

void expect(const std::optional<Failed>& failed, const Rule& rule, std::uint64_t code) {
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->error.rule, &rule) << failed->error.to_string();
  EXPECT_EQ(quic_error_code(failed->error), code);
  provoked().insert(&rule);
}

/// A server that hears this hello.
QuicEnd heard(const std::function<void(ClientHello&)>& change) {
  testing::End tcp = testing::End::server(std::make_shared<const ServerConfig>());
  ClientHello hello = testing::ScriptedClient(tcp).client_hello();
  hello.legacy_session_id.clear();
  hello.quic_transport_parameters = {{1, 2, 3}};
  change(hello);
  QuicEnd server(QuicConnection::server(ServerConfig{}, {4, 5}, provider()));
  server.take({EncryptionLevel::plaintext, testing::to_message(hello)});
  return server;
}

TEST(Quic, NeedsTransportParametersAndNoSessionId) {
  EXPECT_FALSE(heard([](auto&) {}).failed);
  expect(heard([](auto& hello) { hello.quic_transport_parameters.reset(); }).failed, rules::missing_extension, 0x16d);
  expect(heard([](auto& hello) { hello.legacy_session_id = {7}; }).failed, rules::quic_session_id, 0x12f);
  expect(heard([](auto& hello) { hello.supported_versions.reset(); }).failed, rules::version_not_supported, 0x146);

  testing::End tcp = testing::End::server(std::make_shared<const ServerConfig>());
  testing::ScriptedClient client(tcp);
  ClientHello hello = client.client_hello();
  hello.quic_transport_parameters = {{1}};
  client.send(hello);
  expect(tcp.failed, rules::quic_parameters_without_quic, 0x16e);
}

TEST(Quic, NeedsTheServersTransportParametersToo) {
  QuicEnd client(QuicConnection::client(client_config(), "server.test", {1}, provider()));
  const auto message = parse_handshake_message(client.parcels.at(0).second).value();
  const auto hello = parse_client_hello(Reader(message.body, "ClientHello")).value();
  const auto share = std::ranges::find(*hello.key_share, NamedGroup::x25519, &KeyShareEntry::group);
  const auto key = provider().make_key_share_for(NamedGroup::x25519, share->key_exchange).value();
  const Bytes ours = key->public_share();
  const ServerHello answer{.random = Random{1},
                           .cipher_suite = CipherSuite::TLS_AES_128_GCM_SHA256,
                           .supported_versions = ProtocolVersion::TLS_1_3,
                           .key_share = KeyShareEntry{NamedGroup::x25519, {ours.begin(), ours.end()}}};
  client.take({EncryptionLevel::plaintext, testing::to_message(answer)});
  client.take({EncryptionLevel::handshake, testing::to_message(EncryptedExtensions{})});
  expect(client.failed, rules::missing_extension, 0x16d);
}

/// RFC 9001, section 4.1.3: each level has its own bytes, and what is left of one is a mistake.
TEST(Quic, TakesEachMessageAtItsLevel) {
  QuicPair wrong(client_config(), server_config());
  wrong.server.take({EncryptionLevel::handshake, wrong.client.parcels.at(0).second});
  expect(wrong.server.failed, rules::unexpected_message, 0x10a);

  QuicPair more(client_config(), server_config());
  more.server.take(more.client.parcels.at(0));
  more.server.parcels.at(0).second.push_back(8);
  more.client.take(more.server.parcels.at(0));
  expect(more.client.failed, rules::message_across_key_change, 0x10a);
}

/// Also where an answer is still waited for when the keys change: what is left never counts as data of the new level.
TEST(Quic, HasNothingLeftOfALevelWhileItWaits) {
  QuicPair pair(client_config(), server_config());
  pair.server.answers_at_once = false;
  pair.server.take(pair.client.parcels.at(0));
  pair.server.take({EncryptionLevel::plaintext, {static_cast<std::uint8_t>(HandshakeType::finished)}});
  while (!pair.server.failed && !pair.server.reading.contains(EncryptionLevel::handshake)) {
    ASSERT_FALSE(pair.server.questions.empty());
    pair.server.answer(0);
    pair.server.drain();
  }
  expect(pair.server.failed, rules::message_across_key_change, 0x10a);
}

/// RFC 9001, section 6: QUIC changes keys itself.
TEST(Quic, HasNoKeyUpdateAndFewTickets) {
  QuicPair pair(client_config(), server_config());
  pair.exchange();
  expect_connected(pair);
  const QuicParcel ticket{EncryptionLevel::application, testing::new_session_ticket()};
  const std::size_t received = pair.client.connection.info().tickets_received;
  for (std::size_t i = received; i < limits::records_without_data; ++i) pair.client.take(ticket);
  EXPECT_FALSE(pair.client.failed) << failure_of(pair.client);
  pair.client.take(ticket);
  expect(pair.client.failed, rules::too_many_records_without_data, 0x10a);
  pair.server.take({EncryptionLevel::application, testing::key_update(0)});
  expect(pair.server.failed, rules::unexpected_message, 0x10a);

  QuicPair second(client_config(), server_config());
  second.exchange();
  second.client.take({EncryptionLevel::application, testing::key_update(0)});
  expect(second.client.failed, rules::unexpected_message, 0x10a);

  QuicPair third(client_config(), server_config());
  third.exchange();
  const auto limited = compose(HandshakeType::new_session_ticket, [](Writer& body) {
    write_new_session_ticket(body, {.ticket_lifetime = 7200, .ticket_nonce = {0}, .ticket = {1}, .early_data = 1000});
  });
  third.client.take({EncryptionLevel::application, limited});
  expect(third.client.failed, rules::quic_early_data_size, 0x12f);
}

/// What comes while an answer is waited for is kept, to a bound.
TEST(Quic, KeepsWhatItCannotReadYetToABound) {
  QuicEnd server(QuicConnection::server(ServerConfig{}, {4, 5}, provider()));
  const std::vector<std::uint8_t> beginning = {1, 0, 0xff, 0xf0};
  ASSERT_TRUE(server.connection.receive(EncryptionLevel::plaintext, beginning, later(1s)));
  const std::vector<std::uint8_t> too_long = {1, 2, 0, 0};
  QuicEnd other(QuicConnection::server(ServerConfig{}, {4, 5}, provider()));
  other.take({EncryptionLevel::plaintext, too_long});
  expect(other.failed, rules::message_too_long, 0x12f);

  QuicConnection waiting = QuicConnection::client(client_config(), "server.test", {1}, provider());
  const std::vector<std::uint8_t> most(limits::handshake_message, 0);
  EXPECT_TRUE(waiting.receive(EncryptionLevel::plaintext, most, later(1s))) << "its key shares are not made yet";
  const auto beyond = waiting.receive(EncryptionLevel::plaintext, Bytes(most).first(1), later(1s));
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().rule, &rules::message_too_long);
}

}  // namespace
}  // namespace padlock::tls

// What a peer may send without end, and where it ends (docs/threats.md, T10, T16, T19, T30): the connection is closed
// at the first record over the limit, and what follows costs nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/testing/scripted_peer.h"

namespace padlock::tls {
namespace {

using testing::End;
using testing::ScriptedClient;
using testing::ScriptedPeer;
using testing::ScriptedServer;
using testing::to_message;

constexpr std::array<std::uint8_t, 2> user_canceled = {1, 90};

/// Something that carries no data, said for the n-th time.
struct Flood {
  std::string name;
  std::function<void(ScriptedPeer&, std::size_t)> say;
  std::size_t limit;  ///< so many are taken
  unsigned alert;     ///< and the next one is answered so
};

void say_key_update(ScriptedPeer& peer, std::uint8_t request) {
  peer.send(testing::key_update(request));
  peer.next_write_key();
}

std::vector<Flood> floods_of_both() {
  return {
      {"empty records", [](ScriptedPeer& p, std::size_t) { p.send_record(ContentType::application_data, {}); },
       limits::records_without_data, 10},
      {"KeyUpdates", [](ScriptedPeer& p, std::size_t) { say_key_update(p, 0); }, limits::records_without_data, 10},
      {"KeyUpdates that ask", [](ScriptedPeer& p, std::size_t) { say_key_update(p, 1); }, limits::records_without_data,
       10},
      {"KeyUpdates and empty records",
       [](ScriptedPeer& p, std::size_t n) {
         if (n % 2 == 0) return say_key_update(p, 0);
         p.send_record(ContentType::application_data, {});
       },
       limits::records_without_data, 10},
      {"warnings", [](ScriptedPeer& p, std::size_t) { p.send_record(ContentType::alert, user_canceled); },
       limits::warning_alerts, 10},
      {"padding alone", [](ScriptedPeer& p, std::size_t) { p.send_inner(std::vector<std::uint8_t>(100)); }, 0, 10},
      {"empty handshake records", [](ScriptedPeer& p, std::size_t) { p.send_record(ContentType::handshake, {}); }, 0,
       10},
      {"empty alerts", [](ScriptedPeer& p, std::size_t) { p.send_record(ContentType::alert, {}); }, 0, 10},
      {"change_cipher_specs", [](ScriptedPeer& p, std::size_t) { p.send_change_cipher_spec(); }, 0, 10},
  };
}

std::vector<Flood> floods_of_a_server() {
  auto floods = floods_of_both();
  floods.push_back({"tickets", [](ScriptedPeer& p, std::size_t) { p.send(testing::new_session_ticket()); },
                    limits::records_without_data, 10});
  floods.push_back({"tickets, KeyUpdates and empty records",
                    [](ScriptedPeer& p, std::size_t n) {
                      if (n % 3 == 0) return p.send(testing::new_session_ticket());
                      if (n % 3 == 1) return say_key_update(p, 0);
                      p.send_record(ContentType::application_data, {});
                    },
                    limits::records_without_data, 10});
  return floods;
}

/// Sends the flood until the end fails; gives how many it took.
std::size_t taken_of(const Flood& flood, ScriptedPeer& peer) {
  std::size_t taken = 0;
  while (taken < 1000) {
    flood.say(peer, taken);
    if (peer.failed()) break;
    ++taken;
  }
  return taken;
}

void expect_stopped(const Flood& flood, ScriptedPeer& peer) {
  SCOPED_TRACE(flood.name);
  EXPECT_EQ(taken_of(flood, peer), flood.limit);
  ASSERT_TRUE(peer.failed());
  EXPECT_EQ(static_cast<unsigned>(peer.failed()->error.rule->alert), flood.alert);
  EXPECT_TRUE(peer.end().received.empty());
}

TEST(Floods, OfAServerAreStoppedAtTheirLimit) {
  for (const Flood& flood : floods_of_a_server()) {
    End client = End::client(std::make_shared<const ClientConfig>());
    ScriptedServer server(client);
    server.complete();
    expect_stopped(flood, server);
  }
}

TEST(Floods, OfAClientAreStoppedAtTheirLimit) {
  for (const Flood& flood : floods_of_both()) {
    End server = End::server(std::make_shared<const ServerConfig>());
    ScriptedClient client(server);
    client.complete();
    expect_stopped(flood, client);
  }
}

TEST(Floods, BelowTheirLimitWithDataBetweenThemGoOn) {
  for (const Flood& flood : floods_of_a_server()) {
    if (flood.limit != limits::records_without_data) continue;
    End client = End::client(std::make_shared<const ClientConfig>());
    ScriptedServer server(client);
    server.complete();
    for (int round = 0; round < 3; ++round) {
      for (std::size_t i = 0; i < flood.limit; ++i) {
        flood.say(server, i);
        client.take_output();  // answers to KeyUpdates are on their way
      }
      server.send_record(ContentType::application_data, as_bytes("."));
    }
    EXPECT_FALSE(client.failed) << flood.name;
    EXPECT_EQ(as_text(client.received), "...") << flood.name;
  }
}

TEST(Floods, OfChangeCipherSpecsInAHandshakeAreStoppedInBothRoles) {
  for (const std::size_t count : {limits::change_cipher_specs, limits::change_cipher_specs + 1}) {
    End server = End::server(std::make_shared<const ServerConfig>());
    ScriptedClient client(server);
    client.send(client.client_hello());
    client.read_flight();
    for (std::size_t i = 0; i < count; ++i) client.send_change_cipher_spec();
    EXPECT_EQ(server.failed.has_value(), count > limits::change_cipher_specs);
    End other = End::client(std::make_shared<const ClientConfig>());
    ScriptedServer peer(other);
    for (std::size_t i = 0; i < count; ++i) peer.send_change_cipher_spec();
    EXPECT_EQ(other.failed.has_value(), count > limits::change_cipher_specs);
  }
}

/// A million records behind the one that closed the connection.
TEST(Floods, CostNothingOnceTheConnectionIsClosed) {
  End client = End::client(std::make_shared<const ClientConfig>());
  ScriptedServer server(client);
  server.complete();
  while (!client.failed) server.send_record(ContentType::application_data, {});
  std::vector<std::uint8_t> record = {23, 3, 3, 0, 17};
  record.resize(5 + 17);
  const std::clock_t before = std::clock();
  for (int i = 0; i < 1'000'000; ++i) ASSERT_EQ(client.connection.feed(record, Instant{}), 0U);
  EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC) << "processor time, with what the loop itself costs";
  EXPECT_FALSE(client.connection.next_event());
}

TEST(Retries, AreFollowedOnceHoweverManyComeAtOnce) {  // T10
  for (const bool in_one_delivery : {false, true}) {
    End client = End::client(std::make_shared<const ClientConfig>());
    ScriptedServer server(client);
    const auto retry = to_message(server.hello_retry_request(NamedGroup::secp256r1));
    std::vector<std::uint8_t> wire;
    for (int i = 0; i < 100; ++i) {
      const auto header = write_record_header({ContentType::handshake, 0x0303, retry.size()});
      wire.insert(wire.end(), header.begin(), header.end());
      wire.insert(wire.end(), retry.begin(), retry.end());
      if (in_one_delivery) continue;
      client.deliver(wire);
      wire.clear();
    }
    client.deliver(wire);
    ASSERT_TRUE(client.failed);
    EXPECT_EQ(client.failed->error.rule, &rules::second_retry);
    server.messages.clear();
    server.read();
    EXPECT_EQ(server.messages.size(), 1U) << "one second hello";
    EXPECT_EQ(server.alert, AlertDescription::unexpected_message);
  }
}

TEST(Nonces, AreNeverUsedTwiceAcrossKeys) {  // T19: equal key, nonce and plaintext would give equal records
  for (const CipherSuite suite : cipher_suites_of(ProtocolVersion::TLS_1_3)) {
    testing::Pair pair =
        testing::connected({.cipher_suites = {suite}, .rekey_after = {.gcm_records = 64, .chacha_records = 64}});
    std::set<std::vector<std::uint8_t>> seen;
    for (int i = 0; i < 6400; ++i) {
      ASSERT_TRUE(pair.client.connection.send(as_bytes("same")));
      const auto output = pair.client.take_output();
      const Bytes last = Bytes(output).last(4 + 1 + crypto::aead_tag_length);
      ASSERT_TRUE(seen.insert({last.begin(), last.end()}).second) << i;
      ASSERT_LE(output.size(), 2 * 5 + 5 + last.size() + 1 + crypto::aead_tag_length + 5) << "one KeyUpdate at most";
    }
  }
}

TEST(Truncation, AtEachRecordBoundaryOfAMebibyteIsNoCleanEnd) {  // T30
  constexpr std::size_t mebibyte = 1 << 20;
  constexpr std::size_t records = mebibyte / limits::plaintext;
  for (std::size_t cut = 0; cut <= records; ++cut) {
    for (const std::size_t more : {0U, 1U, 100U}) {  // of the next record
      testing::Pair pair = testing::connected();
      ASSERT_TRUE(pair.server.connection.send(std::vector<std::uint8_t>(mebibyte, 'x')));
      const auto stream = pair.server.take_output();
      const std::size_t size = cut * (limits::plaintext + 5 + 1 + crypto::aead_tag_length) + more;
      pair.client.deliver(Bytes(stream).first(std::min(size, stream.size())));
      pair.client.connection.input_ended();
      pair.client.pump();
      EXPECT_EQ(pair.client.received.size(), cut * limits::plaintext);
      EXPECT_FALSE(pair.client.peer_closed);
      ASSERT_TRUE(pair.client.failed);
      EXPECT_EQ(pair.client.failed->error.rule, &rules::truncated);
    }
  }
}

}  // namespace
}  // namespace padlock::tls

// Early data, 0-RTT (RFC 8446, sections 2.3, 4.2.10, 4.5 and 8; docs/threats.md, T27).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/testing/provoked.h"
#include "padlock/tls/testing/scripted_peer.h"
#include "padlock/tls/testing/scripted_peer12.h"
#include "padlock/tls/testing/sessions.h"
#include "padlock/tls/wire/code_points.h"

namespace padlock::tls {
namespace {

using namespace std::chrono_literals;
using testing::End;
using testing::later;
using testing::Pair;
using testing::ScriptedClient;
using testing::ScriptedServer;
using testing::SessionPtr;
using testing::to_message;

constexpr std::uint32_t most = 16 * 1024;

ClientConfig client_config() { return {.alpn = {"http/1.1"}, .resumption = true, .early_data = true}; }
ServerConfig server_config() {
  return {.alpn = {"http/1.1"}, .ticket_keys = testing::ticket_keys(), .max_early_data_size = most};
}
std::shared_ptr<EarlyDataStore> early_data_store(std::size_t capacity = 100) {
  return std::make_shared<EarlyDataStore>(capacity, later(-1h));
}

std::string failure_of(const End& end) { return end.failed ? end.failed->error.to_string() : "none"; }

SessionPtr session_from(const ClientConfig& client, const ServerConfig& server) {
  return testing::resume(client, server, nullptr, later(0s)).client.sessions.at(0);
}
SessionPtr session_from(const ServerConfig& server) { return session_from(client_config(), server); }

void expect_data_both_ways(Pair& pair) {
  ASSERT_TRUE(pair.client.complete) << failure_of(pair.client) << "; server: " << failure_of(pair.server);
  ASSERT_TRUE(pair.server.complete);
  pair.client.received.clear();
  ASSERT_TRUE(pair.client.connection.send(as_bytes("ping")));
  ASSERT_TRUE(pair.server.connection.send(as_bytes("pong")));
  pair.exchange();
  EXPECT_EQ(as_text(pair.server.received), "ping");
  EXPECT_EQ(as_text(pair.client.received), "pong");
}

bool has_event(const End& end, std::string_view event) { return std::ranges::count(end.events, event) > 0; }

/// The client says "early" before it has heard of the server, and both go on to the end.
Pair say_early(
    ClientConfig client, ServerConfig server, SessionPtr session, Instant now = later(1s),
    const std::function<void(Pair&)>& prepare = [](Pair&) {}) {
  Pair pair = testing::unconnected(std::move(client), std::move(server), std::move(session), now);
  prepare(pair);
  EXPECT_TRUE(pair.client.connection.send(as_bytes("early")));
  pair.exchange();
  return pair;
}

void expect_taken(Pair& pair) {
  EXPECT_EQ(as_text(pair.server.early), "early");
  EXPECT_EQ(pair.client.connection.info().early_data, EarlyDataStatus::accepted);
  EXPECT_EQ(pair.server.connection.info().early_data, EarlyDataStatus::accepted);
  EXPECT_FALSE(has_event(pair.client, "EarlyDataRejected"));
  expect_data_both_ways(pair);
}

void expect_refused(Pair& pair) {
  EXPECT_TRUE(pair.server.early.empty());
  EXPECT_EQ(pair.client.connection.info().early_data, EarlyDataStatus::rejected);
  EXPECT_EQ(pair.server.connection.info().early_data, EarlyDataStatus::rejected);
  EXPECT_TRUE(has_event(pair.client, "EarlyDataRejected"));
  expect_data_both_ways(pair);
}

class EarlyData13 : public ::testing::TestWithParam<std::tuple<CipherSuite, bool>> {};

TEST_P(EarlyData13, IsReadBeforeTheHandshakeIsCompleteAndAnsweredAtOnce) {
  const auto& [suite, dummies] = GetParam();
  ClientConfig client = client_config();
  client.cipher_suites = {suite};
  client.middlebox_compatibility = dummies;
  const ServerConfig server = server_config();
  Pair pair = testing::unconnected(client, server, session_from(client, server), later(1s));
  EXPECT_EQ(pair.client.connection.early_data_room(), most);
  ASSERT_TRUE(pair.client.connection.send(as_bytes("early")));
  EXPECT_EQ(pair.client.connection.early_data_room(), most - 5);

  pair.server.deliver(pair.client.take_output());
  EXPECT_EQ(as_text(pair.server.early), "early");
  EXPECT_FALSE(pair.server.complete);
  ASSERT_TRUE(pair.server.connection.send(as_bytes("answer"))) << "its Finished is said";

  pair.client.deliver(pair.server.take_output());
  EXPECT_TRUE(pair.client.complete) << failure_of(pair.client);
  EXPECT_EQ(as_text(pair.client.received), "answer");
  EXPECT_EQ(pair.client.connection.early_data_room(), 0U);
  pair.exchange();
  EXPECT_EQ(pair.server.events, (std::vector<std::string>{"EarlyData 5", "HandshakeComplete"}));
  expect_taken(pair);
}

INSTANTIATE_TEST_SUITE_P(EverySuite, EarlyData13,
                         ::testing::Combine(::testing::ValuesIn(cipher_suites_of(ProtocolVersion::TLS_1_3)),
                                            ::testing::Bool()));

TEST(EarlyData, IsOffByDefaultOnBothSides) {
  const ServerConfig server = server_config();
  const auto session = session_from(server);
  EXPECT_EQ(session->max_early_data_size, most);
  ClientConfig plain = client_config();
  plain.early_data = false;
  Pair unasked = testing::resume(plain, server, session, later(1s));
  EXPECT_EQ(unasked.client.connection.info().early_data, EarlyDataStatus::none);
  EXPECT_EQ(unasked.server.connection.info().early_data, EarlyDataStatus::none);
  EXPECT_TRUE(unasked.client.connection.info().resumed);

  ServerConfig off = server_config();
  off.max_early_data_size = 0;
  const auto without = session_from(off);
  EXPECT_EQ(without->max_early_data_size, 0U);
  Pair not_allowed = testing::unconnected(client_config(), off, without, later(1s));
  EXPECT_EQ(not_allowed.client.connection.early_data_room(), 0U);
  const auto sent = not_allowed.client.connection.send(as_bytes("early"));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().rule, &rules::not_connected);

  Pair switched_off = say_early(client_config(), off, session);
  expect_refused(switched_off);
}

/// RFC 8446, section 4.2.10: what does not fit the session is not offered.
TEST(EarlyData, IsNotOfferedUnderAnotherSuiteOrProtocol) {
  const auto session = session_from(server_config());
  const auto room = [&](const std::function<void(ClientConfig&)>& change) {
    ClientConfig client = client_config();
    change(client);
    return End::client(std::make_shared<const ClientConfig>(client), nullptr, nullptr, "server.test",
                       {session, later(1s)})
        .connection.early_data_room();
  };
  EXPECT_EQ(room([](auto&) {}), most);
  EXPECT_EQ(room([](auto& c) { c.alpn = {"h2"}; }), 0U);
  EXPECT_EQ(room([](auto& c) { c.cipher_suites = {CipherSuite::TLS_CHACHA20_POLY1305_SHA256}; }), 0U);
  EXPECT_EQ(room([](auto& c) { c.resumption = false; }), 0U);
}

TEST(EarlyData, IsRefusedWithoutASessionThatGoesOn) {
  const ServerConfig server = server_config();
  const auto session = session_from(server);
  ServerConfig other = server_config();
  other.ticket_keys = testing::ticket_keys(2);
  Pair unknown_ticket = say_early(client_config(), other, session);
  expect_refused(unknown_ticket);
  EXPECT_FALSE(unknown_ticket.client.connection.info().resumed);

  ServerConfig other_suite = server;
  other_suite.cipher_suites = {CipherSuite::TLS_CHACHA20_POLY1305_SHA256};
  Pair same_hash = say_early(client_config(), other_suite, session);
  expect_refused(same_hash);
  EXPECT_TRUE(same_hash.client.connection.info().resumed);

  ServerConfig other_group = server;
  other_group.groups = {NamedGroup::secp384r1};
  Pair retry = say_early(client_config(), other_group, session);
  expect_refused(retry);
  EXPECT_TRUE(retry.client.connection.info().hello_retry_request);
  EXPECT_TRUE(retry.client.connection.info().resumed);

  ServerConfig other_protocol = server;
  other_protocol.alpn = {"h2", "http/1.1"};
  ClientConfig both = client_config();
  both.alpn = {"http/1.1", "h2"};
  Pair protocol = say_early(both, other_protocol, session);
  expect_refused(protocol);
  EXPECT_EQ(protocol.client.connection.info().alpn, "h2");
}

/// What the site asks of its clients has changed since: the session does not go on, whatever the store has said.
TEST(EarlyData, IsRefusedWhereTheSiteAsksForMoreThanTheSessionHas) {
  const ServerConfig server = server_config();
  Pair pair = say_early(client_config(), server, session_from(server), later(1s), [](Pair& ends) {
    auto asks = std::make_shared<Credential>(*testing::credential());
    asks->client_authentication = std::make_shared<const ClientAuthentication>(ClientAuthentication{.required = false});
    ends.server.credential = std::move(asks);
  });
  expect_refused(pair);
  EXPECT_FALSE(pair.server.connection.info().resumed);
}

/// RFC 8446, section 8.2: the hello was made just now.
TEST(EarlyData, IsRefusedFromAHelloThatIsNotNew) {
  const ServerConfig server = server_config();
  const auto session = session_from(server);
  const auto late = [&](std::chrono::seconds delay) {
    return say_early(client_config(), server, session, later(60s),
                     [&](Pair& pair) { pair.server.now = later(60s + delay); });
  };
  Pair in_time = late(limits::early_data_window);
  expect_taken(in_time);
  Pair too_late = late(limits::early_data_window + 1s);
  expect_refused(too_late);
  Pair fast_clock = late(-limits::early_data_window);
  expect_taken(fast_clock);
  Pair too_fast = late(-limits::early_data_window - 1s);
  expect_refused(too_fast);
}

/// T27: one recorded flight, sent a thousand times to two nodes that share a store, is read once.
TEST(EarlyData, OfOneFlightIsReadOnceWhateverIsSentAgain) {
  const ServerConfig first_node = server_config();
  ServerConfig second_node = server_config();
  second_node.ticket_keys = testing::ticket_keys(1, 7);
  End client = End::client(std::make_shared<const ClientConfig>(client_config()), nullptr, nullptr, "server.test",
                           {session_from(first_node), later(1s)});
  ASSERT_TRUE(client.connection.send(as_bytes("transfer")));
  const auto flight = client.take_output();

  const auto store = early_data_store();
  const std::array nodes = {std::make_shared<const ServerConfig>(first_node),
                            std::make_shared<const ServerConfig>(second_node)};
  std::size_t reads = 0;
  for (std::size_t i = 0; i < 1000; ++i) {
    End server = End::server(nodes.at(i % 2));
    server.now = later(1s + std::chrono::seconds(i / 100));
    server.early_data_store = store;
    server.deliver(flight);
    ASSERT_FALSE(server.failed) << failure_of(server);
    EXPECT_TRUE(server.connection.info().resumed);
    if (!server.early.empty()) ++reads;
    EXPECT_FALSE(server.complete);
  }
  EXPECT_EQ(reads, 1U);
  EXPECT_EQ(store->size(), 1U);
}

/// The store may be slow: whatever comes meanwhile waits, unread.
TEST(EarlyData, IsDecidedLaterOrNeverAndInAnyOrder) {
  const ServerConfig server = server_config();
  for (std::size_t order = 0; order < 6; ++order) {
    Pair pair = testing::unconnected(client_config(), server, session_from(server), later(1s));
    pair.server.answers_at_once = false;
    ASSERT_TRUE(pair.client.connection.send(as_bytes("early")));
    pair.server.deliver(pair.client.take_output());
    ASSERT_EQ(pair.server.questions.size(), 3U);
    EXPECT_EQ(pair.server.connection.waiting_for(), Waiting::answer);
    pair.server.answer(order % 3);
    EXPECT_TRUE(pair.server.take_output().empty());
    pair.server.answer(order / 3);
    EXPECT_TRUE(pair.server.take_output().empty());
    EXPECT_TRUE(pair.server.early.empty());
    pair.server.answers_at_once = true;
    pair.server.answer(0);
    pair.exchange();
    expect_taken(pair);
  }
  Pair gone = testing::unconnected(client_config(), server, session_from(server), later(1s));
  gone.server.answers_at_once = false;
  gone.server.deliver(gone.client.take_output());
  const auto wanted = std::ranges::find_if(
      gone.server.questions, [](const Event& event) { return std::holds_alternative<EarlyDataWanted>(event); });
  ASSERT_NE(wanted, gone.server.questions.end());
  gone.server.connection.input_ended();
  const auto answered = gone.server.connection.answer(std::get<EarlyDataWanted>(*wanted).id, EarlyDataAnswer::take);
  ASSERT_FALSE(answered);
  EXPECT_EQ(answered.error().rule, &rules::unknown_question);
}

TEST(EarlyData, TellsTheStoreTicketAndAge) {
  const ServerConfig server = server_config();
  const auto session = session_from(server);
  Pair pair = testing::unconnected(client_config(), server, session, later(75s));
  pair.server.answers_at_once = false;
  pair.server.deliver(pair.client.take_output());
  std::size_t asked = 0;
  for (const ::padlock::tls::Event& event : pair.server.questions) {
    const auto* wanted = std::get_if<EarlyDataWanted>(&event);
    if (wanted == nullptr) continue;
    ++asked;
    EXPECT_EQ(wanted->ticket, session->ticket);
    EXPECT_EQ(wanted->age, 75s);
  }
  EXPECT_EQ(asked, 1U);
}

/// A client with a certificate is believed once more before a byte of it is read.
TEST(EarlyData, OfAClientWithACertificateWaitsForTheVerdict) {
  const ServerConfig server = server_config();
  ClientConfig client = client_config();
  client.certificates = true;
  const auto prepare = [](Pair& pair) {
    auto asks = std::make_shared<Credential>(*testing::credential());
    asks->client_authentication = std::make_shared<const ClientAuthentication>();
    pair.server.credential = std::move(asks);
  };
  Pair first = testing::unconnected(client, server, nullptr, later(0s));
  prepare(first);
  first.exchange();
  ASSERT_TRUE(first.server.complete) << failure_of(first.server);

  for (const bool believed : {true, false}) {
    Pair pair = testing::unconnected(client, server, first.client.sessions.at(believed ? 0 : 1), later(1s));
    prepare(pair);
    ASSERT_TRUE(pair.client.connection.send(as_bytes("early")));
    pair.server.answers_at_once = false;
    pair.server.deliver(pair.client.take_output());
    const auto next = [&] {
      return std::ranges::find_if(pair.server.questions, [](const Event& event) {
        return !std::holds_alternative<ChainVerificationWanted>(event);
      });
    };
    while (next() != pair.server.questions.end()) {
      pair.server.answer(static_cast<std::size_t>(next() - pair.server.questions.begin()));
      pair.server.pump();
    }
    ASSERT_EQ(pair.server.questions.size(), 1U) << "the verdict";
    EXPECT_TRUE(pair.server.early.empty());
    EXPECT_EQ(pair.server.connection.early_data_room(), 0U);
    if (believed) {
      pair.server.answer(0);
      pair.server.pump();
      EXPECT_EQ(as_text(pair.server.early), "early");
      pair.exchange();
      expect_taken(pair);
    } else {
      const auto id = std::get<ChainVerificationWanted>(pair.server.questions.front()).id;
      ASSERT_TRUE(pair.server.connection.decline(id, {&rules::client_certificate_required, "no more"}));
      pair.server.pump();
      EXPECT_TRUE(pair.server.early.empty());
      EXPECT_TRUE(pair.server.failed);
    }
  }
}

// ---- how much

TEST(EarlyData, GoesUpToItsLimitAndNoFurther) {
  const ServerConfig server = server_config();
  const auto session = session_from(server);
  Pair pair = testing::unconnected(client_config(), server, session, later(1s));
  const std::vector<std::uint8_t> all(most, 'e');
  const std::vector<std::uint8_t> more(most + 1, 'e');
  const auto refused = pair.client.connection.send(more);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rule, &rules::early_data_full);
  testing::provoked().insert(&rules::early_data_full);
  EXPECT_EQ(pair.client.connection.early_data_room(), most) << "nothing of it was sent";
  for (std::size_t i = 0; i < most; ++i) ASSERT_TRUE(pair.client.connection.send(Bytes(all).first(1)));
  EXPECT_FALSE(pair.client.connection.send(Bytes(all).first(1)));
  pair.exchange();
  EXPECT_EQ(pair.server.early, all);
  expect_data_both_ways(pair);
}

TEST(EarlyData, IsSealedWhereItWasReserved) {
  const ServerConfig server = server_config();
  Pair pair = testing::unconnected(client_config(), server, session_from(server), later(1s));
  const auto room = pair.client.connection.reserve(limits::plaintext);
  ASSERT_TRUE(room) << room.error().to_string();
  copy_bytes(as_bytes("early"), *room);
  ASSERT_TRUE(pair.client.connection.commit(5));
  EXPECT_EQ(pair.client.connection.early_data_room(), most - 5);
  EXPECT_EQ(pair.client.connection.reserve(limits::plaintext)->size(), most - 5);
  pair.exchange();
  EXPECT_FALSE(pair.client.connection.commit(1)) << "the reservation was for early data, which is over";
  expect_taken(pair);
}

TEST(EarlyData, EndsWithItsKeysLimit) {
  ClientConfig client = client_config();
  client.rekey_after.gcm_records = 3;
  const ServerConfig server = server_config();
  Pair pair = testing::unconnected(client, server, session_from(server), later(1s));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(pair.client.connection.send(as_bytes("e")));
  EXPECT_FALSE(pair.client.connection.send(as_bytes("e")));
  EXPECT_FALSE(pair.client.connection.update_keys(false)) << "not before the handshake is complete";
  pair.exchange();
  EXPECT_EQ(as_text(pair.server.early), "eee");
}

/// A client of a session whose keys the scripted one below uses.
struct Early {
  explicit Early(std::uint32_t allowed = most) {
    ServerConfig config = server_config();
    config.max_early_data_size = allowed;
    const auto session = session_from(config);
    server = std::make_unique<End>(End::server(std::make_shared<const ServerConfig>(config)));
    server->now = later(1s);
    client = std::make_unique<ScriptedClient>(*server);
    ClientHello hello = client->client_hello();
    hello.application_layer_protocol_negotiation = {{"http/1.1"}};
    hello.psk_key_exchange_modes = {{psk_dhe_ke}};
    hello.early_data = true;
    hello.pre_shared_key =
        OfferedPsks{.identities = {{{session->ticket.begin(), session->ticket.end()}, 1000 + session->ticket_age_add}},
                    .binders = {List<std::uint8_t>(32, 0)}};
    client->put_binder(hello, 0, session->secret.reveal());
    client->use_psk(session->secret.reveal());
    client->send(hello);
    client->use_early_key();
  }
  void expect(const Rule& rule) const {
    ASSERT_TRUE(server->failed);
    EXPECT_EQ(server->failed->error.rule, &rule) << failure_of(*server);
    testing::provoked().insert(&rule);
  }
  std::unique_ptr<End> server;
  std::unique_ptr<ScriptedClient> client;
};

TEST(EarlyData, BeyondItsLimitIsAnAlert) {
  const std::vector<std::uint8_t> data(1000, 'e');
  Early exact(1000);
  exact.client->send_record(ContentType::application_data, data);
  EXPECT_FALSE(exact.server->failed) << failure_of(*exact.server);
  EXPECT_EQ(exact.server->early, data);
  exact.client->send_record(ContentType::application_data, Bytes(data).first(1));
  exact.expect(rules::too_much_early_data);

  Early padded(1000);
  std::vector<std::uint8_t> inner(data);
  inner.push_back(static_cast<std::uint8_t>(ContentType::application_data));
  inner.resize(3000);
  padded.client->send_inner(inner);
  EXPECT_FALSE(padded.server->failed) << "padding does not count: " << failure_of(*padded.server);
  EXPECT_EQ(padded.server->early, data);

  Early empty;
  for (std::size_t i = 0; i < limits::records_without_data; ++i) {
    empty.client->send_record(ContentType::application_data, {});
  }
  EXPECT_FALSE(empty.server->failed);
  empty.client->send_record(ContentType::application_data, {});
  empty.expect(rules::too_many_records_without_data);
}

/// RFC 8446, section 4.5: EndOfEarlyData, and nothing else of a handshake, in a record of its own.
TEST(EarlyData, EndsWithItsMessageAlone) {
  const auto message = compose(HandshakeType::end_of_early_data, [](Writer&) {});
  Early good;
  good.client->read_flight();
  good.client->use_early_key();
  good.client->send_record(ContentType::application_data, as_bytes("early"));
  good.client->derive_application_keys();
  good.client->send(message);
  good.client->use_handshake_key();
  good.client->send(good.client->finished());
  EXPECT_TRUE(good.server->complete) << failure_of(*good.server);
  EXPECT_EQ(as_text(good.server->early), "early");

  Early with_body;
  with_body.client->send(compose(HandshakeType::end_of_early_data, [](Writer& body) { body.u8(0); }));
  ASSERT_TRUE(with_body.server->failed);
  EXPECT_EQ(with_body.server->failed->error.rule->alert, AlertDescription::decode_error);

  Early finished;
  finished.client->send(compose(HandshakeType::finished, [](Writer& body) { body.bytes(as_bytes("?")); }));
  finished.expect(rules::unexpected_message);

  Early together;
  together.client->send_together({message, message});
  together.expect(rules::message_across_key_change);

  Early after_end;
  after_end.client->read_flight();
  after_end.client->use_early_key();
  after_end.client->send(message);
  after_end.client->use_handshake_key();
  after_end.client->send_record(ContentType::application_data, as_bytes("late"));
  after_end.expect(rules::data_before_finished);

  Early wrong_key;
  wrong_key.client->read_flight();  // and takes the handshake's key
  wrong_key.client->send_record(ContentType::application_data, as_bytes("early"));
  wrong_key.expect(rules::record_not_authentic);
}

/// T27: a megabyte of garbage after an offer that was refused.
TEST(EarlyData, ThatIsRefusedIsSkippedUpToItsLimit) {
  for (const std::size_t size : {1U, 100U, 1000U, 16384U}) {
    End server = End::server(std::make_shared<const ServerConfig>(server_config()));
    ScriptedClient client(server);
    ClientHello hello = client.client_hello();
    hello.application_layer_protocol_negotiation = {{"http/1.1"}};
    hello.early_data = true;
    client.send(hello);
    const std::size_t length = size + 1 + crypto::aead_tag_length;
    std::vector<std::uint8_t> record(record_header_length + length, 0x42);
    copy_bytes(write_record_header({ContentType::application_data, 0x0303, length}), record);
    std::size_t sent = 0;
    while (sent + size <= most) {
      client.send_bytes(record);
      sent += size;
    }
    EXPECT_FALSE(server.failed) << size << ": " << failure_of(server);
    while (!server.failed && sent < 1024 * 1024) {
      client.send_bytes(record);
      sent += size;
    }
    ASSERT_TRUE(server.failed);
    EXPECT_EQ(server.failed->error.rule, &rules::too_much_early_data);
    EXPECT_LE(sent, most + size);
    EXPECT_TRUE(server.early.empty() && server.received.empty());
  }
}

// ---- what a server may say wrongly

struct Offering {
  explicit Offering(const SessionPtr& session, const ClientConfig& config = client_config())
      : client(End::client(std::make_shared<const ClientConfig>(config), nullptr, nullptr, "server.test",
                           {session, later(1s)})) {
    EXPECT_TRUE(client.connection.send(as_bytes("early")));
  }
  void expect(const Rule& rule) {
    ASSERT_TRUE(client.failed);
    EXPECT_EQ(client.failed->error.rule, &rule) << failure_of(client);
    testing::provoked().insert(&rule);
  }
  End client;
};

/// Says ServerHello and EncryptedExtensions to the client.
void answer(Offering& offering, const ClientSession& session, const std::function<void(ServerHello&)>& change_hello,
            const std::function<void(EncryptedExtensions&)>& change_extensions) {
  ScriptedServer server(offering.client);
  ServerHello hello = server.server_hello();
  hello.pre_shared_key = 0;
  change_hello(hello);
  server.use_suite(hello.cipher_suite);
  if (hello.pre_shared_key) server.use_psk(session.secret.reveal());
  server.send(hello);
  server.use_handshake_keys();
  EncryptedExtensions extensions = server.encrypted_extensions();
  extensions.application_layer_protocol_negotiation = {{"http/1.1"}};
  extensions.early_data = true;
  change_extensions(extensions);
  server.send(to_message(extensions));
}

TEST(EarlyData, AServerTakesItAsItWasOfferedOrNotAtAll) {
  const auto session = session_from(server_config());
  Offering good(session);
  answer(good, *session, [](auto&) {}, [](auto&) {});
  EXPECT_FALSE(good.client.failed) << failure_of(good.client);

  Offering other_suite(session);
  answer(
      other_suite, *session, [](auto& hello) { hello.cipher_suite = CipherSuite::TLS_CHACHA20_POLY1305_SHA256; },
      [](auto&) {});
  other_suite.expect(rules::early_data_taken_wrongly);

  ClientConfig two = client_config();
  two.alpn = {"http/1.1", "h2"};
  Offering other_protocol(session, two);
  answer(
      other_protocol, *session, [](auto&) {},
      [](auto& extensions) { extensions.application_layer_protocol_negotiation = {{"h2"}}; });
  other_protocol.expect(rules::early_data_taken_wrongly);

  Offering no_protocol(session);
  answer(
      no_protocol, *session, [](auto&) {},
      [](auto& extensions) { extensions.application_layer_protocol_negotiation.reset(); });
  no_protocol.expect(rules::early_data_taken_wrongly);

  Offering no_session(session);
  answer(no_session, *session, [](auto& hello) { hello.pre_shared_key.reset(); }, [](auto&) {});
  no_session.expect(rules::unsolicited_extension);
}

TEST(EarlyData, MayNotBeAnsweredByAnOlderVersion) {
  const auto session = session_from(server_config());
  ClientConfig both = client_config();
  both.policy = Policy::intermediate;
  Offering offering(session, both);
  testing::ScriptedServer12 server(offering.client);
  server.send(server.server_hello(false));
  offering.expect(rules::early_data_to_older_version);
}

}  // namespace
}  // namespace padlock::tls

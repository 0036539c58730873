#include "padlock/explain/make_ladder.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/explain/json.h"
#include "padlock/explain/limits.h"
#include "padlock/explain/terminal.h"
#include "padlock/explain/testing/golden.h"
#include "padlock/explain/testing/recording.h"
#include "padlock/net/rules.h"
#include "padlock/tls/wire/client_hello.h"
#include "padlock/tls/wire/handshake_message.h"
#include "padlock/tls/wire/server_hello.h"
#include "padlock/tls/wire/tls12.h"

namespace padlock::explain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Octets;
using testing::Recording;
using tls::ContentType;
using tls::EncryptionLevel;
using tls::Sender;

Ladder ladder_of(const trace::Trace& trace, const client::FetchOutcome& outcome = {}) {
  return make_ladder(trace, outcome, {.url = "https://server/", .told_names = {}, .now = {}});
}

std::vector<std::string> ids(const Ladder& ladder) {
  std::vector<std::string> all;
  std::ranges::transform(ladder.steps, std::back_inserter(all), &Step::id);
  return all;
}

const Step& step_of(const Ladder& ladder, std::string_view id) {
  const auto found = std::ranges::find(ladder.steps, id, &Step::id);
  if (found == ladder.steps.end()) throw std::runtime_error("no step " + std::string(id));
  return *found;
}

std::string fact(const Step& step, std::string_view name) {
  const auto found = std::ranges::find(step.facts, name, &Fact::name);
  return found == step.facts.end() ? "(none)" : found->value;
}

std::size_t wire_bytes_of(const Ladder& ladder, Party party) {
  std::size_t sum = 0;
  for (const Step& step : ladder.steps) {
    const bool tcp = step.id == "syn" || step.id == "syn_ack" || step.id == "ack" || step.id == "close";
    if (step.sender == party && !tcp) sum += step.wire_bytes.value_or(0);
  }
  return sum;
}

/// A server's hello that asks for a second one.
Octets retry_message() {
  tls::HelloRetryRequest retry;
  retry.cipher_suite = tls::CipherSuite::TLS_AES_128_GCM_SHA256;
  retry.supported_versions = tls::ProtocolVersion::TLS_1_3;
  retry.key_share = tls::NamedGroup::secp256r1;
  Octets message;
  Writer out(message);
  out.u8(2);
  out.vec24([&](Writer& body) { tls::write_hello_retry_request(body, retry); });
  return message;
}

TEST(MakeLadder, TellsTheHandshakeOfRfc8448) {
  const Ladder ladder = ladder_of(testing::rfc8448_trace());
  testing::expect_golden("rfc8448-80.txt",
                         to_terminal(ladder, {.bytes = false, .wiretap = true}, {.columns = 80, .utf8 = true}));
  testing::expect_golden("rfc8448-80-bytes.txt",
                         to_terminal(ladder, {.bytes = true, .wiretap = false}, {.columns = 80, .utf8 = true}));
}

TEST(MakeLadder, TellsAHandshakeOfTls12) {
  const Ladder ladder = ladder_of(testing::tls12_trace());
  testing::expect_golden("tls12-80.txt",
                         to_terminal(ladder, {.bytes = false, .wiretap = true}, {.columns = 80, .utf8 = true}));
  testing::expect_golden("tls12-80-bytes.txt",
                         to_terminal(ladder, {.bytes = true, .wiretap = false}, {.columns = 80, .utf8 = true}));
  testing::expect_golden("tls12.json", to_json(ladder, {.bytes = true, .wiretap = true}));
}

TEST(MakeLadder, TellsASessionOfTls12ThatGoesOn) {
  Recording told;
  told.connect();
  const tls::ServerHello hello{.cipher_suite = tls::CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                               .tls12 = tls::Tls12Answers{.extended_master_secret = true, .session_ticket = true}};
  told.plain_message(Sender::server, tls::compose(tls::HandshakeType::server_hello,
                                                  [&](Writer& body) { tls::write_server_hello(body, hello); }));
  told.recorder.key_derived("master_secret", 48);
  told.plain_message(Sender::server, tls::compose(tls::HandshakeType::new_session_ticket, [](Writer& body) {
                       tls::tls12::write_new_session_ticket(body, {7200, {1, 2, 3}});
                     }));
  told.plain_message(Sender::client, Octets{15, 0, 0, 5, 8, 7, 0, 1, 9});  // CertificateVerify
  const Ladder ladder = ladder_of(told.take());
  EXPECT_EQ(fact(step_of(ladder, "certificate_verify"), "signature_scheme"), "ed25519");
  EXPECT_THAT(step_of(ladder, "session_keys").words, HasSubstr("of an earlier connection"));
  EXPECT_EQ(step_of(ladder, "session_keys").keys.size(), 1U);
  EXPECT_EQ(fact(step_of(ladder, "new_session_ticket"), "lifetime"), "7,200 seconds");
  EXPECT_EQ(step_of(ladder, "new_session_ticket").fields_missing, "");
}

TEST(MakeLadder, GivesEachMessageOfTls12ItsBytes) {
  const trace::Trace trace = testing::tls12_trace();
  const Ladder ladder = ladder_of(trace);
  for (const Party party : {Party::client, Party::server}) {
    const tls::Sender sender = party == Party::client ? Sender::client : Sender::server;
    Octets wire;
    for (const Step& step : ladder.steps) {
      if (step.sender == party) wire.insert(wire.end(), step.wire.begin(), step.wire.end());
    }
    EXPECT_EQ(wire, trace.connections.at(0).of(sender).kept);
  }
  EXPECT_EQ(step_of(ladder, "server_hello").protection, Protection::none);
  EXPECT_EQ(step_of(ladder, "certificate").protection, Protection::none);
  EXPECT_EQ(step_of(ladder, "finished").protection, Protection::application_keys);
  EXPECT_EQ(step_of(ladder, "change_cipher_spec").marker->kind, Marker::Kind::encrypted);
  EXPECT_EQ(std::ranges::count_if(ladder.steps, [](const Step& step) { return step.marker.has_value(); }), 1);
}

TEST(MakeLadder, GivesEachMessageOfOneRecordItsShare) {
  const trace::Trace trace = testing::rfc8448_trace();
  const Ladder ladder = ladder_of(trace);
  Octets server;
  for (const Step& step : ladder.steps) {
    if (step.sender == Party::server) server.insert(server.end(), step.wire.begin(), step.wire.end());
  }
  EXPECT_EQ(server, trace.connections.at(0).server.kept);
  EXPECT_EQ(wire_bytes_of(ladder, Party::server), ladder.server_bytes);
  EXPECT_EQ(wire_bytes_of(ladder, Party::client), ladder.client_bytes);
  EXPECT_THAT(step_of(ladder, "certificate").listener, HasSubstr("a part of an encrypted record"));
}

TEST(MakeLadder, MarksWhereEncryptionBeginsAndWhereItsKeysChange) {
  const Ladder ladder = ladder_of(testing::rfc8448_trace());
  ASSERT_TRUE(step_of(ladder, "server_hello").marker);
  EXPECT_THAT(step_of(ladder, "server_hello").marker->text, HasSubstr("encryption begins"));
  const auto finished = std::ranges::find_if(
      ladder.steps, [](const Step& step) { return step.id == "finished" && step.sender == Party::client; });
  ASSERT_NE(finished, ladder.steps.end());
  ASSERT_TRUE(finished->marker);
  EXPECT_THAT(finished->marker->text, HasSubstr("new keys"));
  EXPECT_EQ(step_of(ladder, "server_hello").keys.size(), 2U);
  EXPECT_EQ(step_of(ladder, "request").protection, Protection::application_keys);
}

TEST(MakeLadder, TellsAHelloRetryRequestAndBothHellos) {
  Recording told;
  told.connect();
  const Octets hello{1, 0, 0, 0};
  told.plain_message(Sender::client, hello);
  told.plain_message(Sender::server, retry_message());
  told.plain_record(Sender::client, ContentType::change_cipher_spec, Octets{1});
  told.plain_message(Sender::client, hello);
  const Ladder ladder = ladder_of(told.take());
  EXPECT_THAT(ids(ladder), ElementsAre("look_up", "syn", "syn_ack", "ack", "client_hello", "hello_retry_request",
                                       "change_cipher_spec", "client_hello"));
  EXPECT_EQ(fact(step_of(ladder, "hello_retry_request"), "wanted group"), "secp256r1");
  EXPECT_THAT(ladder.steps.back().words, HasSubstr("once more"));
  EXPECT_EQ(wire_bytes_of(ladder, Party::client), ladder.client_bytes);
  EXPECT_FALSE(ladder.steps.back().fields_missing.empty());  // this hello is no hello, and it says so
}

TEST(MakeLadder, KeepsTicketsOutOfThePageThatTheyInterrupt) {
  Recording told;
  told.connect();
  told.plain_message(Sender::client, {1, 0, 0, 0});
  told.request("/", 10);
  told.sealed_record(Sender::client, EncryptionLevel::application, ContentType::application_data, 10);
  told.sealed_record(Sender::server, EncryptionLevel::application, ContentType::application_data, 60);
  told.response(200, 40);
  told.recorder.body(20);
  const Octets ticket{4, 0, 0, 2, 9, 9};
  told.sealed_record(Sender::server, EncryptionLevel::application, ContentType::handshake, ticket.size());
  told.recorder.handshake_message(Sender::server, EncryptionLevel::application, ticket);
  told.sealed_record(Sender::server, EncryptionLevel::application, ContentType::application_data, 30);
  told.recorder.body(30);
  const Ladder ladder = ladder_of(told.take());
  EXPECT_EQ(step_of(ladder, "new_session_ticket").wire_bytes, 5 + 6 + 17U);
  EXPECT_EQ(step_of(ladder, "response").wire_bytes, 5 + 40U);
  EXPECT_EQ(step_of(ladder, "content").wire_bytes, 20 + 17 + 5 + 30 + 17U);
  EXPECT_EQ(fact(step_of(ladder, "content"), "length"), "50 bytes");
  EXPECT_EQ(wire_bytes_of(ladder, Party::server), ladder.server_bytes);
}

TEST(MakeLadder, TellsInterimResponsesBeforeTheAnswer) {
  Recording told;
  told.connect();
  told.request("/", 10);
  told.recorder.wire(Sender::client, Octets(10, 'q'));
  told.recorder.wire(Sender::server, Octets(70, 'a'));
  told.response(103, 20);
  told.response(200, 30);
  told.recorder.body(20);
  const Ladder ladder = ladder_of(told.take());
  EXPECT_THAT(ids(ladder),
              ElementsAre("look_up", "syn", "syn_ack", "ack", "request", "interim_response", "response", "content"));
  EXPECT_EQ(step_of(ladder, "interim_response").wire_bytes, 20U);
  EXPECT_EQ(step_of(ladder, "response").wire_bytes, 30U);
  EXPECT_EQ(step_of(ladder, "content").wire_bytes, 20U);
  ASSERT_TRUE(step_of(ladder, "ack").marker);
  EXPECT_EQ(step_of(ladder, "ack").marker->kind, Marker::Kind::open);
}

TEST(MakeLadder, NamesEachAddressThatGaveNoConnection) {
  Recording told;
  told.recorder.resolved("server", std::vector<net::Endpoint>{testing::server_end, testing::client_end});
  for (const net::Endpoint& end : {testing::server_end, testing::client_end}) {
    told.recorder.connecting(end);
    told.recorder.connect_failed(end, "Connection refused");
  }
  client::FetchOutcome outcome;
  outcome.error = Error{&net::rules::connection_refused, "cannot connect"};
  const Ladder ladder = ladder_of(told.take(), outcome);
  EXPECT_THAT(ids(ladder), ElementsAre("look_up", "connect_failed", "connect_failed"));
  EXPECT_EQ(ladder.steps[1].title, "no connection to 192.0.2.7:443");
  EXPECT_EQ(ladder.stopped, "stopped here: cannot connect");
  EXPECT_FALSE(ladder.outcome.ok);
  EXPECT_EQ(ladder.outcome.exit_code, 7);
  EXPECT_THAT(ladder.outcome.explanation, HasSubstr("next "));
  EXPECT_EQ(ladder.tcp_source, TcpSource::none);
}

TEST(MakeLadder, BeginsAnewAfterARedirect) {
  Recording told;
  for (const auto* target : {"/", "/there"}) {
    told.connect();
    told.request(target, 10);
    told.recorder.wire(Sender::client, Octets(10, 'q'));
    told.recorder.wire(Sender::server, Octets(20, 'a'));
    told.response(302, 20);
    told.recorder.response_end();
    told.recorder.closed(net::CloseKind::fin_by_us);
  }
  const Ladder ladder = ladder_of(told.take());
  EXPECT_THAT(ids(ladder), ElementsAre("look_up", "syn", "syn_ack", "ack", "request", "response", "close", "redirect",
                                       "look_up", "syn", "syn_ack", "ack", "request", "response", "close"));
  EXPECT_EQ(ladder.client_bytes, 20U);
  EXPECT_EQ(std::ranges::count_if(ladder.steps, [](const Step& step) { return step.marker.has_value(); }), 2);
}

TEST(MakeLadder, TellsAlertsAndKeyUpdates) {
  Recording told;
  told.connect();
  told.plain_message(Sender::client, {1, 0, 0, 0});
  const Octets update{24, 0, 0, 1, 1};
  told.sealed_record(Sender::server, EncryptionLevel::application, ContentType::handshake, update.size());
  told.recorder.handshake_message(Sender::server, EncryptionLevel::application, update);
  told.recorder.key_derived("server_application_traffic_secret_N+1", 32);
  told.plain_record(Sender::server, ContentType::alert, Octets{2, 40});
  told.recorder.alert(Sender::server, EncryptionLevel::plaintext, AlertDescription::handshake_failure);
  const Ladder ladder = ladder_of(told.take());
  EXPECT_THAT(fact(step_of(ladder, "key_update"), "request_update"), HasSubstr("update_requested"));
  EXPECT_EQ(step_of(ladder, "key_update").keys.size(), 1U);
  EXPECT_EQ(step_of(ladder, "alert").title, "alert: handshake_failure");
  EXPECT_EQ(step_of(ladder, "alert").protection, Protection::none);
  EXPECT_EQ(step_of(ladder, "alert").wire, (Octets{21, 3, 3, 0, 2, 2, 40}));
}

TEST(MakeLadder, TellsEarlyData) {
  Recording told;
  told.connect();
  told.plain_message(Sender::client, tls::compose(tls::HandshakeType::client_hello, [](Writer& body) {
                       tls::ClientHello hello;
                       hello.cipher_suites = {tls::CipherSuite::TLS_AES_128_GCM_SHA256};
                       hello.supported_versions = {tls::ProtocolVersion::TLS_1_3};
                       hello.early_data = true;
                       tls::write_client_hello(body, hello);
                     }));
  const Octets end{5, 0, 0, 0};
  told.sealed_record(Sender::client, EncryptionLevel::early_data, ContentType::handshake, end.size());
  told.recorder.handshake_message(Sender::client, EncryptionLevel::early_data, end);
  const Octets extensions{8, 0, 0, 6, 0, 4, 0, 42, 0, 0};
  told.sealed_record(Sender::server, EncryptionLevel::handshake, ContentType::handshake, extensions.size());
  told.recorder.handshake_message(Sender::server, EncryptionLevel::handshake, extensions);
  const Ladder ladder = ladder_of(told.take());
  EXPECT_EQ(fact(step_of(ladder, "client_hello"), "early_data"), "follows at once, before the server has answered");
  EXPECT_EQ(step_of(ladder, "end_of_early_data").protection, Protection::early_key);
  EXPECT_EQ(fact(step_of(ladder, "encrypted_extensions"), "early_data"), "is read");
}

TEST(MakeLadder, ShowsBytesThatBecameNoMessage) {
  Recording told;
  told.connect();
  told.plain_message(Sender::client, {1, 0, 0, 0});
  told.recorder.wire(Sender::server, as_bytes("SSH-2.0-else\r\n"));
  told.recorder.closed(net::CloseKind::reset);
  const Ladder ladder = ladder_of(told.take());
  EXPECT_EQ(as_text(step_of(ladder, "unread").wire), "SSH-2.0-else\r\n");
  EXPECT_EQ(step_of(ladder, "close").title, "RST");
  EXPECT_EQ(wire_bytes_of(ladder, Party::server), ladder.server_bytes);
}

TEST(MakeLadder, EscapesWhatAPeerSays) {
  Recording told;
  told.connect();
  told.recorder.wire(Sender::server, Octets(20, 'a'));
  http::Response response{200, {}};
  response.fields.add("X-Evil\x1b[31m", "red \x1b[2J" + std::string(100'000, 'e'));
  response.fields.add("Set-Cookie", "session=1234");
  told.recorder.response_head(response, {.bytes = 20});
  const Ladder ladder = ladder_of(told.take());
  const std::string text = to_terminal(ladder, {.bytes = true, .wiretap = true}, {.columns = 80});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_LT(text.size(), 20'000U);
  EXPECT_EQ(fact(step_of(ladder, "response"), "Set-Cookie"), "(hidden)");
}

TEST(MakeLadder, SaysThatATraceWasFull) {
  Recording told;
  told.connect();
  const Octets message{24, 0, 0, 1, 0};
  for (std::size_t i = 0; i < 2 * limits::events; ++i) {
    told.recorder.handshake_message(Sender::server, EncryptionLevel::application, message);
  }
  const Ladder ladder = ladder_of(told.take());
  EXPECT_EQ(ladder.steps.back().id, "trace_full");
}

TEST(MakeLadder, KnowsWhichNamesTheNetworkWasAskedFor) {
  for (const auto& [host, asked] : {std::pair("server.test", true), {"told.test", false}, {"localhost", false}}) {
    Recording told;
    told.connect(host);
    const Ladder ladder = make_ladder(told.take(), {}, {.url = "", .told_names = {"told.test"}, .now = {}});
    const auto leak = std::ranges::find(ladder.leaks, "name asked for", &Leak::what);
    EXPECT_EQ(leak != ladder.leaks.end(), asked) << host;
  }
}

}  // namespace
}  // namespace padlock::explain

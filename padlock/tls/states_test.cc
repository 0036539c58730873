// Every flight with one message left out, said twice, swapped with the next, or with a foreign one put in
// (docs/threats.md, T8): the connection answers `unexpected_message` and delivers nothing.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "padlock/tls/rules.h"
#include "padlock/tls/testing/scripted_peer.h"
#include "padlock/tls/wire/post_handshake.h"

namespace padlock::tls {
namespace {

using testing::End;
using testing::Message;
using testing::ScriptedClient;
using testing::ScriptedServer;
using testing::to_message;

/// One message of the server's encrypted flight, made when its turn comes: its content depends on what went before.
struct Step {
  std::string name;
  std::function<Message(ScriptedServer&)> make;
};

Message foreign(HandshakeType type) {
  return compose(type, [](Writer& body) { body.u8(0); });
}

std::vector<Step> flight(bool with_request) {
  std::vector<Step> steps = {
      {"EncryptedExtensions", [](ScriptedServer& s) { return to_message(s.encrypted_extensions()); }},
      {"Certificate", [](ScriptedServer& s) { return to_message(s.certificate()); }},
      {"CertificateVerify", [](ScriptedServer& s) { return s.certificate_verify(); }},
      {"Finished", [](ScriptedServer& s) { return s.finished(); }}};
  if (with_request) {
    steps.insert(steps.begin() + 1,
                 {"CertificateRequest", [](ScriptedServer&) {
                    return to_message(CertificateRequest{{}, list_of(default_signature_schemes()), {}});
                  }});
  }
  return steps;
}

/// Plays the flight to a new client and gives the rule that it broke; empty: the handshake completed, "waits": neither.
std::string outcome_of(const std::vector<Step>& steps) {
  End client = End::client(std::make_shared<const ClientConfig>());
  ScriptedServer server(client);
  server.send(server.server_hello());
  server.use_handshake_keys();
  for (const Step& step : steps) {
    if (!client.failed && !client.complete) server.send(step.make(server));
  }
  EXPECT_TRUE(client.received.empty());
  if (client.failed) return std::string(client.failed->error.rule->code);
  return client.complete ? "" : "waits";
}

const std::string unexpected_code(rules::unexpected_message.code);

class ServersFlight : public ::testing::TestWithParam<bool> {};

TEST_P(ServersFlight, IsAcceptedAsItIs) { EXPECT_EQ(outcome_of(flight(GetParam())), ""); }

TEST_P(ServersFlight, WithAMessageLeftOut) {
  const auto good = flight(GetParam());
  for (std::size_t i = 0; i < good.size(); ++i) {
    SCOPED_TRACE(good[i].name + " left out");
    auto steps = good;
    steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(i));
    const bool last = i + 1 == good.size();
    // The request is the server's choice; without Finished the client just waits; after a message less, Finished is
    // wrong only where its place is right.
    const bool harmless = good[i].name == "CertificateRequest";
    EXPECT_EQ(outcome_of(steps), harmless ? "" : last ? "waits" : unexpected_code);
  }
}

TEST_P(ServersFlight, WithAMessageSaidTwice) {
  const auto good = flight(GetParam());
  for (std::size_t i = 0; i < good.size(); ++i) {
    SCOPED_TRACE(good[i].name + " twice");
    auto steps = good;
    steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(i), good[i]);
    const bool last = i + 1 == good.size();  // a second Finished comes under the old key: see below
    EXPECT_EQ(outcome_of(steps), last ? "" : unexpected_code);
  }
}

TEST_P(ServersFlight, WithTwoMessagesSwapped) {
  const auto good = flight(GetParam());
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (std::size_t j = i + 1; j < good.size(); ++j) {
      SCOPED_TRACE(good[i].name + " and " + good[j].name + " swapped");
      auto steps = good;
      std::swap(steps[i], steps[j]);
      EXPECT_EQ(outcome_of(steps), unexpected_code);
    }
  }
}

TEST_P(ServersFlight, WithAForeignMessageAnywhere) {
  const auto good = flight(GetParam());
  for (const auto type :
       {HandshakeType::client_hello, HandshakeType::server_hello, HandshakeType::new_session_ticket,
        HandshakeType::end_of_early_data, HandshakeType::key_update, HandshakeType::message_hash,
        static_cast<HandshakeType>(0), static_cast<HandshakeType>(14), static_cast<HandshakeType>(16)}) {
    for (std::size_t i = 0; i < good.size(); ++i) {
      SCOPED_TRACE(std::string(name_of(type)) + " before " + good[i].name);
      auto steps = good;
      steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(i),
                   {"foreign", [type](ScriptedServer&) { return foreign(type); }});
      EXPECT_EQ(outcome_of(steps), unexpected_code);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutRequest, ServersFlight, ::testing::Bool(), [](const auto& each) {
  return each.param ? std::string("WithCertificateRequest") : std::string("WithoutCertificateRequest");
});

/// What a client does with a handshake message right after it has sent its ClientHello.
TEST(ClientAfterItsHello, TakesNothingButServerHello) {
  for (unsigned type = 0; type < 256; ++type) {
    if (type == static_cast<unsigned>(HandshakeType::server_hello)) continue;
    SCOPED_TRACE(type);
    End client = End::client(std::make_shared<const ClientConfig>());
    ScriptedServer server(client);
    server.send(foreign(static_cast<HandshakeType>(type)));
    ASSERT_TRUE(client.failed);
    EXPECT_EQ(client.failed->error.rule, &rules::unexpected_message);
  }
}

TEST(ConnectedClient, TakesNothingButTicketsAndKeyUpdates) {
  for (unsigned type = 0; type < 256; ++type) {
    if (type == static_cast<unsigned>(HandshakeType::new_session_ticket) ||
        type == static_cast<unsigned>(HandshakeType::key_update)) {
      continue;
    }
    SCOPED_TRACE(type);
    End client = End::client(std::make_shared<const ClientConfig>());
    ScriptedServer server(client);
    server.complete();
    ASSERT_TRUE(client.complete);
    server.send(foreign(static_cast<HandshakeType>(type)));
    ASSERT_TRUE(client.failed);
    EXPECT_EQ(client.failed->error.rule, &rules::unexpected_message);
  }
}

TEST(NewServer, TakesNothingButClientHello) {
  for (unsigned type = 0; type < 256; ++type) {
    if (type == static_cast<unsigned>(HandshakeType::client_hello)) continue;
    SCOPED_TRACE(type);
    End server = End::server(std::make_shared<const ServerConfig>());
    ScriptedClient client(server);
    client.send(foreign(static_cast<HandshakeType>(type)));
    ASSERT_TRUE(server.failed);
    EXPECT_EQ(server.failed->error.rule, &rules::unexpected_message);
  }
}

TEST(ServerAfterARetry, TakesNothingButClientHello) {
  for (unsigned type = 0; type < 256; ++type) {
    if (type == static_cast<unsigned>(HandshakeType::client_hello)) continue;
    SCOPED_TRACE(type);
    End server = End::server(std::make_shared<const ServerConfig>());
    ScriptedClient client(server);
    client.send(client.client_hello(NamedGroup::secp521r1));
    ASSERT_TRUE(server.connection.info().hello_retry_request);
    client.send(foreign(static_cast<HandshakeType>(type)));
    ASSERT_TRUE(server.failed);
    EXPECT_EQ(server.failed->error.rule, &rules::unexpected_message);
  }
}

TEST(ServerAfterItsFlight, TakesNothingButFinished) {
  for (unsigned type = 0; type < 256; ++type) {
    if (type == static_cast<unsigned>(HandshakeType::finished)) continue;
    SCOPED_TRACE(type);
    End server = End::server(std::make_shared<const ServerConfig>());
    ScriptedClient client(server);
    client.send(client.client_hello());
    client.read_flight();
    client.send(foreign(static_cast<HandshakeType>(type)));
    ASSERT_TRUE(server.failed);
    EXPECT_EQ(server.failed->error.rule, &rules::unexpected_message);
  }
}

TEST(ConnectedServer, TakesNothingButKeyUpdates) {
  for (unsigned type = 0; type < 256; ++type) {
    if (type == static_cast<unsigned>(HandshakeType::key_update)) continue;
    SCOPED_TRACE(type);
    End server = End::server(std::make_shared<const ServerConfig>());
    ScriptedClient client(server);
    client.complete();
    ASSERT_TRUE(server.complete);
    client.send(foreign(static_cast<HandshakeType>(type)));
    ASSERT_TRUE(server.failed);
    EXPECT_EQ(server.failed->error.rule, &rules::unexpected_message);
  }
}

TEST(FinishedSaidTwice, IsNotAuthenticUnderTheNewKey) {
  End client = End::client(std::make_shared<const ClientConfig>());
  ScriptedServer server(client);
  for (const auto& step : flight(false)) {
    if (step.name == "EncryptedExtensions") {
      server.send(server.server_hello());
      server.use_handshake_keys();
    }
    server.send(step.make(server));
  }
  ASSERT_TRUE(client.complete);
  server.send(server.finished());
  ASSERT_TRUE(client.failed);
  EXPECT_EQ(client.failed->error.rule, &rules::record_not_authentic);
}

TEST(ChangeCipherSpec, IsDroppedBetweenAnyTwoMessagesUntilFinished) {  // docs/threats.md, T9
  const auto steps = flight(false);
  for (std::size_t place = 0; place <= steps.size(); ++place) {
    SCOPED_TRACE(place);
    End client = End::client(std::make_shared<const ClientConfig>());
    ScriptedServer server(client);
    server.send(server.server_hello());
    server.use_handshake_keys();
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (i == place) server.send_change_cipher_spec();
      server.send(steps[i].make(server));
    }
    EXPECT_TRUE(client.complete);
    if (place == steps.size()) server.send_change_cipher_spec();
    EXPECT_EQ(client.failed.has_value(), place == steps.size());
  }
}

TEST(ChangeCipherSpec, OfAClientIsDroppedFromItsHelloToItsFinished) {
  for (const bool after_finished : {false, true}) {
    End server = End::server(std::make_shared<const ServerConfig>());
    ScriptedClient client(server);
    client.send(client.client_hello());
    client.read_flight();
    client.derive_application_keys();
    client.send_change_cipher_spec();
    client.send(client.finished());
    EXPECT_TRUE(server.complete);
    if (after_finished) client.send_change_cipher_spec();
    EXPECT_EQ(server.failed.has_value(), after_finished);
  }
}

TEST(CertificateRequest, IsAnsweredWithAnEmptyCertificate) {
  End client = End::client(std::make_shared<const ClientConfig>());
  ScriptedServer server(client);
  server.send(server.server_hello());
  server.use_handshake_keys();
  for (const auto& step : flight(true)) server.send(step.make(server));
  ASSERT_TRUE(client.complete);
  server.messages.clear();
  server.read();
  ASSERT_EQ(server.messages.size(), 2U);
  const auto first = parse_handshake_message(server.messages[0]).value();
  ASSERT_EQ(first.type, HandshakeType::certificate);
  EXPECT_TRUE(parse_certificate(Reader(first.body, "Certificate"))->certificate_list.empty());
  EXPECT_EQ(parse_handshake_message(server.messages[1])->type, HandshakeType::finished);
}

}  // namespace
}  // namespace padlock::tls

// What TLS 1.2 asks of a peer beyond TLS 1.3, broken rule by rule: until its keys change the peer's messages are plain.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>

#include "padlock/tls/record/record_reader.h"
#include "padlock/tls/record/record_writer.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/schedule/key_schedule12.h"
#include "padlock/tls/testing/end.h"
#include "padlock/tls/testing/provoked.h"
#include "padlock/tls/testing/scripted_peer.h"
#include "padlock/tls/wire/code_points.h"
#include "padlock/tls/wire/handshake_message.h"
#include "padlock/tls/wire/server_hello.h"
#include "padlock/tls/wire/tls12.h"

namespace padlock::tls {
namespace {

using testing::End;
using testing::Pair;
using testing::provoked;

ClientConfig client12() {
  ClientConfig config;
  config.policy = Policy::intermediate;
  config.max_version = ProtocolVersion::TLS_1_2;
  config.grease = false;
  return config;
}
ServerConfig server12() {
  ServerConfig config;
  config.policy = Policy::intermediate;
  config.max_version = ProtocolVersion::TLS_1_2;
  return config;
}

std::vector<std::uint8_t> in_record(ContentType type, Bytes content) {
  RecordWriter writer(Sender::server, nullptr);
  writer.write_all(type, content);
  const Bytes record = writer.output().unsent();
  return {record.begin(), record.end()};
}

std::vector<std::uint8_t> message(HandshakeType type, const std::function<void(Writer&)>& body) {
  return in_record(ContentType::handshake, compose(type, body));
}

void expect_broken(const End& end, const Rule& rule) {
  provoked().insert(&rule);
  ASSERT_TRUE(end.failed) << "nothing failed where " << rule.code << " was expected";
  EXPECT_EQ(end.failed->error.rule, &rule) << end.failed->error.to_string();
  EXPECT_FALSE(end.complete);
}

/// The last two bytes that an end says are its alert, plain until keys change.
AlertDescription alert_of(End& end) { return static_cast<AlertDescription>(end.take_output().back()); }

// ---- a server's flight

/// A server that says whatever it is told.
class Server {
 public:
  explicit Server(End& client) : client_(client) {
    auto flight = client.take_output();
    const auto parsed = parse_handshake_message(Bytes(flight).subspan(5)).value();
    hello_ = parse_client_hello(Reader(parsed.body, "ClientHello")).value();
  }

  ServerHello hello() const {
    ServerHello hello{.cipher_suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                      .tls12 = Tls12Answers{.extended_master_secret = true}};
    hello.random.fill(0x5a);
    hello.tls12->renegotiated_connection.emplace();
    return hello;
  }
  void say(const ServerHello& hello) {
    random_ = hello.random;
    client_.deliver(message(HandshakeType::server_hello, [&](Writer& body) { write_server_hello(body, hello); }));
  }
  void say_certificate(const Credential& credential) {
    client_.deliver(
        message(HandshakeType::certificate, [&](Writer& body) { tls12::write_certificate(body, credential.chain); }));
  }
  /// Params with a good signature.
  void say_key_exchange(Bytes params, const crypto::PrivateKey& key, SignatureScheme scheme) {
    const auto signature = key.sign(scheme, tls12::signed_content(hello_.random, random_, params)).value();
    client_.deliver(message(HandshakeType::server_key_exchange,
                            [&](Writer& body) { tls12::write_server_key_exchange(body, params, scheme, signature); }));
  }
  const ClientHello& clients_hello() const { return hello_; }

 private:
  End& client_;
  ClientHello hello_;
  Random random_{};
};

End client_end() { return End::client(std::make_shared<const ClientConfig>(client12())); }

struct HelloFault {
  const Rule* rule;
  std::function<void(ServerHello&, const ClientHello&)> change;
};

TEST(ServersHello12, BreaksEachOfItsRules) {
  const std::vector<HelloFault> faults = {
      {&rules::extended_master_secret_missing, [](auto& h, auto&) { h.tls12->extended_master_secret = false; }},
      {&rules::renegotiation_info_missing, [](auto& h, auto&) { h.tls12->renegotiated_connection.reset(); }},
      {&rules::renegotiation_info_wrong, [](auto& h, auto&) { h.tls12->renegotiated_connection = {1, 2}; }},
      {&rules::point_format_missing, [](auto& h, auto&) { h.tls12->ec_point_formats = {1, 2}; }},
      {&rules::cipher_suite_not_offered, [](auto& h, auto&) { h.cipher_suite = CipherSuite::TLS_AES_128_GCM_SHA256; }},
      {&rules::cipher_suite_not_offered, [](auto& h, auto&) { h.cipher_suite = static_cast<CipherSuite>(0x002f); }},
      {&rules::compression_chosen, [](auto& h, auto&) { h.legacy_compression_method = 1; }},
      {&rules::unsolicited_extension,
       [](auto& h, auto&) { h.tls12->application_layer_protocol_negotiation = {{"h2"}}; }},
      {&rules::record_size_limit_out_of_range, [](auto& h, auto&) { h.tls12->record_size_limit = 16'385; }},
      {&rules::extension_in_wrong_message,
       [](auto& h, auto&) { h.key_share = KeyShareEntry{NamedGroup::x25519, {1}}; }},
      {&rules::server_too_old, [](auto& h, auto&) { h.legacy_version = 0x0302; }}};
  for (const auto& [rule, change] : faults) {
    End client = client_end();
    Server server(client);
    ServerHello hello = server.hello();
    change(hello, server.clients_hello());
    server.say(hello);
    expect_broken(client, *rule);
    EXPECT_EQ(alert_of(client), rule->alert) << rule->code;
  }
}

/// Old BIG-IP servers say in ServerHello which groups they have; TLS 1.2 does not forbid it (RFC 8422, section 5.1 has
/// the extension for ClientHello alone, RFC 5246, section 7.4.1.4 forbids what nobody offered).
TEST(ServersHello12, MayNameTheServersGroups) {
  End client = client_end();
  Server server(client);
  const auto hello =
      compose(HandshakeType::server_hello, [&](Writer& body) { write_server_hello(body, server.hello()); });
  client.deliver(in_record(ContentType::handshake,
                           testing::with_extension(hello, ExtensionType::supported_groups, {{0, 2, 0, 29}})));
  EXPECT_FALSE(client.failed) << client.failed->error.to_string();
}

TEST(ServersHello12, NeverResumesWhatIsNotThere) {
  ClientConfig config = client12();
  config.max_version = ProtocolVersion::TLS_1_3;  // whose hello has a session_id
  End client = End::client(std::make_shared<const ClientConfig>(config));
  Server server(client);
  ServerHello hello = server.hello();
  hello.legacy_session_id_echo = server.clients_hello().legacy_session_id;
  server.say(hello);
  expect_broken(client, rules::session_not_offered);
}

TEST(ServersHello12, WithTheDowngradeSentinelTellsOfAnAttack) {  // docs/threats.md, T2
  for (const bool offers13 : {true, false}) {
    ClientConfig config = client12();
    if (offers13) config.max_version = ProtocolVersion::TLS_1_3;
    End client = End::client(std::make_shared<const ClientConfig>(config));
    Server server(client);
    ServerHello hello = server.hello();
    put_downgrade_sentinel(hello.random);
    server.say(hello);
    EXPECT_EQ(client.failed.has_value(), offers13);
    if (offers13) expect_broken(client, rules::downgrade_sentinel);
  }
}

TEST(ServersCertificate12, HasAKeyOfTheSuitesKind) {
  End client = client_end();
  Server server(client);
  server.say(server.hello());
  server.say_certificate(*testing::credential(crypto::KeyKind::rsa_2048));
  expect_broken(client, rules::key_does_not_fit_suite);
}

/// Up to a ServerKeyExchange with these params.
End client_after_key_exchange(const std::vector<std::uint8_t>& params,
                              SignatureScheme scheme = SignatureScheme::ecdsa_secp256r1_sha256) {
  End client = client_end();
  Server server(client);
  server.say(server.hello());
  const auto credential = testing::credential();
  server.say_certificate(*credential);
  server.say_key_exchange(params, *credential->key, scheme);
  return client;
}

std::vector<std::uint8_t> params_for(NamedGroup group) {
  const auto key = testing::provider().make_key_share(NamedGroup::x25519).value();
  std::vector<std::uint8_t> params;
  Writer out(params);
  tls12::write_server_ecdh_params(out, group, key->public_share());
  return params;
}

TEST(ServerKeyExchange, BreaksEachOfItsRules) {
  auto explicit_curve = params_for(NamedGroup::x25519);
  explicit_curve.front() = 1;  // explicit_prime
  expect_broken(client_after_key_exchange(explicit_curve), rules::curve_not_named);
  expect_broken(client_after_key_exchange(params_for(NamedGroup::secp521r1)), rules::key_exchange_group_not_offered);
  expect_broken(client_after_key_exchange(params_for(NamedGroup::X25519MLKEM768)),
                rules::key_exchange_group_not_offered);
  EXPECT_FALSE(client_after_key_exchange(params_for(NamedGroup::x25519)).failed);
}

TEST(ServerKeyExchange, MustBeSigned) {
  End client = client_end();
  Server server(client);
  server.say(server.hello());
  const auto credential = testing::credential();
  server.say_certificate(*credential);
  const auto params = params_for(NamedGroup::x25519);
  client.deliver(message(HandshakeType::server_key_exchange, [&](Writer& body) {
    tls12::write_server_key_exchange(body, params, SignatureScheme::ecdsa_secp256r1_sha256,
                                     credential->key->sign(SignatureScheme::ecdsa_secp256r1_sha256, params).value());
  }));
  expect_broken(client, rules::signature_wrong);
}

// ---- a client's hello

TEST(ClientsHello12, BreaksEachOfItsRules) {
  ClientHello good;
  good.random.fill(7);
  good.cipher_suites = {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
  good.signature_algorithms = list_of(default_signature_schemes());
  good.supported_groups = {NamedGroup::x25519, NamedGroup::secp256r1};
  good.extended_master_secret = true;
  good.server_name = "server.test";
  struct Fault {
    const Rule* rule;
    std::function<void(ClientHello&)> change;
  };
  const std::vector<Fault> faults = {
      {&rules::extended_master_secret_missing, [](auto& h) { h.extended_master_secret = false; }},
      {&rules::renegotiation_info_wrong, [](auto& h) { h.renegotiated_connection = {9}; }},
      {&rules::point_format_missing, [](auto& h) { h.ec_point_formats = {1}; }},
      {&rules::compression_offered, [](auto& h) { h.legacy_compression_methods = {1}; }},
      {&rules::no_common_signature_scheme, [](auto& h) { h.signature_algorithms.reset(); }},
      {&rules::no_common_signature_scheme, [](auto& h) { h.signature_algorithms = {SignatureScheme::ed25519}; }},
      {&rules::no_common_group, [](auto& h) { h.supported_groups = {NamedGroup::X25519MLKEM768}; }},
      {&rules::no_common_group, [](auto& h) { h.supported_groups = {NamedGroup::x25519}; }},
      {&rules::no_common_cipher_suite,
       [](auto& h) { h.cipher_suites = {CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}; }}};
  for (const auto& [rule, change] : faults) {
    End server = End::server(std::make_shared<const ServerConfig>(server12()));
    ClientHello hello = good;
    change(hello);
    server.deliver(message(HandshakeType::client_hello, [&](Writer& body) { write_client_hello(body, hello); }));
    expect_broken(server, *rule);
    EXPECT_EQ(alert_of(server), rule->alert) << rule->code;
  }
  End server = End::server(std::make_shared<const ServerConfig>(server12()));
  server.deliver(message(HandshakeType::client_hello, [&](Writer& body) { write_client_hello(body, good); }));
  EXPECT_FALSE(server.failed);
}

// ---- after the handshake, under the connection's own keys

struct MasterSecretLog : KeyLog {
  void line(std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

/// Two ends whose handshake is complete, and somebody who goes on under one's keys.
class Insider {
 public:
  explicit Insider(Sender speaks_as) : writer_(speaks_as, nullptr), speaks_as_(speaks_as) {
    const auto hello = client_.take_output();
    server_.deliver(hello);
    const auto flight = server_.take_output();
    client_.deliver(flight);
    testing::exchange(client_, server_);
    EXPECT_TRUE(client_.complete && server_.complete);

    // CLIENT_RANDOM <client_random> <master_secret>; both hellos have their random behind record, header and version.
    const auto master = *from_hex(std::string_view(log_.lines.at(0)).substr(14 + 64 + 1));
    Random client_random;
    Random server_random;
    copy_bytes(Bytes(hello).subspan(5 + 4 + 2, 32), client_random);
    copy_bytes(Bytes(flight).subspan(5 + 4 + 2, 32), server_random);
    const CipherSuite suite = *client_.connection.info().cipher_suite;
    auto keys = tls12::expand_keys(suite, tls12::MasterSecret(master), client_random, server_random);
    auto& own = speaks_as == Sender::server ? keys.server : keys.client;
    writer_.protect(RecordProtection(suite, std::move(own), testing::provider(), 1), EncryptionLevel::application);
  }
  void say(HandshakeType type, Bytes body = {}) {
    writer_.write_all(ContentType::handshake, compose(type, [&](Writer& out) { out.bytes(body); }));
    const Bytes record = writer_.output().unsent();
    told().deliver(record);
    writer_.output().sent(record.size());
  }
  End& told() { return speaks_as_ == Sender::server ? client_ : server_; }

 private:
  MasterSecretLog log_;
  End client_ = End::client(std::make_shared<const ClientConfig>(client12()), nullptr, &log_);
  End server_ = End::server(std::make_shared<const ServerConfig>(server12()));
  RecordWriter writer_;
  Sender speaks_as_;
};

TEST(Renegotiation, IsRefusedOnceAndThenHeldAgainstThePeer) {  // docs/threats.md, T7
  for (const Sender asks : {Sender::server, Sender::client}) {
    const auto type = asks == Sender::server ? HandshakeType::hello_request : HandshakeType::client_hello;
    Insider insider(asks);
    End& asked = insider.told();
    insider.say(type);
    EXPECT_FALSE(asked.failed) << asked.failed->error.to_string();
    EXPECT_FALSE(asked.take_output().empty()) << "the warning no_renegotiation";
    insider.say(type);
    provoked().insert(&rules::renegotiation_tried_again);
    ASSERT_TRUE(asked.failed);
    EXPECT_EQ(asked.failed->error.rule, &rules::renegotiation_tried_again);
  }
}

void say_alert(End& end, std::uint8_t level, AlertDescription description) {
  end.deliver(in_record(ContentType::alert, std::array{level, static_cast<std::uint8_t>(description)}));
}

TEST(Warnings12, AreTakenUpToTheirLimit) {  // RFC 5246, section 7.2.2; docs/threats.md, T16
  End client = client_end();
  say_alert(client, 1, AlertDescription::unrecognized_name);
  EXPECT_FALSE(client.failed) << "as some servers begin";
  Server server(client);
  server.say(server.hello());
  for (std::size_t i = 1; i < limits::warning_alerts; ++i) say_alert(client, 1, AlertDescription::bad_certificate);
  EXPECT_FALSE(client.failed) << client.failed->error.to_string();
  say_alert(client, 1, AlertDescription::bad_certificate);
  expect_broken(client, rules::too_many_warning_alerts);
}

TEST(Warnings12, AreNoneIfFatalOrBeforeTheVersionIsKnown) {
  for (const auto& [level, description] :
       {std::pair<std::uint8_t, AlertDescription>(2, AlertDescription::unrecognized_name),
        {1, AlertDescription::handshake_failure}}) {
    End client = client_end();
    say_alert(client, level, description);
    expect_broken(client, rules::alert_received);
  }
  End client = client_end();
  Server server(client);
  server.say(server.hello());
  say_alert(client, 2, AlertDescription::bad_certificate);
  expect_broken(client, rules::alert_received);
}

TEST(Renegotiation, IsAskedForByAMessageWithoutABody) {  // RFC 5246, section 7.4.1.1
  Insider insider(Sender::server);
  insider.say(HandshakeType::hello_request, std::array<std::uint8_t, 1>{0});
  ASSERT_TRUE(insider.told().failed);
  EXPECT_EQ(insider.told().failed->error.rule->alert, AlertDescription::decode_error);
}

TEST(ChangeCipherSpec12, StandsInItsOnePlace) {  // docs/threats.md, T9
  const std::vector<std::uint8_t> one = {1};
  End client = client_end();
  Server server(client);
  server.say(server.hello());
  client.deliver(in_record(ContentType::change_cipher_spec, one));
  expect_broken(client, rules::change_cipher_spec_misplaced);

  Pair pair(client12(), server12());
  pair.server.deliver(pair.client.take_output());
  pair.server.deliver(in_record(ContentType::change_cipher_spec, one));
  expect_broken(pair.server, rules::change_cipher_spec_misplaced);
}

TEST(ChangeCipherSpec12, IsNoDummyWhereTls13WasNotOffered) {
  End client = client_end();
  client.deliver(in_record(ContentType::change_cipher_spec, std::vector<std::uint8_t>{1}));
  expect_broken(client, rules::change_cipher_spec_misplaced);
}

TEST(ChangeCipherSpec12, IsNoDummyOnceTheServerHasChosenTls12) {
  ClientConfig config = client12();
  config.max_version = ProtocolVersion::TLS_1_3;
  End client = End::client(std::make_shared<const ClientConfig>(config));
  Server server(client);
  client.deliver(in_record(ContentType::change_cipher_spec, std::vector<std::uint8_t>{1}));
  EXPECT_FALSE(client.failed) << "the server may still speak TLS 1.3";
  server.say(server.hello());
  expect_broken(client, rules::change_cipher_spec_misplaced);
}

}  // namespace
}  // namespace padlock::tls

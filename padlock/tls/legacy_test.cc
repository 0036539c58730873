// The policy `legacy`: what it adds for old peers, and what it must survive (docs/threats.md, T3, T4, T6, T20, T21).
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "padlock/crypto/finite_field.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/schedule/pre_master_secret.h"
#include "padlock/tls/session/client_session.h"
#include "padlock/tls/testing/provoked.h"
#include "padlock/tls/testing/scripted_peer12.h"
#include "padlock/tls/testing/sessions.h"
#include "padlock/tls/wire/tls12.h"
#include "tests/support/rsa_raw.h"

namespace padlock::tls {
namespace {

using crypto::KeyKind;
using testing::End;
using testing::later;
using testing::Pair;
using testing::provoked;
using testing::ScriptedClient12;
using testing::ScriptedServer12;
using testing::ticket_keys;
using namespace std::chrono_literals;
using enum CipherSuite;

ClientConfig client_config(std::vector<CipherSuite> suites = default_cipher_suites()) {
  return {.policy = Policy::legacy,
          .max_version = ProtocolVersion::TLS_1_2,
          .cipher_suites = std::move(suites),
          .resumption = true};
}
ServerConfig server_config() {
  return {.policy = Policy::legacy, .max_version = ProtocolVersion::TLS_1_2, .ticket_keys = ticket_keys()};
}
std::string failure_of(const End& end) { return end.failed ? end.failed->error.to_string() : "none"; }

void expect_broken(const End& end, const Rule& rule) {
  provoked().insert(&rule);
  ASSERT_TRUE(end.failed) << "nothing failed where " << rule.code << " was expected";
  EXPECT_EQ(end.failed->error.rule, &rule) << end.failed->error.to_string();
  EXPECT_FALSE(end.complete);
}

// ---- which suites there are, and when

TEST(LegacyPolicy, IsTheOnlyOneWithItsSuites) {
  const auto all = cipher_suites_of(ProtocolVersion::TLS_1_2, Policy::legacy);
  const auto without = cipher_suites_of(ProtocolVersion::TLS_1_2, Policy::intermediate);
  EXPECT_EQ(all.size(), 27U);
  EXPECT_EQ(without.size(), 6U);
  EXPECT_TRUE(cipher_suites_of(ProtocolVersion::TLS_1_2, Policy::modern).empty());
  for (const CipherSuite suite : all) {
    if (std::ranges::find(without, suite) != without.end()) continue;
    for (const auto& [clients, servers] :
         {std::pair(Policy::legacy, Policy::intermediate), {Policy::intermediate, Policy::legacy}}) {
      ClientConfig client = client_config();
      client.policy = clients;
      client.cipher_suites = {suite, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256};
      ServerConfig server = server_config();
      server.policy = servers;
      server.cipher_suites = {suite, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256};
      Pair pair(client, server);
      pair.server.credential = testing::credential(KeyKind::rsa_2048);
      pair.exchange();
      ASSERT_TRUE(pair.client.complete) << failure_of(pair.client) << "; " << failure_of(pair.server);
      EXPECT_EQ(pair.client.connection.info().cipher_suite, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256);
    }
  }
}

/// docs/threats.md, T3: NULL, export, anonymous, RC4, DES and 3DES exist in no policy. Every number of the registry's
/// rows 0x00 and 0xc0 alone.
TEST(LegacyPolicy, HasNoOtherSuite) {
  const auto ours = cipher_suites_of(ProtocolVersion::TLS_1_2, Policy::legacy);
  for (unsigned row : {0x0000U, 0xc000U, 0xcc00U}) {
    for (unsigned low = 0; low < 0x100; ++low) {
      const auto suite = static_cast<CipherSuite>(row + low);
      if (std::ranges::find(ours, suite) != ours.end()) continue;
      End server = End::server(std::make_shared<const ServerConfig>(server_config()));
      server.credential = testing::credential(KeyKind::rsa_2048);
      ScriptedClient12 client(server, suite);
      client.send(client.client_hello());
      client.read();
      ASSERT_TRUE(server.failed) << row + low;
      EXPECT_EQ(server.failed->error.rule, &rules::no_common_cipher_suite) << server.failed->error.to_string();
    }
  }
}

TEST(LegacyPolicy, PrefersForwardSecrecyAndAeads) {
  const auto chosen = [](std::vector<CipherSuite> offered, KeyKind key) {
    Pair pair(client_config(std::move(offered)), server_config());
    pair.server.credential = testing::credential(key);
    pair.exchange();
    return pair.server.connection.info().cipher_suite;
  };
  auto offered = cipher_suites_of(ProtocolVersion::TLS_1_2, Policy::legacy);
  std::ranges::reverse(offered);
  std::erase_if(offered, [](CipherSuite suite) { return name_of(suite).contains("CHACHA20"); });
  EXPECT_EQ(chosen(offered, KeyKind::rsa_2048), TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256);
  EXPECT_EQ(chosen(offered, KeyKind::ecdsa_p256), TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256);
  EXPECT_EQ(chosen({TLS_RSA_WITH_AES_128_GCM_SHA256, TLS_DHE_RSA_WITH_AES_128_CBC_SHA}, KeyKind::rsa_2048),
            TLS_DHE_RSA_WITH_AES_128_CBC_SHA);
}

// ---- groups and schemes that go with a key exchange

/// RFC 7919, section 4: a client that lists finite fields takes no others; one that lists none takes what there is.
TEST(LegacyServer, TakesAFiniteFieldThatTheClientKnows) {
  const auto group_for = [](const std::vector<NamedGroup>& listed) {
    End server = End::server(std::make_shared<const ServerConfig>(server_config()));
    server.credential = testing::credential(KeyKind::rsa_2048);
    ScriptedClient12 client(server, TLS_DHE_RSA_WITH_AES_128_GCM_SHA256);
    auto hello = parse_client_hello(Reader(Bytes(client.client_hello()).subspan(4), "ClientHello")).value();
    hello.supported_groups = list_of(listed);
    client.send(testing::to_message(hello));
    client.read();
    if (server.failed) provoked().insert(server.failed->error.rule);
    return std::pair(server.connection.info().group, server.failed ? server.failed->error.rule : nullptr);
  };
  EXPECT_EQ(group_for({NamedGroup::x25519}).first, NamedGroup::ffdhe2048);
  EXPECT_EQ(group_for({NamedGroup::ffdhe4096, NamedGroup::ffdhe3072}).first, NamedGroup::ffdhe3072);
  EXPECT_EQ(group_for({NamedGroup::ffdhe4096}).first, NamedGroup::ffdhe4096);
  EXPECT_EQ(group_for({NamedGroup::ffdhe8192}).second, &rules::no_common_finite_field);
}

/// A client that says nothing of schemes means SHA-1 (RFC 5246, section 7.4.1.4.1), which never signs; static RSA signs
/// nothing.
TEST(LegacyServer, NeedsNoSignatureForStaticRsa) {
  for (const auto suite : {TLS_RSA_WITH_AES_128_GCM_SHA256, TLS_DHE_RSA_WITH_AES_128_GCM_SHA256}) {
    End server = End::server(std::make_shared<const ServerConfig>(server_config()));
    server.credential = testing::credential(KeyKind::rsa_2048);
    ScriptedClient12 client(server, suite);
    client.send(testing::without_extension(client.client_hello(), ExtensionType::signature_algorithms));
    client.read();
    EXPECT_EQ(server.failed.has_value(), suite != TLS_RSA_WITH_AES_128_GCM_SHA256) << failure_of(server);
  }
}

/// RFC 5246, section 7.4.2: a certificate that may sign alone does not decrypt, on the server and for the client, whose
/// question says what the leaf must allow.
TEST(LegacyServer, DecryptsNothingWithAKeyThatMaySignAlone) {
  const auto connect = [](std::vector<CipherSuite> suites) {
    Pair pair(client_config(std::move(suites)), server_config());
    pair.server.credential = testing::signing_rsa_credential();
    pair.exchange();
    return pair;
  };
  const Pair refused = connect({TLS_RSA_WITH_AES_128_GCM_SHA256});
  ASSERT_TRUE(refused.server.failed);
  EXPECT_EQ(refused.server.failed->error.rule, &rules::no_common_cipher_suite);
  const Pair other = connect({TLS_RSA_WITH_AES_128_GCM_SHA256, TLS_DHE_RSA_WITH_AES_128_CBC_SHA});
  EXPECT_EQ(other.client.connection.info().cipher_suite, TLS_DHE_RSA_WITH_AES_128_CBC_SHA);
}

TEST(LegacyClient, AsksForACertificateThatMayDoWhatItsSuiteNeeds) {
  for (const auto suite : {TLS_RSA_WITH_AES_128_GCM_SHA256, TLS_DHE_RSA_WITH_AES_128_GCM_SHA256}) {
    Pair pair(client_config({suite}), server_config());
    pair.server.credential = testing::credential(KeyKind::rsa_2048);
    pair.client.answers_at_once = false;
    pair.exchange();
    const auto asked = std::ranges::find_if(pair.client.questions, [](const Event& event) {
      return std::holds_alternative<ChainVerificationWanted>(event);
    });
    ASSERT_NE(asked, pair.client.questions.end());
    EXPECT_EQ(std::get<ChainVerificationWanted>(*asked).key_usage, suite == TLS_RSA_WITH_AES_128_GCM_SHA256
                                                                       ? x509::KeyUsage::keyEncipherment
                                                                       : x509::KeyUsage::digitalSignature);
  }
}

/// docs/threats.md, T3: only a table's primes are safe, and before any calculation.
TEST(LegacyClient, RefusesFiniteFieldsThatItDoesNotKnow) {
  struct Field {
    std::vector<std::uint8_t> prime;
    std::vector<std::uint8_t> generator;
  };
  const auto prime = [](NamedGroup group) {
    const Bytes bytes = crypto::prime_of(group);
    return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
  };
  auto small = prime(NamedGroup::ffdhe2048);
  small.resize(128);
  auto odd = prime(NamedGroup::ffdhe2048);
  odd[100] ^= 1;
  auto large = prime(NamedGroup::modp8192);
  large.insert(large.begin(), 0x7f);
  const std::vector<Field> fields = {{small, {2}}, {odd, {2}}, {large, {2}}, {prime(NamedGroup::ffdhe2048), {5}}};
  for (const Field& field : fields) {
    End client =
        End::client(std::make_shared<const ClientConfig>(client_config({TLS_DHE_RSA_WITH_AES_128_GCM_SHA256})));
    client.pump();
    ScriptedServer12 server(client, TLS_DHE_RSA_WITH_AES_128_GCM_SHA256);
    server.send(server.server_hello(false));
    server.send(server.certificate());
    server.send(compose(HandshakeType::server_key_exchange, [&](Writer& body) {
      for (const auto& part : {field.prime, field.generator, {4}}) body.vec16([&](Writer& out) { out.bytes(part); });
      body.u16(static_cast<std::uint16_t>(SignatureScheme::rsa_pss_rsae_sha256));
      body.vec16([](Writer& signature) { signature.bytes(std::array<std::uint8_t, 256>{}); });
    }));
    server.read();
    expect_broken(client, rules::finite_field_unknown);
    ASSERT_EQ(server.alerts().size(), 1U);
    EXPECT_EQ(static_cast<AlertDescription>(server.alerts().front().description),
              AlertDescription::insufficient_security);
  }
}

/// An unsafe public value: 0, 1, p - 1 and p.
TEST(LegacyClient, RefusesAPublicValueThatFixesTheSecret) {
  std::vector<std::uint8_t> p_minus_1(crypto::prime_of(NamedGroup::ffdhe2048).begin(),
                                      crypto::prime_of(NamedGroup::ffdhe2048).end());
  p_minus_1.back() -= 1;
  for (const std::vector<std::uint8_t>& share : {std::vector<std::uint8_t>{0}, {1}, p_minus_1}) {
    End server = End::server(std::make_shared<const ServerConfig>(server_config()));
    server.credential = testing::credential(KeyKind::rsa_2048);
    ScriptedClient12 client(server, TLS_DHE_RSA_WITH_AES_128_GCM_SHA256);
    client.send(client.client_hello());
    client.read();
    client.send(client.client_key_exchange(share));
    client.read();
    ASSERT_TRUE(server.failed);
    EXPECT_EQ(server.failed->error.rule, &crypto::rules::invalid_key_share);
    EXPECT_EQ(static_cast<AlertDescription>(client.alerts().front().description), AlertDescription::illegal_parameter);
  }
}

/// docs/threats.md, T4: a fresh exponent for each handshake.
TEST(LegacyServer, NeverShowsAFiniteFieldsShareTwice) {
  std::set<std::string> shares;
  constexpr std::size_t handshakes = 300;
  for (std::size_t each = 0; each < handshakes; ++each) {
    End server = End::server(std::make_shared<const ServerConfig>(server_config()));
    server.credential = testing::credential(KeyKind::rsa_2048);
    server.answers_at_once = false;
    ScriptedClient12 client(server, TLS_DHE_RSA_WITH_AES_128_GCM_SHA256);
    client.send(client.client_hello());
    server.pump();
    server.answer(0);  // the certificate
    server.pump();
    const auto& wanted = std::get<CryptoWanted>(server.questions.front());
    const auto answer = testing::provider().answer_one(wanted.question).value();
    shares.insert(to_hex(std::get<crypto::KeyShareAnswer>(answer)->public_share()));
  }
  EXPECT_EQ(shares.size(), handshakes);
}

// ---- extended_master_secret (docs/threats.md, T6)

/// A client's whole handshake with a server that gives tickets, from a ticket or from none. Gives the server's end.
class Visit {
 public:
  Visit(const std::shared_ptr<const ServerConfig>& config, bool binds_keys, Bytes ticket)
      : server(End::server(config)), client_(server, suite) {
    server.credential = testing::credential(KeyKind::rsa_2048);
    server.now = later(0s);
    client_.binds_keys = binds_keys;
    auto hello = parse_client_hello(Reader(Bytes(client_.client_hello()).subspan(4), "ClientHello")).value();
    hello.session_ticket = List<std::uint8_t>(ticket.begin(), ticket.end());
    client_.send(testing::to_message(hello));
    client_.read();
    if (server.failed || server.connection.info().resumed) return;
    client_.send(client_.client_key_exchange());
    client_.send_change_cipher_spec();
    client_.send(client_.finished());
    client_.read();
  }
  std::vector<std::uint8_t> ticket() const {
    for (const auto& message : client_.messages()) {
      if (static_cast<HandshakeType>(message.front()) != HandshakeType::new_session_ticket) continue;
      const auto parsed =
          tls12::parse_new_session_ticket(Reader(Bytes(message).subspan(4), "NewSessionTicket")).value();
      return {parsed.ticket.begin(), parsed.ticket.end()};
    }
    return {};
  }

  static constexpr auto suite = TLS_RSA_WITH_AES_128_GCM_SHA256;
  End server;

 private:
  ScriptedClient12 client_;
};

/// What the client says in its first and in its second hello.
TEST(LegacyServer, ResumesNothingThatIsNotBoundToItsHandshake) {
  for (const bool first : {true, false}) {
    for (const bool second : {true, false}) {
      const auto config = std::make_shared<const ServerConfig>(server_config());
      const Visit visit(config, first, {});
      ASSERT_TRUE(visit.server.complete) << failure_of(visit.server);
      EXPECT_EQ(visit.ticket().empty(), !first);
      const Visit again(config, second, visit.ticket());
      EXPECT_EQ(again.server.connection.info().resumed, first && second);
      if (first && !second) {
        expect_broken(again.server, rules::extended_master_secret_missing);
      } else {
        EXPECT_FALSE(again.server.failed) << failure_of(again.server);
      }
    }
  }
}

TEST(LegacyServer, InsistsOnItInAnyOtherPolicy) {
  ServerConfig config = server_config();
  config.policy = Policy::intermediate;
  End server = End::server(std::make_shared<const ServerConfig>(config));
  ScriptedClient12 client(server);
  client.binds_keys = false;
  client.send(client.client_hello());
  expect_broken(server, rules::extended_master_secret_missing);
}

/// What the server says in its first and in its second hello.
TEST(LegacyClient, KeepsNothingThatIsNotBoundToItsHandshake) {
  const auto config = std::make_shared<const ClientConfig>(client_config({ScriptedServer12::usual_suite}));
  for (const bool bound : {true, false}) {
    End client = End::client(config);
    client.pump();
    ScriptedServer12 server(client);
    server.binds_keys = bound;
    auto hello = server.server_hello(false);
    server.send(testing::with_extension(hello, ExtensionType::session_ticket));
    server.send(server.certificate());
    server.send(server.server_key_exchange());
    server.send(server.server_hello_done());
    server.read();
    server.send(compose(HandshakeType::new_session_ticket,
                        [](Writer& body) { tls12::write_new_session_ticket(body, {7200, {1, 2, 3}}); }));
    server.send_change_cipher_spec();
    server.send(server.finished());
    ASSERT_TRUE(client.complete) << failure_of(client);
    EXPECT_EQ(client.sessions.size(), bound ? 1U : 0U);
    if (!bound) continue;

    End again = End::client(config, nullptr, nullptr, "server.test", {client.sessions.front(), later(1s)});
    again.pump();
    ScriptedServer12 forgetful(again);
    forgetful.binds_keys = false;
    forgetful.send(forgetful.resuming_hello(false));
    expect_broken(again, rules::extended_master_secret_missing);
  }
}

// ---- encrypt_then_mac

TEST(LegacyClient, RefusesEncryptThenMacWhereThereIsNoMac) {
  End client = End::client(std::make_shared<const ClientConfig>(
      client_config({ScriptedServer12::usual_suite, TLS_RSA_WITH_AES_128_CBC_SHA})));
  client.pump();
  ScriptedServer12 server(client);
  server.send(testing::with_extension(server.server_hello(false), ExtensionType::encrypt_then_mac));
  expect_broken(client, rules::encrypt_then_mac_without_cbc);
}

/// Two of our own always agree on it (RFC 7366); with a peer that does not know it the MAC is inside.
TEST(LegacyRecords, HaveTheirMacOutsideWhereBothEndsKnowHow) {
  for (const bool known : {true, false}) {
    End server = End::server(std::make_shared<const ServerConfig>(server_config()));
    server.credential = testing::credential(KeyKind::rsa_2048);
    ScriptedClient12 client(server, TLS_RSA_WITH_AES_128_CBC_SHA);
    client.encrypts_then_macs = known;
    client.send(client.client_hello());
    client.read();
    client.send(client.client_key_exchange());
    client.send_change_cipher_spec();
    client.send(client.finished());
    client.read();
    ASSERT_TRUE(server.complete) << failure_of(server);
    EXPECT_TRUE(client.understood_all());
  }
}

// ---- static RSA: Bleichenbacher's oracle in all its shapes (docs/threats.md, T21)

constexpr auto rsa_suite = TLS_RSA_WITH_AES_128_CBC_SHA;
using Block = std::vector<std::uint8_t>;

const crypto::RsaPublicKey& servers_key() {
  return std::get<crypto::RsaPublicKey>(testing::credential(KeyKind::rsa_2048)->key->public_key().parts());
}

/// A block whose padding is right, with this message.
Block padded(Bytes message) {
  Block block(servers_key().modulus.size(), 0x5a);
  block[0] = 0;
  block[1] = 2;
  block[block.size() - message.size() - 1] = 0;
  copy_bytes(message, std::span(block).last(message.size()));
  return block;
}

struct Malformed {
  std::string name;
  Block ciphertext;
};

/// What may be wrong with a ClientKeyExchange of static RSA that is well formed as a message.
std::vector<Malformed> malformed_blocks() {
  std::array<std::uint8_t, 48> secret = {3, 3, 7};
  const std::size_t size = servers_key().modulus.size();
  std::vector<Malformed> all;
  const auto add = [&](std::string name, const Block& block) {
    all.push_back({std::move(name), test::rsa_raw(servers_key(), block)});
  };
  const auto changed = [&](std::size_t at, std::uint8_t to) {
    Block block = padded(secret);
    block[at] = to;
    return block;
  };
  add("first byte 1", changed(0, 1));
  add("first byte 0x7f", changed(0, 0x7f));
  add("type 0", changed(1, 0));
  add("type 1", changed(1, 1));
  add("type 3", changed(1, 3));
  add("type 0xff", changed(1, 0xff));
  add("zero in the first padding byte", changed(2, 0));
  add("zero in the eighth padding byte", changed(9, 0));
  add("zero in the ninth padding byte", changed(10, 0));
  add("zero in the middle of the padding", changed(size / 2, 0));
  add("zero in the last padding byte", changed(size - 50, 0));
  add("no zero at all", [&] {
    Block block = changed(size - 49, 0x11);
    std::ranges::replace(std::span(block).last(48), std::uint8_t{0}, std::uint8_t{1});
    return block;
  }());
  add("separator not zero", changed(size - 49, 1));
  add("one byte short", padded(Bytes(secret).first(47)));
  add("one byte long", padded(Block(49, 3)));
  add("empty", padded({}));
  add("two bytes", padded(Bytes(secret).first(2)));
  add("version TLS 1.1", changed(size - 47, 2));
  add("version TLS 1.3", changed(size - 47, 4));
  add("version SSL 2.0", changed(size - 48, 2));
  all.push_back({"ciphertext 0", Block(size, 0)});
  all.push_back({"ciphertext 1", [&] {
                   Block one(size, 0);
                   one.back() = 1;
                   return one;
                 }()});
  all.push_back({"ciphertext above the modulus", Block(size, 0xff)});
  all.push_back({"ciphertext too short", Block(size - 1, 0x11)});
  all.push_back({"ciphertext too long", Block(size + 1, 0x11)});
  all.push_back({"no ciphertext", {}});
  return all;
}

enum class Flow : std::uint8_t { all_at_once, key_exchange_first, key_exchange_and_change_first };

/// What the server does, step by step: what it asked its caller for, the states it was in, its alert.
std::string behaviour(const Block& ciphertext, Flow flow) {
  End server = End::server(std::make_shared<const ServerConfig>(server_config()));
  server.credential = testing::credential(KeyKind::rsa_2048);
  ScriptedClient12 client(server, rsa_suite);
  client.send(client.client_hello());
  client.read();
  std::string seen;
  const auto look = [&] {
    client.read();
    seen += (server.failed ? std::string(server.failed->error.rule->code) : "goes on") + ";";
  };
  client.send(client.client_key_exchange(ciphertext));
  if (flow != Flow::all_at_once) look();
  client.send_change_cipher_spec();
  if (flow == Flow::key_exchange_and_change_first) look();
  client.send(client.finished());
  look();
  for (const auto& alert : client.alerts()) {
    seen += std::to_string(alert.level) + "/" + std::to_string(alert.description) + ";";
  }
  return seen;
}

TEST(StaticRsa, AnswersAllThatIsMalformedInOneWay) {
  for (const Flow flow : {Flow::all_at_once, Flow::key_exchange_first, Flow::key_exchange_and_change_first}) {
    // The yardstick: a block that is right, and a client that knows another pre-master secret than the one in it.
    std::array<std::uint8_t, 48> other = {3, 3, 99};
    const std::string expected = behaviour(test::rsa_raw(servers_key(), padded(other)), flow);
    EXPECT_TRUE(expected.ends_with("tls.record.not_authentic;2/20;")) << expected;
    const auto malformed = malformed_blocks();
    EXPECT_GE(malformed.size(), 24U);
    for (const auto& [name, ciphertext] : malformed) EXPECT_EQ(behaviour(ciphertext, flow), expected) << name;
  }
}

/// The block that this test makes good ones from is one.
TEST(StaticRsa, TakesABlockThatIsRight) {
  End server = End::server(std::make_shared<const ServerConfig>(server_config()));
  server.credential = testing::credential(KeyKind::rsa_2048);
  ScriptedClient12 client(server, rsa_suite);
  client.send(client.client_hello());
  client.read();
  std::array<std::uint8_t, 48> secret = {3, 3, 7};
  client.send(client.client_key_exchange(test::rsa_raw(servers_key(), padded(secret))));
  client.send_change_cipher_spec();
  client.send(client.finished());
  EXPECT_TRUE(server.complete) << failure_of(server);
}

TEST(StaticRsa, UnpadsEveryByteThatMatters) {
  const crypto::SharedSecret substitute(std::array<std::uint8_t, 48>{0xee});
  std::array<std::uint8_t, 48> secret = {3, 3, 7};
  const Block good = padded(secret);
  const auto unpadded = [&](const Block& block, std::uint16_t version = 0x0303) {
    return to_hex(tls12::unpad_pre_master_secret(block, version, substitute).reveal());
  };
  EXPECT_EQ(unpadded(good), to_hex(secret));
  EXPECT_EQ(unpadded(good, 0x0302), to_hex(substitute.reveal()));
  for (std::size_t at = 0; at < good.size(); ++at) {
    Block block = good;
    block[at] = at < 2 || at == good.size() - 49 || at == good.size() - 48 || at == good.size() - 47 ? 0x44 : 0;
    const bool free = at >= good.size() - 46;
    EXPECT_EQ(unpadded(block) == to_hex(substitute.reveal()), !free) << at;
  }
}

TEST(StaticRsa, AsksForThePaddedBlockOfWhateverComes) {
  EXPECT_TRUE(tls12::fits_modulus(Block{1, 2, 3}, Block{1, 2, 4}));
  EXPECT_FALSE(tls12::fits_modulus(Block{1, 2, 4}, Block{1, 2, 4}));
  EXPECT_FALSE(tls12::fits_modulus(Block{2, 2, 3}, Block{1, 2, 4}));
  EXPECT_FALSE(tls12::fits_modulus(Block{1, 2}, Block{1, 2, 4}));
  EXPECT_FALSE(tls12::fits_modulus(Block{0, 1, 2, 3}, Block{1, 2, 4}));
}

/// A key that is for RSA-PSS alone decrypts nothing (RFC 4055, section 1.2).
TEST(LegacyClient, RefusesAKeyOfTheWrongKind) {
  End client = End::client(std::make_shared<const ClientConfig>(client_config({rsa_suite})));
  client.pump();
  ScriptedServer12 server(client, rsa_suite);
  server.send(server.server_hello(false));
  server.send(compose(HandshakeType::certificate,
                      [](Writer& body) { tls12::write_certificate(body, testing::credential()->chain); }));
  expect_broken(client, rules::key_does_not_fit_suite);
}

/// RFC 5246, section 7.4.3: there is no ServerKeyExchange.
TEST(LegacyClient, TakesNoServerKeyExchangeWithStaticRsa) {
  End client = End::client(std::make_shared<const ClientConfig>(client_config({rsa_suite})));
  client.pump();
  ScriptedServer12 server(client, rsa_suite);
  server.send(server.server_hello(false));
  server.send(server.certificate());
  server.send(compose(HandshakeType::server_key_exchange, [](Writer& body) { body.bytes(Block(10, 1)); }));
  expect_broken(client, rules::unexpected_message);
}

/// Answers of its caller that come late or in another order, with a client certificate.
TEST(StaticRsa, TakesItsBlockLate) {
  ServerConfig config = server_config();
  Pair pair(client_config({rsa_suite}), config);
  pair.server.credential = testing::credential(KeyKind::rsa_2048);
  pair.server.answers_at_once = false;
  pair.exchange();
  ASSERT_EQ(pair.server.questions.size(), 1U);
  pair.server.answer(0);
  pair.exchange();
  ASSERT_EQ(pair.server.questions.size(), 1U);
  ASSERT_TRUE(std::holds_alternative<crypto::RsaDecryptQuestion>(
      std::get<CryptoWanted>(pair.server.questions.front()).question));
  EXPECT_EQ(pair.server.connection.waiting_for(), Waiting::answer);
  pair.server.answer(0);
  pair.exchange();
  EXPECT_TRUE(pair.server.complete && pair.client.complete) << failure_of(pair.server) << failure_of(pair.client);
}

}  // namespace
}  // namespace padlock::tls

// Certificate compression (RFC 8879) in whole handshakes, both roles and both directions.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "padlock/tls/credential.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/testing/provoked.h"
#include "padlock/tls/testing/scripted_peer.h"
#include "padlock/tls/testing/sessions.h"

namespace padlock::tls {
namespace {

using testing::End;
using testing::Message;
using testing::Pair;
using testing::ScriptedClient;
using testing::ScriptedServer;
using testing::to_message;
using Algorithm = CertificateCompressionAlgorithm;

constexpr auto brotli = Algorithm::brotli;
constexpr auto zlib = Algorithm::zlib;
constexpr auto zstd = Algorithm::zstd;

/// What both ends said, in the forms in which they said it.
struct Said final : Observer {
  void handshake_message(Sender sender, EncryptionLevel, Bytes bytes) override {
    const auto message = parse_handshake_message(bytes).value();
    types[sender].push_back(message.type);
    if (message.type != HandshakeType::compressed_certificate) return;
    compressed[sender] = parse_compressed_certificate(Reader(message.body, "CompressedCertificate")).value().algorithm;
  }
  void record(Sender, EncryptionLevel, ContentType, ContentType, std::size_t, std::size_t) override {}
  void key_derived(std::string_view, std::size_t) override {}
  void chosen(std::string_view, std::string_view, std::string_view) override {}
  void alert(Sender, EncryptionLevel, AlertDescription) override {}
  std::map<Sender, std::vector<HandshakeType>> types;
  std::map<Sender, Algorithm> compressed;
};

std::shared_ptr<const Credential> with_forms(Credential credential) {
  return std::make_shared<const Credential>(
      add_compressed_forms(std::move(credential), default_certificate_compression()));
}

/// Both ends have a certificate with its forms, and the server asks for the client's.
struct Handshake {
  ClientConfig client{.policy = Policy::intermediate, .certificates = true};
  ServerConfig server{.policy = Policy::intermediate};
  std::shared_ptr<const Credential> clients = with_forms(*testing::credential());
  std::shared_ptr<const Credential> servers = asking(*clients);
  Said said{};

  static std::shared_ptr<const Credential> asking(Credential credential) {
    credential.client_authentication = std::make_shared<const ClientAuthentication>();
    return std::make_shared<const Credential>(std::move(credential));
  }
  void run() {
    Pair pair(End::client(std::make_shared<const ClientConfig>(client), &said),
              End::server(std::make_shared<const ServerConfig>(server)));
    pair.client.credential = clients;
    pair.server.credential = servers;
    pair.exchange();
    ASSERT_TRUE(pair.client.complete) << (pair.client.failed ? pair.client.failed->error.to_string() : "");
    ASSERT_TRUE(pair.server.complete) << (pair.server.failed ? pair.server.failed->error.to_string() : "");
    EXPECT_EQ(pair.client.connection.info().peer_chain, servers->chain);
    EXPECT_EQ(pair.server.connection.info().peer_chain, clients->chain);
  }
  std::optional<Algorithm> by(Sender sender) const {
    const auto found = said.compressed.find(sender);
    return found == said.compressed.end() ? std::nullopt : std::optional(found->second);
  }
};

TEST(CompressedCertificates, GoBothWays) {
  for (const CertificateCompression& each : default_certificate_compression()) {
    Handshake both;
    both.client.certificate_compression = {each};
    both.run();
    EXPECT_EQ(both.by(Sender::server), each.algorithm);
    EXPECT_EQ(both.by(Sender::client), each.algorithm);
    EXPECT_FALSE(contains(both.said.types[Sender::server], HandshakeType::certificate));
  }
}

TEST(CompressedCertificates, AreTheSmallestThatThePeerReads) {
  Handshake handshake;
  const auto& forms = handshake.servers->compressed_forms.front().forms;
  ASSERT_EQ(forms.size(), 3U);
  EXPECT_LE(forms[0].compressed.size(), forms[1].compressed.size());
  EXPECT_LE(forms[1].compressed.size(), forms[2].compressed.size());
  handshake.run();
  EXPECT_EQ(handshake.by(Sender::server), forms[0].algorithm);
  EXPECT_EQ(handshake.by(Sender::client), forms[0].algorithm);
}

TEST(CompressedCertificates, AreTurnedOffByAnEmptyListOfEitherEnd) {
  for (const bool client_has : {false, true}) {
    Handshake handshake;
    (client_has ? handshake.server.certificate_compression : handshake.client.certificate_compression).clear();
    handshake.run();
    EXPECT_TRUE(handshake.said.compressed.empty());
  }
}

TEST(CompressedCertificates, NeedACommonAlgorithm) {
  Handshake handshake;
  handshake.client.certificate_compression = {zlib_compression};
  handshake.server.certificate_compression = {brotli_compression, zstd_compression};
  handshake.run();
  EXPECT_TRUE(handshake.said.compressed.empty());
}

TEST(CompressedCertificates, AreOfTls13Alone) {
  for (const bool by_client : {false, true}) {
    Handshake handshake;
    (by_client ? handshake.client.max_version : handshake.server.max_version) = ProtocolVersion::TLS_1_2;
    handshake.run();
    EXPECT_TRUE(handshake.said.compressed.empty());
  }
  End client = End::client(std::make_shared<const ClientConfig>(
      ClientConfig{.policy = Policy::intermediate, .max_version = ProtocolVersion::TLS_1_2}));
  EXPECT_FALSE(ScriptedServer(client).hello.compress_certificate);
}

TEST(CompressedCertificates, AreNotSentWhereTheyAreNotSmaller) {
  const CertificateCompression copying{
      static_cast<Algorithm>(0xff01), [](Bytes certificate) { return Message(certificate.begin(), certificate.end()); },
      [](Bytes compressed, std::span<std::uint8_t> certificate) {
        if (compressed.size() != certificate.size()) return false;
        copy_bytes(compressed, certificate);
        return true;
      }};
  Handshake handshake;
  handshake.clients = std::make_shared<const Credential>(
      add_compressed_forms(*testing::credential(), std::vector<CertificateCompression>{copying}));
  EXPECT_TRUE(handshake.clients->compressed_forms.front().forms.empty());
  handshake.server.certificate_compression = {copying};
  handshake.run();
  EXPECT_TRUE(handshake.said.compressed.empty());
}

/// What stands beside the leaf is part of the message: each wish of a client has a form of its own.
TEST(CompressedCertificates, HoldWhatTheClientAsksForBesideThem) {
  Credential credential = *testing::credential();
  credential.ocsp_staple = {0x30, 0x03, 0x0a, 0x01, 0x00};
  credential.signed_certificate_timestamps = {0, 4, 0, 2, 7, 7};
  for (const auto& [staple, timestamps] : {std::pair(true, true), {true, false}, {false, true}, {false, false}}) {
    Handshake handshake;
    handshake.servers = Handshake::asking(*with_forms(credential));
    EXPECT_EQ(handshake.servers->compressed_forms.size(), 4U);
    handshake.client.status_request = staple;
    handshake.client.signed_certificate_timestamp = timestamps;
    Pair pair(handshake.client, handshake.server);
    pair.client.answers_at_once = false;
    pair.server.credential = handshake.servers;
    std::optional<ChainVerificationWanted> wanted;
    for (int round = 0; round < 20 && !wanted; ++round) {
      pair.exchange();
      ASSERT_FALSE(pair.client.questions.empty());
      if (const auto* found = std::get_if<ChainVerificationWanted>(&pair.client.questions.front())) wanted = *found;
      pair.client.answer(0);
    }
    ASSERT_TRUE(wanted);
    EXPECT_EQ(!wanted->ocsp_staple.empty(), staple);
    EXPECT_EQ(!wanted->signed_certificate_timestamps.empty(), timestamps);
    handshake.run();
    EXPECT_TRUE(handshake.by(Sender::server));
  }
}

/// A form of something else is never sent, whoever changed the credential.
TEST(CompressedCertificates, StandForTheirVeryBytes) {
  Handshake handshake;
  Credential changed = *handshake.servers;
  changed.ocsp_staple = {0x30, 0x03, 0x0a, 0x01, 0x00};
  handshake.servers = std::make_shared<const Credential>(changed);
  handshake.run();
  EXPECT_FALSE(handshake.by(Sender::server));
  EXPECT_TRUE(handshake.by(Sender::client));
}

TEST(CompressedCertificates, SurviveARetry) {
  Handshake handshake;
  handshake.client.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
  handshake.client.key_share_count = 1;
  handshake.server.groups = {NamedGroup::secp256r1};
  handshake.run();
  EXPECT_TRUE(handshake.by(Sender::server));
}

TEST(CompressedCertificates, CostTheServerNoCompression) {
  const CertificateCompression never{
      zlib, [](Bytes) -> std::vector<std::uint8_t> { throw std::logic_error("compressed in a handshake"); },
      zlib_compression.decompress};
  Handshake handshake;
  handshake.client.certificate_compression = {never};
  handshake.server.certificate_compression = {never};
  handshake.run();
  EXPECT_EQ(handshake.by(Sender::server), zlib);
}

TEST(CompressedCertificates, AreListedUpToWhatAnExtensionHolds) {
  for (const std::size_t count : {127U, 128U}) {
    const std::vector<CertificateCompression> many(count, zlib_compression);
    Pair client(ClientConfig{.certificate_compression = many}, {});
    client.exchange();
    EXPECT_EQ(client.client.complete, count == 127);
    Pair server({}, ServerConfig{.certificate_compression = many});
    server.exchange();
    EXPECT_EQ(server.server.complete, count == 127);
  }
}

// ---- what a peer may say wrongly

struct Fault {
  const Rule* rule;  ///< null: none
  Algorithm algorithm = zlib;
  std::int64_t claims_more = 0;  ///< than there is
  std::vector<std::uint8_t> behind{};
  std::size_t chain_bytes = 0;  ///< with a second certificate that makes the message so long
  bool asked = true;
};

Certificate certificate_of(const Fault& fault) {
  Certificate certificate;
  certificate.certificate_list.push_back({.cert_data = testing::credential()->chain.front()});
  if (fault.chain_bytes == 0) return certificate;
  constexpr std::size_t around = 1 + 3 + 2 * (3 + 2);
  certificate.certificate_list.push_back(
      {.cert_data = Message(fault.chain_bytes - around - testing::credential()->chain.front().size())});
  return certificate;
}

Message message_of(const Fault& fault) {
  const Message plain = to_message(certificate_of(fault));
  const Bytes body = Bytes(plain).subspan(handshake_header_length);
  auto compressed = zlib_compression.compress(body);
  compressed.insert(compressed.end(), fault.behind.begin(), fault.behind.end());
  return to_message(CompressedCertificate{
      fault.algorithm, static_cast<std::uint32_t>(static_cast<std::int64_t>(body.size()) + fault.claims_more),
      compressed});
}

const std::vector<Fault> faults = {
    {nullptr},
    {.rule = nullptr, .chain_bytes = limits::handshake_message},
    {.rule = nullptr, .chain_bytes = limits::handshake_message - 1},
    {.rule = &rules::uncompressed_too_long, .chain_bytes = limits::handshake_message + 1},
    {.rule = &rules::uncompressed_too_long, .claims_more = (1 << 24) - 1000},
    {.rule = &rules::decompression_failed, .claims_more = 1},
    {.rule = &rules::decompression_failed, .claims_more = -1},
    {.rule = &rules::decompression_failed, .behind = {0}},
    {.rule = &rules::compression_not_offered, .algorithm = brotli},
    {.rule = &rules::compression_not_offered, .algorithm = zstd},
    {.rule = &rules::compression_not_offered, .algorithm = static_cast<Algorithm>(0)},
    {.rule = &rules::unexpected_message, .asked = false},
};

std::vector<CertificateCompression> offered(const Fault& fault) {
  return fault.asked ? std::vector{zlib_compression} : std::vector<CertificateCompression>();
}

void expect_outcome(const End& end, const Fault& fault, std::size_t index) {
  ASSERT_EQ(end.failed.has_value(), fault.rule != nullptr)
      << index << (end.failed ? end.failed->error.to_string() : "");
  if (fault.rule == nullptr) return;
  EXPECT_EQ(end.failed->error.rule->code, fault.rule->code) << index;
  testing::provoked().insert(fault.rule);
}

TEST(CompressedCertificates, AreCheckedByTheClient) {
  for (const bool after_request : {false, true}) {
    for (std::size_t i = 0; i < faults.size(); ++i) {
      End client = End::client(
          std::make_shared<const ClientConfig>(ClientConfig{.certificate_compression = offered(faults[i])}));
      ScriptedServer server(client);
      server.send(server.server_hello());
      server.use_handshake_keys();
      server.send(to_message(server.encrypted_extensions()));
      if (after_request) {
        server.send(to_message(CertificateRequest{.signature_algorithms = list_of(default_signature_schemes())}));
      }
      server.send(message_of(faults[i]));
      expect_outcome(client, faults[i], i);
      if (faults[i].rule != nullptr) continue;
      server.send(server.certificate_verify());  // over the message as it was sent
      server.send(server.finished());
      EXPECT_TRUE(client.complete) << (client.failed ? client.failed->error.to_string() : "");
    }
  }
}

TEST(CompressedCertificates, AreCheckedByTheServer) {
  for (std::size_t i = 0; i < faults.size(); ++i) {
    End server =
        End::server(std::make_shared<const ServerConfig>(ServerConfig{.certificate_compression = offered(faults[i])}));
    server.credential = Handshake::asking(*testing::credential());
    ScriptedClient client(server);
    client.send(client.client_hello());
    client.read_flight();
    client.send(message_of(faults[i]));
    expect_outcome(server, faults[i], i);
  }
}

/// Empty chains are as they are without compression.
TEST(CompressedCertificates, OfNothingAreNoServersCertificate) {
  End client = End::client(std::make_shared<const ClientConfig>());
  ScriptedServer server(client);
  server.send(server.server_hello());
  server.use_handshake_keys();
  server.send(to_message(server.encrypted_extensions()));
  const Message plain = to_message(Certificate{});
  const auto compressed = zlib_compression.compress(Bytes(plain).subspan(handshake_header_length));
  server.send(to_message(CompressedCertificate{zlib, 4, compressed}));
  ASSERT_TRUE(client.failed);
  EXPECT_EQ(client.failed->error.rule, &rules::certificate_list_empty);
}

}  // namespace
}  // namespace padlock::tls

// Certificates of clients, in TLS 1.3 and 1.2 (RFC 8446, sections 4.3.2 and 4.4; RFC 5246, sections 7.4.4 to 7.4.8;
// docs/threats.md, T23 and T26).
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <tuple>

#include "padlock/crypto/signature.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/session/session_cache.h"
#include "padlock/tls/testing/provoked.h"
#include "padlock/tls/testing/scripted_peer.h"
#include "padlock/tls/testing/sessions.h"

namespace padlock::tls {
namespace {

using namespace std::chrono_literals;
using testing::End;
using testing::later;
using testing::Pair;
using testing::ScriptedClient;
using testing::SessionPtr;
using testing::to_message;

const std::vector<std::uint8_t> some_name = {0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03,
                                             0x55, 0x04, 0x03, 0x0c, 0x02, 'c',  'a'};

ClientConfig client_config(ProtocolVersion version) {
  return {.policy = Policy::intermediate, .max_version = version, .certificates = true, .resumption = true};
}
ServerConfig server_config() { return {.policy = Policy::intermediate, .ticket_keys = testing::ticket_keys()}; }

/// The server's credential, with what it asks of clients.
std::shared_ptr<const Credential> asking(bool required, std::string policy = {}) {
  auto credential = *testing::credential();
  credential.client_authentication = std::make_shared<const ClientAuthentication>(
      ClientAuthentication{.required = required, .authorities = {some_name}, .policy = std::move(policy)});
  return std::make_shared<const Credential>(std::move(credential));
}

Pair pair_of(ProtocolVersion version, std::shared_ptr<const Credential> servers,
             std::shared_ptr<const Credential> clients, SessionPtr session = nullptr, Instant now = later(0s),
             const ServerConfig& server = server_config()) {
  Pair pair = testing::unconnected(client_config(version), server, std::move(session), now);
  pair.server.credential = std::move(servers);
  pair.client.credential = std::move(clients);
  return pair;
}

std::string failure_of(const End& end) { return end.failed ? end.failed->error.to_string() : "none"; }

void expect_connected(Pair& pair) {
  ASSERT_TRUE(pair.client.complete) << failure_of(pair.client) << "; server: " << failure_of(pair.server);
  ASSERT_TRUE(pair.server.complete) << failure_of(pair.server);
  ASSERT_TRUE(pair.client.connection.send(as_bytes("ping")));
  pair.exchange();
  EXPECT_EQ(as_text(pair.server.received), "ping");
}

class ClientCertificates : public ::testing::TestWithParam<std::tuple<ProtocolVersion, crypto::KeyKind>> {};

TEST_P(ClientCertificates, AreShownAndChecked) {
  const auto& [version, key] = GetParam();
  const auto clients = testing::credential(key);
  Pair pair = pair_of(version, asking(true), clients);
  pair.exchange();
  expect_connected(pair);
  EXPECT_EQ(pair.server.connection.info().peer_chain, clients->chain);
  EXPECT_EQ(pair.client.connection.info().version, version);
}

INSTANTIATE_TEST_SUITE_P(EveryKindOfKey, ClientCertificates,
                         ::testing::Combine(::testing::Values(ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2),
                                            ::testing::Values(crypto::KeyKind::ecdsa_p256, crypto::KeyKind::ecdsa_p384,
                                                              crypto::KeyKind::ed25519, crypto::KeyKind::rsa_2048)));

class InBothVersions : public ::testing::TestWithParam<ProtocolVersion> {};
INSTANTIATE_TEST_SUITE_P(Versions, InBothVersions,
                         ::testing::Values(ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2));

TEST_P(InBothVersions, TheClientIsToldWhatTheServerAccepts) {
  Pair pair = pair_of(GetParam(), asking(true), testing::credential());
  pair.client.answers_at_once = false;
  std::optional<CertificateWanted> wanted;
  for (int round = 0; round < 20 && !wanted; ++round) {
    pair.exchange();
    for (std::size_t i = 0; i < pair.client.questions.size(); ++i) {
      if (const auto* question = std::get_if<CertificateWanted>(&pair.client.questions[i])) wanted = *question;
    }
    if (!wanted && !pair.client.questions.empty()) pair.client.answer(0);
  }
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->server_name, "server.test");
  EXPECT_TRUE(std::ranges::equal(wanted->schemes, default_signature_schemes()));
  EXPECT_EQ(wanted->authorities, DistinguishedNames{some_name});
}

TEST_P(InBothVersions, NoneIsFineWhereItIsOptional) {
  Pair pair = pair_of(GetParam(), asking(false), nullptr);
  pair.exchange();
  expect_connected(pair);
  EXPECT_TRUE(pair.server.connection.info().peer_chain.empty());
}

TEST_P(InBothVersions, NoneIsRefusedWhereItIsRequired) {
  Pair pair = pair_of(GetParam(), asking(true), nullptr);
  pair.exchange();
  EXPECT_FALSE(pair.server.complete);
  ASSERT_TRUE(pair.server.failed);
  const Rule& rule = GetParam() == ProtocolVersion::TLS_1_3 ? rules::client_certificate_required
                                                            : rules::client_certificate_required_12;
  EXPECT_EQ(pair.server.failed->error.rule, &rule) << failure_of(pair.server);
  testing::provoked().insert(&rule);
  ASSERT_TRUE(pair.client.failed);
  EXPECT_EQ(pair.client.failed->error.rule, &rules::alert_received);
}

TEST_P(InBothVersions, AClientWithoutAnyIsNotAsked) {
  auto config = client_config(GetParam());
  config.certificates = false;
  Pair pair = testing::unconnected(config, server_config(), nullptr, later(0s));
  pair.server.credential = asking(false);
  pair.exchange();
  expect_connected(pair);
  EXPECT_TRUE(pair.server.connection.info().peer_chain.empty());
}

/// A key that signs with nothing the server accepts is not shown (RFC 8446, section 4.4.2.3).
TEST_P(InBothVersions, OneThatTheServerCannotCheckIsNotShown) {
  auto server = server_config();
  server.signature_schemes = {SignatureScheme::ecdsa_secp256r1_sha256};
  Pair pair =
      pair_of(GetParam(), asking(false), testing::credential(crypto::KeyKind::ed25519), nullptr, later(0s), server);
  pair.exchange();
  expect_connected(pair);
  EXPECT_TRUE(pair.server.connection.info().peer_chain.empty());
}

TEST_P(InBothVersions, TheSitesVerdictDecides) {
  Pair pair = pair_of(GetParam(), asking(true), testing::credential());
  pair.server.answers_at_once = false;
  static constexpr Rule unwanted{
      .code = "test.unwanted", .source = {8446, "6.2"}, .alert = AlertDescription::unknown_ca};
  for (int round = 0; round < 20 && !pair.server.failed; ++round) {
    pair.exchange();
    ASSERT_FALSE(pair.server.complete);
    for (std::size_t i = 0; i < pair.server.questions.size(); ++i) {
      if (const auto* chain = std::get_if<ChainVerificationWanted>(&pair.server.questions[i])) {
        EXPECT_EQ(chain->chain, testing::credential()->chain);
        EXPECT_TRUE(chain->server_name.empty());
        ASSERT_TRUE(pair.server.connection.decline(chain->id, {&unwanted, "unwanted"}));
        pair.server.questions.clear();
      }
    }
    if (!pair.server.questions.empty()) pair.server.answer(0);
  }
  ASSERT_TRUE(pair.server.failed);
  pair.exchange();
  ASSERT_TRUE(pair.client.failed);
  EXPECT_NE(pair.client.failed->error.what.find("unknown_ca"), std::string::npos) << failure_of(pair.client);
}

/// Every order of answers, as late as can be: each end answers one question at a time, of those that are open always
/// the `choice`-th, and only when nothing else moves.
TEST_P(InBothVersions, AnswersMayComeLateInAnyOrder) {
  for (const std::size_t choice : {0U, 1U, 2U, 3U}) {
    for (const bool last_first : {false, true}) {
      Pair pair = pair_of(GetParam(), asking(true), testing::credential());
      pair.client.answers_at_once = false;
      pair.server.answers_at_once = false;
      const auto answer_one = [&](End& end) {
        if (end.questions.empty()) return false;
        const std::size_t place = choice % end.questions.size();
        end.answer(last_first ? end.questions.size() - 1 - place : place);
        return true;
      };
      bool moved = true;
      while (moved) {
        pair.exchange();
        moved = answer_one(pair.server);
        pair.exchange();
        moved = answer_one(pair.client) || moved;
      }
      expect_connected(pair);
      EXPECT_EQ(pair.server.connection.info().peer_chain, testing::credential()->chain);
    }
  }
}

// ---- sessions (T26)

TEST_P(InBothVersions, ASessionKeepsTheClientsCertificate) {
  const ServerConfig server = server_config();
  const auto connect = [&](std::shared_ptr<const Credential> asks, SessionPtr session, Instant now) {
    Pair pair = pair_of(GetParam(), std::move(asks), testing::credential(), std::move(session), now, server);
    pair.exchange();
    return pair;
  };
  Pair first = connect(asking(true, "staff"), nullptr, later(0s));
  expect_connected(first);
  const auto session = first.client.sessions.at(0);

  Pair same = connect(asking(true, "staff"), session, later(1s));
  expect_connected(same);
  EXPECT_TRUE(same.server.connection.info().resumed);
  EXPECT_EQ(same.server.connection.info().peer_chain, testing::credential()->chain);

  for (const auto& asks : {asking(true, "guests"), asking(false, "staff"), testing::credential()}) {
    Pair other = connect(asks, session, later(1s));
    expect_connected(other);
    EXPECT_FALSE(other.server.connection.info().resumed);
    EXPECT_EQ(other.server.connection.info().peer_chain.empty(), asks->client_authentication == nullptr);
  }
}

TEST_P(InBothVersions, ASessionFromAnOpenSiteProvesNothing) {
  const ServerConfig server = server_config();
  Pair open = pair_of(GetParam(), testing::credential(), nullptr, nullptr, later(0s), server);
  open.exchange();
  expect_connected(open);
  Pair pair = pair_of(GetParam(), asking(true), nullptr, open.client.sessions.at(0), later(1s), server);
  pair.exchange();
  EXPECT_FALSE(pair.server.complete);
}

/// A certificate may be worth nothing any more by the time that its session goes on.
TEST_P(InBothVersions, ASessionsCertificateIsJudgedAgain) {
  const ServerConfig server = server_config();
  Pair first = pair_of(GetParam(), asking(true), testing::credential(), nullptr, later(0s), server);
  first.exchange();
  expect_connected(first);
  Pair second =
      pair_of(GetParam(), asking(true), testing::credential(), first.client.sessions.at(0), later(1s), server);
  second.server.answers_at_once = false;
  bool judged = false;
  for (int round = 0; round < 20; ++round) {
    second.exchange();
    if (second.server.questions.empty()) break;
    std::size_t next = 0;
    for (std::size_t i = 0; i < second.server.questions.size(); ++i) {
      if (!std::holds_alternative<ChainVerificationWanted>(second.server.questions[i])) next = i;
    }
    const bool is_chain = std::holds_alternative<ChainVerificationWanted>(second.server.questions[next]);
    if (is_chain) {
      EXPECT_FALSE(second.server.complete) << "nobody has judged yet";
      judged = true;
    }
    second.server.answer(next);
  }
  EXPECT_TRUE(judged);
  EXPECT_TRUE(second.server.complete) << failure_of(second.server);
}

// ---- what a client may say wrongly

struct Speaking {
  explicit Speaking(bool required)
      : server(End::server(std::make_shared<const ServerConfig>(server_config()))), client(server) {
    server.credential = asking(required);
    client.send(client.client_hello());
    client.read_flight();
    client.derive_application_keys();
  }
  static Certificate certificate(const Credential& credential) {
    Certificate message;
    for (const auto& der : credential.chain) message.certificate_list.push_back({.cert_data = der});
    return message;
  }
  testing::Message verify(const Credential& credential, SignatureScheme scheme, std::uint8_t flip = 0) {
    auto content = certificate_verify_content(Sender::client, client.negotiated().transcript.digest());
    content.back() ^= flip;
    return to_message(CertificateVerify{scheme, credential.key->sign(scheme, content).value()});
  }
  const Rule* rule() const {
    EXPECT_FALSE(server.complete);
    return server.failed ? server.failed->error.rule : nullptr;
  }
  End server;
  ScriptedClient client;
};

TEST(ClientCertificates13, MustBeProved) {
  const auto credential = testing::credential();
  const auto scheme = credential->key->schemes().front();
  Speaking good(true);
  good.client.send(to_message(Speaking::certificate(*credential)));
  good.client.send(good.verify(*credential, scheme));
  good.client.send(good.client.finished());
  EXPECT_TRUE(good.server.complete);

  Speaking unproved(true);
  unproved.client.send(to_message(Speaking::certificate(*credential)));
  unproved.client.send(unproved.client.finished());
  EXPECT_EQ(unproved.rule(), &rules::unexpected_message);

  Speaking left_out(false);
  left_out.client.send(left_out.client.finished());
  EXPECT_EQ(left_out.rule(), &rules::unexpected_message);

  Speaking wrong(true);
  wrong.client.send(to_message(Speaking::certificate(*credential)));
  wrong.client.send(wrong.verify(*credential, scheme, 1));
  wrong.client.send(wrong.client.finished());
  EXPECT_EQ(wrong.rule(), &rules::signature_wrong);

  Speaking of_nobody(false);
  of_nobody.client.send(to_message(Certificate{}));
  of_nobody.client.send(of_nobody.verify(*credential, scheme));
  EXPECT_EQ(of_nobody.rule(), &rules::unexpected_message);
}

TEST(ClientCertificates13, MustFitTheirScheme) {
  const auto ecdsa = testing::credential();
  const auto rsa = testing::credential(crypto::KeyKind::rsa_2048);
  Speaking mismatch(true);
  mismatch.client.send(to_message(Speaking::certificate(*ecdsa)));
  mismatch.client.send(mismatch.verify(*rsa, SignatureScheme::rsa_pss_rsae_sha256));
  EXPECT_EQ(mismatch.rule(), &rules::scheme_does_not_fit_key);

  Speaking not_offered(true);
  not_offered.client.send(to_message(Speaking::certificate(*rsa)));
  not_offered.client.send(not_offered.verify(*rsa, SignatureScheme::rsa_pkcs1_sha256));
  EXPECT_EQ(not_offered.rule(), &rules::scheme_not_offered);
}

TEST(ClientCertificates13, BringNothingThatWasNotAskedFor) {
  Speaking context(true);
  Certificate certificate = Speaking::certificate(*testing::credential());
  certificate.certificate_request_context = {1};
  context.client.send(to_message(certificate));
  EXPECT_EQ(context.rule(), &rules::certificate_context_not_empty);

  Speaking staple(true);
  certificate = Speaking::certificate(*testing::credential());
  certificate.certificate_list.front().ocsp_response = {0x30, 0x00};
  staple.client.send(to_message(certificate));
  EXPECT_EQ(staple.rule(), &rules::unsolicited_extension);
}

TEST(ClientCertificates13, AreNotTakenUnasked) {
  End server = End::server(std::make_shared<const ServerConfig>(server_config()));
  ScriptedClient client(server);
  client.send(client.client_hello());
  client.read_flight();
  client.send(to_message(Speaking::certificate(*testing::credential())));
  ASSERT_TRUE(server.failed);
  EXPECT_EQ(server.failed->error.rule, &rules::unexpected_message);
}

TEST(ClientCertificates, APolicysNameHasItsLimit) {
  for (const std::size_t size : {255U, 256U}) {
    Pair pair = pair_of(ProtocolVersion::TLS_1_3, asking(true, std::string(size, 'p')), testing::credential());
    pair.exchange();
    EXPECT_EQ(pair.server.complete, size == 255) << failure_of(pair.server);
  }
}

// ---- TLS 1.2 alone

/// The messages of plain handshake records, in one record; the rest as it is.
std::vector<std::uint8_t> in_one_record(std::span<const std::uint8_t> records) {
  std::vector<std::uint8_t> packed = {22, 3, 3, 0, 0};
  while (!records.empty() && records[0] == 22) {
    const std::size_t length = std::size_t{records[3]} << 8 | records[4];
    const auto content = records.subspan(5, length);
    packed.insert(packed.end(), content.begin(), content.end());
    records = records.subspan(5 + length);
  }
  packed[3] = static_cast<std::uint8_t>((packed.size() - 5) >> 8);
  packed[4] = static_cast<std::uint8_t>((packed.size() - 5) & 0xff);
  packed.insert(packed.end(), records.begin(), records.end());
  return packed;
}

/// RFC 5246, section 6.2.1 lets messages share a record: CertificateVerify waits until what ClientKeyExchange asks for
/// is there.
TEST(ClientCertificates12, MayComeInOneRecordWithTheirProof) {
  for (const bool at_once : {true, false}) {
    Pair pair = pair_of(ProtocolVersion::TLS_1_2, asking(true), testing::credential());
    pair.client.pump();
    pair.server.deliver(pair.client.take_output());
    pair.client.deliver(pair.server.take_output());
    pair.server.answers_at_once = at_once;
    pair.server.deliver(in_one_record(pair.client.take_output()));
    while (!pair.server.questions.empty()) {
      pair.server.answer(0);
      pair.server.pump();
    }
    pair.exchange();
    expect_connected(pair);
    EXPECT_EQ(pair.server.connection.info().peer_chain, testing::credential()->chain);
  }
}

/// RFC 5246, section 7.4.4: the key must be of a type that the server takes, whatever its schemes say.
TEST(ClientCertificates12, AreOfATypeThatTheServerTakes) {
  Pair pair = pair_of(ProtocolVersion::TLS_1_2, asking(true), testing::credential());
  pair.client.pump();
  pair.server.deliver(pair.client.take_output());
  auto flight = pair.server.take_output();
  const std::vector<std::uint8_t> both = {2, 64, 1};  // certificate_types
  const auto types = std::ranges::search(flight, both);
  ASSERT_FALSE(types.empty());
  types[1] = 1;  // rsa_sign, twice
  pair.client.answers_at_once = false;
  pair.client.deliver(flight);
  const auto asked = std::ranges::find_if(
      pair.client.questions, [](const Event& event) { return std::holds_alternative<CertificateWanted>(event); });
  ASSERT_NE(asked, pair.client.questions.end()) << failure_of(pair.client);
  for (const SignatureScheme scheme : std::get<CertificateWanted>(*asked).schemes) {
    EXPECT_TRUE(crypto::is_rsa(crypto::find_scheme(scheme)->kind)) << crypto::name_of(scheme);
  }
  EXPECT_FALSE(std::get<CertificateWanted>(*asked).schemes.empty());
}

}  // namespace
}  // namespace padlock::tls

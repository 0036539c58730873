// Hellos that a server must answer with the one right alert, and nothing else: old versions (docs/threats.md, T1), many
// key shares (T12), large and split ones (T15), and lists of protocols and names (T29).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/testing/scripted_peer.h"

namespace padlock::tls {
namespace {

using testing::End;
using testing::Message;
using testing::ScriptedClient;
using testing::to_message;
using testing::with_extension;

/// What a server puts on the wire in answer to bytes: "ServerHello", "alert 70", or nothing.
std::string answer_of(End& server) {
  const auto output = server.take_output();
  if (output.empty()) return "";
  const RecordHeader header = parse_record_header(Bytes(output).first<record_header_length>());
  const Bytes fragment = Bytes(output).subspan(record_header_length, header.length);
  if (header.type == ContentType::handshake) return std::string(name_of(static_cast<HandshakeType>(fragment[0])));
  if (header.type != ContentType::alert || fragment.size() != 2 || fragment[0] != 2) return "nonsense";
  return "alert " + std::to_string(fragment[1]);
}

void send(End& server, const Message& hello) {
  ScriptedClient client(server);
  for (Bytes rest = hello; !rest.empty(); rest = rest.subspan(std::min(limits::plaintext, rest.size())))
    client.send_record(ContentType::handshake, rest.first(std::min(limits::plaintext, rest.size())));
}

std::string answer_to(const Message& hello, ServerConfig config = {}) {
  End server = End::server(std::make_shared<const ServerConfig>(std::move(config)));
  send(server, hello);
  return answer_of(server);
}

ClientHello good_hello() {
  End unused = End::server(std::make_shared<const ServerConfig>());
  return ScriptedClient(unused).client_hello();
}

// ---- T1: versions

struct VersionCase {
  std::uint16_t version;
  bool listed;  ///< in supported_versions; otherwise in legacy_version
  bool scsv;    ///< TLS_FALLBACK_SCSV is offered
};

std::vector<VersionCase> version_cases() {
  std::vector<VersionCase> cases;
  for (const bool listed : {false, true}) {
    for (const bool scsv : {false, true}) {
      for (const int version : {0x0002, 0x0200, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304, 0x0305, 0x0400, 0xfefd}) {
        cases.push_back({static_cast<std::uint16_t>(version), listed, scsv});
      }
    }
  }
  return cases;
}

TEST(OldVersions, AreRefusedByTheirAlertAndNeverAnsweredByAServerHello) {
  for (const auto& [version, listed, scsv] : version_cases()) {
    ClientHello hello = good_hello();
    if (listed) {
      hello.supported_versions = {static_cast<ProtocolVersion>(version)};
    } else {
      hello.legacy_version = version;
      hello.supported_versions.reset();
    }
    if (scsv) hello.cipher_suites.push_back(CipherSuite::TLS_FALLBACK_SCSV);
    const bool takes = listed && version == 0x0304;
    EXPECT_EQ(answer_to(to_message(hello)), takes  ? "ServerHello"
                                            : scsv ? "alert 86"
                                                   : "alert 70")
        << std::hex << version << (listed ? " listed" : " in the old field") << (scsv ? " with SCSV" : "");
  }
}

TEST(OldVersions, BesideTls13DoNotMatter) {
  ClientHello hello = good_hello();
  for (const int legacy_version : {0x0300, 0x0301, 0x0303, 0x0304, 0xffff}) {
    hello.legacy_version = static_cast<std::uint16_t>(legacy_version);
    hello.supported_versions = {ProtocolVersion::TLS_1_2, static_cast<ProtocolVersion>(0x0300),
                                ProtocolVersion::TLS_1_3};
    EXPECT_EQ(answer_to(to_message(hello)), "ServerHello") << legacy_version;
  }
}

TEST(Ssl2Hellos, GetProtocolVersionWhateverTheyOffer) {
  for (const std::uint8_t minor : std::to_array<std::uint8_t>({0, 2})) {
    for (const std::uint8_t length : std::to_array<std::uint8_t>({0x2e, 0x40, 0xff})) {
      End server = End::server(std::make_shared<const ServerConfig>());
      std::vector<std::uint8_t> hello(std::size_t{2} + length, 0);
      std::ranges::copy(std::initializer_list<std::uint8_t>{0x80, length, 1, 0, minor}, hello.begin());
      server.deliver(hello);
      EXPECT_EQ(answer_of(server), "alert 70");
    }
  }
}

TEST(FirstRecords, OfATypeThatTlsDoesNotHaveAreUnexpected) {  // heartbeat among them: T18
  for (unsigned type = 0; type < 256; ++type) {
    if (type >= 20 && type <= 23) continue;
    End server = End::server(std::make_shared<const ServerConfig>());
    server.deliver(std::array<std::uint8_t, 8>{static_cast<std::uint8_t>(type), 3, 3, 0, 3, 1, 0, 0});
    EXPECT_EQ(answer_of(server), "alert 10") << type;
  }
}

// ---- T5: signatures

/// MD5, SHA-1, SHA-224, DSA and PKCS #1 v1.5, as code points that TLS 1.2 has for them.
constexpr std::array<std::uint16_t, 12> weak_schemes = {0x0101, 0x0102, 0x0103, 0x0201, 0x0202, 0x0203,
                                                        0x0301, 0x0303, 0x0401, 0x0402, 0x0501, 0x0601};

TEST(WeakSchemes, AloneInAHelloAreNoCommonScheme) {
  for (const auto kind : {crypto::KeyKind::ecdsa_p256, crypto::KeyKind::rsa_2048}) {
    ClientHello hello = good_hello();
    hello.signature_algorithms->clear();
    for (const std::uint16_t scheme : weak_schemes) {
      hello.signature_algorithms->push_back(static_cast<SignatureScheme>(scheme));
      End server = End::server(std::make_shared<const ServerConfig>());
      server.credential = testing::credential(kind);
      ScriptedClient client(server);
      client.send(to_message(hello));
      EXPECT_EQ(answer_of(server), "alert 40") << std::hex << scheme;
    }
  }
}

TEST(WeakSchemes, OfAServerAreIllegalEvenIfTheyWereOffered) {
  for (const auto kind : {crypto::KeyKind::ecdsa_p256, crypto::KeyKind::rsa_2048}) {
    for (const std::uint16_t scheme : weak_schemes) {
      ClientConfig config;
      config.signature_schemes.push_back(static_cast<SignatureScheme>(scheme));
      End client = End::client(std::make_shared<const ClientConfig>(config));
      testing::ScriptedServer server(client);
      server.credential = testing::credential(kind);
      server.send(server.server_hello());
      server.use_handshake_keys();
      server.send(to_message(server.encrypted_extensions()));
      server.send(to_message(server.certificate()));
      server.send(to_message(CertificateVerify{static_cast<SignatureScheme>(scheme), {1, 2, 3}}));
      ASSERT_TRUE(client.failed) << std::hex << scheme;
      EXPECT_EQ(client.failed->error.rule->alert, AlertDescription::illegal_parameter) << std::hex << scheme;
    }
  }
}

// ---- T12: key shares

ClientHello hello_with_shares(std::size_t count, bool equal) {
  ClientHello hello = good_hello();
  hello.key_share->clear();
  hello.supported_groups = {NamedGroup::x25519};
  for (std::size_t i = 0; i < count; ++i) {
    const auto group = equal ? NamedGroup::x25519 : static_cast<NamedGroup>(0x4000 + i);
    hello.key_share->push_back({group, List<std::uint8_t>(32, 9)});
    if (!equal) hello.supported_groups->push_back(group);
  }
  return hello;
}

TEST(KeyShares, MoreThanEightOrTwoOfAGroupAreRefusedAtOnce) {
  for (const std::size_t count : {2U, 3U, 7U, 8U, 9U, 10U, 100U, 1000U}) {
    const auto message = to_message(hello_with_shares(count, true));
    EXPECT_EQ(answer_to(message), "alert 47") << count << " for one group";
  }
  for (const std::size_t count : {1U, 7U, 8U}) {  // x25519 is listed, so there is something to ask for again
    EXPECT_EQ(answer_to(to_message(hello_with_shares(count, false))), "ServerHello") << count << " for strange groups";
  }
  for (const std::size_t count : {9U, 10U, 1000U}) {
    EXPECT_EQ(answer_to(to_message(hello_with_shares(count, false))), "alert 47") << count << " for strange groups";
  }
}

/// How many key operations and other answers a server asks for after a hello, before it has one of them.
std::size_t questions_after(const Message& hello) {
  End server = End::server(std::make_shared<const ServerConfig>());
  server.answers_at_once = false;
  send(server, hello);
  return server.questions.size();
}

TEST(KeyShares, AThousandCostNoKeyOperation) {
  EXPECT_EQ(questions_after(to_message(hello_with_shares(1000, false))), 0U);
  EXPECT_GE(questions_after(to_message(good_hello())), 1U) << "one that is good does";
}

// ---- T15: sizes and splits

/// The hello with a padding that makes the whole message `size` bytes long.
Message padded_to(const Message& hello, std::size_t size) {
  return with_extension(hello, ExtensionType::padding, std::vector<std::uint8_t>(size - hello.size() - 4));
}

TEST(LargeHellos, AreTakenUpTo64KiBInAnySplit) {
  const Message hello = to_message(good_hello());
  const std::size_t longest = handshake_header_length + limits::handshake_message;
  for (const std::size_t size : {std::size_t{300}, std::size_t{1500}, std::size_t{16'385}, std::size_t{65'000}}) {
    for (const std::size_t split : {1U, 2U, 7U, 1460U, 16'384U}) {
      End server = End::server(std::make_shared<const ServerConfig>());
      ScriptedClient client(server);
      const Message padded = padded_to(hello, size);
      ASSERT_LE(padded.size(), longest);
      for (Bytes rest = padded; !rest.empty(); rest = rest.subspan(std::min(split, rest.size())))
        client.send_record(ContentType::handshake, rest.first(std::min<std::size_t>(split, rest.size())));
      EXPECT_EQ(answer_of(server), "ServerHello") << size << " bytes in records of " << split;
    }
  }
}

TEST(LargeHellos, AreRefusedFromTheirHeaderWhenTheySayMoreThan64KiB) {
  for (const std::size_t length : {limits::handshake_message - 1, limits::handshake_message,
                                   limits::handshake_message + 1, std::size_t{1} << 20, std::size_t{0xffffff}}) {
    for (const std::size_t split : {1U, 2U, 4U}) {
      End server = End::server(std::make_shared<const ServerConfig>());
      ScriptedClient client(server);
      const std::array<std::uint8_t, 4> header = {1, static_cast<std::uint8_t>(length >> 16),
                                                  static_cast<std::uint8_t>(length >> 8),
                                                  static_cast<std::uint8_t>(length)};
      for (std::size_t at = 0; at < header.size(); at += split)
        client.send_record(ContentType::handshake, Bytes(header).subspan(at, split));
      EXPECT_EQ(answer_of(server), length > limits::handshake_message ? "alert 47" : "") << length;
    }
  }
}

TEST(LargeHellos, AreTakenInAnySplitOfTheTransport) {
  const Message padded = padded_to(to_message(good_hello()), 4000);
  const auto header = write_record_header({ContentType::handshake, 0x0301, padded.size()});
  std::vector<std::uint8_t> record(header.begin(), header.end());
  record.insert(record.end(), padded.begin(), padded.end());
  for (const std::size_t split : {1U, 2U, 7U, 1460U}) {
    End server = End::server(std::make_shared<const ServerConfig>());
    for (Bytes rest = record; !rest.empty(); rest = rest.subspan(std::min(split, rest.size())))
      server.deliver(rest.first(std::min<std::size_t>(split, rest.size())));
    EXPECT_EQ(answer_of(server), "ServerHello") << split;
  }
}

// ---- T29: protocols and names

TEST(Protocols, WithoutOverlapAreRefusedAndWithItTaken) {
  std::vector<std::string> many;
  many.reserve(256);
  for (int i = 0; i < 255; ++i) many.push_back("protocol-" + std::to_string(i));
  std::vector<std::string> many_and_ours = many;
  many_and_ours.emplace_back("http/1.1");
  many.emplace_back("protocol-255");
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"ftp"}, "alert 120"},
      {{"smtp"}, "alert 120"},
      {{"ftp", "smtp", "imap", "pop3"}, "alert 120"},
      {{"h2"}, "alert 120"},
      {{"h3"}, "alert 120"},
      {{"HTTP/1.1"}, "alert 120"},  // protocol names are compared as bytes (RFC 7301, section 3.2)
      {{"http/1.1 "}, "alert 120"},
      {{"http/1.0"}, "alert 120"},
      {{std::string("http/1.1\0", 9)}, "alert 120"},
      {many, "alert 120"},
      {{"http/1.1"}, "ServerHello"},
      {{"ftp", "http/1.1"}, "ServerHello"},
      {{"http/1.1", "http/1.1"}, "ServerHello"},
      {many_and_ours, "ServerHello"},
      {{}, "alert 50"},    // a list has at least one name (RFC 7301, section 3.1)
      {{""}, "alert 50"},  // and a name one byte
  };
  for (const auto& [offered, answer] : cases) {
    ClientHello hello = good_hello();
    hello.application_layer_protocol_negotiation = list_of(offered);
    EXPECT_EQ(answer_to(to_message(hello), {.alpn = {"http/1.1"}}), answer)
        << offered.size() << (offered.empty() ? "" : " " + offered.front());
  }
  EXPECT_EQ(answer_to(to_message(good_hello()), {.alpn = {"http/1.1"}}), "ServerHello") << "not offered at all";
}

TEST(Names, ThatAreNoHostNamesAreIllegal) {
  for (const std::string& name :
       {std::string("server.test."), std::string("."), std::string("a b"), std::string("a\0b", 3),
        std::string("b\xc3\xbc"
                    "cher.test"),
        std::string("a/b"), std::string(254, 'a')}) {
    ClientHello hello = good_hello();
    hello.server_name = name;
    EXPECT_EQ(answer_to(to_message(hello)), "alert 47") << name;
  }
  ClientHello hello = good_hello();
  hello.server_name = "";
  EXPECT_EQ(answer_to(to_message(hello)), "alert 50") << "HostName<1..2^16-1>";
  hello.server_name = std::string(253, 'a');
  EXPECT_EQ(answer_to(to_message(hello)), "ServerHello") << "as long as a name can be";
}

}  // namespace
}  // namespace padlock::tls

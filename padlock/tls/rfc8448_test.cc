// RFC 8448, section 3: every message, secret, key and record that it prints, made or read by our code.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/tls/record/protection.h"
#include "padlock/tls/record/record_header.h"
#include "padlock/tls/schedule/key_schedule.h"
#include "padlock/tls/schedule/transcript.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/tls/wire/client_hello.h"
#include "padlock/tls/wire/encrypted_extensions.h"
#include "padlock/tls/wire/handshake_message.h"
#include "padlock/tls/wire/post_handshake.h"
#include "padlock/tls/wire/server_hello.h"
#include "tests/support/fixed_provider.h"

namespace padlock::tls {
namespace {

constexpr auto sha256 = crypto::HashAlgorithm::sha256;
constexpr auto suite = CipherSuite::TLS_AES_128_GCM_SHA256;

class Rfc8448Section3 : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream in("padlock/tls/testdata/rfc8448/section3.txt");
    ASSERT_TRUE(in) << "run it from the project's root";
    std::string line, name;
    while (std::getline(in, line)) {
      if (line.starts_with('#')) continue;
      if (line.starts_with(' ')) {
        hex_[name] += line.substr(1);
      } else {
        name = line;
      }
    }
  }
  std::vector<std::uint8_t> value(const std::string& name) const { return from_hex(hex_.at(name)).value(); }
  std::string hex(const std::string& name) const { return hex_.at(name); }
  crypto::HashSecret secret(const std::string& name) const { return crypto::HashSecret(value(name)); }

  /// The transcript of the named messages.
  Transcript transcript(std::initializer_list<const char*> names) const {
    Transcript transcript(sha256);
    for (const char* name : names) transcript.add(value(name));
    return transcript;
  }
  /// Opens a record with the traffic secret of this name.
  std::string opened(const std::string& record_name, const std::string& secret_name, std::uint64_t sequence) const {
    auto record = value(record_name);
    RecordProtection protection(suite, secret(secret_name), *provider_, sequence);
    const auto header = std::span(record).first(record_header_length);
    const auto fragment = std::span(record).subspan(record_header_length);
    if (!protection.open(header, fragment)) return "not authentic";
    return to_hex(fragment.first(fragment.size() - crypto::aead_tag_length));
  }

  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();

 private:
  std::map<std::string, std::string> hex_;
};

/// Parses a message, writes it again field by field and gives the hexadecimal digits. Extensions that nobody reads are
/// put back from the original, in their place.
template <class Message, class Write>
std::string written(HandshakeType type, const Message& message, Write&& write) {
  std::vector<std::uint8_t> bytes;
  Writer out(bytes);
  write_handshake_message(out, type, [&](Writer& body) { write(body, message); });
  return to_hex(bytes);
}

/// The data of each extension in the block at `extensions`, by type.
std::map<ExtensionType, std::vector<std::uint8_t>> extensions_in(Reader extensions) {
  std::map<ExtensionType, std::vector<std::uint8_t>> found;
  const auto types = parse_extensions(extensions, 0, [&](ExtensionType type, Reader& data) -> Result<bool> {
    const Bytes bytes = data.rest();
    found[type] = {bytes.begin(), bytes.end()};
    return true;
  });
  EXPECT_TRUE(types);
  return found;
}

/// Where a ClientHello's extension block begins, its length included.
Reader extensions_of_client_hello(Bytes body) {
  Reader in(body, "ClientHello");
  EXPECT_TRUE(in.skip(2 + 32));
  EXPECT_TRUE(in.vec8("legacy_session_id"));
  EXPECT_TRUE(in.vec16("cipher_suites"));
  EXPECT_TRUE(in.vec8("legacy_compression_methods"));
  return in;
}

TEST_F(Rfc8448Section3, ClientHelloIsReadAndWrittenAgainExtensionByExtension) {
  const auto bytes = value("client_hello");
  const auto message = parse_handshake_message(bytes).value();
  const auto hello = parse_client_hello(Reader(message.body, "ClientHello"));
  ASSERT_TRUE(hello) << hello.error().what;
  EXPECT_EQ(hello->server_name, "server");
  EXPECT_EQ(hello->cipher_suites.front(), suite);
  EXPECT_EQ(hello->key_share->front().group, NamedGroup::x25519);
  EXPECT_EQ(to_hex(hello->key_share->front().key_exchange), hex("client_x25519_public"));

  const auto theirs = extensions_in(extensions_of_client_hello(message.body));
  std::vector<std::uint8_t> ours;
  Writer out(ours);
  write_client_hello(out, *hello);
  const auto written_by_us = extensions_in(extensions_of_client_hello(ours));
  EXPECT_EQ(written_by_us.size(), 9U) << "server_name, renegotiation_info, groups, key_share, versions, schemes, "
                                         "record_size_limit, session_ticket, psk_key_exchange_modes";
  for (const auto& [type, data] : written_by_us) {
    EXPECT_EQ(to_hex(data), to_hex(theirs.at(type))) << name_of(type);
  }

  // The same again as one message: our extensions and those that we do not read, in the order in which they came.
  const auto rewritten = written(HandshakeType::client_hello, *hello, [&](Writer& body, const ClientHello&) {
    const std::size_t until_extensions = message.body.size() - extensions_of_client_hello(message.body).remaining();
    body.bytes(Bytes(ours).first(until_extensions));
    body.vec16([&](Writer& block) {
      for (const ExtensionType type : hello->extension_types) {
        const auto& source = written_by_us.contains(type) ? written_by_us : theirs;
        write_extension(block, type, [&](Writer& data) { data.bytes(source.at(type)); });
      }
    });
  });
  EXPECT_EQ(rewritten, hex("client_hello"));
}

TEST_F(Rfc8448Section3, ServerHelloIsReadAndWrittenAgain) {
  const auto bytes = value("server_hello");
  const auto message = parse_handshake_message(bytes).value();
  const auto parsed = parse_server_hello(Reader(message.body, "ServerHello"));
  ASSERT_TRUE(parsed) << parsed.error().what;
  const auto& hello = std::get<ServerHello>(*parsed);
  EXPECT_EQ(to_hex(hello.key_share->key_exchange), hex("server_x25519_public"));
  const auto rewritten = written(HandshakeType::server_hello, hello,
                                 [](Writer& body, const ServerHello& each) { write_server_hello(body, each); });
  EXPECT_EQ(rewritten, hex("server_hello"));
}

TEST_F(Rfc8448Section3, EncryptedExtensionsAreReadAndWrittenAgain) {
  const auto bytes = value("encrypted_extensions");
  const auto message = parse_handshake_message(bytes).value();
  const auto extensions = parse_encrypted_extensions(Reader(message.body, "EncryptedExtensions"));
  ASSERT_TRUE(extensions) << extensions.error().what;
  EXPECT_TRUE(extensions->server_name);
  ASSERT_EQ(extensions->supported_groups->size(), 9U);
  const auto theirs = extensions_in(Reader(message.body, "EncryptedExtensions"));
  std::vector<std::uint8_t> ours;
  Writer out(ours);
  write_encrypted_extensions(out, *extensions);
  const auto written_by_us = extensions_in(Reader(ours, "EncryptedExtensions"));
  const auto rewritten = written(HandshakeType::encrypted_extensions, *extensions, [&](Writer& body, const auto&) {
    body.vec16([&](Writer& block) {
      for (const ExtensionType type : extensions->extension_types) {
        const auto& source = written_by_us.contains(type) ? written_by_us : theirs;
        write_extension(block, type, [&](Writer& data) { data.bytes(source.at(type)); });
      }
    });
  });
  EXPECT_EQ(written_by_us.size(), 3U) << "all of them";
  EXPECT_EQ(rewritten, hex("encrypted_extensions"));
}

TEST_F(Rfc8448Section3, CertificateCertificateVerifyAndFinishedAreReadAndWrittenAgain) {
  const auto certificate_bytes = value("certificate");
  const auto certificate =
      parse_certificate(Reader(parse_handshake_message(certificate_bytes)->body, "Certificate")).value();
  EXPECT_EQ(certificate.certificate_list.size(), 1U);
  EXPECT_EQ(written(HandshakeType::certificate, certificate,
                    [](Writer& body, const Certificate& message) { write_certificate(body, message); }),
            hex("certificate"));

  const auto verify_bytes = value("certificate_verify");
  const auto verify =
      parse_certificate_verify(Reader(parse_handshake_message(verify_bytes)->body, "CertificateVerify")).value();
  EXPECT_EQ(verify.algorithm, SignatureScheme::rsa_pss_rsae_sha256);
  EXPECT_EQ(written(HandshakeType::certificate_verify, verify,
                    [](Writer& body, const CertificateVerify& message) { write_certificate_verify(body, message); }),
            hex("certificate_verify"));

  const auto finished_bytes = value("finished");
  const Bytes verify_data = parse_finished(Reader(parse_handshake_message(finished_bytes)->body, "Finished")).value();
  EXPECT_EQ(to_hex(verify_data), hex("server_finished_verify_data"));
  EXPECT_EQ(written(HandshakeType::finished, verify_data, [](Writer& body, Bytes data) { write_finished(body, data); }),
            hex("finished"));
}

TEST_F(Rfc8448Section3, TranscriptHashes) {
  EXPECT_EQ(to_hex(transcript({"client_hello", "server_hello"}).digest()), hex("transcript_hash_ch_sh"));
  Transcript through = transcript(
      {"client_hello", "server_hello", "encrypted_extensions", "certificate", "certificate_verify", "finished"});
  EXPECT_EQ(to_hex(through.digest()), hex("transcript_hash_ch_sfin"));
  std::vector<std::uint8_t> client_finished;
  Writer out(client_finished);
  const auto verify_data = value("client_finished_verify_data");
  write_handshake_message(out, HandshakeType::finished, [&](Writer& body) { write_finished(body, verify_data); });
  through.add(client_finished);
  EXPECT_EQ(to_hex(through.digest()), hex("transcript_hash_ch_cfin"));
}

TEST_F(Rfc8448Section3, EverySecretOfTheKeySchedule) {
  const crypto::HashSecret early = early_secret(sha256, {});
  EXPECT_EQ(to_hex(early.reveal()), hex("early_secret"));
  const auto derived = [](const crypto::HashSecret& from) {
    return to_hex(derive_secret(crypto::Hmac(sha256, from.reveal()), "derived", crypto::hash_of(sha256, {})).reveal());
  };
  EXPECT_EQ(derived(early), hex("derived_for_handshake"));
  const crypto::HashSecret handshake = next_extract(sha256, early, value("ecdhe_shared_secret"));
  EXPECT_EQ(to_hex(handshake.reveal()), hex("handshake_secret"));
  EXPECT_EQ(derived(handshake), hex("derived_for_master"));

  const HandshakeSecrets secrets = derive_handshake_secrets(
      sha256, {}, crypto::SharedSecret(value("ecdhe_shared_secret")), value("transcript_hash_ch_sh"));
  EXPECT_EQ(to_hex(secrets.client_handshake_traffic_secret.reveal()), hex("client_handshake_traffic_secret"));
  EXPECT_EQ(to_hex(secrets.server_handshake_traffic_secret.reveal()), hex("server_handshake_traffic_secret"));
  EXPECT_EQ(to_hex(secrets.master_secret.reveal()), hex("master_secret"));

  const ApplicationSecrets application =
      derive_application_secrets(sha256, secrets.master_secret, value("transcript_hash_ch_sfin"));
  EXPECT_EQ(to_hex(application.client_application_traffic_secret_0.reveal()),
            hex("client_application_traffic_secret_0"));
  EXPECT_EQ(to_hex(application.server_application_traffic_secret_0.reveal()),
            hex("server_application_traffic_secret_0"));
  EXPECT_EQ(to_hex(application.exporter_master_secret.reveal()), hex("exporter_master_secret"));
  EXPECT_EQ(to_hex(resumption_master_secret(sha256, secrets.master_secret, value("transcript_hash_ch_cfin")).reveal()),
            hex("resumption_master_secret"));
}

// Sections 3 and 4: the key of the ticket with the nonce 0000, and the binder of the hello that offers it.
TEST_F(Rfc8448Section3, TheTicketsKeyAndItsBinder) {
  const std::array<std::uint8_t, 2> nonce = {0, 0};
  const auto psk = resumption_psk(sha256, secret("resumption_master_secret"), nonce);
  EXPECT_EQ(to_hex(psk.reveal()), "4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3");
  const auto hello_without_binders =
      from_hex("63224b2e4573f2d3454ca84b9d009a04f6be9e05711a8396473aefa01e924a14").value();
  EXPECT_EQ(to_hex(psk_binder(sha256, early_secret(sha256, psk.reveal()), "res binder", hello_without_binders)),
            "3add4fb2d8fdf822a0ca3cf7678ef5e88dae990141c5924d57bb6fa31b9e5f9d");
}

TEST_F(Rfc8448Section3, SharedSecretOfThePrintedKeys) {
  test::FixedProvider fixed;
  fixed.use_private_key(NamedGroup::x25519, value("client_x25519_private"));
  const auto key = fixed.make_key_share(NamedGroup::x25519).value();
  EXPECT_EQ(to_hex(key->public_share()), hex("client_x25519_public"));
  EXPECT_EQ(to_hex(fixed.agree(*key, value("server_x25519_public"))->reveal()), hex("ecdhe_shared_secret"));
}

TEST_F(Rfc8448Section3, TrafficKeys) {
  const TrafficKeys handshake = derive_traffic_keys(suite, secret("server_handshake_traffic_secret"));
  EXPECT_EQ(to_hex(handshake.key.reveal()), hex("server_handshake_key"));
  EXPECT_EQ(to_hex(handshake.iv.reveal()), hex("server_handshake_iv"));
  const TrafficKeys application = derive_traffic_keys(suite, secret("server_application_traffic_secret_0"));
  EXPECT_EQ(to_hex(application.key.reveal()), hex("server_application_key"));
  EXPECT_EQ(to_hex(application.iv.reveal()), hex("server_application_iv"));
}

TEST_F(Rfc8448Section3, FinishedOfBothSides) {
  const auto through_verify =
      transcript({"client_hello", "server_hello", "encrypted_extensions", "certificate", "certificate_verify"});
  EXPECT_EQ(to_hex(finished_verify_data(sha256, secret("server_handshake_traffic_secret"), through_verify.digest())),
            hex("server_finished_verify_data"));
  EXPECT_EQ(
      to_hex(finished_verify_data(sha256, secret("client_handshake_traffic_secret"), value("transcript_hash_ch_sfin"))),
      hex("client_finished_verify_data"));
}

TEST_F(Rfc8448Section3, ServersRecordsAreOpened) {
  EXPECT_EQ(opened("server_flight_record", "server_handshake_traffic_secret", 0),
            hex("server_flight_record_plaintext") + "16");
  EXPECT_EQ(opened("server_data_record", "server_application_traffic_secret_0", 1),
            hex("server_data_record_plaintext") + "17");
  EXPECT_EQ(opened("server_close_record", "server_application_traffic_secret_0", 2),
            hex("server_close_record_plaintext") + "15");
}

TEST_F(Rfc8448Section3, ServersRecordsAreSealedAlike) {
  const auto sealed = [&](const std::string& record_name, const std::string& secret_name, std::uint64_t sequence,
                          std::uint8_t type) {
    const auto plaintext = value(record_name + "_plaintext");
    auto record = value(record_name);
    RecordProtection protection(suite, secret(secret_name), *provider_, sequence);
    const std::array<std::uint8_t, 1> inner_type = {type};
    const std::array<Bytes, 2> pieces = {plaintext, inner_type};
    const auto place = std::span(record).subspan(record_header_length);
    std::ranges::fill(place, 0);
    protection.seal(std::span(record).first(record_header_length), pieces, place);
    return to_hex(record);
  };
  EXPECT_EQ(sealed("server_flight_record", "server_handshake_traffic_secret", 0, 22), hex("server_flight_record"));
  EXPECT_EQ(sealed("server_data_record", "server_application_traffic_secret_0", 1, 23), hex("server_data_record"));
  EXPECT_EQ(sealed("server_close_record", "server_application_traffic_secret_0", 2, 21), hex("server_close_record"));
}

}  // namespace
}  // namespace padlock::tls

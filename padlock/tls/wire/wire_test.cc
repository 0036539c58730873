// Messages: what is written reads back; what is cut off or has a wrong length is refused (docs/threats.md, T18).
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "padlock/crypto/finite_field.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/observer.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/testing/scripted_peer.h"
#include "padlock/tls/wire/post_handshake.h"
#include "padlock/tls/wire/tls12.h"

namespace padlock::tls {
namespace {

using testing::Message;
using testing::to_message;

/// A vector of at least one and at most `most` arbitrary values.
template <class Value>
rc::Gen<std::vector<Value>> some(std::size_t most) {
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(1, most + 1), [](std::size_t count) {
    return rc::gen::container<std::vector<Value>>(
        count,
        rc::gen::map(rc::gen::arbitrary<std::uint16_t>(), [](std::uint16_t v) { return static_cast<Value>(v); }));
  });
}
rc::Gen<std::vector<std::uint8_t>> bytes(std::size_t least, std::size_t most) {
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(least, most + 1), [](std::size_t count) {
    return rc::gen::container<std::vector<std::uint8_t>>(count, rc::gen::arbitrary<std::uint8_t>());
  });
}

ClientHello arbitrary_client_hello() {
  ClientHello hello;
  hello.legacy_version = *rc::gen::arbitrary<std::uint16_t>();
  const auto random = *bytes(32, 32);
  std::ranges::copy(random, hello.random.begin());
  hello.legacy_session_id = list_of(*bytes(0, 32));
  hello.cipher_suites = list_of(*some<CipherSuite>(40));
  hello.legacy_compression_methods = list_of(*bytes(1, 3));
  if (*rc::gen::arbitrary<bool>()) hello.server_name = "host" + std::to_string(*rc::gen::inRange(0, 1000)) + ".test";
  if (*rc::gen::arbitrary<bool>()) hello.supported_versions = list_of(*some<ProtocolVersion>(10));
  if (*rc::gen::arbitrary<bool>()) hello.cookie = list_of(*bytes(1, 300));
  if (*rc::gen::arbitrary<bool>()) hello.signature_algorithms = list_of(*some<SignatureScheme>(30));
  if (*rc::gen::arbitrary<bool>()) hello.signature_algorithms_cert = list_of(*some<SignatureScheme>(30));
  if (*rc::gen::arbitrary<bool>()) hello.compress_certificate = list_of(*some<CertificateCompressionAlgorithm>(127));
  if (*rc::gen::arbitrary<bool>()) hello.supported_groups = list_of(*some<NamedGroup>(20));
  if (*rc::gen::arbitrary<bool>()) {
    hello.key_share.emplace();
    const auto count = *rc::gen::inRange<std::size_t>(0, limits::key_shares + 1);
    for (std::size_t i = 0; i < count; ++i) {
      hello.key_share->push_back({static_cast<NamedGroup>(i * 7919 % 65536), list_of(*bytes(1, 70))});
    }
  }
  if (*rc::gen::arbitrary<bool>()) hello.application_layer_protocol_negotiation = {{"h2", "http/1.1"}};
  return hello;
}

RC_GTEST_PROP(ClientHello, ReadsBackWhatItWrites, ()) {
  const ClientHello hello = arbitrary_client_hello();
  const Message message = to_message(hello);
  auto parsed = parse_client_hello(Reader(parse_handshake_message(message)->body, "ClientHello"));
  RC_ASSERT(parsed.has_value());
  parsed->extension_types.clear();
  RC_ASSERT(*parsed == hello);
}

RC_GTEST_PROP(ServerHello, ReadsBackWhatItWrites, (bool with_version, bool with_share)) {
  ServerHello hello{.legacy_session_id_echo = list_of(*bytes(0, 32)),
                    .cipher_suite = (*some<CipherSuite>(1)).front(),
                    .legacy_compression_method = *rc::gen::arbitrary<std::uint8_t>()};
  if (with_version) hello.supported_versions = ProtocolVersion::TLS_1_3;
  if (with_share) hello.key_share = KeyShareEntry{NamedGroup::x25519, list_of(*bytes(1, 70))};
  const Message message = to_message(hello);
  auto parsed = parse_server_hello(Reader(parse_handshake_message(message)->body, "ServerHello"));
  RC_ASSERT(parsed.has_value());
  auto& read = std::get<ServerHello>(*parsed);
  read.extension_types.clear();
  if (!with_version) hello.tls12.emplace();  // a hello of TLS 1.2 without answers
  RC_ASSERT(read == hello);
}

RC_GTEST_PROP(ServerHello, ReadsBackTheAnswersOfTls12,
              (bool name, bool alpn, bool status, bool bound, bool formats, bool renegotiation)) {
  ServerHello hello{.legacy_session_id_echo = list_of(*bytes(0, 32)),
                    .cipher_suite = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                    .tls12 = Tls12Answers{.server_name = name,
                                          .status_request = status,
                                          .record_size_limit = *rc::gen::arbitrary<std::uint16_t>(),
                                          .extended_master_secret = bound}};
  if (alpn) hello.tls12->application_layer_protocol_negotiation = {{"http/1.1"}};
  if (formats) hello.tls12->ec_point_formats = list_of(*bytes(1, 3));
  if (renegotiation) hello.tls12->renegotiated_connection = list_of(*bytes(0, 12));
  const Message message = to_message(hello);
  auto parsed = parse_server_hello(Reader(parse_handshake_message(message)->body, "ServerHello"));
  RC_ASSERT(parsed.has_value());
  auto& read = std::get<ServerHello>(*parsed);
  read.extension_types.clear();
  RC_ASSERT(read == hello);
}

RC_GTEST_PROP(HelloRetryRequest, ReadsBackWhatItWrites, (bool with_cookie, bool with_group)) {
  HelloRetryRequest retry{.legacy_session_id_echo = list_of(*bytes(0, 32)),
                          .cipher_suite = CipherSuite::TLS_AES_128_GCM_SHA256,
                          .supported_versions = ProtocolVersion::TLS_1_3};
  if (with_cookie) retry.cookie = list_of(*bytes(1, 200));
  if (with_group) retry.key_share = NamedGroup::secp384r1;
  const Message message = to_message(retry);
  auto parsed = parse_server_hello(Reader(parse_handshake_message(message)->body, "ServerHello"));
  RC_ASSERT(parsed.has_value());
  auto& read = std::get<HelloRetryRequest>(*parsed);
  read.extension_types.clear();
  RC_ASSERT(read == retry);
}

RC_GTEST_PROP(EncryptedExtensions, ReadsBackWhatItWrites, (bool name, bool groups, bool alpn)) {
  EncryptedExtensions extensions;
  extensions.server_name = name;
  if (groups) extensions.supported_groups = list_of(*some<NamedGroup>(10));
  if (alpn) extensions.application_layer_protocol_negotiation = {{"http/1.1"}};
  const Message message = to_message(extensions);
  auto read = parse_encrypted_extensions(Reader(parse_handshake_message(message)->body, "EncryptedExtensions"));
  RC_ASSERT(read.has_value());
  read->extension_types.clear();
  RC_ASSERT(*read == extensions);
}

RC_GTEST_PROP(Certificate, ReadsBackWhatItWrites, ()) {
  Certificate certificate;
  certificate.certificate_request_context = *bytes(0, 40);
  const auto count = *rc::gen::inRange<std::size_t>(0, limits::certificates + 1);
  for (std::size_t i = 0; i < count; ++i) certificate.certificate_list.push_back({*bytes(1, 90), {}});
  const Message message = to_message(certificate);
  const auto read = parse_certificate(Reader(parse_handshake_message(message)->body, "Certificate"));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == certificate);
}

RC_GTEST_PROP(CompressedCertificate, ReadsBackWhatItWrites, (std::uint16_t algorithm)) {
  const auto compressed = *bytes(1, 300);
  const CompressedCertificate certificate{static_cast<CertificateCompressionAlgorithm>(algorithm),
                                          *rc::gen::inRange<std::uint32_t>(0, 1U << 24), compressed};
  const Message message = to_message(certificate);
  const auto read =
      parse_compressed_certificate(Reader(parse_handshake_message(message)->body, "CompressedCertificate"));
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->algorithm == certificate.algorithm);
  RC_ASSERT(read->uncompressed_length == certificate.uncompressed_length);
  RC_ASSERT(std::ranges::equal(read->compressed_certificate_message, compressed));
}

RC_GTEST_PROP(MessagesOfTls12, ReadBackWhatTheyWrite, ()) {
  const auto body_of = [](auto&& write) {
    std::vector<std::uint8_t> body;
    Writer out(body);
    write(out);
    return body;
  };
  std::vector<std::vector<std::uint8_t>> chain(*rc::gen::inRange<std::size_t>(0, limits::certificates + 1));
  for (auto& certificate : chain) certificate = *bytes(1, 90);
  const auto certificate = body_of([&](Writer& out) { tls12::write_certificate(out, chain); });
  RC_ASSERT(tls12::parse_certificate(Reader(certificate, "Certificate")).value() == chain);

  const auto point = *bytes(1, 134);
  const auto signature = *bytes(0, 300);
  const auto params = body_of([&](Writer& out) { tls12::write_server_ecdh_params(out, NamedGroup::secp256r1, point); });
  const auto exchange = body_of([&](Writer& out) {
    tls12::write_server_key_exchange(out, params, SignatureScheme::ecdsa_secp256r1_sha256, signature);
  });
  const auto read = tls12::parse_server_key_exchange(Reader(exchange, "ServerKeyExchange"));
  RC_ASSERT(read.has_value());
  const auto& ecdh = std::get<tls12::ServerECDHParams>(read->params);
  RC_ASSERT(ecdh.group == NamedGroup::secp256r1);
  RC_ASSERT(ecdh.point == point);
  RC_ASSERT(read->signed_params == params);
  RC_ASSERT(read->signature == signature);

  const auto dh_params =
      body_of([&](Writer& out) { tls12::write_server_dh_params(out, NamedGroup::ffdhe2048, point); });
  const auto dh_exchange = body_of([&](Writer& out) {
    tls12::write_server_key_exchange(out, dh_params, SignatureScheme::rsa_pss_rsae_sha256, signature);
  });
  const auto dh_read = tls12::parse_server_key_exchange(Reader(dh_exchange, "ServerKeyExchange"), KeyExchange::dhe);
  RC_ASSERT(dh_read.has_value());
  const auto& dh = std::get<tls12::ServerDHParams>(dh_read->params);
  RC_ASSERT(crypto::find_finite_field(dh.dh_p, dh.dh_g) == NamedGroup::ffdhe2048);
  RC_ASSERT(dh.dh_Ys == point);
  RC_ASSERT(dh_read->signed_params == dh_params);

  for (const KeyExchange key_exchange : {KeyExchange::ecdhe, KeyExchange::dhe, KeyExchange::rsa}) {
    const auto key = body_of([&](Writer& out) { tls12::write_client_key_exchange(out, key_exchange, point); });
    RC_ASSERT(tls12::parse_client_key_exchange(Reader(key, "ClientKeyExchange"), key_exchange).value() == point);
  }
  const auto status = body_of([&](Writer& out) { tls12::write_certificate_status(out, point); });
  RC_ASSERT(tls12::parse_certificate_status(Reader(status, "CertificateStatus")).value() == point);
}

RC_GTEST_PROP(SmallMessages, ReadBackWhatTheyWrite, ()) {
  CertificateRequest request{*bytes(0, 20), list_of(*some<SignatureScheme>(20)), {}};
  request.compress_certificate = list_of(*some<CertificateCompressionAlgorithm>(127));
  auto read_request = parse_certificate_request(
      Reader(parse_handshake_message(to_message(request)).value().body, "CertificateRequest"));
  RC_ASSERT(read_request.has_value());
  read_request->extension_types.clear();
  RC_ASSERT(*read_request == request);

  const CertificateVerify verify{SignatureScheme::ed25519, *bytes(0, 100)};
  const Message verify_message = to_message(verify);
  const auto read_verify =
      parse_certificate_verify(Reader(parse_handshake_message(verify_message)->body, "CertificateVerify"));
  RC_ASSERT(read_verify.has_value());
  RC_ASSERT(*read_verify == verify);

  NewSessionTicket ticket{.ticket_lifetime = *rc::gen::arbitrary<std::uint32_t>(),
                          .ticket_age_add = *rc::gen::arbitrary<std::uint32_t>(),
                          .ticket_nonce = list_of(*bytes(0, 30)),
                          .ticket = list_of(*bytes(1, 100))};
  if (*rc::gen::arbitrary<bool>()) ticket.early_data = *rc::gen::arbitrary<std::uint32_t>();
  std::vector<std::uint8_t> body;
  Writer out(body);
  write_new_session_ticket(out, ticket);
  auto read_ticket = parse_new_session_ticket(Reader(body, "NewSessionTicket"));
  RC_ASSERT(read_ticket.has_value());
  read_ticket->extension_types.clear();
  RC_ASSERT(*read_ticket == ticket);
}

/// A good message, and whose it is.
struct Sample {
  ProtocolVersion version;
  Message message;
};

/// One of each type of TLS 1.3.
std::vector<Message> samples13() {
  ClientHello hello;
  hello.cipher_suites = list_of(default_cipher_suites());
  hello.server_name = "server.test";
  hello.supported_versions = {ProtocolVersion::TLS_1_3, static_cast<ProtocolVersion>(0x1a1a)};
  hello.cookie = {1, 2, 3};
  hello.signature_algorithms = list_of(default_signature_schemes());
  hello.signature_algorithms_cert = list_of(default_signature_schemes());
  hello.supported_groups = {NamedGroup::x25519, static_cast<NamedGroup>(0x2a2a)};
  hello.key_share = {KeyShareEntry{NamedGroup::x25519, List<std::uint8_t>(32, 9)}};
  hello.application_layer_protocol_negotiation = {{"h2", "http/1.1"}};
  hello.status_request = true;
  hello.signed_certificate_timestamp = true;
  hello.record_size_limit = 1234;
  hello.grease = {static_cast<ExtensionType>(0x3a3a), static_cast<ExtensionType>(0x4a4a)};
  const ServerHello server_hello{.legacy_session_id_echo = {1, 2},
                                 .cipher_suite = CipherSuite::TLS_AES_128_GCM_SHA256,
                                 .supported_versions = ProtocolVersion::TLS_1_3,
                                 .key_share = hello.key_share->front()};
  const HelloRetryRequest retry{.cipher_suite = CipherSuite::TLS_AES_128_GCM_SHA256,
                                .supported_versions = ProtocolVersion::TLS_1_3,
                                .cookie = {{4, 5}},
                                .key_share = NamedGroup::secp256r1};
  EncryptedExtensions extensions;
  extensions.server_name = true;
  extensions.supported_groups = {NamedGroup::x25519};
  extensions.application_layer_protocol_negotiation = {{"h2"}};
  extensions.record_size_limit = 64;
  static constexpr std::array<std::uint8_t, 3> some_bytes = {1, 2, 3};
  Certificate certificate;
  certificate.certificate_list = {{{0x30, 0x00}, {0x30, 0x01}, {0, 3, 0, 1, 7}, {}}, {{0x30, 0x01, 0x02}, {}, {}, {}}};
  return {to_message(hello),
          to_message(server_hello),
          to_message(retry),
          to_message(extensions),
          to_message(CertificateRequest{{}, list_of(default_signature_schemes()), {}}),
          to_message(certificate),
          to_message(CertificateVerify{SignatureScheme::ed25519, {1, 2, 3}}),
          compose(HandshakeType::finished, [](Writer& body) { body.u32(7); }),
          testing::key_update(1),
          testing::new_session_ticket(),
          to_message(CompressedCertificate{CertificateCompressionAlgorithm::zstd, 3000, some_bytes})};
}

/// One of each type of TLS 1.2 that does not look so in TLS 1.3.
std::vector<Message> samples12() {
  const ServerHello server_hello{
      .cipher_suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
      .tls12 = Tls12Answers{.status_request = true, .extended_master_secret = true, .renegotiated_connection = {{}}}};
  const std::vector<std::vector<std::uint8_t>> chain = {{0x30, 0x00}, {0x30, 0x01, 0x02}};
  const std::array<std::uint8_t, 3> opaque = {1, 2, 3};
  std::vector<std::uint8_t> params;
  Writer out(params);
  tls12::write_server_ecdh_params(out, NamedGroup::x25519, opaque);
  return {
      to_message(server_hello),
      compose(HandshakeType::certificate, [&](Writer& body) { tls12::write_certificate(body, chain); }),
      compose(HandshakeType::certificate_status, [&](Writer& body) { tls12::write_certificate_status(body, opaque); }),
      compose(HandshakeType::server_key_exchange,
              [&](Writer& body) { tls12::write_server_key_exchange(body, params, SignatureScheme::ed25519, opaque); }),
      compose(HandshakeType::certificate_request,
              [&](Writer& body) { body.bytes(std::array<std::uint8_t, 8>{1, 64, 0, 2, 8, 7, 0, 0}); }),
      compose(HandshakeType::server_hello_done, [](Writer&) {}),
      compose(HandshakeType::client_key_exchange,
              [&](Writer& body) { tls12::write_client_key_exchange(body, KeyExchange::ecdhe, opaque); }),
      compose(HandshakeType::new_session_ticket,
              [](Writer& body) { tls12::write_new_session_ticket(body, {7200, {1, 2, 3}}); }),
      compose(HandshakeType::hello_request, [](Writer&) {})};
}

std::vector<Sample> samples() {
  std::vector<Sample> all;
  for (auto& message : samples13()) all.push_back({ProtocolVersion::TLS_1_3, std::move(message)});
  for (auto& message : samples12()) all.push_back({ProtocolVersion::TLS_1_2, std::move(message)});
  return all;
}

/// Collects what annotate tells.
struct Annotations : AnnotationSink {
  void field(const Annotation& annotation) override { fields.push_back(annotation); }
  void meaning(std::string_view text) override { meanings.emplace_back(text); }
  bool has(std::string_view name) const { return std::ranges::find(fields, name, &Annotation::name) != fields.end(); }
  bool means(std::string_view text) const { return std::ranges::find(meanings, text) != meanings.end(); }
  std::vector<Annotation> fields;
  std::vector<std::string> meanings;
};

Result<void> read(const Message& message, ProtocolVersion version = ProtocolVersion::TLS_1_3) {
  Annotations sink;
  return annotate(message, version, sink);
}

TEST(Messages, CutOffAnywhereAreRefused) {
  for (const auto& [version, message] : samples()) {
    const auto type = static_cast<HandshakeType>(message[0]);
    ASSERT_TRUE(read(message, version)) << name_of(type) << ": " << read(message, version).error().what;
    if (type == HandshakeType::finished) continue;  // of any length
    for (std::size_t size = 0; size < message.size(); ++size) {
      Message cut(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(read(cut, version)) << size;
      if (size < handshake_header_length) continue;
      cut[2] = static_cast<std::uint8_t>((size - handshake_header_length) >> 8);  // a header that fits the cut body
      cut[3] = static_cast<std::uint8_t>(size - handshake_header_length);
      const auto result = read(cut, version);
      // A hello of TLS 1.2 may end before its extensions; everything else must not end early.
      const bool hello = type == HandshakeType::client_hello || type == HandshakeType::server_hello;
      EXPECT_TRUE(hello || !result) << name_of(type) << " cut to " << size;
    }
  }
}

TEST(Messages, WithTrailingBytesAreRefused) {
  for (auto [version, message] : samples()) {
    if (message[0] == static_cast<std::uint8_t>(HandshakeType::finished)) continue;
    message.push_back(0);
    EXPECT_FALSE(read(message, version)) << "header as before";
    message[3] = static_cast<std::uint8_t>(message[3] + 1);
    EXPECT_FALSE(read(message, version)) << name_of(static_cast<HandshakeType>(message[0]));
  }
}

TEST(Messages, WithAnyByteChangedNeitherCrashNorReadOutside) {
  for (const auto& [version, message] : samples()) {
    for (std::size_t i = 0; i < message.size(); ++i) {
      for (const int delta : {1, 255, 128, 0x7f}) {
        Message changed = message;
        changed[i] = static_cast<std::uint8_t>(changed[i] + delta);
        Annotations sink;
        (void)annotate(changed, version, sink);
        for (const Annotation& field : sink.fields) EXPECT_LE(field.offset + field.length, changed.size());
      }
    }
  }
}

TEST(Annotate, NamesTheFieldsOfEveryMessageByTheirRfcNames) {
  const auto messages = samples13();
  Annotations hello;
  ASSERT_TRUE(annotate(messages[0], ProtocolVersion::TLS_1_3, hello));
  for (const char* name : {"msg_type",
                           "length",
                           "legacy_version",
                           "random",
                           "legacy_session_id",
                           "cipher_suites",
                           "cipher_suite",
                           "legacy_compression_methods",
                           "extensions",
                           "extension_type",
                           "extension_data",
                           "server_name_list",
                           "host_name",
                           "versions",
                           "version",
                           "cookie",
                           "supported_signature_algorithms",
                           "signature_scheme",
                           "named_group_list",
                           "named_group",
                           "client_shares",
                           "group",
                           "key_exchange",
                           "protocol_name_list",
                           "protocol_name"}) {
    EXPECT_TRUE(hello.has(name)) << name;
  }
  for (const char* text : {"ClientHello", "TLS 1.2", "TLS 1.3", "GREASE", "TLS_AES_128_GCM_SHA256", "server_name",
                           "server.test", "x25519", "ed25519", "http/1.1", "key_share"}) {
    EXPECT_TRUE(hello.means(text)) << text;
  }
  Annotations retry;
  ASSERT_TRUE(annotate(messages[2], ProtocolVersion::TLS_1_3, retry));
  EXPECT_TRUE(retry.has("selected_group"));
  EXPECT_TRUE(retry.means("HelloRetryRequest"));
  Annotations certificate;
  ASSERT_TRUE(annotate(messages[5], ProtocolVersion::TLS_1_3, certificate));
  EXPECT_EQ(std::ranges::count(certificate.fields, "cert_data", &Annotation::name), 2);
  Annotations verify;
  ASSERT_TRUE(annotate(messages[6], ProtocolVersion::TLS_1_3, verify));
  EXPECT_TRUE(verify.has("algorithm"));
  EXPECT_TRUE(verify.has("signature"));
  Annotations compressed;
  ASSERT_TRUE(annotate(messages[10], ProtocolVersion::TLS_1_3, compressed));
  for (const char* name : {"algorithm", "uncompressed_length", "compressed_certificate_message"}) {
    EXPECT_TRUE(compressed.has(name)) << name;
  }
  EXPECT_TRUE(compressed.means("zstd"));
}

TEST(Annotate, NamesTheFieldsOfTls12ByTheirRfcNames) {
  Annotations all;
  for (const Message& message : samples12()) ASSERT_TRUE(annotate(message, ProtocolVersion::TLS_1_2, all));
  for (const char* name :
       {"extended_master_secret", "certificate_list", "cert_data", "status_type", "response", "curve_type",
        "namedcurve", "public", "ticket_lifetime_hint", "ticket", "algorithm", "signature", "certificate_types",
        "supported_signature_algorithms", "certificate_authorities", "ecdh_Yc"}) {
    EXPECT_TRUE(all.has(name) || all.means(name)) << name;
  }
  for (const char* text : {"named_curve", "x25519", "ed25519", "ocsp"}) EXPECT_TRUE(all.means(text)) << text;
}

TEST(Annotate, ShowsAMessageOfTheOtherVersionAsBytes) {
  for (const auto& [version, message] : {std::pair(ProtocolVersion::TLS_1_2, testing::key_update(1)),
                                         std::pair(ProtocolVersion::TLS_1_3, samples12().at(3))}) {
    Annotations sink;
    ASSERT_TRUE(annotate(message, version, sink));
    EXPECT_TRUE(sink.has("body"));
  }
}

TEST(Annotate, ReportsEachPlaceOnceAndInOrder) {
  for (const auto& [version, message] : samples()) {
    Annotations sink;
    ASSERT_TRUE(annotate(message, version, sink));
    std::size_t before = 0;
    for (const Annotation& field : sink.fields) {
      EXPECT_GE(field.offset, before) << field.name;
      before = field.offset;
    }
  }
}

TEST(Limits, OfExtensionsSharesAndCertificatesAreExact) {
  const auto extensions = [](std::size_t count) {
    return compose(HandshakeType::encrypted_extensions, [count](Writer& body) {
      body.vec16([count](Writer& block) {
        for (std::size_t i = 0; i < count; ++i) {
          write_extension(block, static_cast<ExtensionType>(0x4000 + i), [](Writer&) {});
        }
      });
    });
  };
  EXPECT_TRUE(read(extensions(limits::extensions)));
  EXPECT_EQ(read(extensions(limits::extensions + 1)).error().rule, &rules::too_many_extensions);

  Certificate certificate;
  certificate.certificate_list.resize(limits::certificates, {{0x30}, {}});
  EXPECT_TRUE(read(to_message(certificate)));
  certificate.certificate_list.push_back({{0x30}, {}});
  EXPECT_EQ(read(to_message(certificate)).error().rule, &rules::too_many_certificates);

  ClientHello hello;
  hello.cipher_suites = list_of(default_cipher_suites());
  hello.key_share.emplace();
  for (std::size_t i = 0; i < limits::key_shares; ++i) hello.key_share->push_back({static_cast<NamedGroup>(i), {1}});
  EXPECT_TRUE(read(to_message(hello)));
  hello.key_share->push_back({static_cast<NamedGroup>(99), {1}});
  EXPECT_EQ(read(to_message(hello)).error().rule, &rules::too_many_key_shares);
}

}  // namespace
}  // namespace padlock::tls

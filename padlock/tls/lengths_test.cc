// Every length in every message, set to nothing, one less, one more and the most (docs/threats.md, T18): decode_error,
// and never a byte beyond the message's end (AddressSanitizer looks).
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "padlock/tls/limits.h"
#include "padlock/tls/observer.h"
#include "padlock/tls/testing/scripted_peer.h"
#include "padlock/tls/wire/post_handshake.h"

namespace padlock::tls {
namespace {

using testing::End;
using testing::Message;
using testing::ScriptedClient;
using testing::ScriptedServer;
using testing::to_message;

/// The length in front of a vector.
struct Prefix {
  std::string name;
  std::size_t offset;
  std::size_t width;
  std::size_t length;
};

std::size_t width_of(std::string_view field) {
  static const std::set<std::string_view> one_byte = {"legacy_session_id",
                                                      "legacy_session_id_echo",
                                                      "legacy_compression_methods",
                                                      "versions",
                                                      "protocol_name",
                                                      "certificate_request_context",
                                                      "ticket_nonce",
                                                      "algorithms"};
  static const std::set<std::string_view> three_bytes = {"certificate_list", "cert_data", "response",
                                                         "compressed_certificate_message"};
  return one_byte.contains(field) ? 1 : three_bytes.contains(field) ? 3 : 2;
}

/// Finds the vectors by what the parsers tell of their fields.
struct Prefixes : AnnotationSink {
  void field(const Annotation& annotation) override {
    static const std::set<std::string_view> of_fixed_length = {"random", "verify_data", "body"};
    if (annotation.value || of_fixed_length.contains(annotation.name)) return;
    const std::size_t width = width_of(annotation.name);
    found.push_back({std::string(annotation.name), annotation.offset - width, width, annotation.length});
  }
  void meaning(std::string_view) override {}
  std::vector<Prefix> found;
};

std::size_t number_at(const Message& message, std::size_t offset, std::size_t width) {
  std::size_t value = 0;
  for (const std::uint8_t byte : Bytes(message).subspan(offset, width)) value = value << 8 | byte;
  return value;
}

void set_number(Message& message, std::size_t offset, std::size_t width, std::size_t value) {
  for (std::size_t i = width; i-- > 0; value >>= 8) message.at(offset + i) = static_cast<std::uint8_t>(value);
}

std::vector<Prefix> prefixes_of(const Message& message) {
  Prefixes sink;
  EXPECT_TRUE(annotate(message, ProtocolVersion::TLS_1_3, sink));
  for (const Prefix& prefix : sink.found)
    EXPECT_EQ(number_at(message, prefix.offset, prefix.width), prefix.length) << prefix.name;
  return sink.found;
}

/// Zero, one less, one more, the most: those that are not what it was.
std::set<std::size_t> wrong_lengths(const Prefix& prefix) {
  const std::size_t most = (std::size_t{1} << (8 * prefix.width)) - 1;
  std::set<std::size_t> lengths = {0, prefix.length == 0 ? 0 : prefix.length - 1, std::min(prefix.length + 1, most),
                                   most};
  lengths.erase(prefix.length);
  return lengths;
}

std::string alert_of(const End& end) {
  return end.failed ? std::to_string(static_cast<unsigned>(end.failed->error.rule->alert)) : "none";
}

/// A message's name, what a good one is, and how to say another in its place.
struct Victim {
  std::string name;
  /// Plays up to the message; gives the good one to `change`, sends what comes back, and gives the alert.
  std::function<std::string(const std::function<Message(Message)>& change)> play;
};

using Change = std::function<Message(Message)>;

std::string to_server(const Change& change) {
  End end = End::server(std::make_shared<const ServerConfig>(ServerConfig{.alpn = {"h2"}}));
  ScriptedClient client(end);
  ClientHello hello = client.client_hello();
  hello.signature_algorithms_cert = list_of(default_signature_schemes());
  hello.application_layer_protocol_negotiation = {{"h2", "http/1.1"}};
  hello.status_request = true;
  hello.signed_certificate_timestamp = true;
  hello.compress_certificate = {{CertificateCompressionAlgorithm::brotli}};
  hello.record_size_limit = 16'385;
  hello.cookie = {{1, 2, 3}};
  client.send(change(to_message(hello)));
  return alert_of(end);
}

template <class Play>
Victim of_client(std::string name, Play play) {
  return {std::move(name), [play](const Change& change) {
            End end = End::client(std::make_shared<const ClientConfig>(ClientConfig{.alpn = {"h2"}}));
            ScriptedServer server(end);
            server.credential = testing::credential(crypto::KeyKind::ed25519);  // whose signatures are all as long
            play(server, change);
            return alert_of(end);
          }};
}

void say_hello(ScriptedServer& server) {
  server.send(server.server_hello());
  server.use_handshake_keys();
}

Message stapled_certificate(const ScriptedServer& server) {
  Certificate certificate = server.certificate();
  certificate.certificate_list.front().ocsp_response = {0x30, 0x00};
  certificate.certificate_list.front().signed_certificate_timestamps = {0, 4, 0, 2, 7, 7};
  return to_message(certificate);
}

Message compressed_certificate(const ScriptedServer& server) {
  const Message certificate = to_message(server.certificate());
  const Bytes body = Bytes(certificate).subspan(handshake_header_length);
  const auto compressed = zlib_compression.compress(body);
  return to_message(
      CompressedCertificate{zlib_compression.algorithm, static_cast<std::uint32_t>(body.size()), compressed});
}

/// A ticket with the one extension that it may have.
Message ticket() {
  return compose(HandshakeType::new_session_ticket, [](Writer& body) {
    write_new_session_ticket(
        body, {.ticket_lifetime = 7200, .ticket_nonce = {0, 1}, .ticket = {1, 2, 3}, .early_data = 1000});
  });
}

std::vector<Victim> victims() {
  std::vector<Victim> all;
  all.push_back({"ClientHello", to_server});
  all.push_back(of_client("ServerHello", [](auto& s, const Change& c) { s.send(c(to_message(s.server_hello()))); }));
  all.push_back(of_client("HelloRetryRequest", [](auto& s, const Change& c) {
    HelloRetryRequest retry = s.hello_retry_request(NamedGroup::secp256r1);
    retry.cookie = {{1, 2, 3}};
    s.send(c(to_message(retry)));
  }));
  all.push_back(of_client("EncryptedExtensions", [](auto& s, const Change& c) {
    say_hello(s);
    EncryptedExtensions extensions;
    extensions.server_name = true;
    extensions.supported_groups = list_of(default_groups());
    extensions.application_layer_protocol_negotiation = {{"h2"}};
    extensions.record_size_limit = 16'385;
    s.send(c(to_message(extensions)));
  }));
  all.push_back(of_client("CertificateRequest", [](auto& s, const Change& c) {
    say_hello(s);
    s.send(to_message(s.encrypted_extensions()));
    s.send(c(to_message(CertificateRequest{.signature_algorithms = list_of(default_signature_schemes()),
                                           .compress_certificate = {{CertificateCompressionAlgorithm::zlib}}})));
  }));
  all.push_back(of_client("Certificate", [](auto& s, const Change& c) {
    say_hello(s);
    s.send(to_message(s.encrypted_extensions()));
    s.send(c(stapled_certificate(s)));
  }));
  all.push_back(of_client("CompressedCertificate", [](auto& s, const Change& c) {
    say_hello(s);
    s.send(to_message(s.encrypted_extensions()));
    s.send(c(compressed_certificate(s)));
  }));
  all.push_back(of_client("CertificateVerify", [](auto& s, const Change& c) {
    say_hello(s);
    s.send(to_message(s.encrypted_extensions()));
    s.send(to_message(s.certificate()));
    s.send(c(s.certificate_verify()));
  }));
  all.push_back(of_client("Finished", [](auto& s, const Change& c) {
    say_hello(s);
    s.send(to_message(s.encrypted_extensions()));
    s.send(to_message(s.certificate()));
    s.send(s.certificate_verify());
    s.send(c(s.finished()));
  }));
  all.push_back(of_client("NewSessionTicket", [](auto& s, const Change& c) {
    s.complete();
    s.send(c(ticket()));
  }));
  all.push_back(of_client("KeyUpdate", [](auto& s, const Change& c) {
    s.complete();
    s.send(c(testing::key_update(0)));
  }));
  return all;
}

TEST(Lengths, OfEveryVectorThatAreWrongAreDecodeErrors) {
  std::size_t tried = 0;
  for (const Victim& victim : victims()) {
    std::vector<Prefix> prefixes;
    EXPECT_EQ(victim.play([&](const Message& good) {
      prefixes = prefixes_of(good);
      return good;
    }),
              "none")
        << victim.name;
    for (const Prefix& prefix : prefixes) {
      for (const std::size_t length : wrong_lengths(prefix)) {
        const std::string alert = victim.play([&](Message message) {
          set_number(message, prefix.offset, prefix.width, length);
          return message;
        });
        EXPECT_EQ(alert, "50") << victim.name << "." << prefix.name << " at " << prefix.offset << ", " << prefix.length
                               << " bytes, said " << length;
        ++tried;
      }
    }
  }
  EXPECT_GT(tried, 200U);
}

/// The length in the message's own header: less is a message cut short; more waits for what does not come.
TEST(Lengths, OfWholeMessagesThatAreWrong) {
  for (const Victim& victim : victims()) {
    const auto alert_with = [&](auto new_length) {
      return victim.play([&](Message message) {
        set_number(message, 1, 3, new_length(number_at(message, 1, 3)));
        return message;
      });
    };
    EXPECT_EQ(alert_with([](std::size_t) { return 0U; }), "50") << victim.name;
    EXPECT_EQ(alert_with([](std::size_t length) { return length - 1; }), "50") << victim.name;
    EXPECT_EQ(alert_with([](std::size_t length) { return length + 1; }), "none") << victim.name << " waits";
    EXPECT_EQ(alert_with([](std::size_t) { return limits::handshake_message; }), "none") << victim.name << " waits";
    EXPECT_EQ(alert_with([](std::size_t) { return limits::handshake_message + 1; }), "47") << victim.name;
    EXPECT_EQ(alert_with([](std::size_t) { return 0xffffffU; }), "47") << victim.name;
  }
}

}  // namespace
}  // namespace padlock::tls

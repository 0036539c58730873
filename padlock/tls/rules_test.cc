// Every Rule of rules.h is provoked by a scripted peer, and answered with its alert.
#include "padlock/tls/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "padlock/tls/limits.h"
#include "padlock/tls/testing/provoked.h"
#include "padlock/tls/testing/scripted_peer.h"
#include "padlock/tls/wire/post_handshake.h"

namespace padlock::tls {
namespace {

using testing::End;
using testing::Message;
using testing::provoked;
using testing::ScriptedClient;
using testing::ScriptedServer;
using testing::to_message;
using testing::with_extension;

/// After all tests: a rule that none of them provoked is dead or untested.
class EveryRule : public ::testing::Environment {
 public:
  void TearDown() override {
    if (::testing::GTEST_FLAG(filter) != "*") return;
    for (const Rule* rule : rules::all) EXPECT_TRUE(provoked().contains(rule)) << "no test provokes " << rule->code;
  }
};
// NOLINTNEXTLINE(cppcoreguidelines-owning-memory): gtest deletes it
const auto* const every_rule = ::testing::AddGlobalTestEnvironment(new EveryRule);

/// Remembers the alerts that one end says.
struct AlertRecorder : Observer {
  explicit AlertRecorder(Sender end) : self(end) {}
  void handshake_message(Sender, EncryptionLevel, Bytes) override {}
  void record(Sender, EncryptionLevel, ContentType, ContentType, std::size_t, std::size_t) override {}
  void key_derived(std::string_view, std::size_t) override {}
  void chosen(std::string_view, std::string_view, std::string_view) override {}
  void alert(Sender sender, EncryptionLevel, AlertDescription description) override {
    if (sender == self) said.push_back(description);
  }
  Sender self;
  std::vector<AlertDescription> said;
};

/// Rules whose peer could not read an alert, or has just sent one.
bool is_silent(const Rule& rule) {
  constexpr std::array silent = {&rules::not_tls,        &rules::plain_http_request,  &rules::plain_http_response,
                                 &rules::alert_received, &rules::closed_in_handshake, &rules::truncated};
  return std::ranges::find(silent, &rule) != silent.end();
}

void expect_failure(const End& end, const AlertRecorder& alerts, const Rule& rule) {
  provoked().insert(&rule);
  ASSERT_TRUE(end.failed) << "nothing was noticed";
  EXPECT_EQ(end.failed->error.rule->code, rule.code) << end.failed->error.what;
  EXPECT_FALSE(end.failed->error.what.empty());
  EXPECT_EQ(end.failed->by_peer, &rule == &rules::alert_received);
  const std::vector<AlertDescription> expected =
      is_silent(rule) ? std::vector<AlertDescription>{} : std::vector{rule.alert};
  EXPECT_EQ(alerts.said, expected);
  EXPECT_TRUE(end.received.empty()) << "data was delivered";
}

constexpr std::array<std::uint8_t, 2> alert_bytes(AlertDescription description) {
  return {2, static_cast<std::uint8_t>(description)};
}

// ---- a client is the victim

struct ClientCase {
  const char* name;
  const Rule* rule;
  std::function<void(ScriptedServer&)> play;
};
class ClientNotices : public ::testing::TestWithParam<ClientCase> {};

TEST_P(ClientNotices, AndSaysTheRulesAlert) {
  AlertRecorder alerts(Sender::client);
  ClientConfig config;
  config.alpn = {"http/1.1"};
  if (GetParam().rule == &rules::record_beyond_our_limit) config.record_size_limit = 1000;
  End client = End::client(std::make_shared<const ClientConfig>(config), &alerts);
  ScriptedServer server(client);
  GetParam().play(server);
  expect_failure(client, alerts, *GetParam().rule);
}

/// Sends a ServerHello that `change` has changed.
template <class Change>
std::function<void(ScriptedServer&)> server_hello_with(Change change) {
  return [change](ScriptedServer& server) {
    ServerHello hello = server.server_hello();
    change(hello);
    server.send(hello);
  };
}

template <class Change>
std::function<void(ScriptedServer&)> retry_with(Change change) {
  return [change](ScriptedServer& server) {
    HelloRetryRequest retry = server.hello_retry_request(NamedGroup::secp256r1);
    change(retry);
    server.send(retry);
  };
}

// NOLINTBEGIN(clang-analyzer-cplusplus.NewDeleteLeaks): std::function owns what it holds
/// Goes on to the point where the server says EncryptedExtensions, and then `then`.
std::function<void(ScriptedServer&)> after_server_hello(const std::function<void(ScriptedServer&)>& then) {
  return [then](ScriptedServer& server) {
    server.send(server.server_hello());
    server.use_handshake_keys();
    then(server);
  };
}
std::function<void(ScriptedServer&)> after_extensions(const std::function<void(ScriptedServer&)>& then) {
  return after_server_hello([then](ScriptedServer& server) {
    server.send(to_message(server.encrypted_extensions()));
    then(server);
  });
}
std::function<void(ScriptedServer&)> after_certificate(const std::function<void(ScriptedServer&)>& then) {
  return after_extensions([then](ScriptedServer& server) {
    server.send(to_message(server.certificate()));
    then(server);
  });
}
std::function<void(ScriptedServer&)> after_handshake(const std::function<void(ScriptedServer&)>& then) {
  return [then](ScriptedServer& server) {
    server.complete();
    then(server);
  };
}

// NOLINTEND(clang-analyzer-cplusplus.NewDeleteLeaks)

const std::vector<ClientCase> client_cases = {
    {"NotTls", &rules::not_tls, [](auto& s) { s.send_bytes(as_bytes("SSH-2.0-OpenSSH")); }},
    {"PlainHttpResponse", &rules::plain_http_response, [](auto& s) { s.send_bytes(as_bytes("HTTP/1.1 400 Bad")); }},
    {"Alert", &rules::alert_received,
     [](auto& s) { s.send_record(ContentType::alert, alert_bytes(AlertDescription::handshake_failure)); }},
    {"CloseNotifyInHandshake", &rules::closed_in_handshake,
     [](auto& s) { s.send_record(ContentType::alert, alert_bytes(AlertDescription::close_notify)); }},
    {"EndOfInputInHandshake", &rules::closed_in_handshake,
     [](auto& s) {
       s.end().connection.input_ended();
       s.end().pump();
     }},
    {"EndOfInputAfterwards", &rules::truncated, after_handshake([](auto& s) {
       s.end().connection.input_ended();
       s.end().pump();
     })},
    {"WrongFirstMessage", &rules::unexpected_message, [](auto& s) { s.send(to_message(EncryptedExtensions{})); }},
    {"Tls12Server", &rules::server_too_old, server_hello_with([](auto& h) {
       h.supported_versions.reset();
       h.key_share.reset();
     })},
    {"DowngradeTo12", &rules::downgrade_sentinel, server_hello_with([](auto& h) {
       h.supported_versions.reset();
       std::ranges::copy(as_bytes("DOWNGRD\x01"), h.random.end() - 8);
     })},
    {"DowngradeTo11", &rules::downgrade_sentinel, server_hello_with([](auto& h) {
       h.supported_versions.reset();
       std::ranges::copy(std::array<std::uint8_t, 8>{0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44, 0}, h.random.end() - 8);
     })},
    {"SelectedVersion12", &rules::server_version_wrong,
     server_hello_with([](auto& h) { h.supported_versions = ProtocolVersion::TLS_1_2; })},
    {"LegacyVersion13", &rules::server_version_wrong, server_hello_with([](auto& h) { h.legacy_version = 0x0304; })},
    {"SessionIdNotEchoed", &rules::session_id_not_echoed,
     server_hello_with([](auto& h) { h.legacy_session_id_echo[31] ^= 1; })},
    {"SessionIdLeftOut", &rules::session_id_not_echoed,
     server_hello_with([](auto& h) { h.legacy_session_id_echo.clear(); })},
    {"SuiteNotOffered", &rules::cipher_suite_not_offered,
     server_hello_with([](auto& h) { h.cipher_suite = static_cast<CipherSuite>(0x1304); })},
    {"Compression", &rules::compression_chosen, server_hello_with([](auto& h) { h.legacy_compression_method = 1; })},
    {"GroupNotOffered", &rules::group_not_offered,
     server_hello_with([](auto& h) { h.key_share->group = NamedGroup::secp256r1; })},
    {"ShareOfSmallOrder", &crypto::rules::invalid_key_share,
     [](auto& s) {
       std::erase_if(*s.hello.key_share, [](const auto& entry) { return entry.group != NamedGroup::x25519; });
       ServerHello hello = s.server_hello();
       std::ranges::fill(hello.key_share->key_exchange, 0);
       s.send(hello);
     }},
    {"HybridShareWithAPointOfSmallOrder", &crypto::rules::invalid_key_share,
     server_hello_with([](auto& h) { std::ranges::fill(std::span(h.key_share->key_exchange).last(32), 0); })},
    {"HybridShareWithAByteLess", &crypto::rules::invalid_key_share,
     server_hello_with([](auto& h) { h.key_share->key_exchange.pop_back(); })},
    {"HybridShareWithAByteMore", &crypto::rules::invalid_key_share,
     server_hello_with([](auto& h) { h.key_share->key_exchange.push_back(0); })},
    {"HybridShareAsLongAsAClients", &crypto::rules::invalid_key_share,
     server_hello_with([](auto& h) { h.key_share->key_exchange.resize(1216); })},
    {"HybridShareOfX25519Alone", &crypto::rules::invalid_key_share,
     server_hello_with([](auto& h) { h.key_share->key_exchange.resize(32); })},
    {"ShareOffItsCurve", &crypto::rules::invalid_key_share,
     [](auto& s) {
       s.send(s.hello_retry_request(NamedGroup::secp256r1));
       ServerHello hello = s.server_hello();
       hello.key_share->key_exchange.back() ^= 1;
       s.send(hello);
     }},
    {"ShareCompressed", &crypto::rules::invalid_key_share,
     [](auto& s) {
       s.send(s.hello_retry_request(NamedGroup::secp256r1));
       ServerHello hello = s.server_hello();
       hello.key_share->key_exchange.resize(33);
       hello.key_share->key_exchange.front() = 2;
       s.send(hello);
     }},
    {"KeyShareMissing", &rules::missing_extension, server_hello_with([](auto& h) { h.key_share.reset(); })},
    {"UnsolicitedInServerHello", &rules::unsolicited_extension,
     [](auto& s) {
       s.send(
           with_extension(to_message(s.server_hello()), ExtensionType::pre_shared_key, std::array<std::uint8_t, 2>{}));
     }},
    {"WrongMessageServerHello", &rules::extension_in_wrong_message,
     [](auto& s) { s.send(with_extension(to_message(s.server_hello()), ExtensionType::supported_groups)); }},
    {"DuplicateInServerHello", &rules::duplicate_extension,
     [](auto& s) {
       s.send(with_extension(to_message(s.server_hello()), ExtensionType::supported_versions,
                             std::array<std::uint8_t, 2>{3, 4}));
     }},
    {"RetryWithoutChange", &rules::retry_without_change, retry_with([](auto& r) { r.key_share.reset(); })},
    {"RetryForTheShareSent", &rules::retry_without_change,
     retry_with([](auto& r) { r.key_share = NamedGroup::x25519; })},
    {"RetryForAGroupNotOffered", &rules::retry_group_not_offered,
     retry_with([](auto& r) { r.key_share = NamedGroup::secp521r1; })},
    {"RetryWithoutVersion", &rules::missing_extension, retry_with([](auto& r) { r.supported_versions.reset(); })},
    {"SecondRetry", &rules::second_retry,
     [](auto& s) {
       s.send(s.hello_retry_request(NamedGroup::secp256r1));
       s.send(to_message(s.hello_retry_request(NamedGroup::x25519)));
     }},
    {"SuiteChangedAfterRetry", &rules::suite_changed_after_retry,
     [](auto& s) {
       s.send(s.hello_retry_request(NamedGroup::secp256r1));
       ServerHello hello = s.server_hello();
       hello.cipher_suite = CipherSuite::TLS_CHACHA20_POLY1305_SHA256;
       s.send(hello);
     }},
    {"VersionGoneAfterRetry", &rules::server_version_wrong,
     [](auto& s) {
       s.send(s.hello_retry_request(NamedGroup::secp256r1));
       ServerHello hello = s.server_hello();
       hello.supported_versions.reset();
       s.send(hello);
     }},
    {"ProtocolNotOffered", &rules::protocol_not_offered, after_server_hello([](auto& s) {
       s.send(to_message(EncryptedExtensions{.application_layer_protocol_negotiation = {{"h2"}}}));
     })},
    {"TwoProtocols", &rules::protocol_not_offered, after_server_hello([](auto& s) {
       s.send(to_message(EncryptedExtensions{.application_layer_protocol_negotiation = {{"http/1.1", "h2"}}}));
     })},
    {"UnsolicitedInEncryptedExtensions", &rules::unsolicited_extension, after_server_hello([](auto& s) {
       s.send(with_extension(to_message(s.encrypted_extensions()), static_cast<ExtensionType>(0xfafa)));
     })},
    {"WrongMessageEncryptedExtensions", &rules::extension_in_wrong_message, after_server_hello([](auto& s) {
       s.send(with_extension(to_message(s.encrypted_extensions()), ExtensionType::key_share,
                             std::array<std::uint8_t, 2>{}));
     })},
    {"TooManyExtensions", &rules::too_many_extensions, after_server_hello([](auto& s) {
       s.send(compose(HandshakeType::encrypted_extensions, [](Writer& body) {
         body.vec16([](Writer& block) {
           for (std::uint16_t i = 0; i <= limits::extensions; ++i) {
             write_extension(block, static_cast<ExtensionType>(0x4000 + i), [](Writer&) {});
           }
         });
       }));
     })},
    {"GreaseSuiteChosen", &rules::cipher_suite_not_offered,
     server_hello_with([](auto& h) { h.cipher_suite = static_cast<CipherSuite>(0xaaaa); })},
    {"RetryForGrease", &rules::retry_group_not_offered,
     retry_with([](auto& r) { r.key_share = static_cast<NamedGroup>(0xaaaa); })},
    {"RecordSizeLimitBelowTheLeast", &rules::record_size_limit_out_of_range, after_server_hello([](auto& s) {
       EncryptedExtensions extensions = s.encrypted_extensions();
       extensions.record_size_limit = limits::least_record_size_limit - 1;
       s.send(to_message(extensions));
     })},
    {"RecordSizeLimitAboveTheMost", &rules::record_size_limit_out_of_range, after_server_hello([](auto& s) {
       EncryptedExtensions extensions = s.encrypted_extensions();
       extensions.record_size_limit = limits::inner_plaintext + 1;
       s.send(to_message(extensions));
     })},
    {"RecordBeyondOurLimit", &rules::record_beyond_our_limit, after_server_hello([](auto& s) {
       EncryptedExtensions extensions = s.encrypted_extensions();
       extensions.record_size_limit = limits::inner_plaintext;
       s.send(to_message(extensions));
       s.send_record(ContentType::handshake, std::vector<std::uint8_t>(limits::plaintext));
     })},
    {"StatusThatIsNoOcsp", &rules::status_type_unknown, after_extensions([](auto& s) {
       const Certificate certificate = s.certificate();
       s.send(compose(HandshakeType::certificate, [&](Writer& body) {
         body.u8(0);
         body.vec24([&](Writer& list) {
           list.vec24([&](Writer& data) { data.bytes(certificate.certificate_list.front().cert_data); });
           list.vec16([](Writer& block) {
             write_extension(block, ExtensionType::status_request, [](Writer& data) { data.u32(0x02000001); });
           });
         });
       }));
     })},
    {"RequestWithContext", &rules::certificate_context_not_empty, after_extensions([](auto& s) {
       s.send(to_message(CertificateRequest{{1}, list_of(default_signature_schemes()), {}}));
     })},
    {"RequestWithoutSchemes", &rules::missing_extension, after_extensions([](auto& s) {
       s.send(with_extension(compose(HandshakeType::certificate_request,
                                     [](Writer& b) {
                                       b.u8(0);
                                       b.u16(0);
                                     }),
                             ExtensionType::certificate_authorities, std::array<std::uint8_t, 5>{0, 3, 0, 1, 9}));
     })},
    {"CertificateWithContext", &rules::certificate_context_not_empty, after_extensions([](auto& s) {
       Certificate certificate = s.certificate();
       certificate.certificate_request_context = {7};
       s.send(to_message(certificate));
     })},
    {"NoCertificate", &rules::certificate_list_empty,
     after_extensions([](auto& s) { s.send(to_message(Certificate{})); })},
    {"TooManyCertificates", &rules::too_many_certificates, after_extensions([](auto& s) {
       Certificate certificate = s.certificate();
       certificate.certificate_list.resize(limits::certificates + 1, certificate.certificate_list.front());
       s.send(to_message(certificate));
     })},
    {"SchemeNotOfTls13", &rules::scheme_not_offered, after_certificate([](auto& s) {
       s.send(to_message(CertificateVerify{SignatureScheme::rsa_pkcs1_sha256, {1, 2, 3}}));
     })},
    {"SchemeSha1", &rules::scheme_not_offered, after_certificate([](auto& s) {
       s.send(to_message(CertificateVerify{static_cast<SignatureScheme>(0x0203), {1, 2, 3}}));
     })},
    {"SchemeOfAnotherKey", &rules::scheme_does_not_fit_key, after_certificate([](auto& s) {
       s.send(to_message(CertificateVerify{SignatureScheme::rsa_pss_rsae_sha256, {1, 2, 3}}));
     })},
    {"SignatureWrong", &rules::signature_wrong, after_certificate([](auto& s) {
       Message verify = s.certificate_verify();
       verify.back() ^= 1;
       s.send(verify);
     })},
    {"FinishedWrong", &rules::finished_wrong, after_certificate([](auto& s) {
       s.send(s.certificate_verify());
       Message finished = s.finished();
       finished.back() ^= 0x80;
       s.send(finished);
     })},
    {"FinishedShort", &rules::finished_length, after_certificate([](auto& s) {
       s.send(s.certificate_verify());
       s.send(compose(HandshakeType::finished, [](Writer& body) { body.u8(1); }));
     })},
    {"MessageAfterServerHelloInItsRecord", &rules::message_across_key_change,
     [](auto& s) { s.send_together({to_message(s.server_hello()), to_message(EncryptedExtensions{})}); }},
    {"MessageAfterFinishedInItsRecord", &rules::message_across_key_change, after_certificate([](auto& s) {
       s.send(s.certificate_verify());
       s.send_together({s.finished(), testing::new_session_ticket()});
     })},
    {"DataBeforeFinished", &rules::data_before_finished,
     after_extensions([](auto& s) { s.send_record(ContentType::application_data, as_bytes("early")); })},
    {"ProtectedTooEarly", &rules::protected_too_early,
     [](auto& s) { s.send_bytes(std::array<std::uint8_t, 5>{23, 3, 3, 0, 40}); }},
    {"UnprotectedRecord", &rules::unprotected_record,
     after_server_hello([](auto& s) { s.send_bytes(std::array<std::uint8_t, 7>{21, 3, 3, 0, 2, 1, 0}); })},
    {"RecordNotAuthentic", &rules::record_not_authentic, after_server_hello([](auto& s) {
       std::vector<std::uint8_t> record(5 + 40, 0);
       std::ranges::copy(std::array<std::uint8_t, 5>{23, 3, 3, 0, 40}, record.begin());
       s.send_bytes(record);
     })},
    {"RecordShorterThanItsTag", &rules::record_not_authentic,
     after_server_hello([](auto& s) { s.send_bytes(std::array<std::uint8_t, 8>{23, 3, 3, 0, 3, 1, 2, 3}); })},
    {"NoInnerType", &rules::no_inner_type,
     after_server_hello([](auto& s) { s.send_inner(std::array<std::uint8_t, 9>{}); })},
    {"EmptyInnerPlaintext", &rules::no_inner_type, after_server_hello([](auto& s) { s.send_inner({}); })},
    {"UnknownInnerType", &rules::unknown_content_type,
     after_server_hello([](auto& s) { s.send_inner(std::array<std::uint8_t, 2>{1, 24}); })},
    {"InnerChangeCipherSpec", &rules::change_cipher_spec_misplaced,
     after_server_hello([](auto& s) { s.send_inner(std::array<std::uint8_t, 2>{1, 20}); })},
    {"UnknownOuterType", &rules::unknown_content_type,
     [](auto& s) {
       s.send_change_cipher_spec();
       s.send_bytes(std::array<std::uint8_t, 5>{24, 3, 3, 0, 2});
     }},
    {"PlaintextTooLong", &rules::record_too_long,
     [](auto& s) { s.send_bytes(std::array<std::uint8_t, 5>{22, 3, 3, 0x40, 0x01}); }},
    {"CiphertextTooLong", &rules::record_too_long,
     after_server_hello([](auto& s) { s.send_bytes(std::array<std::uint8_t, 5>{23, 3, 3, 0x41, 0x01}); })},
    {"InnerPlaintextTooLong", &rules::inner_plaintext_too_long, after_handshake([](auto& s) {
       std::vector<std::uint8_t> inner(limits::plaintext + 2, 23);
       s.send_inner(inner);
     })},
    {"PaddingTooLong", &rules::inner_plaintext_too_long, after_handshake([](auto& s) {
       std::vector<std::uint8_t> inner(limits::plaintext + 2, 0);
       inner.front() = 23;
       s.send_inner(inner);
     })},
    {"ChangeCipherSpecOfAnotherValue", &rules::change_cipher_spec_misplaced,
     [](auto& s) { s.send_bytes(std::array<std::uint8_t, 6>{20, 3, 3, 0, 1, 2}); }},
    {"ChangeCipherSpecOfTwoBytes", &rules::change_cipher_spec_misplaced,
     [](auto& s) { s.send_bytes(std::array<std::uint8_t, 7>{20, 3, 3, 0, 2, 1, 1}); }},
    {"ChangeCipherSpecAfterFinished", &rules::change_cipher_spec_misplaced,
     after_handshake([](auto& s) { s.send_change_cipher_spec(); })},
    {"ManyChangeCipherSpecs", &rules::too_many_change_cipher_specs,
     [](auto& s) {
       for (std::size_t i = 0; i <= limits::change_cipher_specs; ++i) s.send_change_cipher_spec();
     }},
    {"EmptyHandshakeRecord", &rules::empty_fragment, [](auto& s) { s.send_record(ContentType::handshake, {}); }},
    {"EmptyAlertRecord", &rules::empty_fragment, [](auto& s) { s.send_record(ContentType::alert, {}); }},
    {"EmptyInnerHandshake", &rules::empty_fragment,
     after_server_hello([](auto& s) { s.send_record(ContentType::handshake, {}); })},
    {"AlertOfThreeBytes", &rules::alert_malformed, [](auto& s) { s.send_record(ContentType::alert, as_bytes("abc")); }},
    {"AlertInsideAMessage", &rules::message_interleaved, after_server_hello([](auto& s) {
       s.send_record(ContentType::handshake, Bytes(to_message(s.encrypted_extensions())).first(3));
       s.send_record(ContentType::alert, alert_bytes(AlertDescription::user_canceled));
     })},
    {"ChangeCipherSpecInsideAMessage", &rules::message_interleaved,
     [](auto& s) {
       s.send_record(ContentType::handshake, Bytes(to_message(s.server_hello())).first(20));
       s.send_change_cipher_spec();
     }},
    {"MessageTooLong", &rules::message_too_long,
     [](auto& s) { s.send_record(ContentType::handshake, std::array<std::uint8_t, 4>{2, 1, 0, 1}); }},
    {"ManyTicketsWithoutData", &rules::too_many_records_without_data, after_handshake([](auto& s) {
       for (std::size_t i = 0; i <= limits::records_without_data; ++i) s.send(testing::new_session_ticket());
     })},
    {"ManyEmptyRecords", &rules::too_many_records_without_data, after_handshake([](auto& s) {
       for (std::size_t i = 0; i <= limits::records_without_data; ++i) s.send_record(ContentType::application_data, {});
     })},
    {"ManyWarnings", &rules::too_many_warning_alerts, after_handshake([](auto& s) {
       for (std::size_t i = 0; i <= limits::warning_alerts; ++i) {
         s.send_record(ContentType::alert, alert_bytes(AlertDescription::user_canceled));
       }
     })},
    {"KeyUpdateWithAnotherValue", &rules::key_update_invalid,
     after_handshake([](auto& s) { s.send(testing::key_update(2)); })},
    {"MessageAfterKeyUpdateInItsRecord", &rules::message_across_key_change,
     after_handshake([](auto& s) { s.send_together({testing::key_update(0), testing::key_update(0)}); })},
    {"CertificateRequestAfterwards", &rules::unexpected_message, after_handshake([](auto& s) {
       s.send(to_message(CertificateRequest{{1}, list_of(default_signature_schemes()), {}}));
     })},
    {"TicketWithAWrongExtension", &rules::extension_in_wrong_message, after_handshake([](auto& s) {
       s.send(compose(HandshakeType::new_session_ticket, [](Writer& body) {
         body.u32(7200);
         body.u32(0);
         body.vec8([](Writer& nonce) { nonce.u8(0); });
         body.vec16([](Writer& ticket) { ticket.u8(1); });
         body.vec16([](Writer& block) { write_extension(block, ExtensionType::key_share, [](Writer&) {}); });
       }));
     })},
};

INSTANTIATE_TEST_SUITE_P(Rules, ClientNotices, ::testing::ValuesIn(client_cases),
                         [](const auto& each) { return std::string(each.param.name); });

// ---- a server is the victim

struct ServerCase {
  const char* name;
  const Rule* rule;
  std::function<void(ScriptedClient&)> play;
};
class ServerNotices : public ::testing::TestWithParam<ServerCase> {};

TEST_P(ServerNotices, AndSaysTheRulesAlert) {
  AlertRecorder alerts(Sender::server);
  ServerConfig config;
  config.alpn = {"http/1.1"};
  End server = End::server(std::make_shared<const ServerConfig>(config), &alerts);
  ScriptedClient client(server);
  GetParam().play(client);
  expect_failure(server, alerts, *GetParam().rule);
}

template <class Change>
std::function<void(ScriptedClient&)> client_hello_with(Change change) {
  return [change](ScriptedClient& client) {
    ClientHello hello = client.client_hello();
    change(hello);
    client.send(hello);
  };
}

template <class Change>
std::function<void(ScriptedClient&)> hybrid_share_with(Change change) {
  return [change](ScriptedClient& client) {
    ClientHello hello = client.client_hello(NamedGroup::X25519MLKEM768);
    change(hello.key_share->front().key_exchange);
    client.send(hello);
  };
}

/// The first hello has a share that the server has no group for, and is answered by a retry for x25519.
template <class Change>
std::function<void(ScriptedClient&)> second_hello_with(Change change) {
  return [change](ScriptedClient& client) {
    ClientHello hello = client.client_hello(NamedGroup::secp521r1);
    client.send(hello);
    client.read_flight();
    hello.key_share = {client.make_share(NamedGroup::x25519)};
    change(hello);
    client.send(hello);
  };
}

std::function<void(ScriptedClient&)> after_flight(const std::function<void(ScriptedClient&)>& then) {
  return [then](ScriptedClient& client) {
    client.send(client.client_hello());
    client.read_flight();
    then(client);
  };
}

const std::vector<ServerCase> server_cases = {
    {"NotTls", &rules::not_tls, [](auto& c) { c.send_bytes(as_bytes("SSH-2.0-OpenSSH")); }},
    {"PlainGet", &rules::plain_http_request, [](auto& c) { c.send_bytes(as_bytes("GET / HTTP/1.1\r\n")); }},
    {"PlainPost", &rules::plain_http_request, [](auto& c) { c.send_bytes(as_bytes("POST /x HTTP/1.1\r\n")); }},
    {"PlainOptions", &rules::plain_http_request, [](auto& c) { c.send_bytes(as_bytes("OPTIONS * HTTP/1.1\r\n")); }},
    {"PlainHttp2", &rules::plain_http_request, [](auto& c) { c.send_bytes(as_bytes("PRI * HTTP/2.0\r\n")); }},
    {"Ssl2Hello", &rules::ssl2_hello,
     [](auto& c) { c.send_bytes(std::array<std::uint8_t, 8>{0x80, 0x2e, 0x01, 0x00, 0x02, 0, 0, 0}); }},
    {"Alert", &rules::alert_received,
     [](auto& c) { c.send_record(ContentType::alert, alert_bytes(AlertDescription::internal_error)); }},
    {"UnprotectedAlertAfterServerHello", &rules::alert_received,
     [](auto& c) {
       c.send(c.client_hello());
       c.send_bytes(std::array<std::uint8_t, 7>{21, 3, 3, 0, 2, 2, 47});
     }},
    {"ChangeCipherSpecFirst", &rules::change_cipher_spec_misplaced, [](auto& c) { c.send_change_cipher_spec(); }},
    {"FinishedFirst", &rules::unexpected_message,
     [](auto& c) { c.send(compose(HandshakeType::finished, [](Writer& body) { body.u32(1); })); }},
    {"VersionsWithout13", &rules::version_not_supported,
     client_hello_with([](auto& h) { h.supported_versions = {ProtocolVersion::TLS_1_2}; })},
    {"NoVersions", &rules::version_not_supported, client_hello_with([](auto& h) { h.supported_versions.reset(); })},
    {"Ssl3", &rules::version_not_supported, client_hello_with([](auto& h) {
       h.legacy_version = 0x0300;
       h.supported_versions.reset();
     })},
    {"RecordSizeLimitBelowTheLeast", &rules::record_size_limit_out_of_range,
     client_hello_with([](auto& h) { h.record_size_limit = limits::least_record_size_limit - 1; })},
    {"Fallback", &rules::inappropriate_fallback, client_hello_with([](auto& h) {
       h.supported_versions = {ProtocolVersion::TLS_1_2};
       h.cipher_suites.push_back(CipherSuite::TLS_FALLBACK_SCSV);
     })},
    {"Compression", &rules::compression_offered,
     client_hello_with([](auto& h) { h.legacy_compression_methods = {1, 0}; })},
    {"NoCommonSuite", &rules::no_common_cipher_suite,
     client_hello_with([](auto& h) { h.cipher_suites = {static_cast<CipherSuite>(0x1305)}; })},
    {"NoCommonGroup", &rules::no_common_group,
     [](auto& c) {
       ClientHello hello = c.client_hello(NamedGroup::secp521r1);
       hello.supported_groups = {NamedGroup::secp521r1};
       c.send(hello);
     }},
    {"NoCommonScheme", &rules::no_common_signature_scheme,
     client_hello_with([](auto& h) { h.signature_algorithms = {SignatureScheme::ed25519}; })},
    {"SchemesOfTls12Alone", &rules::no_common_signature_scheme,
     client_hello_with([](auto& h) { h.signature_algorithms = {SignatureScheme::rsa_pkcs1_sha256}; })},
    {"NoCommonProtocol", &rules::no_application_protocol,
     client_hello_with([](auto& h) { h.application_layer_protocol_negotiation = {{"ftp", "smtp"}}; })},
    {"NoSchemes", &rules::missing_extension, client_hello_with([](auto& h) { h.signature_algorithms.reset(); })},
    {"NoGroups", &rules::missing_extension, client_hello_with([](auto& h) { h.supported_groups.reset(); })},
    {"NoShares", &rules::missing_extension, client_hello_with([](auto& h) { h.key_share.reset(); })},
    {"DuplicateExtension", &rules::duplicate_extension,
     [](auto& c) { c.send(with_extension(to_message(c.client_hello()), ExtensionType::server_name)); }},
    {"DuplicateUnknownExtension", &rules::duplicate_extension,
     [](auto& c) {
       const auto unknown = static_cast<ExtensionType>(0x3a3a);
       c.send(with_extension(with_extension(to_message(c.client_hello()), unknown), unknown));
     }},
    {"WrongMessage", &rules::extension_in_wrong_message,
     [](auto& c) { c.send(with_extension(to_message(c.client_hello()), ExtensionType::oid_filters)); }},
    {"PskNotLast", &rules::psk_not_last,
     [](auto& c) {
       c.send(with_extension(
           with_extension(to_message(c.client_hello()), ExtensionType::pre_shared_key, testing::offered_psks()),
           ExtensionType::psk_key_exchange_modes, std::array<std::uint8_t, 2>{1, 1}));
     }},
    {"PskWithoutModes", &rules::psk_without_modes,
     [](auto& c) {
       c.send(with_extension(to_message(c.client_hello()), ExtensionType::pre_shared_key, testing::offered_psks()));
     }},
    {"TooManyShares", &rules::too_many_key_shares, client_hello_with([](auto& h) {
       for (std::uint16_t i = 0; i < limits::key_shares; ++i) {
         h.key_share->push_back({static_cast<NamedGroup>(0x4000 + i), {1}});
         h.supported_groups->push_back(static_cast<NamedGroup>(0x4000 + i));
       }
     })},
    {"TwoSharesOfOneGroup", &rules::duplicate_key_share,
     client_hello_with([](auto& h) { h.key_share->push_back(h.key_share->front()); })},
    {"ShareNotListed", &rules::key_share_not_listed,
     client_hello_with([](auto& h) { h.supported_groups = {NamedGroup::secp256r1}; })},
    {"ShareOfSmallOrder", &crypto::rules::invalid_key_share,
     client_hello_with([](auto& h) { std::ranges::fill(h.key_share->front().key_exchange, 0); })},
    {"ShareOffItsCurve", &crypto::rules::invalid_key_share,
     [](auto& c) {
       ClientHello hello = c.client_hello(NamedGroup::secp256r1);
       hello.key_share->front().key_exchange.back() ^= 1;
       c.send(hello);
     }},
    {"HybridShareWithACoefficientOfQ", &crypto::rules::invalid_key_share, hybrid_share_with([](auto& share) {
       share[0] = 0x01;  // 3329 = 0xd01 in twelve bits
       share[1] = static_cast<std::uint8_t>((share[1] & 0xf0U) | 0x0dU);
     })},
    {"HybridShareWithTheLastCoefficientTooLarge", &crypto::rules::invalid_key_share,
     hybrid_share_with([](auto& share) { share[1151] = 0xff; })},
    {"HybridShareWithAPointOfSmallOrder", &crypto::rules::invalid_key_share,
     hybrid_share_with([](auto& share) { std::ranges::fill(std::span(share).last(32), 0); })},
    {"HybridShareWithAByteLess", &crypto::rules::invalid_key_share,
     hybrid_share_with([](auto& share) { share.pop_back(); })},
    {"HybridShareWithAByteMore", &crypto::rules::invalid_key_share,
     hybrid_share_with([](auto& share) { share.push_back(0); })},
    {"HybridShareAsLongAsAServers", &crypto::rules::invalid_key_share,
     hybrid_share_with([](auto& share) { share.resize(1120); })},
    {"HybridShareOfX25519Alone", &crypto::rules::invalid_key_share,
     hybrid_share_with([](auto& share) { share.resize(32); })},
    {"ShareCutOff", &crypto::rules::invalid_key_share,
     client_hello_with([](auto& h) { h.key_share->front().key_exchange.pop_back(); })},
    {"ServerNameWithADotAtItsEnd", &rules::server_name_invalid,
     client_hello_with([](auto& h) { h.server_name = "server.test."; })},
    {"ServerNameWithANul", &rules::server_name_invalid,
     client_hello_with([](auto& h) { h.server_name = std::string("a\0b", 3); })},
    {"TwoServerNames", &rules::server_name_invalid,
     [](auto& c) {
       const std::array<std::uint8_t, 10> two_names = {0, 8, 0, 0, 1, 'a', 0, 0, 1, 'b'};
       ClientHello hello = c.client_hello();
       hello.server_name.reset();
       c.send(with_extension(to_message(hello), ExtensionType::server_name, two_names));
     }},
    {"SecondHelloWithAnotherRandom", &rules::retry_hello_changed, second_hello_with([](auto& h) { h.random[0] ^= 1; })},
    {"SecondHelloWithOtherSuites", &rules::retry_hello_changed,
     second_hello_with([](auto& h) { h.cipher_suites.pop_back(); })},
    {"SecondHelloWithoutThatShare", &rules::retry_share_wrong,
     second_hello_with([](auto& h) { h.key_share->front().group = NamedGroup::secp256r1; })},
    {"SecondHelloWithTwoShares", &rules::retry_share_wrong,
     second_hello_with([](auto& h) { h.key_share->push_back({NamedGroup::secp256r1, {4}}); })},
    {"SecondHelloWithoutShares", &rules::retry_share_wrong, second_hello_with([](auto& h) { h.key_share->clear(); })},
    {"HelloAgainAfterTheFlight", &rules::unexpected_message,
     after_flight([](auto& c) { c.send(to_message(c.client_hello())); })},
    {"FinishedWrong", &rules::finished_wrong, after_flight([](auto& c) {
       Message finished = c.finished();
       finished.back() ^= 1;
       c.send(finished);
     })},
    {"DataBeforeFinished", &rules::data_before_finished,
     after_flight([](auto& c) { c.send_record(ContentType::application_data, as_bytes("GET")); })},
    {"SecondHelloInTheSameRecord", &rules::message_across_key_change,
     [](auto& c) {
       const Message hello = to_message(c.client_hello());
       c.send_together({hello, hello});
     }},
    {"TooMuchEarlyData", &rules::too_much_early_data,
     [](auto& c) {
       c.send(with_extension(to_message(c.client_hello()), ExtensionType::early_data));
       std::vector<std::uint8_t> record(5 + 16 * 1024 + 256, 0x55);
       std::ranges::copy(std::array<std::uint8_t, 5>{23, 3, 3, 0x41, 0x00}, record.begin());
       c.send_bytes(record);
     }},
    {"TicketFromAClient", &rules::unexpected_message,
     [](auto& c) {
       c.complete();
       c.send(testing::new_session_ticket());
     }},
    {"ManyKeyUpdates", &rules::too_many_records_without_data,
     [](auto& c) {
       c.complete();
       for (std::size_t i = 0; i <= limits::records_without_data; ++i) {
         c.send(testing::key_update(0));
         c.next_write_key();
       }
     }},
};

INSTANTIATE_TEST_SUITE_P(Rules, ServerNotices, ::testing::ValuesIn(server_cases),
                         [](const auto& each) { return std::string(each.param.name); });

// ---- the caller's own mistakes

TEST(UsageRules, AreAnsweredAndChangeNothing) {
  testing::Pair pair;
  const auto expect = [](const auto& result, const Rule& rule) {
    provoked().insert(&rule);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().rule->code, rule.code);
  };
  std::array<std::uint8_t, 16> key{};
  expect(pair.client.connection.send(as_bytes("early")), rules::not_connected);
  expect(pair.client.connection.export_keying_material("label", {}, key), rules::not_connected);
  expect(pair.client.connection.answer(4711, PeerVerified::by_caller()), rules::unknown_question);
  pair.exchange();
  ASSERT_TRUE(pair.client.complete);
  expect(pair.client.connection.answer(1, PeerVerified::by_caller()), rules::unknown_question);
  expect(pair.client.connection.reserve(0), rules::no_reservation);
  expect(pair.client.connection.reserve(limits::plaintext + 1), rules::no_reservation);
  expect(pair.client.connection.commit(1), rules::no_reservation);
  expect(pair.client.connection.export_keying_material(std::string(250, 'x'), {}, key), rules::export_too_long);
  EXPECT_TRUE(pair.client.connection.send(as_bytes("still alive")));
  pair.exchange();
  EXPECT_EQ(as_text(pair.server.received), "still alive");
}

TEST(UsageRules, ConfigurationsThatNameNothing) {
  provoked().insert(&rules::configuration_unusable);
  ClientConfig client_config;
  client_config.groups.clear();
  const testing::Pair no_group(client_config);
  ASSERT_TRUE(no_group.client.failed);
  EXPECT_EQ(no_group.client.failed->error.rule, &rules::configuration_unusable);
  ServerConfig server_config;
  server_config.cipher_suites.clear();
  const testing::Pair no_suite({}, server_config);
  ASSERT_TRUE(no_suite.server.failed);
  EXPECT_EQ(no_suite.server.failed->error.rule, &rules::configuration_unusable);
  const testing::Pair long_name({.alpn = {std::string(256, 'x')}}, {.alpn = {""}});
  ASSERT_TRUE(long_name.client.failed);
  ASSERT_TRUE(long_name.server.failed);
  EXPECT_EQ(long_name.client.failed->error.rule, &rules::configuration_unusable);
  EXPECT_EQ(long_name.server.failed->error.rule, &rules::configuration_unusable);
  const testing::Pair records({.record_size_limit = 63}, {.record_size_limit = 16'386});
  ASSERT_TRUE(records.client.failed);
  ASSERT_TRUE(records.server.failed);
  EXPECT_EQ(records.client.failed->error.rule, &rules::configuration_unusable);
  EXPECT_EQ(records.server.failed->error.rule, &rules::configuration_unusable);
  const testing::Pair shares(
      {.groups = std::vector(limits::key_shares + 1, NamedGroup::x25519), .key_share_count = limits::key_shares + 1});
  ASSERT_TRUE(shares.client.failed);
  EXPECT_EQ(shares.client.failed->error.rule, &rules::configuration_unusable);
  const testing::Pair suites({.policy = Policy::intermediate,
                              .max_version = ProtocolVersion::TLS_1_2,
                              .cipher_suites = cipher_suites_of(ProtocolVersion::TLS_1_3)});
  ASSERT_TRUE(suites.client.failed) << "no suite of TLS 1.2";
  EXPECT_EQ(suites.client.failed->error.rule, &rules::configuration_unusable);
  const testing::Pair hybrids({.policy = Policy::intermediate,
                               .max_version = ProtocolVersion::TLS_1_2,
                               .groups = {NamedGroup::X25519MLKEM768}});
  ASSERT_TRUE(hybrids.client.failed) << "no group of TLS 1.2";
  EXPECT_EQ(hybrids.client.failed->error.rule, &rules::configuration_unusable);
  const testing::Pair padding({.padding = {0}});
  EXPECT_EQ(padding.client.failed->error.rule, &rules::configuration_unusable);
}

TEST(RecordReader, NeverWrapsItsSequenceNumber) {
  provoked().insert(&rules::sequence_exhausted);
  RecordReader reader(true);
  reader.protect(RecordProtection(CipherSuite::TLS_AES_128_GCM_SHA256, TrafficSecret(std::vector<std::uint8_t>(32)),
                                  testing::provider(), UINT64_MAX));
  std::vector<std::uint8_t> record(5 + 20);
  std::ranges::copy(std::array<std::uint8_t, 5>{23, 3, 3, 0, 20}, record.begin());
  const auto taken = reader.take(record);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().rule, &rules::sequence_exhausted);
}

}  // namespace
}  // namespace padlock::tls

// Each extension in each message (docs/threats.md, T11): put into a good message once more, it is taken, passed over,
// or answered by its one alert.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "padlock/tls/testing/scripted_peer.h"
#include "padlock/tls/wire/certificate_status.h"
#include "padlock/tls/wire/post_handshake.h"

namespace padlock::tls {
namespace {

using testing::End;
using testing::Message;
using testing::ScriptedClient;
using testing::ScriptedServer;
using testing::to_message;
using testing::with_extension;
using testing::without_extension;

// The columns are the messages that have extensions: ClientHello, ServerHello, HelloRetryRequest, EncryptedExtensions,
// Certificate, CertificateRequest, NewSessionTicket (RFC 8446, section 4.2's table), and the ClientHello after a retry.
// `ok`: the connection goes on. 47: it stands there already, or must not stand there; in the second hello also because
// it was not in the first (section 4.1.2). 110: it answers what was not asked. 109: pre_shared_key needs modes.
// Extensions of TLS 1.2 may stand in a hello; no message of TLS 1.3 answers them.
constexpr std::string_view table = R"(
                                                CH  SH  HRR EE  CT  CR  NST CH2
server_name                             0       47  47  47  ok  47  47  47  47
max_fragment_length                     1       ok  47  47  110 47  47  47  47
status_request                          5       ok  47  47  47  ok  ok  47  47
supported_groups                        10      47  47  47  ok  47  47  47  47
ec_point_formats                        11      ok  47  47  47  47  47  47  47
signature_algorithms                    13      47  47  47  47  47  47  47  47
use_srtp                                14      ok  47  47  110 47  47  47  47
heartbeat                               15      ok  47  47  110 47  47  47  47
application_layer_protocol_negotiation  16      ok  47  47  ok  47  47  47  47
signed_certificate_timestamp            18      ok  47  47  47  ok  ok  47  47
client_certificate_type                 19      ok  47  47  110 47  47  47  47
server_certificate_type                 20      ok  47  47  110 47  47  47  47
padding                                 21      ok  47  47  47  47  47  47  ok
encrypt_then_mac                        22      ok  47  47  47  47  47  47  47
extended_master_secret                  23      ok  47  47  47  47  47  47  47
compress_certificate                    27      ok  47  47  47  47  ok  47  47
record_size_limit                       28      ok  47  47  ok  47  47  47  47
session_ticket                          35      ok  47  47  47  47  47  47  47
pre_shared_key                          41      109 110 47  47  47  47  47  109
early_data                              42      ok  47  47  110 47  47  ok  47
supported_versions                      43      47  47  47  47  47  47  47  47
cookie                                  44      ok  47  ok  47  47  47  47  47
psk_key_exchange_modes                  45      ok  47  47  47  47  47  47  47
certificate_authorities                 47      ok  47  47  47  47  ok  47  47
oid_filters                             48      47  47  47  47  47  ok  47  47
post_handshake_auth                     49      ok  47  47  47  47  47  47  47
signature_algorithms_cert               50      ok  47  47  47  47  ok  47  47
key_share                               51      47  47  47  47  47  47  47  47
renegotiation_info                      65281   ok  47  47  47  47  47  47  47
a-number-that-nobody-has                4660    ok  110 110 110 110 ok  ok  47
GREASE                                  64250   ok  110 110 110 110 ok  ok  47
)";

struct Cell {
  std::string name;
  std::string message;
  ExtensionType type;
  std::string expected;
};

std::vector<Cell> cells() {
  std::vector<Cell> found;
  std::istringstream lines{std::string(table)};
  std::vector<std::string> messages;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    if (line.empty()) continue;
    if (messages.empty()) {
      for (std::string word; words >> word;) messages.push_back(word);
      continue;
    }
    Cell cell;
    unsigned number = 0;
    words >> cell.name >> number;
    cell.type = static_cast<ExtensionType>(number);
    for (const std::string& message : messages) {
      cell.message = message;
      words >> cell.expected;
      found.push_back(cell);
    }
  }
  return found;
}

/// What a good extension of this type holds in this message.
std::vector<std::uint8_t> data_for(ExtensionType type, const std::string& message) {
  using enum ExtensionType;
  const bool request = message == "CH" || message == "CH2" || message == "CR";
  switch (type) {
    case status_request:
      if (message == "CR") return {};
      return request ? std::vector<std::uint8_t>{1, 0, 0, 0, 0} : std::vector<std::uint8_t>{1, 0, 0, 1, 0x30};
    case supported_groups: return {0, 2, 0, 29};
    case ec_point_formats: return {1, 0};
    case renegotiation_info: return {0};
    case signature_algorithms:
    case signature_algorithms_cert: return {0, 2, 8, 4};
    case application_layer_protocol_negotiation: return {0, 9, 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    case signed_certificate_timestamp:
      return request ? std::vector<std::uint8_t>{} : std::vector<std::uint8_t>{0, 3, 0, 1, 9};
    case record_size_limit: return {0x40, 0x00};
    case early_data: return message == "NST" ? std::vector<std::uint8_t>{0, 0, 1, 0} : std::vector<std::uint8_t>{};
    case cookie: return {0, 2, 1, 1};
    case certificate_authorities: return {0, 3, 0, 1, 9};
    case oid_filters: return {0, 0};
    case compress_certificate: return {2, 0, 2};
    case psk_key_exchange_modes: return {1, 1};
    case pre_shared_key: return message == "SH" ? std::vector<std::uint8_t>{0, 0} : testing::offered_psks();
    case max_fragment_length: return {1};
    default: return {};
  }
}

Message certificate_with(const Certificate& certificate, ExtensionType type, Bytes data) {
  return compose(HandshakeType::certificate, [&](Writer& body) {
    body.u8(0);
    body.vec24([&](Writer& list) {
      list.vec24([&](Writer& der) { der.bytes(certificate.certificate_list.front().cert_data); });
      list.vec16([&](Writer& block) { write_extension(block, type, [&](Writer& out) { out.bytes(data); }); });
    });
  });
}

Message ticket_with(ExtensionType type, Bytes data) {
  return compose(HandshakeType::new_session_ticket, [&](Writer& body) {
    body.u32(7200);
    body.u32(0);
    body.vec8([](Writer& nonce) { nonce.u8(0); });
    body.vec16([](Writer& ticket) { ticket.u8(1); });
    body.vec16([&](Writer& block) { write_extension(block, type, [&](Writer& out) { out.bytes(data); }); });
  });
}

void play_to_client(ScriptedServer& server, const std::string& where, ExtensionType type, Bytes data) {
  if (where == "SH") return server.send(with_extension(to_message(server.server_hello()), type, data));
  if (where == "HRR") {
    server.send(with_extension(to_message(server.hello_retry_request(NamedGroup::secp256r1)), type, data));
    return;
  }
  server.send(server.server_hello());
  server.use_handshake_keys();
  const Message extensions = to_message(server.encrypted_extensions());
  if (where == "EE") return server.send(with_extension(extensions, type, data));
  server.send(extensions);
  if (where == "CR") {
    const auto request = to_message(CertificateRequest{{}, list_of(default_signature_schemes()), {}});
    return server.send(with_extension(request, type, data));
  }
  if (where == "CT") return server.send(certificate_with(server.certificate(), type, data));
  server.send(to_message(server.certificate()));
  server.send(server.certificate_verify());
  server.send(server.finished());
  server.use_application_keys();
  server.send(ticket_with(type, data));
}

void play_to_server(ScriptedClient& client, const std::string& where, ExtensionType type, Bytes data) {
  if (where == "CH") return client.send(with_extension(to_message(client.client_hello()), type, data));
  ClientHello hello = client.client_hello(NamedGroup::secp521r1);
  client.send(hello);
  client.read_flight();
  hello.key_share = {client.make_share(NamedGroup::x25519)};
  client.send(with_extension(to_message(hello), type, data));
}

std::string outcome_of(const End& end) {
  return end.failed ? std::to_string(static_cast<unsigned>(end.failed->error.rule->alert)) : "ok";
}

TEST(Extensions, InEachMessageAreTakenOrAnsweredByTheirAlert) {
  const auto client_config = std::make_shared<const ClientConfig>(ClientConfig{.alpn = {"http/1.1"}});
  const auto server_config = std::make_shared<const ServerConfig>(ServerConfig{.alpn = {"http/1.1"}});
  const auto all = cells();
  ASSERT_EQ(all.size(), 31U * 8);
  for (const Cell& cell : all) {
    const auto data = data_for(cell.type, cell.message);
    const bool to_server = cell.message.starts_with("CH");
    End end = to_server ? End::server(server_config) : End::client(client_config);
    if (to_server) {
      ScriptedClient client(end);
      play_to_server(client, cell.message, cell.type, data);
    } else {
      ScriptedServer server(end);
      play_to_client(server, cell.message, cell.type, data);
    }
    EXPECT_EQ(outcome_of(end), cell.expected)
        << cell.name << " in " << cell.message << (end.failed ? ": " + end.failed->error.to_string() : "");
  }
}

/// What a hello of either side lacks without this extension.
TEST(Extensions, ThatAreMandatoryAreMissed) {
  using enum ExtensionType;
  const std::map<ExtensionType, std::string> in_client_hello = {{supported_versions, "70"},
                                                                {signature_algorithms, "109"},
                                                                {supported_groups, "109"},
                                                                {key_share, "109"},
                                                                {server_name, "ok"}};
  for (const auto& [type, expected] : in_client_hello) {
    End end = End::server(std::make_shared<const ServerConfig>());
    ScriptedClient client(end);
    client.send(without_extension(to_message(client.client_hello()), type));
    EXPECT_EQ(outcome_of(end), expected) << name_of(type);
  }
  for (const auto& [type, expected] :
       std::map<ExtensionType, std::string>{{supported_versions, "70"}, {key_share, "109"}}) {
    End end = End::client(std::make_shared<const ClientConfig>());
    ScriptedServer server(end);
    server.send(without_extension(to_message(server.server_hello()), type));
    EXPECT_EQ(outcome_of(end), expected) << name_of(type);
  }
  // Section 4.1.4: the version that HelloRetryRequest selected must be retained.
  for (const auto& [type, expected] :
       std::map<ExtensionType, std::string>{{supported_versions, "47"}, {key_share, "109"}}) {
    End end = End::client(std::make_shared<const ClientConfig>());
    ScriptedServer server(end);
    server.send(server.hello_retry_request(NamedGroup::secp256r1));
    server.send(without_extension(to_message(server.server_hello()), type));
    EXPECT_EQ(outcome_of(end), expected) << name_of(type) << " of the second ServerHello";
  }
  End end = End::client(std::make_shared<const ClientConfig>());
  ScriptedServer server(end);
  server.send(without_extension(to_message(server.hello_retry_request(NamedGroup::secp256r1)), supported_versions));
  EXPECT_EQ(outcome_of(end), "109");
}

}  // namespace
}  // namespace padlock::tls

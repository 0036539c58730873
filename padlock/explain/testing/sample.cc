#include "padlock/explain/testing/sample.h"

namespace padlock::explain::testing {
namespace {

using namespace std::chrono_literals;

Step look_up() {
  return {.id = "look_up",
          .title = "look-up of localhost",
          .sender = std::nullopt,
          .at = 1us,
          .words = "The client looks up which address the name localhost stands for.",
          .source = "RFC 6761, section 6.3",
          .facts = {{"addresses", "::1, 127.0.0.1"}}};
}

Step syn() {
  return {.id = "syn",
          .title = "SYN",
          .sender = Party::client,
          .at = 20us,
          .wire_bytes = 40,
          .words = "The client asks the server for a connection.",
          .source = "RFC 9293, section 3.5",
          .wire = {0xa0, 0x02, 'a', 'b', 0x7f},
          .listener = "both addresses and ports."};
}

Step hello() {
  return {.id = "server_hello",
          .title = "ServerHello",
          .sender = Party::server,
          .at = 1234567ns,
          .wire_bytes = 127,
          .words =
              "The server picks one of each offer and sends its half of the key exchange: both can now compute "
              "the same secret, which nobody who listens can.",
          .source = "RFC 8446, section 4.1.3",
          .facts = {{"cipher_suite", "TLS_AES_128_GCM_SHA256"}, {"key_share", "x25519, 32 bytes"}},
          .keys = {{"client_handshake_traffic_secret", 32}},
          .choices = {{"cipher_suite", "TLS_AES_128_GCM_SHA256", "first of the client's list that the server allows"}},
          .message = {2, 0, 0, 5, 3, 3, 2, 0xaa, 0xbb},
          .fields = {{"msg_type", 0, 1, 2, 0, "server_hello"},
                     {"length", 1, 3, 5, 0, ""},
                     {"legacy_version", 4, 2, 0x0303, 0, "TLS 1.2"},
                     {"random", 7, 2, std::nullopt, 0, ""}},
          .wire = {22, 3, 3, 0, 9, 2, 0, 0, 5, 3, 3, 2, 0xaa, 0xbb},
          .listener = "the chosen suite and the server's half of the key exchange.",
          .marker = Marker{Marker::Kind::encrypted, "encryption begins: handshake keys"}};
}

Step finished() {
  return {.id = "finished",
          .title = "Finished",
          .sender = Party::client,
          .at = 123456us,
          .wire_bytes = 1058,
          .protection = Protection::handshake_keys,
          .words = "The client sends a checksum over the whole conversation.",
          .source = "RFC 8446, section 4.4.4",
          .facts = {{"verify_data", "32 bytes"}},
          .message = {20, 0, 0, 1, 7},
          .fields_missing = "Finished.verify_data is short",
          .wire = std::vector<std::uint8_t>(100, 0xc5),
          .listener = "nothing but its size and time."};
}

}  // namespace

Ladder sample_ladder() {
  return {.url = "https://localhost:8443/secret.txt",
          .client_address = "127.0.0.1:51234",
          .server_address = "127.0.0.1:8443",
          .tcp_source = TcpSource::captured,
          .tcp_note = "TCP steps: packets captured on the way.",
          .steps = {look_up(), syn(), hello(), finished()},
          .client_bytes = 1575,
          .server_bytes = 127,
          .leaks = {{"server name", "localhost, in the ClientHello"}},
          .unreadable = {{"path and query", "/secret.txt"}},
          .outcome = {.ok = true,
                      .secure = true,
                      .verdict = "[locked] localhost - TLS 1.3, x25519",
                      .explanation = "one line\n  rule     RFC 5280\n",
                      .exit_code = 0}};
}

}  // namespace padlock::explain::testing

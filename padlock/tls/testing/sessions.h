#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/tls/session/client_session.h"
#include "padlock/tls/session/ticket_keys.h"
#include "padlock/tls/testing/end.h"
#include "padlock/tls/wire/handshake_message.h"

namespace padlock::tls::testing {

using SessionPtr = std::shared_ptr<const ClientSession>;

/// When tests begin: the time of the first connection.
inline constexpr WallTime beginning{std::chrono::sys_days{std::chrono::January / 1 / 2030}};

/// So long after the beginning, on both clocks.
inline Instant later(std::chrono::seconds time) { return {.monotonic = time, .wall = beginning + time}; }

/// Keys whose root is made of this byte.
inline std::shared_ptr<TicketKeys> ticket_keys(std::uint8_t root = 1, std::uint8_t node = 0) {
  const std::vector<std::uint8_t> bytes(32, root);
  return std::make_shared<TicketKeys>(provider(), Secret<32>(bytes), beginning, TicketSource{{node}, {node, root}});
}

/// A session that a test may change.
inline std::shared_ptr<ClientSession> copy_of(const ClientSession& session) {
  return std::make_shared<ClientSession>(ClientSession{.version = session.version,
                                                       .cipher_suite = session.cipher_suite,
                                                       .secret = session.secret.duplicate(),
                                                       .ticket = session.ticket,
                                                       .session_id = session.session_id,
                                                       .ticket_age_add = session.ticket_age_add,
                                                       .max_early_data_size = session.max_early_data_size,
                                                       .alpn = session.alpn,
                                                       .most_content = session.most_content,
                                                       .received = session.received,
                                                       .authenticated = session.authenticated,
                                                       .lifetime = session.lifetime,
                                                       .server_name = session.server_name,
                                                       .peer_chain = session.peer_chain,
                                                       .external_psk = session.external_psk,
                                                       .proof = session.proof});
}

/// Two ends of which the client would like to go on from the session, at that time.
inline Pair unconnected(ClientConfig client, ServerConfig server, SessionPtr session, Instant now,
                        std::string name = "server.test") {
  Pair pair(End::client(std::make_shared<const ClientConfig>(std::move(client)), nullptr, nullptr, std::move(name),
                        {std::move(session), now}),
            End::server(std::make_shared<const ServerConfig>(std::move(server))));
  pair.server.now = now;
  return pair;
}

/// The same, after what they have to say.
inline Pair resume(ClientConfig client, ServerConfig server, SessionPtr session, Instant now,
                   std::string name = "server.test") {
  Pair pair = unconnected(std::move(client), std::move(server), std::move(session), now, std::move(name));
  pair.exchange();
  return pair;
}

/// Notes the body of the server's message of one type.
class Heard final : public Observer {
 public:
  explicit Heard(HandshakeType type) : type_(type) {}
  void handshake_message(Sender sender, EncryptionLevel, Bytes bytes) override {
    const auto read = parse_handshake_message(bytes).value();
    if (sender == Sender::server && read.type == type_) body.assign(read.body.begin(), read.body.end());
  }
  void record(Sender, EncryptionLevel, ContentType, ContentType, std::size_t, std::size_t) override {}
  void key_derived(std::string_view, std::size_t) override {}
  void chosen(std::string_view, std::string_view, std::string_view) override {}
  void alert(Sender, EncryptionLevel, AlertDescription) override {}
  std::vector<std::uint8_t> body;

 private:
  HandshakeType type_;
};

}  // namespace padlock::tls::testing

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/tls/connection.h"
#include "padlock/tls/session/early_data_store.h"
#include "padlock/tls/testing/credentials.h"

namespace padlock::tls::testing {

/// One end of a connection with a caller that notes what happens and answers questions: at once, or when `answer` is
/// called for one of `questions`.
class End {
 public:
  static End client(std::shared_ptr<const ClientConfig> config, Observer* observer = nullptr, KeyLog* key_log = nullptr,
                    std::string server_name = "server.test", Resumption resumption = {});
  static End server(std::shared_ptr<const ServerConfig> config, Observer* observer = nullptr,
                    KeyLog* key_log = nullptr);

  Instant now{};
  /// Gives bytes to the connection as a socket would: they are kept until it takes them.
  void deliver(Bytes bytes);
  /// Feeds and drains until nothing moves.
  void pump();
  /// All that the connection wants to send.
  std::vector<std::uint8_t> take_output();
  /// Answers questions[index].
  void answer(std::size_t index);

  Connection connection;
  std::shared_ptr<const Credential> credential = testing::credential();
  bool answers_at_once = true;
  PeerVerified proof = PeerVerified::by_caller();    ///< the answer to ChainVerificationWanted
  std::shared_ptr<EarlyDataStore> early_data_store;  ///< answers EarlyDataWanted; null: it is always the first use
  std::vector<Event> questions;                      ///< open ones

  // What happened.
  std::vector<std::string> events;  ///< "ApplicationData 5", "HandshakeComplete", ... questions left out
  std::vector<std::uint8_t> received;
  std::vector<std::uint8_t> early;  ///< received as early data
  bool complete = false;
  bool peer_closed = false;
  std::optional<Failed> failed;
  std::vector<std::shared_ptr<const ClientSession>> sessions;
  std::vector<std::uint8_t> inbox;  ///< delivered and not taken yet

 private:
  explicit End(Connection made) : connection(std::move(made)) {}
  void on_event(Event event);
  bool drain();
};

/// The provider that all ends share.
crypto::Provider& provider();

/// Carries bytes both ways until nothing moves.
void exchange(End& client, End& server);

/// A client and a server, not yet connected.
struct Pair {
  explicit Pair(ClientConfig client_config = {}, ServerConfig server_config = {})
      : client(End::client(std::make_shared<const ClientConfig>(std::move(client_config)))),
        server(End::server(std::make_shared<const ServerConfig>(std::move(server_config)))) {}
  Pair(End client_end, End server_end) : client(std::move(client_end)), server(std::move(server_end)) {}
  void exchange() { testing::exchange(client, server); }
  End client;
  End server;
};

/// A pair whose handshake is complete.
inline Pair connected(ClientConfig client_config = {}, ServerConfig server_config = {}) {
  Pair pair(std::move(client_config), std::move(server_config));
  pair.exchange();
  return pair;
}

}  // namespace padlock::tls::testing

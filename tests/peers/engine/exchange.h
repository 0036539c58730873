#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <asio/ip/tcp.hpp>

#include "padlock/client/trust.h"
#include "padlock/tls/connection.h"
#include "padlock/tls/session/client_session.h"
#include "padlock/tls/session/early_data_store.h"

namespace padlock::engine_peer {

/// What all connections of one end share. `mutex` is held by whichever of them computes.
struct End {
  crypto::Provider& provider;
  std::shared_ptr<const client::Trust> trust;  ///< judges the peer's chain; null where none is asked for
  std::shared_ptr<const tls::Credential> credential = nullptr;
  std::shared_ptr<tls::EarlyDataStore> early_data_store = nullptr;
  std::mutex mutex{};
};

/// One connection over a blocking socket: bytes in, answers to its questions, bytes out.
class Exchange {
 public:
  /// The connection is new; what it asks at its beginning is answered.
  Exchange(End& end, tls::Connection connection, asio::ip::tcp::socket& socket);

  /// Sends what there is to say and waits for what the peer says next. False: one of them has ended the connection.
  bool step();
  Result<void> send(std::string_view text);
  /// Says close_notify, and sends what was not sent yet.
  void close();

  const tls::Connection& connection() const { return connection_; }

  // What happened.
  std::string early;                                  ///< received as early data, and before the handshake was complete
  std::string received;                               ///< all else
  bool complete = false;                              ///< the handshake is
  bool rejected = false;                              ///< a client's early data
  std::string client;                                 ///< whom a client's certificate names; empty: it showed none
  std::shared_ptr<const tls::ClientSession> session;  ///< the first that a client got
  std::optional<Error> error;

 private:
  bool drain();
  void flush();
  bool early_data_comes();
  void on(const tls::CertificateWanted& wanted);
  void on(const tls::CryptoWanted& wanted);
  void on(const tls::ChainVerificationWanted& wanted);
  void on(const tls::EarlyDataWanted& wanted);
  void on(const tls::SessionReceived& event);
  void on(const tls::HandshakeComplete&) { complete = true; }
  void on(const tls::ApplicationData& data) { received += as_text(data.bytes); }
  void on(const tls::EarlyData& data) { (complete ? received : early) += as_text(data.bytes); }
  void on(const tls::EarlyDataRejected&) { rejected = true; }
  void on(const tls::PeerClosed&) { ended_ = true; }
  void on(const tls::Failed& failed);

  End& end_;
  tls::Connection connection_;
  asio::ip::tcp::socket& socket_;
  std::vector<std::uint8_t> inbox_;  ///< read and not taken yet
  bool ended_ = false;
  bool waited_ = false;  ///< for early data, in vain
};

}  // namespace padlock::engine_peer

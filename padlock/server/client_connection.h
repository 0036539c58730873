#pragma once

#include <memory>

#include <asio/ip/tcp.hpp>

#include "padlock/net/socket_io.h"
#include "padlock/net/tls_stream.h"
#include "padlock/server/admission.h"
#include "padlock/server/frontend.h"
#include "padlock/server/session.h"

namespace padlock::server {

/// One client's connection, from its first byte to its last: TLS or not, then HTTP.
class ClientConnection final : public net::Responder, public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(std::shared_ptr<Frontend> frontend, net::SocketIo socket, Protocol protocol, Admission::Place place);
  ~ClientConnection() override;
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  /// Serves it to its end.
  static net::Awaitable<void> run(std::shared_ptr<ClientConnection> self);
  /// The server stops: ends an idle connection, others after the response that they wait for.
  void finish_up();
  /// Ends it now.
  void cancel();

 private:
  net::NowOrLater<std::shared_ptr<const tls::Credential>> certificate_for(
      const tls::CertificateWanted& question) override;
  net::NowOrLater<tls::PeerVerified> verify(const tls::ChainVerificationWanted& question) override;
  net::NowOrLater<tls::EarlyDataAnswer> take_early_data(const tls::EarlyDataWanted& question) override;
  net::Awaitable<Result<tls::EarlyDataAnswer>> ask_fleet(std::vector<std::uint8_t> ticket);
  /// For a name that no site's certificates hold, and that `site` may have.
  net::NowOrLater<std::shared_ptr<const tls::Credential>> certificate_on_demand(const Site& site,
                                                                                const std::string& name);
  net::Awaitable<Result<std::shared_ptr<const tls::Credential>>> wait_for_certificate(
      const Site& site, std::string name, OnDemandCertificates::Place place);
  bool is_challenge() const;
  /// Error: rules::no_challenge.
  Result<std::shared_ptr<const tls::Credential>> answer_challenge(const tls::CertificateWanted& question) const;
  /// True once the client has its stream: with TLS, or without where it began a request.
  net::Awaitable<bool> open(net::Deadline deadline);
  void open_plain(std::unique_ptr<const Router> router);
  net::Awaitable<bool> open_tls(net::Deadline deadline);
  /// The handshake makes room for a younger one.
  void shed();
  std::unique_ptr<Session> make_session();
  void end_session();
  static net::Awaitable<void> end_session_soon(std::shared_ptr<ClientConnection> self);
  static net::Awaitable<void> leave_if_silent(std::shared_ptr<ClientConnection> self);
  static net::Awaitable<void> flush(std::shared_ptr<ClientConnection> self);
  static net::Awaitable<void> say_farewell(std::shared_ptr<ClientConnection> self);

  std::shared_ptr<Frontend> frontend_;
  std::shared_ptr<const Snapshot> snapshot_;  ///< of the moment when the client came
  std::optional<Sites::Choice> choice_;       ///< once a handshake has asked for a certificate
  std::optional<net::SocketIo> socket_;       ///< until a stream takes it
  Protocol protocol_;
  Admission::Place place_;
  std::unique_ptr<net::Stream> stream_;
  std::unique_ptr<const Router> router_;  ///< with the stream
  std::unique_ptr<Session> session_;      ///< while HTTP is spoken
  bool finishing_ = false;
  bool shed_ = false;
};

}  // namespace padlock::server

#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <asio/io_context.hpp>

#include "padlock/base/result.h"
#include "padlock/cli/passed_sockets.h"
#include "padlock/net/unix_socket.h"
#include "padlock/server/admin/admin_server.h"
#include "padlock/server/config/config.h"

namespace padlock::cli {

class Serving;

/// The socket of a server's administration, bound; nothing: it is switched off, or its usual place cannot be used,
/// which is said. Errors: those of net::UnixListener, for a place that was named, and for a live server's in any case.
Result<std::optional<net::UnixListener>> open_admin_socket(const server::AdminConfig& config, std::uint16_t https_port);

/// What administrators may ask a running server for, and where it answers them (docs/guide/operation.md).
class Administration final : public server::AdminPages {
 public:
  /// Answers on `loop`. Sockets that are not passed are bound, but for those of a kept worker: its keeper has bound all
  /// that there is. Errors: those of open_admin_socket and of net's listeners.
  static Result<std::unique_ptr<Administration>> open(asio::io_context& loop, Serving& serving,
                                                      const server::AdminConfig& config, std::uint16_t https_port,
                                                      PassedForService passed);

  /// Answers nobody who comes from now on.
  void close() { server_.close(); }
  /// Where its socket stands; empty: it has none.
  std::filesystem::path socket() const { return socket_ ? socket_->path() : std::filesystem::path(); }

  net::Awaitable<server::AdminAnswer> answer(http::Request request, std::string body) override;

 private:
  Administration(asio::io_context& loop, Serving& serving) : serving_(serving), server_(loop, *this) {}
  Result<void> open_sockets(const server::AdminConfig& config, std::uint16_t https_port);
  Result<void> open_loopback(const net::Endpoint& endpoint);

  Serving& serving_;
  server::AdminServer server_;
  std::optional<net::UnixListener> socket_;
};

}  // namespace padlock::cli

#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <asio/io_context.hpp>

#include "padlock/base/result.h"
#include "padlock/net/unix_socket.h"
#include "padlock/server/admin/admin_server.h"
#include "padlock/server/config/config.h"

namespace padlock::cli {

class Serving;

/// What administrators may ask a running server for, and where it answers them (docs/guide/operation.md).
class Administration final : public server::AdminPages {
 public:
  /// Answers on `loop`. A usual place that cannot be used is said, and is no error; one that was named is.
  /// Errors: those of net::UnixListener (a live server's socket in any case) and of net's listeners.
  static Result<std::unique_ptr<Administration>> open(asio::io_context& loop, Serving& serving,
                                                      const server::AdminConfig& config, std::uint16_t https_port);

  /// Where its socket stands; empty: it has none.
  std::filesystem::path socket() const { return socket_ ? socket_->path() : std::filesystem::path(); }

  net::Awaitable<server::AdminAnswer> answer(http::Request request, std::string body) override;

 private:
  Administration(asio::io_context& loop, Serving& serving) : serving_(serving), server_(loop, *this) {}
  Result<void> open_socket(const server::AdminConfig& config, std::uint16_t https_port);
  Result<void> open_loopback(const net::Endpoint& endpoint);

  Serving& serving_;
  server::AdminServer server_;
  std::optional<net::UnixListener> socket_;
};

}  // namespace padlock::cli

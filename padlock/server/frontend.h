#pragma once

#include <memory>
#include <set>

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include "padlock/base/instant.h"
#include "padlock/base/secret.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/descriptor.h"
#include "padlock/net/listener.h"
#include "padlock/server/admission.h"
#include "padlock/server/credentials.h"
#include "padlock/server/handler.h"
#include "padlock/server/timers.h"
#include "padlock/server/worker_log.h"
#include "padlock/tls/config.h"

namespace padlock::server {

class ClientConnection;

/// What all workers share: immutable but for the credentials and the count of connections.
struct Site {
  std::shared_ptr<Credentials> credentials;
  std::shared_ptr<const tls::ServerConfig> tls;  ///< but for what is a worker's own
  Secret<32> ticket_root;
  WallTime ticket_root_since{};
  std::unique_ptr<const Handler> https;
  std::unique_ptr<const Handler> http;
  std::unique_ptr<const Handler> wrong_port;
  std::unique_ptr<Admission> admission;
  Timers timers;
  LogSink log;
};

/// What a listener's clients are expected to speak.
enum class Protocol : std::uint8_t { https, http };

/// A worker's share of a server: its listeners and their connections. Lives as long as one of them; one thread's.
class Frontend : public std::enable_shared_from_this<Frontend> {
 public:
  Frontend(asio::io_context& context, std::shared_ptr<const Site> site);

  void listen(net::Descriptor socket, Protocol protocol);
  /// No new connections; idle ones are closed, the others after what they are at; after Timers::drain all.
  void drain();

  asio::io_context& context() { return context_; }
  const Site& site() const { return *site_; }
  const std::shared_ptr<const tls::ServerConfig>& tls() const { return tls_; }
  WorkerLog& log() { return log_; }
  void joined(ClientConnection& connection) { connections_.insert(&connection); }
  void left(ClientConnection& connection);

 private:
  static net::Awaitable<void> accept(std::shared_ptr<Frontend> self, std::shared_ptr<net::Listener> listener,
                                     Protocol protocol);
  void welcome(asio::ip::tcp::socket socket, Protocol protocol);
  static net::Awaitable<void> drop_all_after(std::shared_ptr<Frontend> self, std::shared_ptr<asio::steady_timer> timer);

  asio::io_context& context_;
  std::shared_ptr<const Site> site_;
  std::shared_ptr<const tls::ServerConfig> tls_;  ///< the site's, with this worker's ticket keys and session cache
  WorkerLog log_;
  std::vector<std::weak_ptr<net::Listener>> listeners_;
  std::set<ClientConnection*> connections_;  ///< they take themselves out
  std::weak_ptr<asio::steady_timer> drain_;
  bool draining_ = false;
};

}  // namespace padlock::server

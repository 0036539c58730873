#pragma once

#include <cstddef>
#include <expected>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include "padlock/base/result.h"
#include "padlock/net/address.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/descriptor.h"
#include "padlock/net/socket_io.h"

namespace padlock::net {

/// Binds `count` listening sockets to one address, for as many workers (SO_REUSEPORT: the kernel spreads connections
/// over them). Port 0: any free port, the same for all; see local_endpoint. Fails if anybody else listens there, also
/// with SO_REUSEPORT. Errors: rules::port_in_use, port_not_permitted, address_not_available, ...
Result<std::vector<Descriptor>> open_listeners(const Endpoint& endpoint, std::size_t count);

/// A second descriptor of a listening socket, with which another worker takes from the same queue.
/// Error: rules::socket_failed.
Result<Descriptor> share_listener(const Descriptor& socket);

/// The address that a socket is bound to.
Endpoint local_endpoint(const Descriptor& socket);

/// A listening socket on a worker's loop.
class Listener {
 public:
  Listener(asio::io_context& context, Descriptor socket);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  /// The next connection, non-blocking, with TCP_NODELAY. Peers that vanish before they are accepted are passed over.
  /// While descriptors or socket memory are out (docs/threats.md, P1), waits are taken instead of spinning and
  /// newcomers are turned away. Error: rules::cancelled after `close`.
  Awaitable<Result<SocketIo>> accept();
  /// Accepts those that wait, up to so many, and closes them at once: they learn that nobody has time for them. Returns
  /// their number.
  std::size_t turn_away(std::size_t most);
  /// How many the kernel has queued for `accept`.
  std::size_t waiting();
  /// Stops listening; a waiting `accept` ends. Connections that the kernel has queued are reset by it.
  void close();
  bool is_open() const { return acceptor_.is_open(); }
  const Endpoint& local() const { return local_; }

 private:
  void turn_newcomer_away();
  std::expected<SocketIo, int> accept_now();

  asio::ip::tcp::acceptor acceptor_;
  std::size_t accepted_in_a_row_ = 0;
  Endpoint local_;
  bool on_any_address_;
  Descriptor reserve_;  // given up for a moment when no descriptor is left, to turn a newcomer away
};

}  // namespace padlock::net

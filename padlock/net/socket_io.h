#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include "padlock/net/awaitable.h"
#include "padlock/net/clock.h"
#include "padlock/net/observer.h"

namespace padlock::net {

/// The socket below a stream: calls that never block, and waits with deadlines. No buffer is held during a wait.
class SocketIo {
 public:
  SocketIo(asio::ip::tcp::socket socket, Sender we_are, Observer* observer);
  SocketIo(const SocketIo&) = delete;
  SocketIo& operator=(const SocketIo&) = delete;
  ~SocketIo();

  /// False once after a read that took all there was: to wait is cheaper then than to ask the kernel again.
  bool may_have_input() { return !std::exchange(drained_, false); }
  /// Bytes read; 0: the peer's FIN; nothing: none there yet.
  Result<std::optional<std::size_t>> read_now(std::span<std::uint8_t> room);
  /// Bytes sent of the pieces together; 0: the kernel has no room now.
  Result<std::size_t> write_now(std::span<const Bytes> pieces);
  /// Errors: deadline_passed, cancelled, socket_failed.
  Awaitable<Result<void>> wait_readable(Deadline deadline);
  Awaitable<Result<void>> wait_writable(Deadline deadline);
  /// Lets the worker's other connections run: to be awaited after `limits::reads_in_a_row` reads without a wait.
  bool has_had_its_turn() { return ++reads_without_wait_ > reads_allowed; }
  Awaitable<void> yield();
  /// The first byte that waits, left where it is; nothing: the peer ended.
  Awaitable<Result<std::optional<std::uint8_t>>> peek(Deadline deadline);
  /// No byte and no end waits to be read.
  bool quiet();
  /// Gives the socket away.
  asio::ip::tcp::socket release();
  /// Takes the deadlines' timers down, so that a loop with nothing else to do can end.
  void disarm();
  /// FIN: nothing more will be sent.
  void shutdown_send();
  void close();
  /// Closes with a RST (RFC 9293, section 3.10.5): what is queued is dropped.
  void reset();
  void cancel();

  bool input_ended() const { return input_ended_; }
  const Endpoint& local() const { return local_; }
  const Endpoint& remote() const { return remote_; }
  asio::ip::tcp::socket& socket();

 private:
  static const std::size_t reads_allowed;
  struct Core;
  using WaitType = asio::ip::tcp::socket::wait_type;
  Awaitable<Result<void>> wait(WaitType type, Deadline deadline);
  Error error_of(std::error_code code, std::string_view verb);

  std::shared_ptr<Core> core_;  // the timers' handlers look whether it is still there
  Sender we_are_;
  Observer* observer_;
  Endpoint local_, remote_;
  std::size_t reads_without_wait_ = 0;
  bool input_ended_ = false;
  bool drained_ = false;
  std::optional<CloseKind> first_end_;
};

}  // namespace padlock::net

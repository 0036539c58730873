#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include <asio/ip/tcp.hpp>

#include "padlock/net/awaitable.h"
#include "padlock/net/clock.h"
#include "padlock/net/descriptor.h"
#include "padlock/net/observer.h"
#include "padlock/net/readiness.h"

namespace padlock::net {

/// The socket below a stream: calls that never block, and waits with deadlines. No buffer is held during a wait.
class SocketIo {
 public:
  /// Takes the connection out of Asio's socket, which is left closed.
  SocketIo(asio::ip::tcp::socket socket, Sender we_are, Observer* observer = nullptr);
  /// A connected socket that does not block.
  SocketIo(const asio::any_io_executor& executor, Descriptor socket, const Endpoint& local, const Endpoint& remote,
           Sender we_are);
  SocketIo(SocketIo&&) noexcept = default;
  SocketIo& operator=(SocketIo&&) = delete;
  ~SocketIo();

  /// False once after a read that took all there was: to wait is cheaper then than to ask the kernel again. False too
  /// after `limits::reads_in_a_row` reads: a wait lets the worker's other connections run.
  bool may_have_input() { return !std::exchange(drained_, false) && ++reads_without_wait_ <= reads_allowed; }
  /// Bytes read; 0: the peer's FIN; nothing: none there yet.
  Result<std::optional<std::size_t>> read_now(std::span<std::uint8_t> room);
  /// Bytes sent of the pieces together; 0: the kernel has no room now. The `last` ones wait in the kernel for the FIN
  /// of a `shutdown_send` that is to follow at once: they leave in one segment.
  Result<std::size_t> write_now(std::span<const Bytes> pieces, bool last = false);
  /// Errors: deadline_passed, which leaves the socket as it was; cancelled and socket_failed, which stay in `failure`
  /// too. `failure` and this object outlive the wait.
  Awaitable<Result<void>> wait_readable(Deadline deadline, std::optional<Error>& failure);
  Awaitable<Result<void>> wait_writable(Deadline deadline, std::optional<Error>& failure);
  /// The first byte that waits, left where it is; nothing: the peer ended.
  Awaitable<Result<std::optional<std::uint8_t>>> peek(Deadline deadline);
  /// No byte and no end waits to be read.
  bool quiet();
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
  asio::any_io_executor get_executor() const;
  /// For socket options; -1 after `close`.
  int native_handle() const;

 private:
  static const std::size_t reads_allowed;
  struct Core;
  Awaitable<Result<void>> wait(Direction direction, Deadline deadline, std::optional<Error>& failure);
  Error error_of(int code, std::string_view verb);

  std::shared_ptr<Core> core_;  // the timers' handlers look whether it is still there
  Sender we_are_;
  Observer* observer_ = nullptr;
  Endpoint local_, remote_;
  std::size_t reads_without_wait_ = 0;
  bool input_ended_ = false;
  bool drained_ = false;
  bool send_shut_ = false;
  std::optional<CloseKind> first_end_;
};

}  // namespace padlock::net

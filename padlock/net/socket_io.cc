#include "padlock/net/socket_io.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include <asio/steady_timer.hpp>

#include "padlock/net/asio_endpoint.h"
#include "padlock/net/limits.h"
#include "padlock/net/rules.h"

namespace padlock::net {

const std::size_t SocketIo::reads_allowed = limits::reads_in_a_row;

struct SocketIo::Core : std::enable_shared_from_this<SocketIo::Core> {
  Core(const asio::any_io_executor& executor, Descriptor given)
      : socket(std::move(given)), watch(executor, socket.get()), reading(executor) {}

  /// The deadline of one direction. Arming a timer for each wait would cost more than the wait: it stays armed, and
  /// when it fires early it is set anew.
  struct Guard {
    explicit Guard(const asio::any_io_executor& executor) : timer(executor) {}
    asio::steady_timer timer;
    Deadline wanted = no_deadline;
    Deadline armed = no_deadline;
    bool expired = false;
  };

  void arm(Direction direction, Deadline deadline) {
    Guard& guard = guard_of(direction);
    guard.wanted = deadline;
    guard.expired = false;
    if (deadline < guard.armed) set_timer(direction);
  }
  void set_timer(Direction direction) {
    Guard& guard = guard_of(direction);
    guard.armed = guard.wanted;
    guard.timer.expires_at(guard.armed);
    guard.timer.async_wait([core = weak_from_this(), direction](std::error_code error) {
      const auto alive = core.lock();
      if (alive && error != asio::error::operation_aborted) alive->fired(direction);
    });
  }
  void fired(Direction direction) {
    Guard& guard = guard_of(direction);
    guard.armed = no_deadline;
    if (guard.wanted == no_deadline) return;
    if (guard.wanted > std::chrono::steady_clock::now()) return set_timer(direction);
    guard.expired = true;
    watch.interrupt(direction);
  }
  void interrupt() {
    watch.interrupt(Direction::reading);
    watch.interrupt(Direction::writing);
  }

  Guard& guard_of(Direction direction) {
    if (direction == Direction::reading) return reading;
    if (!writing) writing = std::make_unique<Guard>(reading.timer.get_executor());
    return *writing;
  }
  Descriptor socket;
  Watch watch;
  Guard reading;
  std::unique_ptr<Guard> writing;  ///< made for the first wait: most connections never have one
  bool cancelled = false;
};

namespace {

Endpoint endpoint_or_none(const asio::ip::tcp::endpoint& endpoint, std::error_code error) {
  return error ? Endpoint{} : from_asio(endpoint);
}

/// A socket that refuses shows it at the first read.
Descriptor taken_from(asio::ip::tcp::socket& socket) {
  std::error_code ignored;
  if (!socket.native_non_blocking()) socket.native_non_blocking(true, ignored);
  return Descriptor(socket.release(ignored));
}

}  // namespace

SocketIo::SocketIo(asio::ip::tcp::socket socket, Sender we_are, Observer* observer)
    : we_are_(we_are), observer_(observer) {
  std::error_code error;
  const auto local = socket.local_endpoint(error);
  local_ = endpoint_or_none(local, error);
  const auto remote = socket.remote_endpoint(error);
  remote_ = endpoint_or_none(remote, error);
  const auto executor = socket.get_executor();
  core_ = std::make_shared<Core>(executor, taken_from(socket));
}

SocketIo::SocketIo(const asio::any_io_executor& executor, Descriptor socket, const Endpoint& local,
                   const Endpoint& remote, Sender we_are)
    : core_(std::make_shared<Core>(executor, std::move(socket))), we_are_(we_are), local_(local), remote_(remote) {}

SocketIo::~SocketIo() {
  if (core_) close();  // else another one has taken it over
}

asio::any_io_executor SocketIo::get_executor() const { return core_->reading.timer.get_executor(); }
int SocketIo::native_handle() const { return core_->socket.get(); }

Error SocketIo::error_of(int code, std::string_view verb) {
  const bool cut = code == ECONNRESET || code == EPIPE || code == ECONNABORTED;
  if (cut) first_end_ = CloseKind::reset;
  return {cut ? &rules::connection_reset : &rules::socket_failed,
          "cannot " + std::string(verb) + " " + to_string(remote_) + ": " + std::generic_category().message(code)};
}

namespace {

bool would_block(int code) { return code == EAGAIN || code == EWOULDBLOCK; }

/// What a system call returns that is made again while signals interrupt it.
template <class Call>
ssize_t uninterrupted(Call call) {
  for (;;) {
    const ssize_t outcome = call();
    if (outcome >= 0 || errno != EINTR) return outcome;
  }
}

/// The first byte that waits, left where it is.
ssize_t peek_at(int socket, std::uint8_t& first) {
  return uninterrupted([&] { return ::recv(socket, &first, 1, MSG_PEEK); });
}

}  // namespace

Result<std::optional<std::size_t>> SocketIo::read_now(std::span<std::uint8_t> room) {
  const ssize_t outcome = uninterrupted([&] { return ::recv(native_handle(), room.data(), room.size(), 0); });
  const int code = errno;
  const auto count = static_cast<std::size_t>(std::max<ssize_t>(outcome, 0));
  drained_ = outcome > 0 && count < room.size();
  if (drained_ || (outcome < 0 && would_block(code))) {
    core_->watch.drained(Direction::reading);
  } else {
    core_->watch.not_drained(Direction::reading);
  }
  if (outcome < 0 && would_block(code)) return std::nullopt;
  if (outcome < 0) return std::unexpected(error_of(code, "read from"));
  if (count == 0) {
    input_ended_ = true;
    if (!first_end_) first_end_ = CloseKind::fin_by_peer;
    return 0;
  }
  if (observer_ != nullptr) {
    observer_->wire(we_are_ == Sender::client ? Sender::server : Sender::client, room.first(count));
  }
  return count;
}

namespace {

ssize_t send_pieces(int socket, std::span<const Bytes> pieces, int flags) {
  if (pieces.size() == 1) return ::send(socket, pieces.front().data(), pieces.front().size(), flags);  // costs less
  std::array<iovec, limits::pieces_at_once> parts{};
  std::ranges::transform(pieces, parts.begin(), [](Bytes piece) {
    return iovec{.iov_base = const_cast<std::uint8_t*>(piece.data()),  // NOLINT: the kernel only reads it
                 .iov_len = piece.size()};
  });
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = pieces.size();
  return ::sendmsg(socket, &message, flags);
}

}  // namespace

Result<std::size_t> SocketIo::write_now(std::span<const Bytes> pieces, bool last) {
  pieces = pieces.first(std::min(pieces.size(), limits::pieces_at_once));
  const int flags = MSG_NOSIGNAL | (last ? MSG_MORE : 0);
  const ssize_t outcome = uninterrupted([&] { return send_pieces(native_handle(), pieces, flags); });
  if (outcome < 0 && !would_block(errno)) return std::unexpected(error_of(errno, "write to"));
  const auto count = static_cast<std::size_t>(std::max<ssize_t>(outcome, 0));
  std::size_t left = count;
  for (const Bytes piece : pieces) {
    const Bytes sent = piece.first(std::min(left, piece.size()));
    if (observer_ != nullptr && !sent.empty()) observer_->wire(we_are_, sent);
    left -= sent.size();
    if (sent.size() < piece.size()) core_->watch.drained(Direction::writing);
  }
  return count;
}

Awaitable<Result<void>> SocketIo::wait_readable(Deadline deadline, std::optional<Error>& failure) {
  return wait(Direction::reading, deadline, failure);
}

Awaitable<Result<void>> SocketIo::wait_writable(Deadline deadline, std::optional<Error>& failure) {
  return wait(Direction::writing, deadline, failure);
}

Awaitable<Result<void>> SocketIo::wait(Direction direction, Deadline deadline, std::optional<Error>& failure) {
  const std::shared_ptr<Core> core = core_;  // whoever waits may be left without a stream
  reads_without_wait_ = 0;
  if (core->cancelled || !core->socket) {
    failure = Error{&rules::cancelled, "the connection to " + to_string(remote_) + " was dropped"};
    co_return std::unexpected(*failure);
  }
  core->arm(direction, deadline);
  const std::errc outcome = co_await core->watch.wait(direction);
  Core::Guard& guard = core->guard_of(direction);
  guard.wanted = no_deadline;
  if (outcome == std::errc{}) co_return Result<void>{};
  if (guard.expired) co_return broken(rules::deadline_passed, to_string(remote_) + " sent or took nothing in time");
  failure = outcome == std::errc::operation_canceled
                ? Error{&rules::cancelled, "the wait for " + to_string(remote_) + " was cancelled"}
                : error_of(static_cast<int>(outcome), "wait for");
  co_return std::unexpected(*failure);
}

Awaitable<Result<std::optional<std::uint8_t>>> SocketIo::peek(Deadline deadline) {
  for (;;) {
    std::uint8_t first = 0;
    const ssize_t outcome = peek_at(native_handle(), first);
    if (outcome > 0) co_return first;
    if (outcome == 0) co_return std::nullopt;
    if (!would_block(errno)) co_return std::unexpected(error_of(errno, "read from"));
    core_->watch.drained(Direction::reading);
    std::optional<Error> failure;
    auto ready = co_await wait_readable(deadline, failure);
    PADLOCK_CO_TRY(ready);
  }
}

bool SocketIo::quiet() {
  if (input_ended_ || !core_->socket) return false;
  std::uint8_t first = 0;
  return peek_at(native_handle(), first) < 0 && would_block(errno);
}

void SocketIo::disarm() {
  for (Core::Guard* guard : {&core_->reading, core_->writing.get()}) {
    if (guard == nullptr) continue;
    guard->timer.cancel();
    guard->armed = no_deadline;
  }
}

void SocketIo::shutdown_send() {
  if (!core_->socket || std::exchange(send_shut_, true)) return;
  if (!first_end_) first_end_ = CloseKind::fin_by_us;
  ::shutdown(native_handle(), SHUT_WR);  // a connection that is gone needs no FIN
}

void SocketIo::close() {
  if (!core_->socket) return;
  if (observer_ != nullptr) observer_->closed(first_end_.value_or(CloseKind::fin_by_us));
  core_->interrupt();
  core_->socket = Descriptor();
}

void SocketIo::reset() {
  if (!core_->socket) return;
  first_end_ = CloseKind::reset;
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  static_cast<void>(::setsockopt(native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));  // else a FIN
  close();
}

void SocketIo::cancel() {
  core_->cancelled = true;
  core_->interrupt();
}

}  // namespace padlock::net

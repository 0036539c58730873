#include "padlock/net/socket_io.h"

#include <algorithm>
#include <array>
#include <string>
#include <system_error>

#include <sys/socket.h>

#include <asio/buffer.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/net/asio_endpoint.h"
#include "padlock/net/limits.h"
#include "padlock/net/rules.h"

namespace padlock::net {

const std::size_t SocketIo::reads_allowed = limits::reads_in_a_row;

struct SocketIo::Core : std::enable_shared_from_this<SocketIo::Core> {
  explicit Core(asio::ip::tcp::socket given) : socket(std::move(given)), reading(socket.get_executor()) {}

  /// The deadline of one direction. Arming a timer for each wait would cost more than the wait: it stays armed, and
  /// when it fires early it is set anew.
  struct Guard {
    explicit Guard(const asio::any_io_executor& executor) : timer(executor) {}
    asio::steady_timer timer;
    Deadline wanted = no_deadline;
    Deadline armed = no_deadline;
    bool expired = false;
  };

  void arm(Guard& guard, Deadline deadline) {
    guard.wanted = deadline;
    guard.expired = false;
    if (deadline < guard.armed) set_timer(guard);
  }
  void set_timer(Guard& guard) {
    guard.armed = guard.wanted;
    guard.timer.expires_at(guard.armed);
    guard.timer.async_wait([core = weak_from_this(), &guard](std::error_code error) {
      const auto alive = core.lock();
      if (alive && error != asio::error::operation_aborted) alive->fired(guard);
    });
  }
  void fired(Guard& guard) {
    guard.armed = no_deadline;
    if (guard.wanted == no_deadline) return;
    if (guard.wanted > std::chrono::steady_clock::now()) return set_timer(guard);
    guard.expired = true;
    std::error_code ignored;  // nothing is left to do if it is closed already
    socket.cancel(ignored);
  }

  asio::ip::tcp::socket socket;
  Guard& guard_of(WaitType type) {
    if (type == asio::ip::tcp::socket::wait_read) return reading;
    if (!writing) writing = std::make_unique<Guard>(socket.get_executor());
    return *writing;
  }
  Guard reading;
  std::unique_ptr<Guard> writing;  ///< made for the first wait: most connections never have one
  bool cancelled = false;
};

namespace {

Endpoint endpoint_or_none(const asio::ip::tcp::endpoint& endpoint, std::error_code error) {
  return error ? Endpoint{} : from_asio(endpoint);
}

}  // namespace

SocketIo::SocketIo(asio::ip::tcp::socket socket, Sender we_are, Observer* observer)
    : core_(std::make_shared<Core>(std::move(socket))), we_are_(we_are), observer_(observer) {
  std::error_code error;
  const auto local = core_->socket.local_endpoint(error);
  local_ = endpoint_or_none(local, error);
  const auto remote = core_->socket.remote_endpoint(error);
  remote_ = endpoint_or_none(remote, error);
  // A socket that refuses shows it at the first read.
  if (!core_->socket.non_blocking()) core_->socket.non_blocking(true, error);
}

SocketIo::~SocketIo() {
  if (core_) close();  // else another one has taken it over
}

asio::ip::tcp::socket& SocketIo::socket() { return core_->socket; }

Error SocketIo::error_of(std::error_code code, std::string_view verb) {
  const bool cut = says(code, std::errc::connection_reset) || says(code, std::errc::broken_pipe) ||
                   says(code, std::errc::connection_aborted);
  if (cut) first_end_ = CloseKind::reset;
  return {cut ? &rules::connection_reset : &rules::socket_failed,
          "cannot " + std::string(verb) + " " + to_string(remote_) + ": " + code.message()};
}

Result<std::optional<std::size_t>> SocketIo::read_now(std::span<std::uint8_t> room) {
  std::error_code error;
  const std::size_t count = core_->socket.read_some(asio::buffer(room.data(), room.size()), error);
  if (error == asio::error::would_block) return std::nullopt;
  if (error == asio::error::eof) {
    input_ended_ = true;
    if (!first_end_) first_end_ = CloseKind::fin_by_peer;
    return 0;
  }
  if (error) return std::unexpected(error_of(error, "read from"));
  drained_ = count < room.size();
  if (observer_ != nullptr) {
    observer_->wire(we_are_ == Sender::client ? Sender::server : Sender::client, room.first(count));
  }
  return count;
}

Result<std::size_t> SocketIo::write_now(std::span<const Bytes> pieces, bool last) {
  std::array<asio::const_buffer, limits::pieces_at_once> buffers;
  pieces = pieces.first(std::min(pieces.size(), buffers.size()));
  std::ranges::transform(pieces, buffers.begin(),
                         [](Bytes piece) { return asio::const_buffer(piece.data(), piece.size()); });
  std::error_code error;
  const std::size_t count = core_->socket.send(buffers, last ? MSG_MORE : 0, error);
  if (error == asio::error::would_block) return 0;
  if (error) return std::unexpected(error_of(error, "write to"));
  if (observer_ != nullptr) {
    std::size_t left = count;
    for (const Bytes piece : pieces) {
      const Bytes sent = piece.first(std::min(left, piece.size()));
      if (!sent.empty()) observer_->wire(we_are_, sent);
      left -= sent.size();
    }
  }
  return count;
}

Awaitable<Result<void>> SocketIo::wait_readable(Deadline deadline, std::optional<Error>& failure) {
  return wait(asio::ip::tcp::socket::wait_read, deadline, failure);
}

Awaitable<Result<void>> SocketIo::wait_writable(Deadline deadline, std::optional<Error>& failure) {
  return wait(asio::ip::tcp::socket::wait_write, deadline, failure);
}

Awaitable<Result<void>> SocketIo::wait(WaitType type, Deadline deadline, std::optional<Error>& failure) {
  const std::shared_ptr<Core> core = core_;
  Core::Guard& guard = core->guard_of(type);
  reads_without_wait_ = 0;
  for (;;) {
    if (core->cancelled) {
      failure = Error{&rules::cancelled, "the connection to " + to_string(remote_) + " was dropped"};
      co_return std::unexpected(*failure);
    }
    core->arm(guard, deadline);
    std::error_code error;
    co_await core->socket.async_wait(type, asio::redirect_error(asio::use_awaitable, error));
    guard.wanted = no_deadline;
    if (!error) co_return Result<void>{};
    if (guard.expired) co_return broken(rules::deadline_passed, to_string(remote_) + " sent or took nothing in time");
    const auto state = co_await asio::this_coro::cancellation_state;
    const bool ours = error == asio::error::operation_aborted && state.cancelled() == asio::cancellation_type::none;
    if (!ours) {
      failure = error != asio::error::operation_aborted
                    ? error_of(error, "wait for")
                    : Error{&rules::cancelled, "the wait for " + to_string(remote_) + " was cancelled"};
      co_return std::unexpected(*failure);
    }
    // The other direction's deadline cancelled both: wait again.
  }
}

Awaitable<Result<std::optional<std::uint8_t>>> SocketIo::peek(Deadline deadline) {
  for (;;) {
    std::array<std::uint8_t, 1> first{};
    std::error_code error;
    const std::size_t count = core_->socket.receive(asio::buffer(first), asio::ip::tcp::socket::message_peek, error);
    if (!error && count > 0) co_return first.front();
    if (error == asio::error::eof) co_return std::nullopt;
    if (error && error != asio::error::would_block) co_return std::unexpected(error_of(error, "read from"));
    std::optional<Error> failure;
    auto ready = co_await wait_readable(deadline, failure);
    PADLOCK_CO_TRY(ready);
  }
}

bool SocketIo::quiet() {
  if (input_ended_ || !core_->socket.is_open()) return false;
  std::array<std::uint8_t, 1> first{};
  std::error_code error;
  core_->socket.receive(asio::buffer(first), asio::ip::tcp::socket::message_peek, error);
  return error == asio::error::would_block;
}

void SocketIo::disarm() {
  for (Core::Guard* guard : {&core_->reading, core_->writing.get()}) {
    if (guard == nullptr) continue;
    guard->timer.cancel();
    guard->armed = no_deadline;
  }
}

void SocketIo::shutdown_send() {
  if (!core_->socket.is_open() || std::exchange(send_shut_, true)) return;
  if (!first_end_) first_end_ = CloseKind::fin_by_us;
  std::error_code ignored;  // a connection that is gone needs no FIN
  core_->socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void SocketIo::close() {
  if (!core_->socket.is_open()) return;
  if (observer_ != nullptr) observer_->closed(first_end_.value_or(CloseKind::fin_by_us));
  std::error_code ignored;  // close frees the descriptor whatever it says
  core_->socket.close(ignored);
}

void SocketIo::reset() {
  if (!core_->socket.is_open()) return;
  first_end_ = CloseKind::reset;
  std::error_code ignored;  // without it the socket closes with a FIN
  core_->socket.set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

void SocketIo::cancel() {
  core_->cancelled = true;
  std::error_code ignored;  // nothing waits if it is closed already
  core_->socket.cancel(ignored);
}

}  // namespace padlock::net

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <system_error>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/execution_context.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include "padlock/net/awaitable.h"

namespace padlock::net {

enum class Direction : std::uint8_t { reading, writing };

class Readiness;

/// Whether a socket can be read or written, as far as the kernel has told and `drained` has not contradicted. It is in
/// its loop's set from the first wait on. The socket stays open while there is a wait.
class Watch {
 public:
  /// The loop of `executor` outlives the watch.
  Watch(const asio::any_io_executor& executor, int socket);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// The kernel has nothing more to read, or no more room: it tells when that changes.
  void drained(Direction direction) { side(direction).ready = false; }
  /// The kernel may have more to read, or more room, without telling again.
  void not_drained(Direction direction) { side(direction).ready = true; }

  /// Until that may be; if it may be already, until the rest of the loop has had its turn. One wait in each direction
  /// at a time; whoever waits keeps the watch alive.
  /// Errors: operation_canceled after `interrupt`, otherwise what epoll_ctl(2) says.
  Awaitable<std::errc> wait(Direction direction);
  /// Ends the wait of this direction, if there is one, as soon as the loop is free.
  void interrupt(Direction direction);

 private:
  friend class Readiness;
  using Waiter = std::move_only_function<void(std::errc)>;
  struct Side {
    bool ready = false;
    bool watched = false;
    bool interrupted = false;
    Waiter waiter;
  };
  Side& side(Direction direction) { return direction == Direction::reading ? reading_ : writing_; }
  bool may_be_ready(Direction direction);
  std::errc join(Direction direction);
  Waiter take_waiter(Side& side);
  void on_events(std::uint32_t events);
  void on_due();
  void go_on();

  Readiness& set_;
  int socket_;
  std::uint64_t number_ = 0;  ///< in the set; 0: it has not joined
  bool due_ = false;          ///< it is in the set's list of those
  bool hung_up_ = false;      ///< the peer sends no more, or the socket is broken: there is always that to be read
  Side reading_, writing_;
};

/// The sockets of one loop (epoll(7), edge-triggered). Each is registered once; Asio's own set is told of each wait
/// anew, which is a system call for each request. Asio waits for this set as for one descriptor, and the sockets that
/// are ready together go on in one turn of the loop, so that their crypto questions meet in one batch.
class Readiness : public asio::execution_context::service {
 public:
  static asio::execution_context::id id;  // NOLINT: Asio looks services up by the address of this

  explicit Readiness(asio::execution_context& context);
  ~Readiness() override;

 private:
  friend class Watch;
  static Readiness& of(const asio::any_io_executor& executor);
  void shutdown() override;
  std::errc join(Watch& watch, std::uint32_t events);
  std::errc change(const Watch& watch, std::uint32_t events);
  void leave(Watch& watch);
  Watch* find(std::uint64_t number);
  void waiter_came();
  void waiter_left();
  void due(Watch& watch);
  void wake();
  void arm();
  void turn();
  void take_events(std::exception_ptr& thrown);
  void take_due(std::size_t count, std::exception_ptr& thrown);

  // An event can come late, of a socket that another process still held for a moment: it names a place and its holder,
  // no memory.
  struct Place {
    Watch* watch = nullptr;
    std::uint32_t holder = 1;  ///< counts those who have had it, from 1
  };
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_places_;
  std::unique_ptr<asio::posix::stream_descriptor> set_;
  std::vector<std::uint64_t> due_;  ///< whose wait ends without an event: it was interrupted, or was not necessary
  std::size_t waiters_ = 0;
  bool armed_ = false;
  bool in_turn_ = false;
  alignas(std::max_align_t) std::array<std::byte, 256> memory_;  ///< for Asio's wait, which must not fail
  bool memory_lent_ = false;
  template <class T>
  class Memory;
};

}  // namespace padlock::net

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/net/address.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/clock.h"
#include "padlock/tls/connection.h"

namespace padlock::net {

/// A connected stream of bytes, over TLS or plain: what the products read and write. Made for zero copy: the stream
/// owns the buffers and lends them, and holds none of them while it waits for an idle peer.
///
/// At most one read and one write run at a time (both may). It must outlive the coroutines that run on it. Errors: the
/// rules of net/rules.h, of tls/rules.h; after one, later calls give the same error again. One is no end: a read or
/// flush whose deadline has passed can be tried again.
class Stream {
 public:
  virtual ~Stream() = default;

  /// The next bytes, at least one; empty: the peer has ended its side cleanly (FIN; with TLS close_notify, else the
  /// error is tls' `truncated`). The view lives until the next read.
  Awaitable<Result<Bytes>> read(Deadline deadline);
  /// What `read` gives without waiting for it; nothing: `wait_input` says when to ask again. Most of what a server
  /// does needs no coroutine so.
  virtual std::optional<Result<Bytes>> read_now() = 0;
  /// Waits until there may be something to read. An error but deadline_passed ends the stream.
  virtual Awaitable<Result<void>> wait_input(Deadline deadline) = 0;
  /// Sends all pieces, one after the other, and waits until the kernel has them.
  virtual Awaitable<Result<void>> write(std::span<const Bytes> pieces, Deadline deadline) = 0;

  /// Lends room for up to `size` bytes (at most `max_reservation`) where they will be sent from, sealed in place. One
  /// reservation at a time, ended by `commit` or `drop_reservation`. May lend less than asked, never nothing.
  virtual Result<std::span<std::uint8_t>> reserve(std::size_t size) = 0;
  /// Queues the first `size` bytes of the reservation. They leave with the next flush or write.
  virtual Result<void> commit(std::size_t size) = 0;
  virtual void drop_reservation() = 0;
  /// Bytes that are queued and not with the kernel yet. Flush at `flush_threshold` of them.
  virtual std::size_t queued() const = 0;
  /// Waits until the kernel has all that is queued.
  Awaitable<Result<void>> flush(Deadline deadline);
  /// Gives the kernel what it takes now. True: that was all.
  virtual Result<bool> flush_now() = 0;
  /// Waits until the kernel may take more.
  virtual Awaitable<Result<void>> wait_output(Deadline deadline) = 0;

  /// Nothing more will come: TLS's close_notify is queued, and leaves with the next flush, and FIN with its last byte.
  virtual void queue_end() = 0;
  /// Says that nothing more will come: with TLS close_notify, then FIN. Counts as a write; reading goes on.
  virtual Awaitable<Result<void>> end_output(Deadline deadline) = 0;
  /// `end_output`, then reads and drops what still arrives until the peer ends too, `linger` comes, or 64 KiB have
  /// come: a reset could otherwise destroy the last bytes on their way. `linger` in the past: does not wait.
  virtual Awaitable<Result<void>> close(Deadline linger) = 0;
  /// Ends waits of running calls with rules::cancelled and drops the connection. May be called at any time by the
  /// stream's own thread.
  virtual void cancel() = 0;

  /// No byte has come that was not read, and the peer has not ended, as far as the kernel knows: a kept connection can
  /// be used again.
  virtual bool quiet() = 0;

  /// What was read has come as early data (RFC 8446, section 2.3), and its handshake is not complete: it may be a copy
  /// of what was read before.
  virtual bool is_early() const { return false; }

  /// Cuts the connection off with a RST: the peer sees that something is missing.
  virtual void reset() = 0;

  /// What TLS has negotiated; null on a plain stream.
  virtual const tls::ConnectionInfo* tls_info() const = 0;
  virtual const Endpoint& local() const = 0;
  virtual const Endpoint& remote() const = 0;

  static constexpr std::size_t max_reservation = 16'384;   ///< a record's plaintext (RFC 8446, section 5.1)
  static constexpr std::size_t flush_threshold = 131'072;  ///< eight records a send: beyond it nothing is gained
};

}  // namespace padlock::net

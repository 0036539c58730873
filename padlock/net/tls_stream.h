#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include <asio/async_result.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/ip/tcp.hpp>

#include "padlock/base/result.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/clock.h"
#include "padlock/net/observer.h"
#include "padlock/net/socket_io.h"
#include "padlock/net/stream.h"
#include "padlock/tls/connection.h"

namespace padlock::net {

/// Decides what a TLS connection cannot decide alone. Lives as long as the streams that ask it.
class Responder {
 public:
  virtual ~Responder() = default;
  /// Server: the credential for this name and these schemes. The default has none: a client never asks.
  virtual NowOrLater<std::shared_ptr<const tls::Credential>> certificate_for(const tls::CertificateWanted& question);
  /// Client: whether to trust this chain for this name. Server: whether to trust its client's. The default does not.
  virtual NowOrLater<tls::PeerVerified> verify(const tls::ChainVerificationWanted& question);
  /// Server: whether this is the first that this ticket brings (tls::EarlyDataStore). The default takes no early data,
  /// and so does an error.
  virtual NowOrLater<tls::EarlyDataAnswer> take_early_data(const tls::EarlyDataWanted& question);
  /// Client: a session to go on from later (tls::SessionReceived). The default forgets it.
  virtual void keep(std::shared_ptr<const tls::ClientSession> session);
};

/// What ends an operation of TlsStream besides the system's own errors and asio::error::eof (the peer's close_notify).
/// The whole story is in TlsStream::last_error().
enum class StreamError {
  tls_failed = 1,   ///< TLS was broken by either side
  truncated,        ///< the transport ended without close_notify (RFC 8446, section 6.1)
  deadline_passed,  ///< the peer stalled
};
const std::error_category& stream_error_category();
std::error_code make_error_code(StreamError error);

/// TLS over a TCP socket: an Asio AsyncReadStream and AsyncWriteStream for anybody's programs, with zero-copy calls
/// (`Stream`) for Padlock's own. Construct, `handshake`, use, `close`.
///
///   auto& resources = net::Resources::of(io_context);
///   net::TlsStream stream(std::move(socket), tls::Connection::client(config, "localhost", resources.provider()),
///                         responder);
///   auto shaken = co_await stream.handshake(net::deadline_in(10s));
///
/// Crypto questions of the connection are answered by the io_context's CryptoBatch. One thread; one read and one write
/// at a time. Not movable: coroutines run on it.
class TlsStream final : public Stream {
 public:
  using executor_type = asio::any_io_executor;
  using lowest_layer_type = SocketIo;

  /// `socket` is connected; `connection` is new; `responder` and `observer` outlive the stream.
  TlsStream(asio::ip::tcp::socket socket, tls::Connection connection, Responder& responder,
            Observer* observer = nullptr);
  TlsStream(SocketIo socket, tls::Connection connection, Responder& responder);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;
  ~TlsStream() override;

  /// Runs the handshake to its end, or, where a server has taken early data, until that can be read: it goes on with
  /// the reads then. On an error the alert for the peer has been sent as far as that was possible. A
  /// server's tickets (RFC 8446, section 4.6.1) leave with the first bytes that are sent after it, or before it waits.
  Awaitable<Result<void>> handshake(Deadline deadline);

  std::optional<Result<Bytes>> read_now() override;
  Awaitable<Result<void>> wait_input(Deadline deadline) override;
  Awaitable<Result<void>> write(std::span<const Bytes> pieces, Deadline deadline) override;
  Result<std::span<std::uint8_t>> reserve(std::size_t size) override;
  Result<void> commit(std::size_t size) override;
  void drop_reservation() override;
  std::size_t queued() const override;
  Result<bool> flush_now() override;
  Awaitable<Result<void>> wait_output(Deadline deadline) override;
  void queue_end() override;
  Awaitable<Result<void>> end_output(Deadline deadline) override;
  Awaitable<Result<void>> close(Deadline linger) override;
  void cancel() override;
  bool quiet() override;
  bool is_early() const override;
  void reset() override;
  const tls::ConnectionInfo* tls_info() const override { return &info(); }
  const Endpoint& local() const override;
  const Endpoint& remote() const override;

  /// What was negotiated, with the peer's chain; readable after a failure too.
  const tls::ConnectionInfo& info() const;
  /// The connection itself, for exporters and key updates.
  tls::Connection& connection();
  /// Why the last operation failed; null: none has.
  const Error* last_error() const;
  executor_type get_executor();
  /// The socket: it can be cancelled and closed, and its descriptor has options.
  lowest_layer_type& lowest_layer();

  /// Reads up to the buffers' size into the first buffer that has room. Completes with asio::error::eof at the peer's
  /// close_notify. No deadline but what the caller sets around it (cancel).
  template <class MutableBuffers, class Token>
  auto async_read_some(const MutableBuffers& buffers, Token&& token) {
    return run_some(first_of<asio::mutable_buffer>(buffers), std::forward<Token>(token));
  }
  /// Sends the first buffer that is not empty, whole.
  template <class ConstBuffers, class Token>
  auto async_write_some(const ConstBuffers& buffers, Token&& token) {
    return run_some(first_of<asio::const_buffer>(buffers), std::forward<Token>(token));
  }

 private:
  struct Impl;
  using Outcome = std::pair<std::error_code, std::size_t>;
  Awaitable<Outcome> some(asio::mutable_buffer buffer);
  Awaitable<Outcome> some(asio::const_buffer buffer);

  template <class Buffer, class Buffers>
  static Buffer first_of(const Buffers& buffers) {
    const auto end = asio::buffer_sequence_end(buffers);
    const auto found =
        std::find_if(asio::buffer_sequence_begin(buffers), end, [](const auto& one) { return Buffer(one).size() > 0; });
    return found == end ? Buffer() : Buffer(*found);
  }
  template <class Buffer, class Token>
  auto run_some(Buffer buffer, Token&& token) {
    return asio::async_initiate<Token, void(std::error_code, std::size_t)>(
        [this](auto handler, Buffer piece) {
          auto executor = asio::get_associated_executor(handler, get_executor());
          auto slot = asio::get_associated_cancellation_slot(handler);
          auto done = [handler = std::move(handler)](const std::exception_ptr& thrown, Outcome outcome) mutable {
            // Nothing of ours throws, but memory that is refused.
            if (thrown) outcome.first = std::make_error_code(std::errc::not_enough_memory);
            std::move(handler)(outcome.first, outcome.second);
          };
          asio::co_spawn(get_executor(), some(piece),
                         asio::bind_cancellation_slot(slot, asio::bind_executor(executor, std::move(done))));
        },
        token, buffer);
  }

  std::unique_ptr<Impl> impl_;
};

}  // namespace padlock::net

template <>
struct std::is_error_code_enum<padlock::net::StreamError> : std::true_type {};

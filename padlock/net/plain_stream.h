#pragma once

#include <memory>

#include <asio/ip/tcp.hpp>

#include "padlock/net/observer.h"
#include "padlock/net/socket_io.h"
#include "padlock/net/stream.h"

namespace padlock::net {

/// A TCP socket without TLS in the shape of TlsStream: for plain http.
class PlainStream final : public Stream {
 public:
  /// `socket` is connected. `we_are` says whose bytes a write sends, for the observer.
  PlainStream(asio::ip::tcp::socket socket, Sender we_are, Observer* observer = nullptr);
  explicit PlainStream(SocketIo socket);
  PlainStream(const PlainStream&) = delete;
  PlainStream& operator=(const PlainStream&) = delete;
  ~PlainStream() override;

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
  void reset() override;
  const tls::ConnectionInfo* tls_info() const override { return nullptr; }
  const Endpoint& local() const override;
  const Endpoint& remote() const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace padlock::net

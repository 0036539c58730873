#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/execution_context.hpp>
#include <asio/steady_timer.hpp>

#include "padlock/net/signal.h"
#include "padlock/server/proxy/http1_upstream.h"
#include "padlock/server/proxy/http2_upstream.h"

namespace padlock::server {

/// One worker's connections to upstreams. Those that have nothing to do are kept for a while and taken again, the
/// youngest first.
class UpstreamPool : public asio::execution_context::service {
 public:
  static asio::execution_context::id id;  // NOLINT: Asio looks services up by the address of this

  explicit UpstreamPool(asio::execution_context& context) : service(context) {}
  static UpstreamPool& of(const asio::any_io_executor& executor);

  /// An exchange on a connection that is free; null: there is none.
  std::unique_ptr<UpstreamExchange> begin_on_kept(const Upstream& upstream);
  /// An exchange on a new connection. `upstream` is one of the group. Errors: those of UpstreamConnection::open.
  net::Awaitable<Result<std::unique_ptr<UpstreamExchange>>> begin_anew(std::shared_ptr<const UpstreamGroup> group,
                                                                       const Upstream& upstream);
  void keep(std::unique_ptr<Http1Upstream> connection);
  /// The worker ends: nothing is kept any more, and what only waits is woken.
  void stop();
  /// False: the worker ends.
  net::Awaitable<bool> pause(std::chrono::nanoseconds time);
  /// Connections without work.
  std::size_t idle() const;

 private:
  void shutdown() override;
  void sweep_soon();
  void sweep();

  struct Kept {
    std::vector<std::unique_ptr<Http1Upstream>> idle;  ///< the youngest last
    std::weak_ptr<Http2Upstream> http2;
  };
  asio::any_io_executor executor_;             ///< of the worker
  std::map<std::uint64_t, Kept> kept_;         ///< by Upstream::id
  std::optional<asio::steady_timer> sweeper_;  ///< while anything is idle
  bool stopped_ = false;
  net::Signal stop_;
};

}  // namespace padlock::server

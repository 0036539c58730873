#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <asio/any_io_executor.hpp>

#include "padlock/http/h2/connection.h"
#include "padlock/net/signal.h"
#include "padlock/server/proxy/upstream_connection.h"
#include "padlock/server/proxy/upstream_exchange.h"

namespace padlock::server {

/// A connection to an upstream that speaks HTTP/2: many exchanges at a time. Lives as long as one of them, or as its
/// reader runs, which ends when it has been idle for long.
class Http2Upstream : public std::enable_shared_from_this<Http2Upstream> {
 public:
  class Exchange;

  static std::shared_ptr<Http2Upstream> start(std::unique_ptr<UpstreamConnection> connection,
                                              const asio::any_io_executor& executor);
  Http2Upstream(std::unique_ptr<UpstreamConnection> connection, const asio::any_io_executor& executor);

  /// It takes another exchange now.
  bool has_room() const;
  std::unique_ptr<UpstreamExchange> begin();
  /// It ends with its last exchange.
  void leave();

 private:
  static net::Awaitable<void> run(std::shared_ptr<Http2Upstream> self);
  net::Awaitable<Result<void>> converse();
  void handle(http::h2::Event& event);
  Exchange* find(http::h2::StreamId stream);
  void fail_all(const Error& error);

  void kick();
  static net::Awaitable<void> send(std::shared_ptr<Http2Upstream> self);
  net::Awaitable<Result<void>> fill();

  std::unique_ptr<UpstreamConnection> connection_;
  asio::any_io_executor executor_;
  http::h2::Connection http_ = http::h2::Connection::client();
  std::map<http::h2::StreamId, Exchange*> exchanges_;  ///< they take themselves out
  std::size_t begun_ = 0;                              ///< exchanges, with those that have sent nothing yet
  std::size_t served_ = 0;
  bool kicked_ = false;  ///< `send` is about to run, or runs
  net::Signal filled_;   ///< it has ended
  bool leaving_ = false;
  bool ended_ = false;
  std::optional<Error> failure_{};
};

}  // namespace padlock::server

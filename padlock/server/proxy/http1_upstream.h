#pragma once

#include <memory>

#include "padlock/http/h1/connection.h"
#include "padlock/server/proxy/upstream_connection.h"
#include "padlock/server/proxy/upstream_exchange.h"

namespace padlock::server {

/// A connection to an upstream that speaks HTTP/1.1: one exchange after the other.
struct Http1Upstream {
  std::unique_ptr<UpstreamConnection> connection;
  http::h1::Connection http = http::h1::Connection::client();
  bool used = false;
  net::Deadline kept_until{};  ///< while it has nothing to do
};

class UpstreamPool;

class Http1UpstreamExchange final : public UpstreamExchange {
 public:
  /// The pool gets the connection back if it can be kept; it outlives the exchange.
  Http1UpstreamExchange(UpstreamPool& pool, std::unique_ptr<Http1Upstream> upstream)
      : pool_(pool), upstream_(std::move(upstream)) {}

  bool reused() const override { return upstream_->used; }
  Result<void> send_head(const http::Request& request, const http::BodyFraming& framing,
                         std::string_view protocol) override;
  net::Awaitable<Result<void>> send_body(Bytes bytes) override;
  Result<bool> flush_now() override;
  net::Awaitable<Result<void>> flush() override;
  net::Awaitable<Result<void>> end(const http::Fields& trailers) override;
  std::optional<Result<News>> next_now() override;
  net::Awaitable<Result<void>> wait(net::Deadline deadline) override { return stream().wait_input(deadline); }
  void done() override;
  void cancel() override { stream().cancel(); }

 private:
  net::Stream& stream() { return upstream_->connection->stream(); }
  std::optional<Result<News>> take_event();
  std::optional<Error> take(const Result<Bytes>& bytes);

  UpstreamPool& pool_;
  std::unique_ptr<Http1Upstream> upstream_;
  bool in_chunks_ = false;  ///< the request
  Bytes unread_;            ///< a view into what the stream lent by the last read
  std::optional<http::h1::Event> next_;
};

}  // namespace padlock::server

#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "padlock/server/exchange.h"
#include "padlock/server/http2_session.h"

namespace padlock::server {

/// A request on a stream of HTTP/2, for a handler that waits.
class Http2Session::Http2Exchange final : public Exchange {
 public:
  Http2Exchange(Http2Session& session, Work& work, const http::h2::RequestHead& head);

  std::string_view version() const override { return "2.0"; }
  asio::any_io_executor executor() const override { return session_.executor_; }
  Result<bool> flush_now() override;
  void stop_reading() override;
  void when_gone(std::function<void()> action) override;

  // ---- what the session tells it

  void deliver(Bytes bytes);
  void request_ended(http::Fields trailers);
  void writable() { news_.notify(); }
  void message_sent();
  /// The stream has ended before its messages were whole.
  void closed();
  bool is_closed() const { return closed_; }

 private:
  bool is_open() const override { return !closed_; }
  net::Awaitable<Result<Bytes>> next_body() override;
  Result<void> put_head(const http::Response& response, const http::BodyFraming& framing) override;
  Result<void> put_accept(const http::Fields& fields) override;
  Result<std::size_t> put_body(Bytes bytes) override;
  Result<void> put_end(const http::Fields& trailers) override;
  Result<bool> has_left() override;
  net::Awaitable<Result<std::uint64_t>> put_answer(Answer answer) override;

  net::Deadline body_deadline();
  /// Until there is news; the client has had its time when nothing of the response has moved for Timers::write.
  net::Awaitable<Result<void>> wait_for_progress() override;

  Http2Session& session_;
  Work& work_;
  bool invites_;
  bool in_tunnel_ = false;
  std::optional<BodyRate> rate_;
  std::chrono::nanoseconds last_read_;
  std::vector<std::uint8_t> inbox_;  ///< at most the stream's window (http/limits.h)
  std::vector<std::uint8_t> lent_;   ///< by the last `next_body`
  net::Signal news_;
  std::function<void()> gone_;
  bool request_ended_ = false;
  bool unread_ = false;  ///< nobody reads the rest of the request
  bool sent_ = false;
  bool closed_ = false;
};

}  // namespace padlock::server

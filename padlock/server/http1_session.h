#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "padlock/http/h1/connection.h"
#include "padlock/server/body_rate.h"
#include "padlock/server/session.h"

namespace padlock::server {

/// HTTP/1.1 on one stream: one request after the other.
class Http1Session final : public Session {
 public:
  /// All outlive the session. `scheme`: "https" or "http".
  Http1Session(net::Stream& stream, std::string_view scheme, const Router& router, const Timers& timers,
               WorkerLog& log);

  net::Awaitable<void> run() override;
  void finish_up() override;
  bool idle() const override { return http_.between_messages(); }
  std::string_view version() const override { return "HTTP/1.1"; }

 private:
  net::Awaitable<Result<void>> converse();
  net::Awaitable<Result<void>> receive();
  void take_input();
  void on_silence(Error error);
  bool in_head() const { return !idle() && !http_.receiving_body(); }
  net::Deadline deadline() const;

  net::Awaitable<Result<void>> respond(const http::h1::RequestHead& head);
  net::Awaitable<Result<void>> collect_body(const http::h1::RequestHead& head, std::size_t most);
  net::Awaitable<Result<void>> send(Answer& answer, const http::Request& request);
  net::Awaitable<Result<void>> send_body(Body body);
  Result<void> queue_piece(Body& body);
  Result<void> queue_output();

  http::h1::Connection http_;
  Bytes unread_;                    ///< a view into what the stream lent by the last read
  net::Deadline head_until_{};      ///< for the head that has begun to be whole
  std::optional<BodyRate> rate_;    ///< of the body that is being received
  std::vector<std::uint8_t> body_;  ///< of the request that is being received, where the handler looks at it
  std::uint64_t body_sent_ = 0;     ///< of the current response
  bool running_ = false;
  bool finishing_ = false;
};

}  // namespace padlock::server

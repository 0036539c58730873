#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

#include <asio/any_io_executor.hpp>

#include "padlock/http/h1/connection.h"
#include "padlock/server/body_rate.h"
#include "padlock/server/session.h"

namespace padlock::server {

/// HTTP/1.1 on one stream: one request after the other.
class Http1Session final : public Session {
 public:
  /// All outlive the session. `scheme`: "https" or "http".
  Http1Session(net::Stream& stream, std::string_view scheme, const Router& router, const Timers& timers, WorkerLog& log,
               WorkerLoad& load);

  net::Awaitable<void> run() override;
  void finish_up() override;
  bool idle() const override { return http_.between_messages(); }
  std::string_view version() const override { return "HTTP/1.1"; }

 private:
  net::Awaitable<Result<void>> converse();
  net::Awaitable<Result<void>> receive();
  Result<void> on_read(const Result<Bytes>& bytes);
  net::Awaitable<Result<void>> receive_watched();
  void begin_watch();
  static net::Awaitable<void> watch(Http1Session* self);
  void take_input();
  void on_silence(Error error);
  bool in_head() const { return !idle() && !http_.receiving_body(); }
  net::Deadline deadline() const;

  class Http1Exchange;
  net::Awaitable<Result<void>> respond(const http::h1::RequestHead& head);
  net::Awaitable<Result<void>> respond_by_exchange(const http::h1::RequestHead& head, const Route& route,
                                                   Instant began);
  net::Awaitable<Result<Bytes>> read_body();
  net::Awaitable<Result<void>> send(Answer& answer, const http::Request& request);
  template <class Source>
  net::Awaitable<Result<void>> send_body(Source body);
  template <class Source>
  Result<void> queue_piece(Source& body);
  Result<void> queue_output();

  http::h1::Connection http_;
  Bytes unread_;                  ///< a view into what the stream lent by the last read
  net::Deadline head_until_{};    ///< for the head that has begun to be whole
  std::optional<BodyRate> rate_;  ///< of the body that is being received
  std::chrono::nanoseconds last_read_{};
  std::uint64_t body_sent_ = 0;  ///< of the current response
  http::Fields trailers_;        ///< of the request whose body was read last
  bool answered_ = false;        ///< nobody reads the rest of the exchange's request
  bool in_tunnel_ = false;
  asio::any_io_executor executor_{};  ///< once it runs
  bool watching_ = false;             ///< `watch` reads
  net::Signal watched_;               ///< it has ended
  Result<void> watch_saw_{};
  std::function<void()> gone_{};  ///< what to do if `watch` sees the client's end
  bool leaving_ = false;
  bool running_ = false;
  bool finishing_ = false;
};

}  // namespace padlock::server

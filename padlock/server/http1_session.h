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
  /// What the session can do without waiting is done without a coroutine; this is what it waits for then.
  enum class Wait : std::uint8_t { input, watch, output, response, nothing };
  Result<Wait> work();
  Wait wait_for_input();
  net::Awaitable<Result<void>> wait(Wait what);
  Result<void> on_event(http::h1::Event event, Instant now);
  Result<void> on_read(const Result<Bytes>& bytes);
  Result<void> on_ready(Result<void> ready);
  net::Awaitable<Result<void>> receive_watched();
  void begin_watch();
  static net::Awaitable<void> watch(Http1Session* self);
  void take_input(Instant now);
  void on_silence(Error error);
  bool in_head() const { return !idle() && !http_.receiving_body(); }
  net::Deadline deadline() const;

  class Http1Exchange;
  /// A request that waits for its response.
  struct Request {
    http::h1::RequestHead head;
    Instant began;
    const Route* route;            ///< asked, if there is no answer yet
    std::optional<Answer> answer;  ///< too large to be queued at once
  };
  Result<void> respond_at_once(const http::Request& request, Answer& answer, Instant began);
  /// With the answer that is there.
  net::Awaitable<Result<void>> respond(std::unique_ptr<Request> request);
  void log_answer(const http::Request& request, const Answer& answer, Instant began, bool complete);
  net::Awaitable<Result<void>> respond_by_exchange(std::unique_ptr<Request> request);
  net::Awaitable<Result<Bytes>> read_body();
  net::Awaitable<Result<void>> send(Answer& answer, const http::Request& request);
  Result<void> queue(Answer& answer, const http::Request& request);
  Result<void> begin(const Answer& answer);
  Result<void> end_response(const Answer& answer);
  template <class Source>
  net::Awaitable<Result<void>> send_body(Source body);
  template <class Source>
  Result<void> queue_body(Source& body);
  template <class Source>
  Result<void> queue_piece(Source& body);

  http::h1::Connection http_;
  std::unique_ptr<Request> request_;  ///< one that `work` has not answered
  Bytes unread_;                      ///< a view into what the stream lent by the last read
  net::Deadline head_until_{};        ///< for the head that has begun to be whole
  std::optional<BodyRate> rate_;      ///< of the body that is being received
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

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "padlock/http/h2/connection.h"
#include "padlock/server/body_rate.h"
#include "padlock/server/session.h"

namespace padlock::server {

/// HTTP/2 on one stream: many requests at a time, whose responses share the way out by their priorities.
class Http2Session final : public Session {
 public:
  /// All outlive the session.
  Http2Session(net::Stream& stream, const Router& router, const Timers& timers, WorkerLog& log);

  net::Awaitable<void> run() override;
  void finish_up() override;
  bool idle() const override { return work_.empty(); }
  std::string_view version() const override { return "HTTP/2.0"; }

 private:
  /// A request from its head until the last byte of its response is on its way.
  struct Work {
    http::h2::StreamId stream;
    Instant began;
    http::Request request;
    const Handler* handler = nullptr;
    std::size_t body_most = 0;  ///< 0: nobody looks at its body
    std::vector<std::uint8_t> body{};
    std::uint64_t body_bytes = 0;    ///< that have come
    std::optional<BodyRate> rate{};  ///< while its body comes
    int status = 0;                  ///< 0: not answered yet
    std::uint64_t sent = 0;          ///< of the response's body, at the last look
    std::chrono::nanoseconds progress{};
  };

  net::Awaitable<Result<void>> converse();
  net::Awaitable<Result<void>> receive();
  Result<bool> handle_events();
  Result<void> handle(http::h2::Event& event);
  Result<void> begin(http::h2::RequestHead& head);
  Result<void> take_body(const http::h2::BodyData& data);
  Result<void> answer(Work& work, Answer answer);
  Result<void> answer_by_handler(Work& work);
  void finished(http::h2::StreamId stream, bool complete);
  std::vector<std::unique_ptr<Work>>::iterator position(http::h2::StreamId stream);
  Work* find(http::h2::StreamId stream);
  net::Awaitable<Result<void>> send();
  Result<bool> queue_output();
  net::Deadline deadline();
  std::chrono::nanoseconds deadline_of(Work& work, std::chrono::nanoseconds now);
  Result<void> on_silence();

  http::h2::Connection http_ = http::h2::Connection::server("https");
  std::vector<std::unique_ptr<Work>> work_;               ///< at most as many as http/limits.h says
  Bytes unread_;                                          ///< a view into what the stream lent by the last read
  std::optional<std::chrono::nanoseconds> idle_since_{};  ///< nothing: a request has come since the last look
  bool running_ = false;
  bool finishing_ = false;
};

}  // namespace padlock::server

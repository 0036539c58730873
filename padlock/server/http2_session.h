#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <asio/any_io_executor.hpp>

#include "padlock/http/h2/connection.h"
#include "padlock/server/body_rate.h"
#include "padlock/server/session.h"

namespace padlock::server {

/// HTTP/2 on one stream: many requests at a time, whose responses share the way out by their priorities.
class Http2Session final : public Session {
 public:
  /// All outlive the session.
  Http2Session(net::Stream& stream, const Router& router, const Timers& timers, WorkerLog& log, WorkerLoad& load);
  ~Http2Session() override;

  net::Awaitable<void> run() override;
  void finish_up() override;
  bool idle() const override { return work_.empty(); }
  std::string_view version() const override { return "HTTP/2.0"; }

 private:
  class Http2Exchange;
  /// A request from its head until the last byte of its response is on its way.
  struct Work {
    http::h2::StreamId stream;
    Instant began;
    http::Request request;
    std::string protocol{};
    const Route* route = nullptr;
    std::optional<Answer> instead{};            ///< of its handler's, once its body has come
    std::uint64_t body_bytes = 0;               ///< that have come and that nobody looks at
    std::optional<BodyRate> rate{};             ///< while they come
    std::unique_ptr<Http2Exchange> exchange{};  ///< while a handler waits for something
    int status = 0;                             ///< 0: not answered yet
    std::uint64_t sent = 0;                     ///< of the response's body, at the last look
    std::chrono::nanoseconds progress{};
  };

  /// What the session can do without waiting is done without a coroutine; this is what it waits for then.
  enum class Wait : std::uint8_t { input, output, nothing };
  Result<Wait> work();
  Result<void> on_read(const Result<Bytes>& bytes);
  Result<void> on_ready(Result<void> ready);
  Result<bool> handle_events();
  Result<void> handle(http::h2::Event& event);
  Result<void> begin(http::h2::RequestHead& head);
  Result<void> take_body(const http::h2::BodyData& data);
  Result<void> answer(Work& work, Answer answer);
  Result<void> answer_by_route(Work& work);
  void begin_exchange(Work& work, const http::h2::RequestHead& head);
  static net::Awaitable<void> serve(Http2Session* self, Work* work);
  void log_end(const Work& work, int status, std::uint64_t sent, bool complete);
  void finished(http::h2::StreamId stream, bool complete);
  std::vector<std::unique_ptr<Work>>::iterator position(http::h2::StreamId stream);
  Work* find(http::h2::StreamId stream);
  /// Sends what has come up besides, if nobody does already.
  void kick();
  static net::Awaitable<void> send_besides(Http2Session* self);
  net::Awaitable<Result<void>> send();
  /// True: all that there was to send is with the kernel.
  Result<bool> fill_now();
  net::Deadline deadline();
  std::chrono::nanoseconds deadline_of(Work& work, std::chrono::nanoseconds now);
  Result<void> on_silence();

  http::h2::Connection http_;
  std::vector<std::unique_ptr<Work>> work_;               ///< at most as many as http/limits.h says
  Bytes unread_;                                          ///< a view into what the stream lent by the last read
  Instant now_{};                                         ///< of the last read: when what it brought came
  std::optional<std::chrono::nanoseconds> idle_since_{};  ///< nothing: a request has come since the last look
  asio::any_io_executor executor_{};                      ///< once it runs
  std::size_t exchanges_ = 0;                             ///< handlers at work
  net::Signal exchange_ended_;
  bool filling_ = false;  ///< a coroutine moves output into the stream
  net::Signal filled_;    ///< it has ended
  bool kicked_ = false;   ///< one is about to
  bool running_ = false;
  bool finishing_ = false;
};

}  // namespace padlock::server

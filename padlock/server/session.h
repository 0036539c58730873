#pragma once

#include <optional>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/http/h1/connection.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/stream.h"
#include "padlock/server/body_rate.h"
#include "padlock/server/router.h"
#include "padlock/server/timers.h"
#include "padlock/server/worker_log.h"

namespace padlock::server {

/// HTTP/1.1 on one stream: requests in, a handler's answers out, until either side ends it. Owns the clocks of
/// limits.h (docs/threats.md, H10).
class Session {
 public:
  /// All outlive the session. `scheme`: "https" or "http".
  Session(net::Stream& stream, std::string_view scheme, const Router& router, const Timers& timers, WorkerLog& log);

  /// Serves until the connection has ended, and closes it.
  net::Awaitable<void> run();
  /// No request after the one that is being answered; an idle one ends. Before `run`: one request, if it comes soon.
  void finish_up();
  /// Nothing is being received or answered.
  bool idle() const { return http_.between_messages(); }

 private:
  net::Awaitable<Result<void>> converse();
  net::Awaitable<Result<void>> receive();
  void take_input();
  void on_silence(Error error);
  bool in_head() const { return !idle() && !http_.receiving_body(); }
  net::Deadline deadline() const;

  net::Awaitable<Result<void>> respond(const http::h1::RequestHead& head);
  net::Awaitable<Result<void>> collect_body(const http::h1::RequestHead& head, std::size_t most);
  net::Awaitable<Result<void>> send(const Answer& answer, const http::Request& request);
  net::Awaitable<Result<void>> send_file(const net::File& file, FilePart part);
  Result<void> queue_piece(const net::File& file, FilePart& rest);
  Result<void> queue_output();
  net::Awaitable<Result<void>> flush();
  std::unexpected<Error> abort(Error error);

  net::Stream& stream_;
  const Router& router_;
  const Timers& timers_;
  WorkerLog& log_;
  http::h1::Connection http_;
  std::string client_;
  Bytes unread_;                    ///< a view into what the stream lent by the last read
  net::Deadline head_until_{};      ///< for the head that has begun to be whole
  std::optional<BodyRate> rate_;    ///< of the body that is being received
  std::vector<std::uint8_t> body_;  ///< of the request that is being received, where the handler looks at it
  std::uint64_t body_sent_ = 0;     ///< of the current response
  bool running_ = false;
  bool finishing_ = false;
  bool aborted_ = false;  ///< the end must not look like a clean one
};

}  // namespace padlock::server

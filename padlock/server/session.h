#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "padlock/base/result.h"
#include "padlock/http/message/message.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/signal.h"
#include "padlock/net/stream.h"
#include "padlock/server/exchange.h"
#include "padlock/server/load.h"
#include "padlock/server/router.h"
#include "padlock/server/timers.h"
#include "padlock/server/worker_log.h"

namespace padlock::server {

/// HTTP on one stream, whatever its version: requests in, handlers' answers out, until either side ends it. Owns the
/// clocks of limits.h (docs/threats.md, H10).
class Session {
 public:
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Serves until the connection has ended, and closes it.
  virtual net::Awaitable<void> run() = 0;
  /// No request after those that are being answered; an idle one ends. Before `run`: one request, if it comes soon.
  /// What it has to say about that is queued on the stream, unless something is being sent.
  virtual void finish_up() = 0;
  /// Nothing is being received or answered.
  virtual bool idle() const = 0;
  /// It has answered no request yet.
  bool fresh() const { return fresh_; }
  /// "HTTP/1.1", "HTTP/2.0": for logs.
  virtual std::string_view version() const = 0;
  /// A write runs.
  bool sending() const { return sending_; }

  /// As far as the kernel takes it now. True: that was all.
  Result<bool> flush_now() { return sending_ ? Result<bool>(false) : stream_.flush_now(); }
  /// Until the kernel has all that is queued; a client that takes nothing for Timers::write ends it. One at a time.
  net::Awaitable<Result<void>> flush();

 protected:
  /// All outlive the session.
  Session(net::Stream& stream, const Router& router, const Timers& timers, WorkerLog& log, WorkerLoad& load);

  /// Ends the connection after `done`: cleanly, or so that the client sees that its responses are not whole.
  net::Awaitable<void> end(Result<void> done, bool was_idle);
  /// For failures of our own in the middle of a response.
  std::unexpected<Error> abort(Error error);

  /// What can be said to a request without waiting: by its route's handler, or by rules in its place; that it has no
  /// route, that its body is too long, or that it has come too early for what it asks.
  /// Its route's rules count it, so once for each request.
  std::optional<Answer> answer_at_once(const Result<const Route*>& route, const http::Request& request, bool has_body,
                                       Instant now);
  /// The same once its body has come, and nothing was in its way.
  static std::optional<Answer> answer_by_handler(const Route& route, const http::Request& request, WallTime now);
  /// Has the exchange's route answer it, or says by a status that it could not.
  net::Awaitable<Result<void>> perform(const Route& route, Exchange& exchange);

  struct Answered {
    const http::Request& request;
    Instant began;
    int status;
    std::uint64_t body_bytes;
    bool complete;
  };
  void log(const Answered& answered);
  void log(const Error& error) { log_.failure(net::to_string(stream_.remote()), error); }

  net::Stream& stream() { return stream_; }
  const Router& router() const { return router_; }
  const Timers& timers() const { return timers_; }

 private:
  /// 503: the worker has enough to do.
  net::Awaitable<Result<void>> refuse_for_now(Exchange& exchange);

  net::Stream& stream_;
  const Router& router_;
  const Timers& timers_;
  WorkerLog& log_;
  WorkerLoad& load_;
  std::chrono::nanoseconds since_;  ///< it serves
  std::string client_subject_;      ///< of its certificate, for the log
  bool aborted_ = false;            ///< the end must not look like a clean one
  bool sending_ = false;
  net::Signal sent_;  ///< a write has ended
  bool fresh_ = true;
};

}  // namespace padlock::server

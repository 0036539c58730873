#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/http/face.h"
#include "padlock/http/message/message.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/clock.h"

namespace padlock::server {

/// One request to an upstream and its response, whatever version of HTTP carries them. At most one sends and one
/// receives at a time. Errors: those of the stream and of http.
class UpstreamExchange {
 public:
  virtual ~UpstreamExchange() = default;
  UpstreamExchange(const UpstreamExchange&) = delete;
  UpstreamExchange& operator=(const UpstreamExchange&) = delete;

  /// The connection has carried others before: it may have ended meanwhile.
  virtual bool reused() const = 0;

  // ---- the request

  /// Queues the head. `protocol`: to go on with, if the upstream agrees.
  virtual Result<void> send_head(const http::Request& request, const http::BodyFraming& framing,
                                 std::string_view protocol) = 0;
  virtual net::Awaitable<Result<void>> send_body(Bytes bytes) = 0;
  /// All that is queued, and with `end` the end of a body, leaves. True: it has; else `flush` waits for it.
  virtual Result<bool> flush_now() = 0;
  virtual net::Awaitable<Result<void>> flush() = 0;
  /// Trailers are left out where the body has no room for them.
  virtual net::Awaitable<Result<void>> end(const http::Fields& trailers) = 0;

  // ---- the response

  struct Head {
    http::Response response;
    bool switched = false;  ///< bytes of the protocol follow
  };
  struct End {
    http::Fields trailers;
  };
  using News = std::variant<Head, Bytes, End>;
  /// What comes next: the final head, bytes of its body (a view until the next call), or its end; nothing: `wait` says
  /// when to ask again.
  virtual std::optional<Result<News>> next_now() = 0;
  /// A deadline that has passed (net::rules::deadline_passed) is no end: it can be tried again.
  virtual net::Awaitable<Result<void>> wait(net::Deadline deadline) = 0;

  /// Request and response are whole: the connection may serve another one. Nothing else is called after it.
  virtual void done() = 0;
  /// Ends waits of running calls and gives the exchange up. At any time, by the worker's own thread.
  virtual void cancel() = 0;

 protected:
  UpstreamExchange() = default;
};

}  // namespace padlock::server

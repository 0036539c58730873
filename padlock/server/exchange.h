#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <asio/any_io_executor.hpp>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/http/face.h"
#include "padlock/http/message/message.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/stream.h"
#include "padlock/server/route.h"

namespace padlock::server {

/// One request and the response to it, whatever version of HTTP carries them: what handlers that wait work with. One
/// thread's; at most one reads and one writes at a time. Whoever sends keeps pace with the client, and whoever reads
/// makes the client keep pace with it; the session's clocks watch both (limits.h).
///
/// Errors of every call: what ended the stream or the connection. A handler gives them back and is done.
class Exchange {
 public:
  virtual ~Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const http::Request& request() const { return request_; }
  /// "websocket": the client would go on with it; empty: with nothing else.
  const std::string& protocol() const { return protocol_; }
  /// "1.1" or "2.0".
  virtual std::string_view version() const = 0;
  virtual asio::any_io_executor executor() const = 0;
  Instant began() const { return began_; }
  /// The client's connection: addresses, and what TLS has negotiated.
  const net::Stream& client() const { return client_; }

  // ---- the request's body

  bool has_body() const { return has_body_; }
  /// The next bytes of it; empty: it has ended. The client that waits for an invitation (100) gets it. The view lives
  /// until the next call. Error, besides: rules::body_too_large.
  net::Awaitable<Result<Bytes>> read_body();

  /// Of a body that has ended, in chunks or over HTTP/2.
  const http::Fields& trailers() const { return trailers_; }

  /// Nobody wants the rest: a `read_body` that waits ends with an error, and so do later ones.
  virtual void stop_reading() = 0;

  // ---- the response

  /// Queues the head, with what the route has to say in it. With KnownLength or UnknownLength `end` must follow. One
  /// that has no body (HEAD, 204, 304) takes what is sent and drops it.
  Result<void> send_head(http::Response response, const http::BodyFraming& framing);
  /// Goes on with `protocol()`: both bodies are its bytes from now on. `fields`: what else the client is told.
  Result<void> accept(const http::Fields& fields);
  /// Takes the bytes before it returns, and waits while too many are queued.
  net::Awaitable<Result<void>> send_body(Bytes bytes);
  /// What `send_body` does of it without waiting. Gives how many bytes were taken: the others are `send_body`'s.
  Result<std::size_t> take_body(Bytes bytes);
  /// Waits until what is queued has left: for responses that come in pieces.
  net::Awaitable<Result<void>> flush();
  /// The same as far as the client takes it now. True: that was all.
  virtual Result<bool> flush_now() = 0;
  /// The response is whole; waits until it has left.
  net::Awaitable<Result<void>> end(const http::Fields& trailers = {});
  /// The same without waiting. True: it has left; else `leave` waits for that.
  Result<bool> end_now(const http::Fields& trailers = {});
  net::Awaitable<Result<void>> leave();
  /// The site has a page of its own for this status, and wants it in place of what a server behind says.
  bool has_page_for_upstreams(int status) const { return route_.rules && route_.rules->has_page_for_upstreams(status); }
  /// All of a response, in place of the calls above.
  net::Awaitable<Result<void>> send(Answer answer);

  /// Calls `action`, once, if the client goes away before its response is whole: work for it can stop. An empty one
  /// takes the wish back.
  virtual void when_gone(std::function<void()> action) = 0;

  // ---- how far it has come

  int status() const { return status_; }  ///< 0: no head has been sent
  bool ended() const { return ended_; }
  std::uint64_t body_sent() const { return body_sent_; }
  /// A head can still be sent.
  bool can_answer() const { return status_ == 0 && is_open(); }

 protected:
  /// `request`, `protocol`, `route` and `client` outlive it.
  Exchange(const http::Request& request, const std::string& protocol, bool has_body, Instant began, const Route& route,
           const net::Stream& client)
      : request_(request),
        protocol_(protocol),
        has_body_(has_body),
        began_(began),
        route_(route),
        client_(client),
        body_left_(route.body_limit(request)) {}

  void note_trailers(http::Fields trailers) { trailers_ = std::move(trailers); }

 private:
  virtual bool is_open() const = 0;
  virtual net::Awaitable<Result<Bytes>> next_body() = 0;
  virtual Result<void> put_head(const http::Response& response, const http::BodyFraming& framing) = 0;
  virtual Result<void> put_accept(const http::Fields& fields) = 0;
  /// As many bytes as there is room for now.
  virtual Result<std::size_t> put_body(Bytes bytes) = 0;
  virtual Result<void> put_end(const http::Fields& trailers) = 0;
  /// A response that was ended has left the server.
  virtual Result<bool> has_left() = 0;
  /// Until there is room for more, or more has left.
  virtual net::Awaitable<Result<void>> wait_for_progress() = 0;
  /// Gives the number of body bytes.
  virtual net::Awaitable<Result<std::uint64_t>> put_answer(Answer answer) = 0;

  const http::Request& request_;
  const std::string& protocol_;
  bool has_body_;
  Instant began_;
  const Route& route_;
  const net::Stream& client_;
  std::uint64_t body_left_;  ///< of what it may bring
  bool body_read_ = false;
  http::Fields trailers_{};
  bool tunnel_ = false;
  bool without_body_ = false;  ///< the response
  int status_ = 0;
  bool ended_ = false;
  std::uint64_t body_sent_ = 0;
};

}  // namespace padlock::server

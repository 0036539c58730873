#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/http/face.h"
#include "padlock/http/message/message.h"

namespace padlock::http::h1 {

class Engine;

using http::BodyFraming;
using http::Closed;
using http::Ending;
using http::Failed;
using http::KnownLength;
using http::NoBody;
using http::Waiting;
using Chunked = http::UnknownLength;

/// Limits on what a peer may send (docs/threats.md, H11); each has its reason in http/limits.h.
struct Limits {
  std::size_t start_line_bytes;
  std::size_t fields_bytes;
  std::size_t field_count;
  std::uint64_t body_bytes;  ///< of requests: 413 above it; of responses: no limit
  std::uint64_t requests;    ///< on one connection; the last one's response says `Connection: close`
  static Limits for_server();
  static Limits for_client();
};

// ---- events, oldest first

struct RequestHead {  ///< server role
  Request request;
  std::string protocol{};  ///< "websocket": the client would like to go on with it (RFC 9110, section 7.8); else empty
  bool expects_continue = false;
  bool has_body = false;
};
struct ResponseHead {  ///< client role; interim (1xx) answers come as heads of their own
  Response response;
  bool interim = false;
};
struct BodyData {
  Bytes bytes;  ///< a view into the span given to the last `feed`; dead at the next one
};
struct MessageEnd {
  Fields trailers;
};
using Event = std::variant<RequestHead, ResponseHead, BodyData, MessageEnd, Closed, Failed>;

/// An HTTP/1.1 connection, strict (RFC 9112; docs/threats.md, H1 to H6), without I/O.
///
/// Server: requests are answered in order. With pipelining the next RequestHead comes when the response before it is
/// complete; until then `feed` takes nothing. Once a response is complete, no more events of its request come: an
/// unread body of up to 64 KiB is read away, a longer one ends the connection.
/// Client: one request at a time; the next when the response before it has ended, unless `finished()`.
///
/// Laws (property-tested): each `feed` takes bytes, yields an event, or `waiting_for()` says why not; and cutting the
/// input at any other places yields the same events, but for where BodyData is cut.
class Connection {
 public:
  /// `scheme`: "https" or "http", what requests on this connection are for.
  static Connection server(std::string_view scheme, Limits limits = Limits::for_server());
  static Connection client(Limits limits = Limits::for_client());
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// Takes bytes from the front of `input` and gives their number. It stops when there is an event, so that BodyData
  /// stays valid; the caller keeps the rest and offers it again. An error is also yielded as `Failed`; later calls take
  /// nothing. `now.wall` dates error responses.
  Result<std::size_t> feed(Bytes input, Instant now);
  std::optional<Event> next_event();
  Bytes output() const;
  void output_sent(std::size_t count);
  Waiting waiting_for() const;
  /// The transport has ended; call it when all its bytes have been fed. A message cut short yields Failed
  /// (rules::message_truncated, or ::response_missing when nothing of a response has come).
  void input_ended(Ending ending = Ending::clean);

  /// Client: sends a head. Host, Content-Length or Transfer-Encoding are written from `request.authority` and
  /// `framing`; giving them as fields, or a line break in any field, is an error that sends nothing.
  /// `protocol`: to ask for a switch to it, with NoBody. The server may answer 101; then bytes of the new protocol are
  /// what `send_body` takes and BodyData brings, until either side ends.
  Result<void> send_request(const Request& request, const BodyFraming& framing, std::string_view protocol = {});
  /// Server: answers the current request with a status of 200 to 599. HEAD, 204 and 304 never get a body: what is sent
  /// for it is dropped.
  Result<void> send_response(const Response& response, const BodyFraming& framing);
  /// Server: switches to the protocol of the current request, whose own end is no news any more. What follows is as
  /// with `send_request`.
  Result<void> switch_protocols(const Fields& fields);
  /// Server: invites the body of a request with `expects_continue`.
  Result<void> send_continue();
  /// Copies body bytes into `output()`, framed as a chunk where the framing needs it.
  Result<void> send_body(Bytes piece);
  /// For body bytes that never pass through here (a file that is read straight into a TLS record): say how many will
  /// come, send `output()`, send the bytes, and say after each part how many went. With KnownLength nothing stands
  /// between head and end, so one announcement can cover the whole file.
  Result<void> announce_piece(std::uint64_t size);
  Result<void> piece_sent_elsewhere(std::uint64_t size);
  /// Ends a message with a body. Trailers: with chunks only. Error: rules::body_length_differs; the connection is then
  /// finished, as its framing is lost.
  Result<void> end_message(const Fields& trailers = {});
  /// Ends the connection after the current exchange, at once if there is none; says `Connection: close` if a head is
  /// still to be sent.
  void close_after_response();
  /// Gives up, for a reason that the owner found (a deadline). The server role answers with the rule's status if a
  /// response can still be sent and a byte of the request has come.
  void fail(Error error);

  /// Gives back what an idle connection needs no more.
  void release_buffers();
  /// No byte of the next message has come, and the last exchange is complete: the connection is idle.
  bool between_messages() const;
  /// The head of a message has come and its body has not, not whole: what is to come is body.
  bool receiving_body() const;
  /// True once nothing more can be sent or received and the transport should be closed after `output()` is sent.
  bool finished() const;

 private:
  explicit Connection(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

}  // namespace padlock::http::h1

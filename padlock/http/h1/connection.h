#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <variant>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/http/message/message.h"

namespace padlock::http::h1 {

/// Limits on what a peer may send (docs/threats.md, H11); each has its reason in limits.h.
struct Limits {
  std::size_t start_line_bytes;
  std::size_t fields_bytes;
  std::size_t field_count;
  std::uint64_t body_bytes;  ///< requests: 413 above it; responses: no limit
  static Limits for_server();
  static Limits for_client();
};

// ---- events
// -------------------------------------------------------------------------------------------------------------
struct RequestHead {  ///< server role
  Request request;
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
/// The connection has ended between messages: nothing is lost.
struct Closed {};
/// A broken message; the server role has put its error response into `output()` already, if one can still be sent.
struct Failed {
  Error error;
};
using Event = std::variant<RequestHead, ResponseHead, BodyData, MessageEnd, Closed, Failed>;

enum class Waiting : std::uint8_t { peer_bytes, room_for_output, application, nothing };

/// How the body of a message that we send is framed.
struct NoBody {};
struct KnownLength {
  std::uint64_t bytes;
};
struct Chunked {};  ///< unknown length
using BodyFraming = std::variant<NoBody, KnownLength, Chunked>;

/// An HTTP/1.1 connection, strict (RFC 9112; docs/threats.md, H1 to H6), without I/O. Requests are answered in order:
/// with pipelining the next RequestHead is yielded when the response before it is complete.
class Connection {
 public:
  static Connection server(std::string_view scheme, Limits limits = Limits::for_server());
  static Connection client(Limits limits = Limits::for_client());
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// Takes bytes, any number; stops after each BodyData so that its view stays valid. Gives the number taken.
  Result<std::size_t> feed(Bytes input, Instant now);
  std::optional<Event> next_event();
  Bytes output() const;
  void output_sent(std::size_t count);
  Waiting waiting_for() const;
  /// The transport has ended; a message cut short yields Failed (rules::message_truncated).
  void input_ended();

  /// Client: sends a head. Host, Content-Length or Transfer-Encoding are written from `request.authority` and
  /// `framing`.
  Result<void> send_request(const Request& request, BodyFraming framing);
  /// Server: answers the current request. `final` heads are 2xx to 5xx. HEAD, 204 and 304 never get a body.
  Result<void> send_response(const Response& response, BodyFraming framing);
  Result<void> send_continue();
  /// Body bytes are framed into `output()`: chunk head and end are added where the framing needs them.
  Result<void> send_body(Bytes piece);
  /// For zero copy: the frame before and after `size` body bytes that the caller sends itself between them; see h1.cc.
  Result<void> end_message(const Fields& trailers = {});
  /// After the current response: `Connection: close`.
  void close_after_response();
  /// True once nothing more can be sent or received and the transport should be closed after `output()` is sent.
  bool finished() const;

 private:
  class Engine;
  explicit Connection(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

}  // namespace padlock::http::h1

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
#include "padlock/http/h2/frame.h"
#include "padlock/http/message/message.h"

namespace padlock::http::h2 {

class Engine;

/// Limits on what a peer may send; each has its reason in http/limits.h.
struct Limits {
  std::size_t fields_bytes;  ///< names, values and 32 bytes a field (RFC 9113, section 6.5.2)
  std::size_t field_count;
  std::uint64_t body_bytes;         ///< of requests: 413 above it; of responses: no limit
  std::uint64_t requests;           ///< on one connection; the last one begins its shutdown
  std::size_t concurrent_streams;   ///< requests at work, those that are cancelled and not yet `released` too
  std::uint32_t stream_window;      ///< what the peer may send of a body before it is `consumed`
  std::uint32_t connection_window;  ///< of all bodies
  bool extended_connect = false;    ///< server: take CONNECT with :protocol (RFC 8441)
  static Limits for_server();
  static Limits for_client();
};

// ---- events, oldest first

struct RequestHead {  ///< server role
  StreamId stream;
  Request request;
  std::string protocol{};  ///< :protocol of an extended CONNECT: "websocket"; else empty
  bool expects_continue = false;
  bool has_body = false;
};
struct ResponseHead {  ///< client role; interim (1xx) answers come as heads of their own
  StreamId stream;
  Response response;
  bool interim = false;
};
struct BodyData {
  StreamId stream;
  Bytes bytes;  ///< a view into the span given to the last `feed`; dead at the next one
};
struct MessageEnd {
  StreamId stream;
  Fields trailers{};
};
/// `send_body` took less than it was given; now there is room again.
struct Writable {
  StreamId stream;
};
/// The whole message that we send on this stream is in the output.
struct MessageSent {
  StreamId stream;
};
/// The stream has ended before its messages were whole; its work can be given up. No more events of it come.
struct StreamReset {
  StreamId stream;
  ErrorCode code;
  std::optional<Error> error{};  ///< what the peer did wrong; nothing if it was the peer who ended the stream
};
/// Server role: a request that was answered or reset here and never came as RequestHead; for logs.
struct StreamRefused {
  StreamId stream;
  Error error;
};
/// The peer will take no new streams after `last_stream` (RFC 9113, section 6.8).
struct GoAway {
  StreamId last_stream;
  ErrorCode code;
  std::string debug_data;  ///< escaped
};
using Event = std::variant<RequestHead, ResponseHead, BodyData, MessageEnd, Writable, MessageSent, StreamReset,
                           StreamRefused, GoAway, Closed, Failed>;

/// Where the bytes of a body come from when they are wanted, so that they go straight into the output.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Fills `into` whole with the next bytes. An error resets the stream with INTERNAL_ERROR.
  virtual Result<void> read(std::span<std::uint8_t> into) = 0;
};

/// An HTTP/2 connection (RFC 9113; docs/threats.md, H6 and H16 to H21), without I/O.
///
/// Many messages at a time, each on a stream of its own. One reader feeds and takes the events; whoever answers a
/// stream calls `send_...` with its number at any time between. A number whose stream has ended gives
/// rules::h2_stream_gone, so that its work can stop.
///
/// Laws (property-tested): each `feed` takes bytes, yields an event, or `waiting_for()` says why not; and cutting the
/// input at any other places yields the same events, but for where BodyData is cut. (Of an owner that cannot take the
/// output after each `feed`, a body may be whole, or not, when the frame that resets its stream is read.)
class Connection {
 public:
  /// `scheme`: "https" or "http", what requests on this connection are for.
  static Connection server(std::string_view scheme, Limits limits = Limits::for_server());
  static Connection client(Limits limits = Limits::for_client());
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// Takes bytes from the front of `input` and gives their number. It stops when there is an event, so that BodyData
  /// stays valid, and when bodies can flow; the caller takes events and output, keeps the rest and offers it again. An
  /// error is also yielded as `Failed`; later calls take nothing. `now` is the clock of every counter.
  Result<std::size_t> feed(Bytes input, Instant now);
  std::optional<Event> next_event();
  /// Gathers what can be sent now, urgent streams first (RFC 9218); may yield events. Dead at the next call of
  /// anything.
  Bytes output() const;
  void output_sent(std::size_t count);
  /// The same without a copy between: fills the front of `room`, which is best as large as a TLS record, and counts it
  /// as sent. Gives how much it filled; 0 if there is nothing to send.
  std::size_t write_output(std::span<std::uint8_t> room);
  Waiting waiting_for() const;
  /// The transport has ended, in whatever way; call it when all its bytes have been fed. With streams open it yields
  /// Failed (rules::message_truncated), else Closed.
  void input_ended();

  // ---- receiving

  /// The application has taken `bytes` of a stream's body: the peer may send as many more.
  void consumed(StreamId stream, std::size_t bytes);
  /// Server: no work is done for this request any more; each RequestHead is to be followed by one. Until then it counts
  /// among `concurrent_streams`, though its client may have cancelled it. A response that is not whole is reset.
  void released(StreamId stream);

  // ---- sending

  /// Client: sends a head and gives the number of its stream. `protocol`: for an extended CONNECT (method CONNECT) once
  /// the server has allowed it. Errors: rules::h2_going_away, ::h2_no_free_stream, ::h2_protocol_not_offered, and those
  /// of http/message/checks.h.
  Result<StreamId> send_request(const Request& request, const BodyFraming& framing, std::string_view protocol = {});
  /// Server: answers with a status of 200 to 599. HEAD, 204 and 304 never get a body: what is sent for it is dropped.
  Result<void> send_response(StreamId stream, const Response& response, const BodyFraming& framing);
  /// Server: invites the body of a request with `expects_continue`.
  Result<void> send_continue(StreamId stream);
  /// Copies as many body bytes as there is room for and gives their number; if that is less than all, Writable follows.
  Result<std::size_t> send_body(StreamId stream, Bytes piece);
  /// Takes the rest of a body of KnownLength from `source` whenever the peer can take it, and ends the message.
  Result<void> send_body_from(StreamId stream, std::unique_ptr<BodySource> source);
  /// How many bytes `send_body` would take now.
  std::size_t writable(StreamId stream) const;
  /// Body bytes of a stream that went into the output: for logs, and for who watches whether its client takes them.
  std::uint64_t body_bytes_sent(StreamId stream) const;
  /// Ends a message with a body. Error: rules::body_length_differs; the stream is then reset.
  Result<void> end_message(StreamId stream, const Fields& trailers = {});
  /// Ends a stream at once. No more events of it come.
  void reset(StreamId stream, ErrorCode code);

  // ---- the end

  /// No new streams; those at work are served. Server: first announced, then, when the client has seen that, made
  /// final (RFC 9113, section 6.8); called again it is final at once. Closed comes when the last stream has ended.
  void shutdown();
  /// Ends the connection now, with what is still in `output()`.
  void close();
  /// The same for a reason that the owner found; yields Failed.
  void fail(Error error);

  /// Streams at work: server: not `released`; client: not ended.
  std::size_t streams() const;
  /// Client: how many more requests can be sent now.
  std::size_t free_streams() const;
  /// True once nothing more can be sent or received and the transport should be closed after `output()` is sent.
  bool finished() const;

 private:
  explicit Connection(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

}  // namespace padlock::http::h2

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "padlock/base/text.h"
#include "padlock/http/h2/frame.h"
#include "padlock/http/h2/priority.h"
#include "padlock/http/message/message.h"

struct nghttp2_session;

namespace padlock::http::h2 {

struct Stream;

/// What happens on a Session. A `Stream*` is the one that was attached to the number; null if there is none (any more).
class SessionListener {
 public:
  virtual ~SessionListener() = default;

  // ---- received
  virtual void on_head_begin(StreamId id, Stream* stream) = 0;
  /// False: nothing more is read from this connection, ever.
  virtual bool on_field(std::string_view name, std::string_view value) = 0;
  virtual void on_head_end(bool end_stream) = 0;
  virtual void on_data(Stream& stream, Bytes bytes) = 0;
  /// `empty`: the frame held padding alone.
  virtual void on_data_end(Stream& stream, bool end_stream, bool empty) = 0;
  virtual void on_reset_received(Stream& stream, ErrorCode code) = 0;
  virtual void on_goaway_received(StreamId last_stream, ErrorCode code, Bytes debug_data) = 0;
  virtual void on_ping_answered() = 0;

  // ---- sent
  /// Body bytes of a stream that can be sent now: `most` at most. Nothing: none at the moment; `resume` follows.
  struct Piece {
    std::size_t bytes;
    bool last;      ///< the body ends with it
    bool trailers;  ///< and trailers follow: the listener submits them before it returns
  };
  enum class NoPiece : std::uint8_t { wait, no_room };
  virtual std::variant<Piece, NoPiece> on_body_wanted(Stream& stream, std::size_t most) = 0;
  /// Writes a DATA frame: its header, then the piece that was announced. False: it cannot be had; the stream is reset.
  virtual bool on_data_write(Stream& stream, std::span<const std::uint8_t, FrameHeader::size> header,
                             std::size_t bytes) = 0;
  virtual void on_end_stream_sent(Stream& stream) = 0;
  virtual void on_reset_sent(StreamId id, Stream* stream, ErrorCode code) = 0;
  virtual void on_goaway_sent(ErrorCode code, Bytes debug_data) = 0;
  /// Also for a request whose head could not be sent, with REFUSED_STREAM. The stream is not used any more.
  virtual void on_stream_closed(Stream& stream, ErrorCode code) = 0;
};

/// nghttp2 behind words of ours: streams' states, HPACK, flow control and framing. Its own checks of HTTP messages are
/// switched off, as ours are those of every version and name the rule; so is what it does by the system's clock.
/// Only this file's source knows its header.
class Session {
 public:
  enum class Role : std::uint8_t { server, client };

  /// `listener` outlives it. `connection_window`: of what the peer may send on all streams.
  Session(Role role, SessionListener& listener, std::span<const Setting> settings, std::uint32_t connection_window);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// False: this is not HTTP/2 at all (RFC 9113, section 3.4).
  bool feed(Bytes input);
  /// The next frame to send, without DATA, which goes through the listener; empty if there is none now. Dead at the
  /// next call.
  Bytes next_frame();
  /// Frames that wait to be sent, without DATA.
  std::size_t queued_frames() const;
  bool wants_write() const;
  /// Something can still come that matters.
  bool wants_read() const;

  void attach(StreamId id, Stream* stream);
  /// The number that the next request will have; 0 if there are none left.
  StreamId next_stream() const;
  void submit_request(std::span<const FieldView> head, bool has_body, Stream& stream);
  void submit_response(StreamId id, std::span<const FieldView> head, bool has_body, Stream& stream);
  void submit_interim(StreamId id, std::span<const FieldView> head);
  void submit_trailers(StreamId id, std::span<const FieldView> trailers);
  /// There may be a Piece again.
  void resume(StreamId id);
  void submit_reset(StreamId id, ErrorCode code);
  /// The peer may send as many bytes more, on the stream and altogether.
  void consume(StreamId id, std::size_t bytes);
  void consume_connection(std::size_t bytes);
  void set_priority(StreamId id, Priority priority);
  /// Announces the end with a GOAWAY that refuses nothing yet, and a PING whose answer says that it was seen.
  void announce_shutdown();
  /// The GOAWAY that counts.
  void shutdown();
  /// GOAWAY, and nothing after it.
  void terminate(ErrorCode code);

  // ---- what the peer has said
  std::uint32_t peer_concurrent_streams() const;
  bool peer_takes_connect_protocol() const;

 private:
  struct Deleter {
    void operator()(nghttp2_session* session) const;
  };
  std::unique_ptr<nghttp2_session, Deleter> session_;
};

}  // namespace padlock::http::h2

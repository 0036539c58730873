#pragma once

#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "padlock/http/h2/connection.h"
#include "padlock/http/h2/flood_guard.h"
#include "padlock/http/h2/frame_scanner.h"
#include "padlock/http/h2/head_reader.h"
#include "padlock/http/h2/session.h"
#include "padlock/http/h2/stream.h"
#include "padlock/http/outbox.h"

namespace padlock::http::h2 {

/// What both roles of a connection share: the way of bytes in and out, streams, bodies, events, and how it ends.
class Engine : public SessionListener {
 public:
  Engine(Session::Role role, const Limits& limits, std::span<const Setting> settings);

  Result<std::size_t> feed(Bytes input, Instant now);
  std::optional<Event> next_event();
  Bytes output();
  void output_sent(std::size_t count) { outbox_.sent(count); }
  std::size_t write_output(std::span<std::uint8_t> room);
  Waiting waiting_for() const;
  void input_ended();

  void consumed(StreamId id, std::size_t bytes);
  void released(StreamId id);

  virtual Result<StreamId> send_request(const Request& request, const BodyFraming& framing, std::string_view protocol);
  virtual Result<void> send_response(StreamId id, const Response& response, const BodyFraming& framing);
  virtual Result<void> send_continue(StreamId id);
  Result<std::size_t> send_body(StreamId id, Bytes piece);
  Result<void> send_body_from(StreamId id, std::unique_ptr<BodySource> source);
  std::size_t writable(StreamId id) const;
  std::uint64_t body_bytes_sent(StreamId id) const;
  Result<void> end_message(StreamId id, const Fields& trailers);
  void reset(StreamId id, ErrorCode code);

  virtual void shutdown() = 0;
  void close();
  void fail(Error error);
  std::size_t streams() const { return streams_.size(); }
  virtual std::size_t free_streams() const { return 0; }
  bool finished() const { return finished_; }

 protected:
  // ---- what the roles differ in
  /// A block of fields begins. Gives the stream that it is for; null if it is to be decoded and forgotten.
  virtual Stream* stream_of_head(StreamId id, Stream* stream) = 0;
  virtual HeadReader::Kind kind_of_head(const Stream& stream) const = 0;
  /// A block has ended. An error ends the stream.
  virtual Result<void> on_head(Stream& stream, HeadReader& head, bool end_stream) = 0;
  /// The peer did `error` on this stream: ends it, and tells.
  virtual void on_stream_broken(Stream& stream, Error error) = 0;
  virtual bool counts_as_flood(const Stream* stream, ErrorCode code) const = 0;
  virtual void on_stream_sent(Stream& stream) = 0;
  virtual bool is_forgotten(const Stream& stream) const = 0;
  /// Before nghttp2 looks at a frame. An error ends the connection.
  virtual Result<void> on_frame_begin(const FrameHeader&) { return {}; }
  virtual void on_stream_ended(const Stream&) {}

  bool has_events() const { return next_ < events_.size(); }
  template <class Kind>
  void yield(Kind&& event) {
    events_.emplace_back(std::in_place_type<std::remove_cvref_t<Kind>>, std::forward<Kind>(event));
  }
  Session& session() { return session_; }
  const Session& session() const { return session_; }
  StreamTable& table() { return streams_; }
  const StreamTable& table() const { return streams_; }
  const Limits& limits() const { return limits_; }
  Instant now() const { return now_; }
  bool going_away() const { return going_away_; }
  void set_going_away() { going_away_ = true; }
  /// GOAWAY once there is no stream (any more).
  void leave_when_idle() { leaving_ = true; }

  /// A stream that the application may still send on.
  Result<Stream*> sendable(StreamId id) const;
  Result<void> on_trailers(Stream& stream, HeadReader& head, bool end_stream);
  /// The last byte of a message has come.
  Result<void> on_message_end(Stream& stream, Fields trailers);
  /// RST_STREAM, and StreamReset unless nobody is to hear of it.
  void end_stream_with(Stream& stream, ErrorCode code, std::optional<Error> error);
  void forget_if_done(Stream& stream);
  void fill_outbox() { pump(Bodies::wait); }
  /// In the first frame that is sent, before it is: what the peer reads for a setting.
  void patch_setting(std::size_t index, std::uint32_t value);

 private:
  // ---- SessionListener
  void on_head_begin(StreamId id, Stream* stream) override;
  bool on_field(std::string_view name, std::string_view value) override;
  void on_head_end(bool end_stream) override;
  void on_data(Stream& stream, Bytes bytes) override;
  void on_data_end(Stream& stream, bool end_stream, bool empty) override;
  void on_reset_received(Stream& stream, ErrorCode code) override;
  void on_goaway_received(StreamId last_stream, ErrorCode code, Bytes debug_data) override;
  void on_ping_answered() override;
  std::variant<Piece, NoPiece> on_body_wanted(Stream& stream, std::size_t most) override;
  bool on_data_write(Stream& stream, std::span<const std::uint8_t, FrameHeader::size> header,
                     std::size_t bytes) override;
  void on_end_stream_sent(Stream& stream) override;
  void on_reset_sent(StreamId id, Stream* stream, ErrorCode code) override;
  void on_goaway_sent(ErrorCode code, Bytes debug_data) override;
  void on_stream_closed(Stream& stream, ErrorCode code) override;

  static bool is_of_no_use(Stream& stream, bool end_stream);
  bool takes_input() const;
  bool step(Bytes& in);
  virtual Result<void> on_priority_frame(const FrameHeader& header, Bytes payload) = 0;
  void fail_later(Result<void> result);
  void end_with(Error error);

  enum class Bodies : std::uint8_t { flow, wait };
  void pump(Bodies bodies);
  bool has_room() const;
  std::size_t room_for_data() const;
  void append(Bytes bytes);
  void end_if_done();

  Limits limits_;
  Instant now_{};
  StreamTable streams_;
  std::vector<Event> events_;
  std::size_t next_ = 0;  ///< of events_
  Outbox outbox_;
  std::span<std::uint8_t> room_;  ///< while `write_output` runs: where frames go before the outbox
  bool direct_ = false;
  bool bodies_wait_ = false;
  FrameScanner scanner_;
  FloodGuard floods_;
  Stream* head_stream_ = nullptr;   ///< whose block of fields is being read
  std::optional<HeadReader> head_;  ///< while one is being read
  std::optional<Error> failure_;
  std::optional<Error> failing_;  ///< found where the session cannot be ended
  bool alive_ = true;             ///< the session can still be used
  bool going_away_ = false;
  bool leaving_ = false;
  bool finished_ = false;
  Session session_;
};

std::unique_ptr<Engine> make_server_engine(std::string_view scheme, const Limits& limits);
std::unique_ptr<Engine> make_client_engine(const Limits& limits);

/// The code of a rule, for streams and connections.
ErrorCode error_code_of(const Rule& rule);

/// What goes before the fields of a head, and the fields; names are written in lower case. Views into all of them.
std::vector<FieldView> make_head(std::initializer_list<FieldView> first, const Fields& fields);

}  // namespace padlock::http::h2

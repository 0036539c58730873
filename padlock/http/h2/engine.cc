#include "padlock/http/h2/engine.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "padlock/http/h2/rules.h"
#include "padlock/http/limits.h"
#include "padlock/http/message/checks.h"
#include "padlock/http/rules.h"

namespace padlock::http::h2 {
namespace {

/// The rule behind an error that nghttp2 found.
const Rule& rule_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::FLOW_CONTROL_ERROR: return rules::h2_flow_control;
    case ErrorCode::FRAME_SIZE_ERROR: return rules::h2_frame_size;
    case ErrorCode::COMPRESSION_ERROR: return rules::h2_compression;
    case ErrorCode::STREAM_CLOSED: return rules::h2_stream_closed;
    case ErrorCode::REFUSED_STREAM: return rules::h2_stream_refused;
    case ErrorCode::ENHANCE_YOUR_CALM: return rules::h2_useless_frame_flood;
    default: return rules::h2_protocol_error;
  }
}

Error length_differs(const Stream& stream) {
  return {&rules::h2_content_length_differs, "content-length is " + std::to_string(*stream.content_length) + ", and " +
                                                 std::to_string(stream.received) + " bytes came"};
}

}  // namespace

Engine::Engine(Session::Role role, const Limits& limits, std::span<const Setting> settings)
    : limits_(limits),
      scanner_(role == Session::Role::server),
      session_(role, *this, settings, limits.connection_window) {}

// ---- input

Result<std::size_t> Engine::feed(Bytes input, Instant now) {
  now_ = now;
  Bytes left = input;
  const bool failed_before = failure_.has_value();
  // A frame that lets bodies flow ends the call, and the owner's `output` takes them: so they are sent between the same
  // two frames however the input is cut, and go straight to where the owner wants them.
  for (bool goes_on = true; goes_on && !left.empty() && takes_input();) goes_on = step(left);
  if (failure_ && !failed_before) return std::unexpected(*failure_);
  return input.size() - left.size();
}

bool Engine::takes_input() const {
  return !finished_ && !has_events() && session_.queued_frames() < limits::h2_waiting_frames;
}

/// Takes bytes up to the end of a frame at most. False if there is something to be sent first.
bool Engine::step(Bytes& in) {
  const FrameScanner::Slice slice = scanner_.take(in);
  const FrameHeader& header = scanner_.header();
  if (slice.begins) {
    auto good = floods_.on_frame(header, now_);
    if (good) good = on_frame_begin(header);
    if (!good) end_with(std::move(good).error());
  }
  if (finished_ || slice.bytes.empty()) return true;
  if (!session_.feed(slice.bytes)) {
    alive_ = false;
    end_with(Error{&rules::h2_preface, "the connection does not begin with HTTP/2's preface"});
  }
  if (failing_) end_with(*std::exchange(failing_, std::nullopt));
  if (!slice.ends) return true;
  pump(Bodies::wait);
  if (header.type == FrameType::PRIORITY || header.type == FrameType::PRIORITY_UPDATE) {
    if (auto good = on_priority_frame(header, scanner_.payload()); !good) end_with(std::move(good).error());
  }
  return !session_.wants_write();
}

std::optional<Event> Engine::next_event() {
  if (!has_events()) return std::nullopt;
  std::optional<Event> event(std::move(events_[next_++]));
  if (next_ == events_.size()) {
    constexpr std::size_t kept = 4;
    events_.clear();
    next_ = 0;
    if (events_.capacity() > kept) std::vector<Event>().swap(events_);
  }
  return event;
}

Waiting Engine::waiting_for() const {
  if (has_events()) return Waiting::application;
  if (finished_) return Waiting::nothing;
  return takes_input() ? Waiting::peer_bytes : Waiting::room_for_output;
}

/// Streams say themselves when they end: with none open nothing can be missing, however the transport ended.
void Engine::input_ended() {
  if (finished_) return;
  finished_ = true;
  const std::size_t open = streams_.open();
  if (open == 0) return yield(Closed{});
  yield(
      Failed{Error{&rules::message_truncated, "the connection ended with " + std::to_string(open) + " streams open"}});
}

// ---- heads

void Engine::on_head_begin(StreamId id, Stream* stream) {
  head_stream_ = stream_of_head(id, stream);
  const auto kind = head_stream_ != nullptr ? kind_of_head(*head_stream_) : HeadReader::Kind::trailers;
  head_.emplace(kind, limits_.fields_bytes, limits_.field_count);
}

/// What comes for a stream that nobody listens to any more; only its end matters.
bool Engine::is_of_no_use(Stream& stream, bool end_stream) {
  if (stream.silent && end_stream) stream.incoming = Stream::Incoming::ended;
  return stream.silent;
}

bool Engine::on_field(std::string_view name, std::string_view value) {
  if (!head_ || failing_ || head_->add(name, value)) return !failing_;
  failing_ = Error{&rules::h2_decompression_bomb,
                   "a field block of more than " + std::to_string(limits::h2_decoded_bytes) + " bytes"};
  return false;
}

void Engine::on_head_end(bool end_stream) {
  Stream* stream = std::exchange(head_stream_, nullptr);
  if (stream != nullptr && !is_of_no_use(*stream, end_stream)) {
    if (auto taken = on_head(*stream, *head_, end_stream); !taken) on_stream_broken(*stream, std::move(taken).error());
  }
  head_.reset();
}

Result<void> Engine::on_trailers(Stream& stream, HeadReader& head, bool end_stream) {
  if (!end_stream)
    return broken(rules::h2_trailers_not_last,
                  "a second head on stream " + std::to_string(stream.id) + " that does not end it");
  return on_message_end(stream, PADLOCK_TRY(std::move(head).trailers()));
}

Result<void> Engine::on_message_end(Stream& stream, Fields trailers) {
  stream.incoming = Stream::Incoming::ended;
  if (stream.content_length.value_or(stream.received) != stream.received)
    return std::unexpected(length_differs(stream));
  if (!stream.silent) yield(MessageEnd{stream.id, std::move(trailers)});
  return {};
}

// ---- bodies that come

void Engine::on_data(Stream& stream, Bytes bytes) {
  if (stream.silent) return session_.consume(stream.id, bytes.size());
  const std::uint64_t most = std::min(stream.content_length.value_or(UINT64_MAX), limits_.body_bytes);
  const Bytes good =
      bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), most - stream.received)));
  stream.received += bytes.size();
  stream.unconsumed += bytes.size();
  stream.expects_continue = false;
  if (stream.incoming == Stream::Incoming::head)
    return on_stream_broken(stream, Error{&rules::h2_data_before_head,
                                          std::to_string(bytes.size()) + " bytes of body before a final head"});
  // What is too much may come in a piece with what is not: the same is told wherever the input is cut.
  if (!good.empty()) yield(BodyData{stream.id, good});
  if (good.size() == bytes.size()) return;
  if (stream.content_length.value_or(UINT64_MAX) < stream.received)
    return on_stream_broken(stream, length_differs(stream));
  on_stream_broken(
      stream, Error{&rules::body_too_large, "a body of more than " + std::to_string(limits_.body_bytes) + " bytes"});
}

void Engine::on_data_end(Stream& stream, bool end_stream, bool empty) {
  if (!end_stream) {
    if (empty) fail_later(floods_.on_useless_frame(now_));
    return;
  }
  if (is_of_no_use(stream, true)) return;
  Result<void> ended = stream.incoming == Stream::Incoming::head
                           ? broken(rules::h2_data_before_head, "the stream ends before a final head")
                           : on_message_end(stream, Fields());
  if (!ended) on_stream_broken(stream, std::move(ended).error());
}

void Engine::consumed(StreamId id, std::size_t bytes) {
  Stream* stream = streams_.find(id);
  if (stream == nullptr || !alive_) return;
  const std::size_t count = std::min(bytes, stream->unconsumed);
  stream->unconsumed -= count;
  if (count > 0) session_.consume(id, count);
}

// ---- streams that end

void Engine::on_reset_received(Stream& stream, ErrorCode code) {
  if (!stream.silent) yield(StreamReset{stream.id, code});
  stream.silent = true;
}

void Engine::end_stream_with(Stream& stream, ErrorCode code, std::optional<Error> error) {
  if (!stream.silent && stream.known) yield(StreamReset{stream.id, code, std::move(error)});
  stream.silent = true;
  stream.own_reset = true;
  session_.submit_reset(stream.id, code);
}

void Engine::on_reset_sent(StreamId id, Stream* stream, ErrorCode code) {
  if (stream != nullptr && !stream->silent) {
    const Rule& rule = rule_of(code);
    yield(StreamReset{id, code, Error{&rule, "stream " + std::to_string(id) + ": " + std::string(name_of(code))}});
    stream->silent = true;
  }
  if (stream != nullptr) stream->own_reset = true;
  if (counts_as_flood(stream, code)) fail_later(floods_.on_reset(now_));
}

void Engine::on_stream_closed(Stream& stream, ErrorCode code) {
  stream.open = false;
  if (stream.unconsumed > 0) session_.consume_connection(std::exchange(stream.unconsumed, 0));
  if (!stream.silent && stream.incoming != Stream::Incoming::ended) {
    yield(StreamReset{stream.id, code});
    stream.silent = true;
  }
  stream.outgoing.drop();
  on_stream_ended(stream);
  if (head_stream_ == &stream) head_stream_ = nullptr;
  forget_if_done(stream);
}

void Engine::forget_if_done(Stream& stream) {
  if (!stream.open && is_forgotten(stream)) streams_.remove(stream.id);
}

void Engine::released(StreamId id) {
  Stream* stream = streams_.find(id);
  if (stream == nullptr || stream->released) return;
  stream->released = true;
  if (stream->open && alive_ && !finished_) {
    if (!stream->own_reset && !stream->outgoing.whole()) end_stream_with(*stream, ErrorCode::INTERNAL_ERROR, {});
    if (stream->unconsumed > 0) session_.consume(id, std::exchange(stream->unconsumed, 0));
  }
  stream->silent = true;
  forget_if_done(*stream);
}

void Engine::reset(StreamId id, ErrorCode code) {
  Stream* stream = streams_.find(id);
  if (stream == nullptr || !stream->open || stream->own_reset || finished_) return;
  stream->silent = true;
  const auto concerns_it = [&](const Event& event) {
    return std::visit(
        [&](const auto& kind) {
          if constexpr (requires { kind.stream; }) return kind.stream == id;
          return false;
        },
        event);
  };
  const auto first = events_.begin() + static_cast<std::ptrdiff_t>(next_);
  events_.erase(std::remove_if(first, events_.end(), concerns_it), events_.end());
  end_stream_with(*stream, code, {});
}

// ---- bodies that are sent

Result<Stream*> Engine::sendable(StreamId id) const {
  Stream* stream = streams_.find(id);
  if (stream != nullptr && stream->open && !stream->silent && !finished_) return stream;
  return broken(rules::h2_stream_gone, "stream " + std::to_string(id) + " has ended");
}

Result<std::size_t> Engine::send_body(StreamId id, Bytes piece) {
  Stream* stream = PADLOCK_TRY(sendable(id));
  auto taken = stream->outgoing.append(piece);
  if (!taken && taken.error().rule == &rules::body_length_differs)
    end_stream_with(*stream, ErrorCode::INTERNAL_ERROR, {});
  if (taken.value_or(0) > 0) session_.resume(id);
  return taken;
}

Result<void> Engine::send_body_from(StreamId id, std::unique_ptr<BodySource> source) {
  Stream* stream = PADLOCK_TRY(sendable(id));
  PADLOCK_TRY(stream->outgoing.append_from(std::move(source)));
  session_.resume(id);
  return {};
}

std::size_t Engine::writable(StreamId id) const {
  const auto stream = sendable(id);
  return stream ? (*stream)->outgoing.room() : 0;
}

std::uint64_t Engine::body_bytes_sent(StreamId id) const {
  const Stream* stream = streams_.find(id);
  return stream == nullptr ? 0 : stream->sent;
}

Result<void> Engine::end_message(StreamId id, const Fields& trailers) {
  Stream* stream = PADLOCK_TRY(sendable(id));
  PADLOCK_TRY(check_sendable(trailers));
  auto ended = stream->outgoing.end(trailers);
  if (!ended && ended.error().rule == &rules::body_length_differs)
    end_stream_with(*stream, ErrorCode::INTERNAL_ERROR, {});
  if (ended && stream->outgoing.has_frames()) session_.resume(id);
  return ended;
}

std::variant<SessionListener::Piece, SessionListener::NoPiece> Engine::on_body_wanted(Stream& stream,
                                                                                      std::size_t most) {
  // A small piece for a small room would cost as much as a large one: rather wait for the next room.
  constexpr std::size_t least_piece = 1024;
  const auto all = stream.outgoing.ready(most);
  if (!all) return NoPiece::wait;
  if (bodies_wait_) return NoPiece::no_room;
  const std::size_t room = room_for_data();
  if (room < FrameHeader::size + std::min(all->bytes, least_piece)) return NoPiece::no_room;
  const auto ready = stream.outgoing.ready(std::min(most, room - FrameHeader::size));
  const bool trailers = ready->last && !stream.outgoing.trailers().empty();
  if (trailers) session_.submit_trailers(stream.id, make_head({}, stream.outgoing.trailers()));
  return Piece{ready->bytes, ready->last, trailers};
}

bool Engine::on_data_write(Stream& stream, std::span<const std::uint8_t, FrameHeader::size> header, std::size_t bytes) {
  const std::size_t size = FrameHeader::size + bytes;
  std::span<std::uint8_t> place;
  if (direct_) {
    place = room_.first(size);
  } else {
    auto& tail = outbox_.tail();
    tail.resize(tail.size() + size);
    place = std::span(tail).last(size);
  }
  if (auto written = stream.outgoing.write(copy_bytes(header, place)); !written) {
    if (!direct_) outbox_.tail().resize(outbox_.tail().size() - size);
    if (!stream.silent) yield(StreamReset{stream.id, ErrorCode::INTERNAL_ERROR, std::move(written).error()});
    stream.silent = true;
    return false;
  }
  if (direct_) room_ = room_.subspan(size);
  const bool end_stream = (header[4] & flags::END_STREAM) != 0;
  floods_.on_data_sent(bytes, end_stream);
  stream.sent += bytes;
  if (stream.outgoing.take_writable() && !stream.silent) yield(Writable{stream.id});
  return true;
}

void Engine::on_end_stream_sent(Stream& stream) {
  if (!stream.silent) yield(MessageSent{stream.id});
  on_stream_sent(stream);
}

// ---- output

Bytes Engine::output() {
  pump(Bodies::flow);
  return outbox_.waiting();
}

std::size_t Engine::write_output(std::span<std::uint8_t> room) {
  room_ = room;
  const Bytes waiting = outbox_.waiting().first(std::min(outbox_.size(), room_.size()));
  room_ = copy_bytes(waiting, room_);
  outbox_.sent(waiting.size());
  direct_ = outbox_.empty();
  if (direct_) pump(Bodies::flow);
  direct_ = false;
  return room.size() - std::exchange(room_, {}).size();
}

bool Engine::has_room() const {
  if (direct_) return !room_.empty() && outbox_.empty();
  return outbox_.size() < limits::h2_waiting_output_bytes;
}

std::size_t Engine::room_for_data() const {
  if (direct_) return outbox_.empty() ? room_.size() : 0;
  return limits::h2_waiting_output_bytes - std::min(limits::h2_waiting_output_bytes, outbox_.size());
}

void Engine::append(Bytes bytes) {
  const Bytes fitting = bytes.first(std::min(bytes.size(), room_.size()));
  room_ = copy_bytes(fitting, room_);
  if (fitting.size() < bytes.size()) outbox_.append(bytes.subspan(fitting.size()));
}

/// Moves frames into the output while there is room.
void Engine::pump(Bodies bodies) {
  bodies_wait_ = bodies == Bodies::wait;
  if (leaving_ && streams_.empty() && !finished_) {
    leaving_ = false;
    session_.terminate(ErrorCode::NO_ERROR);
  }
  while (alive_ && has_room() && session_.wants_write()) {
    const Bytes frame = session_.next_frame();
    append(frame);
    if (failing_) {
      end_with(*std::exchange(failing_, std::nullopt));
      continue;
    }
    if (frame.empty()) break;
  }
  end_if_done();
}

void Engine::end_if_done() {
  if (finished_ || !alive_ || session_.wants_read() || session_.wants_write()) return;
  finished_ = true;
  yield(Closed{});
}

void Engine::patch_setting(std::size_t index, std::uint32_t value) {
  constexpr std::size_t entry_size = 6;
  const std::size_t end = FrameHeader::size + (index + 1) * entry_size;
  assert(outbox_.size() >= end);
  const auto place = std::span(outbox_.tail()).first(end).last(4);
  for (auto byte = place.rbegin(); byte != place.rend(); ++byte, value >>= 8) *byte = static_cast<std::uint8_t>(value);
}

// ---- the end

void Engine::on_goaway_received(StreamId last_stream, ErrorCode code, Bytes debug_data) {
  constexpr std::size_t shown = 256;
  going_away_ = true;
  yield(GoAway{last_stream, code, escaped(as_text(debug_data.first(std::min(debug_data.size(), shown))))});
}

void Engine::on_ping_answered() {
  if (going_away_) session_.shutdown();
}

/// Errors that nghttp2 found are seen when it tells the peer.
void Engine::on_goaway_sent(ErrorCode code, Bytes debug_data) {
  if (code == ErrorCode::NO_ERROR || finished_) return;
  Error error{&rule_of(code), debug_data.empty() ? std::string(name_of(code)) : escaped(as_text(debug_data))};
  failure_ = error;
  finished_ = true;
  yield(Failed{std::move(error)});
}

void Engine::fail_later(Result<void> result) {
  if (!result && !failing_) failing_ = std::move(result).error();
}

void Engine::end_with(Error error) {
  if (finished_) return;
  finished_ = true;
  failure_ = error;
  if (alive_) session_.terminate(error_code_of(*error.rule));
  yield(Failed{std::move(error)});
}

void Engine::fail(Error error) { end_with(std::move(error)); }

void Engine::close() {
  if (finished_) return;
  finished_ = true;
  session_.terminate(ErrorCode::NO_ERROR);
}

Result<StreamId> Engine::send_request(const Request&, const BodyFraming&, std::string_view) {
  return broken(rules::out_of_order, "a server sends no requests");
}

Result<void> Engine::send_response(StreamId, const Response&, const BodyFraming&) {
  return broken(rules::out_of_order, "a client sends no responses");
}

Result<void> Engine::send_continue(StreamId) { return broken(rules::out_of_order, "a client sends no 100 (Continue)"); }

ErrorCode error_code_of(const Rule& rule) {
  return rule.http2_error == 0 ? ErrorCode::PROTOCOL_ERROR : static_cast<ErrorCode>(rule.http2_error);
}

std::vector<FieldView> make_head(std::initializer_list<FieldView> first, const Fields& fields) {
  std::vector<FieldView> head;
  head.reserve(first.size() + fields.size());
  std::ranges::copy_if(first, std::back_inserter(head), [](const FieldView& field) { return !field.name.empty(); });
  for (const FieldView& field : fields.all())
    // `Connection: close` of an answer for any version says nothing here (RFC 9113, section 8.2.2).
    if (!equal_ignoring_ascii_case(field.name, "Connection")) head.push_back(field);
  return head;
}

// ---- the face

Limits Limits::for_server() {
  return {.fields_bytes = limits::fields_bytes,
          .field_count = limits::field_count,
          .body_bytes = limits::request_body_bytes,
          .requests = limits::requests_per_connection,
          .concurrent_streams = limits::h2_concurrent_streams,
          .stream_window = limits::h2_stream_window_bytes,
          .connection_window = limits::h2_connection_window_bytes};
}

Limits Limits::for_client() {
  return {.fields_bytes = limits::response_fields_bytes,
          .field_count = limits::response_field_count,
          .body_bytes = UINT64_MAX,
          .requests = UINT64_MAX,
          .concurrent_streams = limits::h2_concurrent_streams,
          .stream_window = limits::h2_response_stream_window_bytes,
          .connection_window = limits::h2_response_connection_window_bytes};
}

Connection::Connection(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Connection Connection::server(std::string_view scheme, Limits limits) {
  return Connection(make_server_engine(scheme, limits));
}
Connection Connection::client(Limits limits) { return Connection(make_client_engine(limits)); }
Result<std::size_t> Connection::feed(Bytes input, Instant now) { return engine_->feed(input, now); }
std::optional<Event> Connection::next_event() { return engine_->next_event(); }
Bytes Connection::output() const { return engine_->output(); }
void Connection::output_sent(std::size_t count) { engine_->output_sent(count); }
std::size_t Connection::write_output(std::span<std::uint8_t> room) { return engine_->write_output(room); }
Waiting Connection::waiting_for() const { return engine_->waiting_for(); }
void Connection::input_ended() { engine_->input_ended(); }
void Connection::consumed(StreamId stream, std::size_t bytes) { engine_->consumed(stream, bytes); }
void Connection::released(StreamId stream) { engine_->released(stream); }
Result<StreamId> Connection::send_request(const Request& request, const BodyFraming& framing,
                                          std::string_view protocol) {
  return engine_->send_request(request, framing, protocol);
}
Result<void> Connection::send_response(StreamId stream, const Response& response, const BodyFraming& framing) {
  return engine_->send_response(stream, response, framing);
}
Result<void> Connection::send_continue(StreamId stream) { return engine_->send_continue(stream); }
Result<std::size_t> Connection::send_body(StreamId stream, Bytes piece) { return engine_->send_body(stream, piece); }
Result<void> Connection::send_body_from(StreamId stream, std::unique_ptr<BodySource> source) {
  return engine_->send_body_from(stream, std::move(source));
}
std::size_t Connection::writable(StreamId stream) const { return engine_->writable(stream); }
std::uint64_t Connection::body_bytes_sent(StreamId stream) const { return engine_->body_bytes_sent(stream); }
Result<void> Connection::end_message(StreamId stream, const Fields& trailers) {
  return engine_->end_message(stream, trailers);
}
void Connection::reset(StreamId stream, ErrorCode code) { engine_->reset(stream, code); }
void Connection::shutdown() { engine_->shutdown(); }
void Connection::close() { engine_->close(); }
void Connection::fail(Error error) { engine_->fail(std::move(error)); }
std::size_t Connection::streams() const { return engine_->streams(); }
std::size_t Connection::free_streams() const { return engine_->free_streams(); }
bool Connection::finished() const { return engine_->finished(); }

}  // namespace padlock::http::h2

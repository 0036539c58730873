#include <algorithm>
#include <array>

#include "padlock/http/h2/ended_streams.h"
#include "padlock/http/h2/engine.h"
#include "padlock/http/h2/rules.h"
#include "padlock/http/limits.h"
#include "padlock/http/message/checks.h"
#include "padlock/http/message/error_response.h"
#include "padlock/http/rules.h"

namespace padlock::http::h2 {
namespace {

/// nghttp2 ends the connection at the first stream above what it is told here; we end the stream (RFC 9113, section
/// 5.1.2), and count those that are cancelled too. So it is told this, and the client the real number.
constexpr std::uint32_t no_limit_of_nghttp2 = 1'000'000;

std::vector<Setting> server_settings(const Limits& limits) {
  std::vector<Setting> settings{
      {SettingId::MAX_CONCURRENT_STREAMS, no_limit_of_nghttp2},  // patched, so it stands first
      {SettingId::INITIAL_WINDOW_SIZE, limits.stream_window},
      {SettingId::MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.fields_bytes)},
      {SettingId::NO_RFC7540_PRIORITIES, 1},
  };
  if (limits.extended_connect) settings.push_back({SettingId::ENABLE_CONNECT_PROTOCOL, 1});
  return settings;
}

class ServerEngine : public Engine {
 public:
  ServerEngine(std::string_view scheme, const Limits& limits)
      : Engine(Session::Role::server, limits, server_settings(limits)), scheme_(scheme) {
    fill_outbox();
    patch_setting(0, static_cast<std::uint32_t>(limits.concurrent_streams));
  }

  Result<void> send_response(StreamId id, const Response& response, const BodyFraming& framing) override;
  Result<void> send_continue(StreamId id) override;
  void shutdown() override;

 protected:
  Stream* stream_of_head(StreamId id, Stream* stream) override;
  HeadReader::Kind kind_of_head(const Stream& stream) const override;
  Result<void> on_head(Stream& stream, HeadReader& head, bool end_stream) override;
  void on_stream_broken(Stream& stream, Error error) override;
  bool counts_as_flood(const Stream* stream, ErrorCode code) const override;
  void on_stream_sent(Stream& stream) override;
  bool is_forgotten(const Stream& stream) const override { return stream.released || !stream.known; }
  Result<void> on_priority_frame(const FrameHeader& header, Bytes payload) override;
  Result<void> on_frame_begin(const FrameHeader& header) override;
  void on_stream_ended(const Stream& stream) override;

 private:
  struct EarlyPriority {
    StreamId stream;
    Priority priority;
  };

  Result<void> on_request(Stream& stream, HeadReader& head, bool end_stream);
  void begin_response(Stream& stream, const Response& response, const BodyFraming& framing);
  void answer_error(Stream& stream, const Rule& rule);
  void prioritize(const Stream& stream, const Fields& fields);

  std::string scheme_;
  std::uint64_t requests_ = 0;
  StreamId last_stream_ = 0;
  EndedStreams ended_;
  std::vector<EarlyPriority> early_priorities_;
};

// ---- requests

/// Frames of streams that have ended: nghttp2 has forgotten these streams and would pass over it.
Result<void> ServerEngine::on_frame_begin(const FrameHeader& header) {
  const bool opens_or_fills = header.type == FrameType::HEADERS || header.type == FrameType::DATA;
  if (!opens_or_fills || header.stream % 2 == 0 || header.stream > last_stream_) return {};
  const Stream* stream = table().find(header.stream);
  if (stream != nullptr && stream->open) return {};
  const std::string name = "stream " + std::to_string(header.stream);
  const auto way = ended_.find(header.stream);
  if (way == EndedStreams::Way::reset_here) return {};
  if (way == EndedStreams::Way::finished) return broken(rules::h2_stream_closed, name + " goes on after its end");
  if (!way && header.type == FrameType::HEADERS)
    return broken(rules::h2_stream_number, name + " begins after stream " + std::to_string(last_stream_));
  session().submit_reset(header.stream, ErrorCode::STREAM_CLOSED);
  return {};
}

void ServerEngine::on_stream_ended(const Stream& stream) {
  const bool finished = stream.incoming == Stream::Incoming::ended && stream.response_sent;
  ended_.add(stream.id, finished           ? EndedStreams::Way::finished
                        : stream.own_reset ? EndedStreams::Way::reset_here
                                           : EndedStreams::Way::reset_by_peer);
}

Stream* ServerEngine::stream_of_head(StreamId id, Stream* stream) {
  if (stream != nullptr) return stream;
  last_stream_ = id;
  if (table().size() >= limits().concurrent_streams) {
    session().submit_reset(id, ErrorCode::REFUSED_STREAM);
    ended_.add(id, EndedStreams::Way::reset_here);
    yield(StreamRefused{id, Error{&rules::h2_stream_refused, "stream " + std::to_string(id) + " beside " +
                                                                 std::to_string(table().size()) + " others"}});
    return nullptr;
  }
  Stream& added = table().add(id);
  session().attach(id, &added);
  return &added;
}

HeadReader::Kind ServerEngine::kind_of_head(const Stream& stream) const {
  return stream.incoming == Stream::Incoming::head ? HeadReader::Kind::request : HeadReader::Kind::trailers;
}

Result<void> ServerEngine::on_head(Stream& stream, HeadReader& head, bool end_stream) {
  if (head.kind() == HeadReader::Kind::trailers) return on_trailers(stream, head, end_stream);
  stream.method = head.method();
  return on_request(stream, head, end_stream);
}

Result<void> ServerEngine::on_request(Stream& stream, HeadReader& head, bool end_stream) {
  stream.incoming = end_stream ? Stream::Incoming::ended : Stream::Incoming::body;
  RequestHead request{.stream = stream.id, .request = {}, .has_body = !end_stream};
  stream.content_length = PADLOCK_TRY(std::move(head).request(request, scheme_, limits().extended_connect));
  const std::uint64_t length = stream.content_length.value_or(0);
  if (length > limits().body_bytes)
    return broken(rules::body_too_large, "a body of " + std::to_string(length) + " bytes");
  if (end_stream && length > 0)
    return broken(rules::h2_content_length_differs,
                  "content-length is " + std::to_string(length) + ", and no body came");
  request.expects_continue = request.expects_continue && !end_stream;
  stream.expects_continue = request.expects_continue;
  stream.known = true;
  prioritize(stream, request.request.fields);
  yield(std::move(request));
  if (end_stream) yield(MessageEnd{stream.id});
  if (++requests_ == limits().requests) shutdown();
  return {};
}

void ServerEngine::on_stream_broken(Stream& stream, Error error) {
  const Rule& rule = *error.rule;
  const bool answered = rule.status != 0 && !stream.head_sent;
  if (!stream.known) yield(StreamRefused{stream.id, error});
  if (!answered) return end_stream_with(stream, error_code_of(rule), std::move(error));
  if (stream.known && !stream.silent) yield(StreamReset{stream.id, ErrorCode::NO_ERROR, std::move(error)});
  stream.silent = true;
  answer_error(stream, rule);
  if (stream.unconsumed > 0) session().consume(stream.id, std::exchange(stream.unconsumed, 0));
}

void ServerEngine::answer_error(Stream& stream, const Rule& rule) {
  const ErrorResponse error = make_error_response(rule, now().wall);
  begin_response(stream, error.response, KnownLength{error.body.size()});
  static_cast<void>(stream.outgoing.append(as_bytes(error.body)));
  static_cast<void>(stream.outgoing.end({}));
}

// ---- responses

Result<void> ServerEngine::send_response(StreamId id, const Response& response, const BodyFraming& framing) {
  Stream* stream = PADLOCK_TRY(sendable(id));
  if (stream->head_sent) return broken(rules::out_of_order, "a second response on stream " + std::to_string(id));
  PADLOCK_TRY(check_sendable(response));
  if (response.status < 200)
    return broken(rules::head_unsendable, "the final status " + std::to_string(response.status));
  begin_response(*stream, response, framing);
  return {};
}

void ServerEngine::begin_response(Stream& stream, const Response& response, const BodyFraming& framing) {
  const bool suppressed = has_no_body(response.status, stream.method);
  stream.head_sent = true;
  stream.outgoing.begin(framing, suppressed);
  const auto* known = std::get_if<KnownLength>(&framing);
  const bool none = std::holds_alternative<NoBody>(framing);
  const bool has_length = response.status != 204 && (known != nullptr || (none && !suppressed));
  const Decimal status(static_cast<std::uint64_t>(response.status));
  const Decimal length(known != nullptr ? known->bytes : 0);
  const FieldView length_field = has_length ? FieldView{"content-length", length.text()} : FieldView{};
  session().submit_response(stream.id, make_head({{":status", status.text()}, length_field}, response.fields),
                            stream.outgoing.has_frames(), stream);
}

Result<void> ServerEngine::send_continue(StreamId id) {
  Stream* stream = PADLOCK_TRY(sendable(id));
  if (stream->head_sent) return broken(rules::out_of_order, "no request waits for 100 (Continue)");
  if (!std::exchange(stream->expects_continue, false)) return {};  // its body is coming already
  const FieldView status{":status", "100"};
  session().submit_interim(id, {&status, 1});
  return {};
}

void ServerEngine::on_stream_sent(Stream& stream) {
  stream.response_sent = true;
  if (stream.incoming == Stream::Incoming::ended || stream.own_reset) return;
  stream.own_reset = true;  // the rest of its body is of no use (RFC 9113, section 8.1)
  stream.silent = true;
  session().submit_reset(stream.id, ErrorCode::NO_ERROR);
}

/// Whoever resets, the work was for nothing (CVE-2023-44487, CVE-2025-8671); but for a body that nobody wanted to read.
bool ServerEngine::counts_as_flood(const Stream*, ErrorCode code) const { return code != ErrorCode::NO_ERROR; }

// ---- priorities (RFC 9218)

void ServerEngine::prioritize(const Stream& stream, const Fields& fields) {
  const auto early = std::ranges::find_if(early_priorities_, [&](const auto& one) { return one.stream == stream.id; });
  Priority priority;
  if (early != early_priorities_.end())  // the frame counts more than the field (section 7.1)
    priority = early->priority;
  else if (const auto field = fields.find("priority"))
    priority = parse_priority(*field);
  std::erase_if(early_priorities_, [&](const auto& one) { return one.stream <= stream.id; });
  if (priority != Priority{}) session().set_priority(stream.id, priority);
}

Result<void> ServerEngine::on_priority_frame(const FrameHeader& header, Bytes payload) {
  constexpr std::size_t dependency = 4;
  if (payload.size() < dependency)
    return broken(rules::h2_frame_size, "a frame about priorities of " + std::to_string(payload.size()) + " bytes");
  std::uint32_t number = 0;
  for (const std::uint8_t byte : payload.first(dependency)) number = number << 8 | byte;
  const auto id = static_cast<StreamId>(number & 0x7fffffffU);
  if (header.type == FrameType::PRIORITY) {
    if (id != header.stream) return {};
    return broken(rules::h2_self_dependency, "stream " + std::to_string(id) + " depends on itself");
  }
  if (header.stream != 0 || id % 2 == 0)
    return broken(rules::h2_priority_update,
                  "PRIORITY_UPDATE on stream " + std::to_string(header.stream) + " for stream " + std::to_string(id));
  if (header.length > dependency + limits::h2_priority_bytes) return {};
  const Priority priority = parse_priority(as_text(payload.subspan(dependency)));
  if (table().find(id) != nullptr) {
    if (table().find(id)->open) session().set_priority(id, priority);
  } else if (id > last_stream_ && early_priorities_.size() < limits::h2_early_priorities) {
    std::erase_if(early_priorities_, [&](const auto& one) { return one.stream == id; });
    early_priorities_.push_back({id, priority});
  }
  return {};
}

// ---- the end

void ServerEngine::shutdown() {
  if (finished()) return;
  if (going_away()) return session().shutdown();
  set_going_away();
  session().announce_shutdown();
}

}  // namespace

std::unique_ptr<Engine> make_server_engine(std::string_view scheme, const Limits& limits) {
  return std::make_unique<ServerEngine>(scheme, limits);
}

}  // namespace padlock::http::h2

#include <algorithm>

#include "padlock/http/h2/engine.h"
#include "padlock/http/h2/rules.h"
#include "padlock/http/limits.h"
#include "padlock/http/message/checks.h"
#include "padlock/http/message/syntax.h"
#include "padlock/http/rules.h"

namespace padlock::http::h2 {
namespace {

std::vector<Setting> client_settings(const Limits& limits) {
  return {
      {SettingId::ENABLE_PUSH, 0},
      {SettingId::INITIAL_WINDOW_SIZE, limits.stream_window},
      {SettingId::MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.fields_bytes)},
      {SettingId::NO_RFC7540_PRIORITIES, 1},
  };
}

class ClientEngine : public Engine {
 public:
  explicit ClientEngine(const Limits& limits) : Engine(Session::Role::client, limits, client_settings(limits)) {}

  Result<StreamId> send_request(const Request& request, const BodyFraming& framing, std::string_view protocol) override;
  void shutdown() override;
  std::size_t free_streams() const override;

 protected:
  Stream* stream_of_head(StreamId, Stream* stream) override { return stream; }
  HeadReader::Kind kind_of_head(const Stream& stream) const override;
  Result<void> on_head(Stream& stream, HeadReader& head, bool end_stream) override;
  void on_stream_broken(Stream& stream, Error error) override;
  bool counts_as_flood(const Stream* stream, ErrorCode code) const override;
  void on_stream_sent(Stream&) override {}
  bool is_forgotten(const Stream&) const override { return true; }
  Result<void> on_priority_frame(const FrameHeader& header, Bytes payload) override;

 private:
  Result<void> check_request(const Request& request, std::string_view protocol) const;
  Result<void> on_response(Stream& stream, Response response, bool end_stream);
  Result<void> on_interim(Stream& stream, Response response, bool end_stream);
};

// ---- requests

std::size_t ClientEngine::free_streams() const {
  const std::size_t most = std::min<std::size_t>(session().peer_concurrent_streams(), limits().concurrent_streams);
  return going_away() || finished() ? 0 : most - std::min(most, table().size());
}

Result<void> ClientEngine::check_request(const Request& request, std::string_view protocol) const {
  if (going_away() || finished() || session().next_stream() == 0)
    return broken(rules::h2_going_away, "a request for " + request.authority + " on a connection that is ending");
  if (free_streams() == 0)
    return broken(rules::h2_no_free_stream, std::to_string(table().size()) + " requests are at work");
  if (protocol.empty()) return check_sendable(request);
  if (!session().peer_takes_connect_protocol())
    return broken(rules::h2_protocol_not_offered, "CONNECT with :protocol " + std::string(protocol));
  if (request.method != "CONNECT" || !is_token(protocol))
    return broken(rules::head_unsendable, request.method + " with :protocol " + escaped(protocol));
  Request other = request;  // but for its method an extended CONNECT is a request like any other (RFC 8441, section 4)
  other.method = "GET";
  return check_sendable(other);
}

Result<StreamId> ClientEngine::send_request(const Request& request, const BodyFraming& framing,
                                            std::string_view protocol) {
  PADLOCK_TRY(check_request(request, protocol));
  const auto* known = std::get_if<KnownLength>(&framing);
  const bool usually_has_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  const bool says_none = std::holds_alternative<NoBody>(framing) && usually_has_body;
  const std::string length = known != nullptr ? std::to_string(known->bytes) : "0";
  Stream& stream = table().add(session().next_stream());
  stream.method = request.method;
  stream.known = true;
  stream.head_sent = true;
  stream.outgoing.begin(framing, false);
  const auto head = make_head({{":method", request.method},
                               protocol.empty() ? FieldView{} : FieldView{":protocol", protocol},
                               {":scheme", request.scheme},
                               {":authority", request.authority},
                               {":path", request.target},
                               known != nullptr || says_none ? FieldView{"content-length", length} : FieldView{}},
                              request.fields);
  session().submit_request(head, stream.outgoing.has_frames(), stream);
  return stream.id;
}

// ---- responses

HeadReader::Kind ClientEngine::kind_of_head(const Stream& stream) const {
  return stream.incoming == Stream::Incoming::head ? HeadReader::Kind::response : HeadReader::Kind::trailers;
}

Result<void> ClientEngine::on_head(Stream& stream, HeadReader& head, bool end_stream) {
  if (head.kind() == HeadReader::Kind::trailers) return on_trailers(stream, head, end_stream);
  Response response = PADLOCK_TRY(std::move(head).response());
  if (response.status < 200) return on_interim(stream, std::move(response), end_stream);
  return on_response(stream, std::move(response), end_stream);
}

Result<void> ClientEngine::on_interim(Stream& stream, Response response, bool end_stream) {
  if (response.status == 101)
    return broken(rules::protocol_switch_unasked, "the server answered 101 (Switching Protocols)");
  if (end_stream) return broken(rules::h2_interim_ends_stream, "a " + std::to_string(response.status) + " is the end");
  if (++stream.interim_responses > limits::interim_responses)
    return broken(rules::too_many_interim_responses,
                  "more than " + std::to_string(limits::interim_responses) + " interim responses");
  yield(ResponseHead{stream.id, std::move(response), true});
  return {};
}

Result<void> ClientEngine::on_response(Stream& stream, Response response, bool end_stream) {
  stream.incoming = Stream::Incoming::body;
  const auto length = PADLOCK_TRY(content_length_of(response.fields));
  if (has_no_body(response.status, stream.method))
    stream.content_length = 0;  // whatever the head says of what it would be
  else if (stream.method != "CONNECT")
    stream.content_length = length;
  if (end_stream && stream.content_length.value_or(0) > 0)
    return broken(rules::h2_content_length_differs,
                  "content-length is " + std::to_string(*stream.content_length) + ", and no body came");
  yield(ResponseHead{stream.id, std::move(response), false});
  return end_stream ? on_message_end(stream, {}) : Result<void>();
}

void ClientEngine::on_stream_broken(Stream& stream, Error error) {
  const ErrorCode code = error_code_of(*error.rule);
  end_stream_with(stream, code, std::move(error));
}

/// Own decisions (a fetch given up, a file that cannot be read) are no attack of the server's.
bool ClientEngine::counts_as_flood(const Stream*, ErrorCode code) const {
  return code != ErrorCode::NO_ERROR && code != ErrorCode::CANCEL && code != ErrorCode::INTERNAL_ERROR;
}

Result<void> ClientEngine::on_priority_frame(const FrameHeader& header, Bytes) {
  if (header.type == FrameType::PRIORITY) return {};
  return broken(rules::h2_priority_update, "PRIORITY_UPDATE from a server");
}

// ---- the end

void ClientEngine::shutdown() {
  set_going_away();
  leave_when_idle();
}

}  // namespace

std::unique_ptr<Engine> make_client_engine(const Limits& limits) { return std::make_unique<ClientEngine>(limits); }

}  // namespace padlock::http::h2

#include <algorithm>
#include <memory>

#include "padlock/base/text.h"
#include "padlock/http/h1/engine.h"
#include "padlock/http/h1/head_writer.h"
#include "padlock/http/limits.h"
#include "padlock/http/message/authority.h"
#include "padlock/http/message/checks.h"
#include "padlock/http/rules.h"

namespace padlock::http::h1 {
namespace {

/// One request and its response.
struct ServerExchange {
  std::string method;
  Version version;
  bool keep_alive;
  std::string protocol{};         ///< that it would switch to
  bool expects_continue = false;  ///< and has not been invited, nor sent a byte unasked
  bool request_ended = false;
  bool response_begun = false;
  bool response_ended = false;
  std::uint64_t drained = 0;  ///< body bytes read away after the response
};

/// The authority of a request in its canonical form: that of an absolute-form target, else of the Host field
/// (RFC 9112, sections 3.2 and 3.2.2). Host must be good in any case. Empty only for HTTP/1.0 without Host.
Result<std::string> authority_of(const Head<RequestLine>& head) {
  const std::size_t hosts = head.fields.count("Host");
  if (hosts > 1) return broken(rules::host_repeated, std::to_string(hosts) + " Host fields");
  if (hosts == 0 && head.start.version == Version::HTTP_1_1)
    return broken(rules::host_missing, "an HTTP/1.1 request without Host");
  std::string authority;
  if (hosts == 1) authority = to_string(PADLOCK_TRY(parse_authority(*head.fields.find("Host"))));
  if (!head.start.authority.empty()) authority = to_string(PADLOCK_TRY(parse_authority(head.start.authority)));
  return authority;
}

/// The protocol that a request would go on with, if it is one that somebody here may speak. All others are passed over,
/// as RFC 9110, section 7.8, has it: h2c above all (docs/threats.md, H14).
std::string wanted_protocol(const Head<RequestLine>& head) {
  const auto upgrade = head.fields.find("Upgrade");
  const bool wanted = upgrade && head.fields.count("Upgrade") == 1 && equal_ignoring_ascii_case(*upgrade, "websocket");
  const bool can = head.start.version == Version::HTTP_1_1 && head.start.method == "GET";
  return wanted && can && has_connection_option(head.fields, "upgrade") ? "websocket" : "";
}

class ServerEngine : public Engine {
 public:
  ServerEngine(std::string_view scheme, Limits limits) : Engine(limits), scheme_(scheme) {}

  Waiting waiting_for() const override;
  void input_ended(Ending ending) override;
  Result<void> send_response(const Response& response, const BodyFraming& framing) override;
  Result<void> switch_protocols(const Fields& fields) override;
  Result<void> send_continue() override;
  void close_after_response() override;
  bool between_messages() const override { return !exchange_ && (!head_ || head_->empty()); }
  bool receiving_body() const override { return body_ != nullptr; }

 protected:
  bool takes_input() const override;
  Result<void> step(Bytes& in) override;
  void message_sent() override;
  void say_failure(const Rule& rule) override;

 private:
  Result<void> on_head(Head<RequestLine> head);
  Result<void> on_piece(Bytes piece);
  void on_request_end(Fields trailers);
  bool can_drain() const;
  void end_exchange();

  std::string scheme_;
  std::uint64_t requests_ = 0;
  bool closing_ = false;  ///< no request after the current one
  // An idle connection has neither.
  std::unique_ptr<HeadReader<RequestLine>> head_;  ///< from the first byte of a request until its head has come
  std::unique_ptr<BodyReader> body_;               ///< while a body is being received: most requests have none
  std::optional<ServerExchange> exchange_;
};

bool ServerEngine::takes_input() const {
  if (exchange_) return !exchange_->request_ended;
  return outbox().size() < limits::waiting_output_bytes;
}

Waiting ServerEngine::waiting_for() const {
  if (has_events()) return Waiting::application;
  if (finished()) return Waiting::nothing;
  if (takes_input()) return Waiting::peer_bytes;
  return exchange_ ? Waiting::application : Waiting::room_for_output;
}

Result<void> ServerEngine::step(Bytes& in) {
  if (!exchange_) {
    if (!head_) head_ = std::make_unique<HeadReader<RequestLine>>(limits().start_line_bytes, field_limits());
    auto head = PADLOCK_TRY(head_->take(in));
    return head ? on_head(std::move(*head)) : Result<void>();
  }
  auto piece = PADLOCK_TRY(body_->take(in));
  if (!piece) return {};
  if (auto* trailers = std::get_if<Fields>(&*piece)) {
    on_request_end(std::move(*trailers));
    return {};
  }
  PADLOCK_TRY(on_piece(std::get<Bytes>(*piece)));
  if (body_ && body_->remaining() == 0) on_request_end({});
  return {};
}

Result<void> ServerEngine::on_head(Head<RequestLine> head) {
  exchange_ = ServerExchange{.method = head.start.method, .version = head.start.version, .keep_alive = false};
  head_.reset();
  std::string authority = PADLOCK_TRY(authority_of(head));
  if (!head.start.scheme.empty() && head.start.scheme != scheme_)
    return broken(rules::scheme_mismatch,
                  "an " + head.start.scheme + " URL was asked for on a connection for " + scheme_);
  const IncomingBody framing = PADLOCK_TRY(framing_of_request(head.start.version, head.fields));
  const auto* fixed = std::get_if<FixedBody>(&framing);
  if (fixed != nullptr && fixed->bytes > limits().body_bytes)
    return broken(rules::body_too_large, "a body of " + std::to_string(fixed->bytes) + " bytes");
  const bool has_body = !std::holds_alternative<EmptyBody>(framing);
  if (has_body && head.start.method == "CONNECT") return broken(rules::content_in_connect, "a CONNECT with a body");
  exchange_->expects_continue =
      head.start.version == Version::HTTP_1_1 && PADLOCK_TRY(expects_continue(head.fields)) && has_body;
  ++requests_;
  // What follows a CONNECT that we do not tunnel is nobody's request.
  exchange_->keep_alive = wants_keep_alive(head.start.version, head.fields) && !closing_ &&
                          requests_ < limits().requests && exchange_->method != "CONNECT";
  if (!has_body) exchange_->protocol = wanted_protocol(head);
  yield(RequestHead{Request{std::move(head.start.method), scheme_, std::move(authority), std::move(head.start.target),
                            std::move(head.fields)},
                    exchange_->protocol, exchange_->expects_continue, has_body});
  if (has_body)
    body_ = std::make_unique<BodyReader>(framing, limits().body_bytes, field_limits());
  else
    on_request_end({});
  return {};
}

Result<void> ServerEngine::on_piece(Bytes piece) {
  exchange_->expects_continue = false;
  if (!exchange_->response_ended) {
    yield(BodyData{piece});
    return {};
  }
  exchange_->drained += piece.size();
  if (exchange_->drained > limits::drain_bytes) finish();
  return {};
}

void ServerEngine::on_request_end(Fields trailers) {
  body_.reset();
  exchange_->request_ended = true;
  if (exchange_->response_ended)
    end_exchange();
  else
    yield(MessageEnd{std::move(trailers)});
}

/// Whether the rest of the request's body can be read away, so that the connection is kept (docs/threats.md, H5).
bool ServerEngine::can_drain() const {
  if (exchange_->request_ended) return true;
  if (exchange_->expects_continue) return false;  // the client may send the body or not: what comes is ambiguous
  return body_->remaining().value_or(0) <= limits::drain_bytes;
}

Result<void> ServerEngine::send_response(const Response& response, const BodyFraming& framing) {
  if (!exchange_ || exchange_->response_begun || finished())
    return broken(rules::out_of_order, "no request waits for a response");
  if (response.status < 200)
    return broken(rules::head_unsendable, "the final status " + std::to_string(response.status));
  const bool until_close = exchange_->version == Version::HTTP_1_0 && std::holds_alternative<Chunked>(framing);
  const bool bodiless_status = response.status == 204 || response.status == 304;
  const bool suppressed = bodiless_status || exchange_->method == "HEAD";
  const bool keep_alive =
      exchange_->keep_alive && can_drain() && !asks_to_close(response.fields) && (!until_close || suppressed);
  const bool says_none = std::holds_alternative<NoBody>(framing) && !suppressed;
  std::vector<std::uint8_t>& out = outbox().tail();
  PADLOCK_TRY(begin_response_head(out, response));
  if (!until_close && response.status != 204) write_framing(out, says_none ? KnownLength{0} : framing);
  if (!keep_alive)
    write_field(out, "Connection", "close");
  else if (exchange_->version == Version::HTTP_1_0)
    write_field(out, "Connection", "keep-alive");
  end_head(out);
  exchange_->response_begun = true;
  exchange_->keep_alive = keep_alive;
  begin_body(framing, until_close, suppressed);
  return {};
}

Result<void> ServerEngine::switch_protocols(const Fields& fields) {
  if (!exchange_ || exchange_->protocol.empty() || !exchange_->request_ended || exchange_->response_begun || finished())
    return broken(rules::out_of_order, "no request waits for another protocol");
  PADLOCK_TRY(begin_response_head(outbox().tail(), Response{101, fields}));
  write_switch(outbox().tail(), exchange_->protocol);
  end_head(outbox().tail());
  exchange_->response_begun = true;
  exchange_->keep_alive = false;
  exchange_->request_ended = false;
  drop_events();  // the request's end
  body_ = std::make_unique<BodyReader>(BodyUntilClose{}, UINT64_MAX, field_limits());
  begin_body(Chunked{}, true, false);
  return {};
}

Result<void> ServerEngine::send_continue() {
  if (!exchange_ || exchange_->response_begun || finished())
    return broken(rules::out_of_order, "no request waits for 100 (Continue)");
  if (!std::exchange(exchange_->expects_continue, false)) return {};  // its body is coming already
  outbox().append(as_bytes("HTTP/1.1 100 Continue\r\n\r\n"));
  return {};
}

void ServerEngine::message_sent() {
  exchange_->response_ended = true;
  drop_events();  // of a request that has been answered
  if (!exchange_->keep_alive) return finish();
  if (exchange_->request_ended) end_exchange();
}

void ServerEngine::end_exchange() {
  exchange_.reset();
  if (closing_) finish();
}

void ServerEngine::close_after_response() {
  closing_ = true;
  if (!exchange_) return finish();
  exchange_->keep_alive = false;
  if (exchange_->response_ended) finish();
}

void ServerEngine::input_ended(Ending ending) {
  if (finished()) return;
  if (between_messages()) {
    yield(Closed{});
    return finish();
  }
  if (exchange_ && exchange_->request_ended && ending == Ending::clean) {
    closing_ = true;  // half closed: the peer still waits for its response
    exchange_->keep_alive = false;
    return;
  }
  if (body_ && body_->ends_with_transport() && ending == Ending::clean) return on_request_end({});
  if (exchange_ && exchange_->response_ended) return finish();  // the body that was cut was of no use any more
  fail(Error{&rules::message_truncated, exchange_ ? "the connection ended while a request was served"
                                                  : "the connection ended inside the head of a request"});
}

void ServerEngine::say_failure(const Rule& rule) {
  if (exchange_ && exchange_->response_begun) return;
  write_error_response(outbox().tail(), rule, now().wall, !exchange_ || exchange_->method != "HEAD");
}

}  // namespace

std::unique_ptr<Engine> make_server_engine(std::string_view scheme, Limits limits) {
  return std::make_unique<ServerEngine>(scheme, limits);
}

}  // namespace padlock::http::h1

#include "padlock/base/text.h"
#include "padlock/http/h1/engine.h"
#include "padlock/http/h1/head_writer.h"
#include "padlock/http/limits.h"
#include "padlock/http/rules.h"

namespace padlock::http::h1 {
namespace {

/// One request and its response.
struct ClientExchange {
  std::string method;
  bool keep_alive;
  std::string protocol{};  ///< that was asked for
  bool request_ended = false;
  bool response_ended = false;
  std::size_t interim_responses = 0;
};

class ClientEngine : public Engine {
 public:
  explicit ClientEngine(Limits limits) : Engine(limits) { begin_head(); }

  Waiting waiting_for() const override;
  void input_ended(Ending ending) override;
  Result<void> send_request(const Request& request, const BodyFraming& framing, std::string_view protocol) override;
  void close_after_response() override;
  bool between_messages() const override { return !exchange_; }
  bool receiving_body() const override { return body_.has_value(); }

 protected:
  bool takes_input() const override { return true; }
  Result<void> step(Bytes& in) override;
  void message_sent() override;
  void say_failure(const Rule&) override {}  // a server gets no answer to its answer

 private:
  void begin_head() { head_.emplace(limits().start_line_bytes, field_limits()); }
  Result<void> on_head(Head<StatusLine> head);
  Result<void> on_interim(Response response);
  Result<void> on_switch(Response response);
  void on_response_end(Fields trailers);

  bool closing_ = false;
  std::optional<HeadReader<StatusLine>> head_;  ///< while no body is being received
  std::optional<BodyReader> body_;
  std::optional<ClientExchange> exchange_;
};

Waiting ClientEngine::waiting_for() const {
  if (has_events()) return Waiting::application;
  if (finished()) return Waiting::nothing;
  return exchange_ && exchange_->request_ended ? Waiting::peer_bytes : Waiting::application;
}

Result<void> ClientEngine::send_request(const Request& request, const BodyFraming& framing, std::string_view protocol) {
  if (exchange_ || finished() || (!protocol.empty() && !std::holds_alternative<NoBody>(framing)))
    return broken(rules::out_of_order, "a request while another is not answered, or after the end");
  const bool keep_alive = !closing_ && !asks_to_close(request.fields);
  const bool usually_has_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  const bool says_none = std::holds_alternative<NoBody>(framing) && usually_has_body;
  std::vector<std::uint8_t>& out = outbox().tail();
  PADLOCK_TRY(begin_request_head(out, request));
  if (!protocol.empty()) {
    write_switch(out, protocol);
  } else {
    write_framing(out, says_none ? KnownLength{0} : framing);
    if (!keep_alive) write_field(out, "Connection", "close");
  }
  end_head(out);
  exchange_ = ClientExchange{.method = request.method, .keep_alive = keep_alive, .protocol = std::string(protocol)};
  begin_body(framing, false, false);
  return {};
}

/// Its response may be whole already, and with it the connection.
void ClientEngine::message_sent() {
  if (exchange_) exchange_->request_ended = true;
}

Result<void> ClientEngine::step(Bytes& in) {
  if (!exchange_) return broken(rules::bytes_without_request, std::to_string(in.size()) + " bytes without a request");
  if (!body_) {
    auto head = PADLOCK_TRY(head_->take(in));
    return head ? on_head(std::move(*head)) : Result<void>();
  }
  auto piece = PADLOCK_TRY(body_->take(in));
  if (!piece) return {};
  if (auto* trailers = std::get_if<Fields>(&*piece)) {
    on_response_end(std::move(*trailers));
    return {};
  }
  yield(BodyData{std::get<Bytes>(*piece)});
  if (body_->remaining() == 0) on_response_end({});
  return {};
}

Result<void> ClientEngine::on_head(Head<StatusLine> head) {
  const int status = head.start.status;
  const IncomingBody framing =
      PADLOCK_TRY(framing_of_response(head.start.version, status, exchange_->method, head.fields));
  const bool keep_alive = wants_keep_alive(head.start.version, head.fields);
  begin_head();
  if (status < 200) return on_interim(Response{status, std::move(head.fields)});
  exchange_->keep_alive = exchange_->keep_alive && keep_alive && !std::holds_alternative<BodyUntilClose>(framing);
  yield(ResponseHead{Response{status, std::move(head.fields)}, false});
  if (std::holds_alternative<EmptyBody>(framing))
    on_response_end({});
  else
    body_.emplace(framing, limits().body_bytes, field_limits());
  return {};
}

Result<void> ClientEngine::on_interim(Response response) {
  if (response.status == 101) return on_switch(std::move(response));
  if (++exchange_->interim_responses > limits::interim_responses)
    return broken(rules::too_many_interim_responses,
                  "more than " + std::to_string(limits::interim_responses) + " interim responses");
  yield(ResponseHead{std::move(response), true});
  return {};
}

Result<void> ClientEngine::on_switch(Response response) {
  const auto to = response.fields.find("Upgrade");
  if (exchange_->protocol.empty() || !to || !equal_ignoring_ascii_case(*to, exchange_->protocol))
    return broken(rules::protocol_switch_unasked, "the server answered 101 (Switching Protocols)");
  exchange_->keep_alive = false;
  exchange_->request_ended = false;
  body_.emplace(BodyUntilClose{}, limits().body_bytes, field_limits());
  begin_body(Chunked{}, true, false);
  yield(ResponseHead{std::move(response), false});
  return {};
}

void ClientEngine::on_response_end(Fields trailers) {
  yield(MessageEnd{std::move(trailers)});
  body_.reset();
  const bool keep =
      exchange_->keep_alive && exchange_->request_ended;  // an answer before the request's end: start anew
  if (!keep || closing_) finish();
  exchange_.reset();
}

void ClientEngine::close_after_response() {
  closing_ = true;
  if (!exchange_) finish();
}

void ClientEngine::input_ended(Ending ending) {
  if (finished()) return;
  if (!exchange_) {
    yield(Closed{});
  } else if (body_ && body_->ends_with_transport() && ending == Ending::clean) {
    return on_response_end({});
  } else if (!body_ && head_->empty()) {
    yield(Failed{Error{&rules::response_missing, "the connection ended before a response to " + exchange_->method}});
  } else {
    yield(Failed{Error{&rules::message_truncated, body_ ? "the connection ended inside the body of a response"
                                                        : "the connection ended inside the head of a response"}});
  }
  finish();
}

}  // namespace

std::unique_ptr<Engine> make_client_engine(Limits limits) { return std::make_unique<ClientEngine>(limits); }

}  // namespace padlock::http::h1

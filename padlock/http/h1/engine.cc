#include "padlock/http/h1/engine.h"

#include "padlock/http/limits.h"
#include "padlock/http/rules.h"

namespace padlock::http::h1 {

Result<std::size_t> Engine::feed(Bytes input, Instant now) {
  now_ = now;
  Bytes left = input;
  while (!left.empty() && !has_events() && !finished_ && takes_input()) {
    if (auto stepped = step(left); !stepped) {
      end_with(stepped.error(), true);
      return std::unexpected(std::move(stepped).error());
    }
  }
  return input.size() - left.size();
}

std::optional<Event> Engine::next_event() {
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.erase(events_.begin());
  return event;
}

void Engine::fail(Error error) {
  if (!finished_) end_with(std::move(error), !between_messages());
}

void Engine::release_buffers() {
  if (events_.empty()) std::vector<Event>().swap(events_);
  outbox_.release();
}

void Engine::end_with(Error error, bool say) {
  if (say) say_failure(*error.rule);
  yield(Failed{std::move(error)});
  finish();
}

Result<void> Engine::send_request(const Request&, const BodyFraming&, std::string_view) {
  return broken(rules::out_of_order, "a server sends no requests");
}

Result<void> Engine::send_response(const Response&, const BodyFraming&) {
  return broken(rules::out_of_order, "a client sends no responses");
}

Result<void> Engine::switch_protocols(const Fields&) {
  return broken(rules::out_of_order, "a client asks for another protocol");
}

Result<void> Engine::send_continue() { return broken(rules::out_of_order, "a client sends no 100 (Continue)"); }

Result<BodyWriter*> Engine::writer() {
  if (!writer_) return broken(rules::out_of_order, "no message with a body is being sent");
  return &*writer_;
}

Result<void> Engine::send_body(Bytes piece) { return PADLOCK_TRY(writer())->piece(outbox_, piece); }

Result<void> Engine::announce_piece(std::uint64_t size) { return PADLOCK_TRY(writer())->announce_piece(outbox_, size); }

Result<void> Engine::piece_sent_elsewhere(std::uint64_t size) {
  return PADLOCK_TRY(writer())->piece_sent_elsewhere(outbox_, size);
}

Result<void> Engine::end_message(const Fields& trailers) {
  auto ended = PADLOCK_TRY(writer())->end(outbox_, trailers);
  writer_.reset();
  if (!ended) {
    finish();
    return ended;
  }
  message_sent();
  return {};
}

void Engine::begin_body(const BodyFraming& framing, bool until_close, bool suppressed) {
  if (std::holds_alternative<NoBody>(framing)) return message_sent();
  writer_.emplace(framing, until_close, suppressed);
}

bool asks_to_close(const Fields& fields) { return fields.count("Connection") > 0; }

// ---- the face

Limits Limits::for_server() {
  return {limits::start_line_bytes, limits::fields_bytes, limits::field_count, limits::request_body_bytes,
          limits::requests_per_connection};
}

Limits Limits::for_client() {
  return {limits::start_line_bytes, limits::response_fields_bytes, limits::response_field_count, UINT64_MAX,
          UINT64_MAX};
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
Bytes Connection::output() const { return engine_->outbox().waiting(); }
void Connection::output_sent(std::size_t count) { engine_->outbox().sent(count); }
Waiting Connection::waiting_for() const { return engine_->waiting_for(); }
void Connection::input_ended(Ending ending) { engine_->input_ended(ending); }
Result<void> Connection::send_request(const Request& request, const BodyFraming& framing, std::string_view protocol) {
  return engine_->send_request(request, framing, protocol);
}
Result<void> Connection::send_response(const Response& response, const BodyFraming& framing) {
  return engine_->send_response(response, framing);
}
Result<void> Connection::switch_protocols(const Fields& fields) { return engine_->switch_protocols(fields); }
Result<void> Connection::send_continue() { return engine_->send_continue(); }
Result<void> Connection::send_body(Bytes piece) { return engine_->send_body(piece); }
Result<void> Connection::announce_piece(std::uint64_t size) { return engine_->announce_piece(size); }
Result<void> Connection::piece_sent_elsewhere(std::uint64_t size) { return engine_->piece_sent_elsewhere(size); }
Result<void> Connection::end_message(const Fields& trailers) { return engine_->end_message(trailers); }
void Connection::close_after_response() { engine_->close_after_response(); }
void Connection::fail(Error error) { engine_->fail(std::move(error)); }
void Connection::release_buffers() { engine_->release_buffers(); }
bool Connection::between_messages() const { return engine_->between_messages(); }
bool Connection::receiving_body() const { return engine_->receiving_body(); }
bool Connection::finished() const { return engine_->finished(); }

}  // namespace padlock::http::h1

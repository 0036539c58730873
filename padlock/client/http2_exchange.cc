#include "padlock/client/http2_exchange.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include <asio/experimental/awaitable_operators.hpp>
#include <asio/this_coro.hpp>

#include "padlock/base/text.h"
#include "padlock/client/limits.h"
#include "padlock/client/rules.h"
#include "padlock/http/rules.h"
#include "padlock/net/rules.h"
#include "padlock/tls/rules.h"

namespace padlock::client {
namespace {

using http::h2::ErrorCode;

class BytesSource final : public http::h2::BodySource {
 public:
  explicit BytesSource(Bytes bytes) : bytes_(bytes) {}

  Result<void> read(std::span<std::uint8_t> into) override {
    copy_bytes(bytes_.first(into.size()), into);
    bytes_ = bytes_.subspan(into.size());
    return {};
  }

 private:
  Bytes bytes_;
};

/// Fields about an HTTP/1.1 connection, which a user may have given for that, say nothing here and are forbidden (RFC
/// 9113, section 8.2.2).
http::Request without_connection_fields(http::Request request) {
  for (const auto* name : {"Keep-Alive", "Proxy-Connection", "Upgrade"}) request.fields.remove(name);
  if (request.fields.find("TE").value_or("trailers") != "trailers") request.fields.remove("TE");
  return request;
}

bool is_late(const Error& error) { return error.rule == &net::rules::deadline_passed; }

/// What is left of a connection that a server gives up.
bool is_a_broken_connection(const Error& error) {
  const auto same = [&](const Rule* rule) { return rule == error.rule; };
  return std::ranges::any_of(
      std::initializer_list<const Rule*>{&http::rules::message_truncated, &net::rules::connection_reset,
                                         &net::rules::closed_early, &net::rules::socket_failed},
      same);
}

}  // namespace

net::Awaitable<Result<void>> Http2Exchange::run(const http::Request& request,
                                                const std::optional<std::vector<std::uint8_t>>& body) {
  using namespace asio::experimental::awaitable_operators;
  const auto executor = co_await asio::this_coro::executor;
  output_wanted_.emplace(executor);
  output_moved_.emplace(executor);
  auto begun = begin(without_connection_fields(request), body);
  PADLOCK_CO_TRY(begun);
  writing_ = true;
  auto reads = converse();
  auto writes = write();
  co_return co_await (std::move(reads) && std::move(writes));
}

Result<void> Http2Exchange::begin(http::Request request, const std::optional<std::vector<std::uint8_t>>& body) {
  sent_ = std::move(request);
  if (observer() != nullptr) tell_frames(sent_);
  const auto framing = body ? http::BodyFraming(http::KnownLength{body->size()}) : http::BodyFraming(http::NoBody{});
  stream_ = PADLOCK_TRY(http_.send_request(sent_, framing));
  note_progress();
  if (!body || body->empty()) return {};
  return http_.send_body_from(stream_, std::make_unique<BytesSource>(*body));
}

void Http2Exchange::tell_frames(const http::Request& request) {
  from_client_.emplace(net::Sender::client, *observer());
  from_server_.emplace(net::Sender::server, *observer());
  from_client_->on_fields([this, &request, told = false](const FieldsOnStream& place) mutable {
    if (std::exchange(told, true)) return false;
    observer()->request_sent(request, place);
    return true;
  });
}

/// PINGs and the like do not count: a server that sends those alone stalls, too.
net::Deadline Http2Exchange::deadline() const {
  const auto patience = options().stall_timeout;
  return std::min(end(), progress_ > net::no_deadline - patience ? net::no_deadline : progress_ + patience);
}

// ---- reading

net::Awaitable<Result<void>> Http2Exchange::converse() {
  auto done = co_await receive();
  if (from_server_) from_server_->give_up_fields();
  // A response may be whole before its request is: the server wants no more of that (RFC 9113, section 8.1).
  co_await say_farewell(done ? ErrorCode::NO_ERROR : ErrorCode::CANCEL);
  if (!done) co_return std::unexpected(explained(std::move(done).error()));
  co_return done;
}

net::Awaitable<Result<void>> Http2Exchange::receive() {
  Bytes rest;
  for (;;) {
    auto done = on_events();
    PADLOCK_CO_TRY(done);
    if (*done) co_return Result<void>{};
    if (input_ended_)
      co_return broken(net::rules::closed_early, "the server closed the connection before its response was whole");
    output_wanted_->ring();  // what the input had for an answer: acknowledgements, windows
    if (!rest.empty()) {
      auto fed = co_await feed(rest);
      PADLOCK_CO_TRY(fed);
      continue;
    }
    auto bytes = co_await read();
    PADLOCK_CO_TRY(bytes);
    rest = *bytes;
  }
}

/// Empty: the input has ended, and the connection knows.
net::Awaitable<Result<Bytes>> Http2Exchange::read() {
  for (;;) {
    auto bytes = co_await stream().read(deadline());
    // The request's body may have come forward in the meantime.
    if (!bytes && is_late(bytes.error()) && deadline() > std::chrono::steady_clock::now()) continue;
    const bool truncated = !bytes && bytes.error().rule == &tls::rules::truncated;
    if (!bytes && !truncated) co_return std::unexpected(std::move(bytes).error());
    if (!truncated && !bytes->empty()) co_return *bytes;
    http_.input_ended();
    input_ended_ = true;
    co_return Bytes{};
  }
}

/// Takes some from the front of `rest`; errors come as events.
net::Awaitable<Result<void>> Http2Exchange::feed(Bytes& rest) {
  const std::size_t taken = http_.feed(rest, net::now()).value_or(0);
  if (from_server_) from_server_->pass(rest.first(taken));
  rest = rest.subspan(taken);
  if (taken > 0) co_return Result<void>{};
  if (http_.waiting_for() == http::Waiting::nothing) rest = {};
  if (http_.waiting_for() != http::Waiting::room_for_output) co_return Result<void>{};
  if (!writing_ || deadline() <= std::chrono::steady_clock::now())
    co_return broken(net::rules::deadline_passed,
                     net::to_string(stream().remote()) + " reads nothing of what it asked for");
  co_await output_moved_->wait(deadline());
  co_return Result<void>{};
}

// ---- writing

net::Awaitable<void> Http2Exchange::write() {
  for (;;) {
    const auto queued = queue_output();
    output_moved_->ring();
    const std::size_t before = stream().queued();
    if (!queued || (before == 0 && leaving_)) break;
    if (before == 0) {
      co_await output_wanted_->wait(net::no_deadline);
      continue;
    }
    const auto flushed = co_await stream().flush(deadline());
    if (flushed) continue;
    if (!is_late(flushed.error())) break;
    if (stream().queued() < before) note_progress();  // slow, but it takes some
    if (deadline() <= std::chrono::steady_clock::now()) break;
  }
  writing_ = false;  // whoever reads finds out why: it may still get an answer
  output_moved_->ring();
}

/// Fills records with what there is to send, up to one flush.
Result<void> Http2Exchange::queue_output() {
  while (stream().queued() < net::Stream::flush_threshold) {
    const std::span<std::uint8_t> room = PADLOCK_TRY(stream().reserve(net::Stream::max_reservation));
    const std::size_t filled = http_.write_output(room);
    if (filled == 0) {
      stream().drop_reservation();
      break;
    }
    if (from_client_) from_client_->pass(room.first(filled));
    PADLOCK_TRY(stream().commit(filled));
  }
  const std::uint64_t sent = http_.body_bytes_sent(stream_);
  if (sent > request_bytes_) note_progress();
  request_bytes_ = std::max(request_bytes_, sent);
  return {};
}

/// Ends the stream if it is still open, and the connection, as RFC 9113, section 6.8 asks for.
net::Awaitable<void> Http2Exchange::say_farewell(ErrorCode code) {
  http_.reset(stream_, code);
  http_.shutdown();
  leaving_ = true;
  output_wanted_->ring();
  const net::Deadline patience = net::deadline_in(limits::farewell_time);
  while (writing_ && std::chrono::steady_clock::now() < patience) co_await output_moved_->wait(patience);
  if (writing_) stream().cancel();
}

// ---- what has come

/// What it finds wrong is said when it is about to be told to the server, so output is gathered before anybody waits.
std::optional<http::h2::Event> Http2Exchange::next_event() {
  if (auto event = http_.next_event()) return event;
  static_cast<void>(http_.output());
  return http_.next_event();
}

/// True: the response is complete.
Result<bool> Http2Exchange::on_events() {
  while (auto event = next_event()) {
    if (const auto* head = std::get_if<http::h2::ResponseHead>(&*event)) PADLOCK_TRY(on_response(*head));
    if (const auto* data = std::get_if<http::h2::BodyData>(&*event)) PADLOCK_TRY(on_data(*data));
    if (auto* goaway = std::get_if<http::h2::GoAway>(&*event)) goaway_ = std::move(*goaway);
    if (const auto* reset = std::get_if<http::h2::StreamReset>(&*event)) return std::unexpected(error_of(*reset));
    if (const auto* failed = std::get_if<http::Failed>(&*event)) return std::unexpected(error_of(*failed));
    if (const auto* message = std::get_if<http::h2::MessageEnd>(&*event)) {
      on_message_end(*message);
      return true;
    }
  }
  return false;
}

Result<void> Http2Exchange::on_response(const http::h2::ResponseHead& head) {
  note_progress();
  response_begun_ = true;
  const FieldsOnStream place = from_server_ ? from_server_->take_fields() : FieldsOnStream{};
  return on_head(head.response, head.interim, place);
}

Result<void> Http2Exchange::on_data(const http::h2::BodyData& data) {
  note_progress();
  PADLOCK_TRY(on_body(data.bytes));
  http_.consumed(data.stream, data.bytes.size());  // now that the sink has it the server may send as much again
  return {};
}

void Http2Exchange::on_message_end(const http::h2::MessageEnd& message) {
  if (from_server_ && !message.trailers.empty()) observer()->trailers(message.trailers, from_server_->take_fields());
  on_end();
}

// ---- what has gone wrong

Error Http2Exchange::error_of(const http::h2::StreamReset& reset) {
  if (reset.error) return *reset.error;
  const bool given_up = goaway_ && goaway_->code != ErrorCode::NO_ERROR;
  const ErrorCode code = given_up && refused_by_goaway() ? goaway_->code : reset.code;
  const std::string by = refused_by_goaway() ? "GOAWAY" : "RST_STREAM";
  const std::string why = std::string(name_of(code)) + " (" + by + ")";
  if (!response_begun_ && code == ErrorCode::HTTP_1_1_REQUIRED) {
    again_ = Again::over_http_1_1;
    return {&rules::request_refused, "the server wants HTTP/1.1 for this request: " + why};
  }
  if (!response_begun_ && code == ErrorCode::REFUSED_STREAM) {
    again_ = Again::over_a_new_connection;
    return {&rules::request_refused, "the server did nothing with the request: " + why};
  }
  std::string what = "the server ended the stream of the request with " + why;
  if (body_bytes() > 0) what += " after " + std::to_string(body_bytes()) + " bytes of the body";
  return explained({&rules::stream_reset, std::move(what)});
}

Error Http2Exchange::error_of(const http::Failed& failed) const {
  if (failed.error.rule != &http::rules::message_truncated) return failed.error;
  if (!response_begun_) return {&http::rules::response_missing, "the server closed the connection without an answer"};
  return {&http::rules::message_truncated,
          "the connection ended inside the response, after " + std::to_string(body_bytes()) + " bytes of the body"};
}

/// A connection that breaks behind a GOAWAY with an error is broken by that.
Error Http2Exchange::explained(Error error) const {
  const bool given_up = goaway_ && goaway_->code != ErrorCode::NO_ERROR;
  const bool by_it = is_a_broken_connection(error) || error.rule == &http::rules::response_missing ||
                     (error.rule == &rules::stream_reset && refused_by_goaway());
  if (!given_up || !by_it) return error;
  std::string what = "the server ended the connection with " + std::string(name_of(goaway_->code)) + " (GOAWAY)";
  if (!goaway_->debug_data.empty()) what += ": " + goaway_->debug_data;
  return {&rules::connection_given_up, std::move(what)};
}

}  // namespace padlock::client

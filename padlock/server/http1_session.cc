#include "padlock/server/http1_session.h"

#include <algorithm>
#include <span>
#include <utility>
#include <variant>

#include "padlock/net/clock.h"
#include "padlock/net/rules.h"
#include "padlock/server/limits.h"
#include "padlock/server/rules.h"
#include "padlock/tls/rules.h"

namespace padlock::server {

Http1Session::Http1Session(net::Stream& stream, std::string_view scheme, const Router& router, const Timers& timers,
                           WorkerLog& log)
    : Session(stream, router, timers, log), http_(http::h1::Connection::server(scheme)) {}

void Http1Session::finish_up() {
  finishing_ = true;
  if (running_) http_.close_after_response();
}

net::Awaitable<void> Http1Session::run() {
  running_ = true;
  auto done = co_await converse();
  co_await end(std::move(done), idle());
}

net::Awaitable<Result<void>> Http1Session::converse() {
  for (;;) {
    while (auto event = http_.next_event()) {
      if (const auto* head = std::get_if<http::h1::RequestHead>(&*event)) {
        auto responded = co_await respond(*head);
        PADLOCK_CO_TRY(responded);
      }
      if (auto* failed = std::get_if<http::h1::Failed>(&*event)) log(failed->error);
    }
    auto queued = queue_output();  // what the codec itself has to say: an error response
    PADLOCK_CO_TRY(queued);
    auto flushed = co_await flush();
    PADLOCK_CO_TRY(flushed);
    if (http_.finished()) co_return Result<void>{};
    if (unread_.empty()) {
      auto received = co_await receive();
      PADLOCK_CO_TRY(received);
    }
    take_input();
  }
}

// ---- input ----------------------------------------------------------------------------------------------------------

void Http1Session::take_input() {
  const bool was_in_head = in_head();
  if (!unread_.empty()) {
    const auto taken = http_.feed(unread_, net::now());  // an error comes as an event too
    unread_ = taken ? unread_.subspan(*taken) : Bytes{};
  }
  if (!http_.receiving_body()) rate_.reset();
  if (in_head() && !was_in_head) head_until_ = net::deadline_in(timers().head);
}

net::Awaitable<Result<void>> Http1Session::receive() {
  const auto bytes = co_await stream().read(deadline());
  if (!bytes && bytes.error().rule == &net::rules::deadline_passed) {
    on_silence(bytes.error());
    co_return Result<void>{};
  }
  const bool truncated = !bytes && bytes.error().rule == &tls::rules::truncated;
  if (!bytes && !truncated) co_return std::unexpected(bytes.error());
  if (truncated || bytes->empty()) {
    http_.input_ended(truncated ? http::Ending::truncated : http::Ending::clean);
    co_return Result<void>{};
  }
  unread_ = *bytes;
  if (rate_) rate_->received(unread_.size(), net::now().monotonic);
  co_return Result<void>{};
}

/// A client that says nothing has had its time: one that has begun a request is told (408), an idle one is left.
void Http1Session::on_silence(Error error) {
  if (idle()) return http_.close_after_response();
  http_.fail(std::move(error));
}

net::Deadline Http1Session::deadline() const {
  if (idle()) return net::deadline_in(finishing_ ? timers().linger : timers().idle);
  if (!rate_) return head_until_;
  return net::Deadline(std::chrono::duration_cast<net::Deadline::duration>(rate_->deadline()));
}

// ---- responses ------------------------------------------------------------------------------------------------------

net::Awaitable<Result<void>> Http1Session::respond(const http::h1::RequestHead& head) {
  const Instant began = net::now();
  if (head.has_body) rate_.emplace(began.monotonic);
  if (finishing_) http_.close_after_response();
  const http::Request& request = head.request;
  const auto handler = router().route(request);
  const std::size_t most = head.has_body && handler ? (*handler)->body_limit(request) : 0;
  if (most > 0) {
    auto collected = co_await collect_body(head, most);
    PADLOCK_CO_TRY(collected);
  }
  if (http_.finished()) co_return Result<void>{};  // it failed on the way, and has been told
  Answer answer = !handler              ? Answer{plan_error(*handler.error().rule, began.wall)}
                  : body_.size() > most ? Answer{plan_error(rules::body_too_large, began.wall)}
                                        : (*handler)->answer_with_body(request, body_, began.wall);
  body_ = {};
  body_sent_ = 0;
  auto sent = co_await send(answer, request);
  log({.request = request,
       .began = began,
       .status = answer.plan.response.status,
       .body_bytes = body_sent_,
       .complete = sent.has_value()});
  co_return sent;
}

/// Reads the request's body into `body_`: to its end, or until it is longer than it may be.
net::Awaitable<Result<void>> Http1Session::collect_body(const http::h1::RequestHead& head, std::size_t most) {
  if (head.expects_continue) {
    if (auto invited = http_.send_continue(); !invited) co_return abort(invited.error());
  }
  for (;;) {
    while (auto event = http_.next_event()) {
      if (const auto* data = std::get_if<http::h1::BodyData>(&*event))
        body_.insert(body_.end(), data->bytes.begin(), data->bytes.end());
      if (auto* failed = std::get_if<http::h1::Failed>(&*event)) log(failed->error);
      const bool ended = !std::holds_alternative<http::h1::BodyData>(*event);
      if (ended || body_.size() > most) co_return Result<void>{};
    }
    auto queued = queue_output();
    PADLOCK_CO_TRY(queued);
    auto flushed = co_await flush();
    PADLOCK_CO_TRY(flushed);
    if (http_.finished()) co_return Result<void>{};
    if (unread_.empty()) {
      auto received = co_await receive();
      PADLOCK_CO_TRY(received);
    }
    take_input();
  }
}

net::Awaitable<Result<void>> Http1Session::send(Answer& answer, const http::Request& request) {
  const ResponsePlan& plan = answer.plan;
  const bool bodiless = plan.response.status == 304;
  const auto framing =
      bodiless ? http::BodyFraming(http::NoBody{}) : http::BodyFraming(http::KnownLength{plan.body_bytes()});
  if (auto begun = http_.send_response(plan.response, framing); !begun) co_return abort(begun.error());
  if (!bodiless && request.method != "HEAD") {
    auto sent = co_await send_body(answer.take_body());
    PADLOCK_CO_TRY(sent);
  }
  if (!bodiless) {
    if (auto ended = http_.end_message(); !ended) co_return abort(ended.error());
  }
  auto queued = queue_output();
  PADLOCK_CO_TRY(queued);
  co_return co_await flush();
}

/// Reads the body straight into records; the first one begins with the head.
net::Awaitable<Result<void>> Http1Session::send_body(Body body) {
  if (auto announced = http_.announce_piece(body.left()); !announced) co_return abort(announced.error());
  while (body.left() > 0) {
    auto queued = queue_piece(body);
    PADLOCK_CO_TRY(queued);
    if (stream().queued() < net::Stream::flush_threshold) continue;
    auto flushed = co_await flush();
    PADLOCK_CO_TRY(flushed);
  }
  co_return Result<void>{};
}

/// Queues one reservation: what is left of the head, then as much of the body as fits.
Result<void> Http1Session::queue_piece(Body& body) {
  const std::span<std::uint8_t> room = PADLOCK_TRY(stream().reserve(net::Stream::max_reservation));
  const Bytes head = http_.output().first(std::min(room.size(), http_.output().size()));
  const auto behind = copy_bytes(head, room);
  const auto piece = behind.first(static_cast<std::size_t>(std::min<std::uint64_t>(body.left(), behind.size())));
  if (auto read = body.read(piece); !read) {
    stream().drop_reservation();
    return abort(read.error());
  }
  http_.output_sent(head.size());
  PADLOCK_TRY(stream().commit(head.size() + piece.size()));
  body_sent_ += piece.size();
  if (auto noted = http_.piece_sent_elsewhere(piece.size()); !noted) return abort(noted.error());
  return {};
}

/// Moves what the codec wants to send into the stream.
Result<void> Http1Session::queue_output() {
  while (!http_.output().empty()) {
    const std::span<std::uint8_t> room = PADLOCK_TRY(stream().reserve(http_.output().size()));
    const Bytes piece = http_.output().first(std::min(room.size(), http_.output().size()));
    copy_bytes(piece, room);
    http_.output_sent(piece.size());
    PADLOCK_TRY(stream().commit(piece.size()));
  }
  return {};
}

}  // namespace padlock::server

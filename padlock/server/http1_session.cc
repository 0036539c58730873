#include "padlock/server/http1_session.h"

#include <algorithm>
#include <span>
#include <utility>
#include <variant>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/this_coro.hpp>

#include "padlock/net/clock.h"
#include "padlock/net/rules.h"
#include "padlock/server/http1_output.h"
#include "padlock/server/limits.h"
#include "padlock/server/rules.h"
#include "padlock/tls/rules.h"

namespace padlock::server {
namespace {

/// Bytes of a body, as `queue_piece` wants them.
struct Piece {
  Bytes rest;
  std::uint64_t left() const { return rest.size(); }
  Result<void> read(std::span<std::uint8_t> into) {
    copy_bytes(rest.first(into.size()), into);
    rest = rest.subspan(into.size());
    return {};
  }
};

/// What a body may bring is its route's to say.
http::h1::Limits http1_limits() {
  auto limits = http::h1::Limits::for_server();
  limits.body_bytes = UINT64_MAX;
  return limits;
}

}  // namespace

/// The request that is being served, for a handler that waits.
class Http1Session::Http1Exchange final : public Exchange {
 public:
  Http1Exchange(Http1Session& session, const http::h1::RequestHead& head, Instant began, const Route& route)
      : Exchange(head.request, head.protocol, head.has_body, began, route, session.stream()),
        session_(session),
        invites_(head.expects_continue) {}
  ~Http1Exchange() override { session_.gone_ = nullptr; }

  std::string_view version() const override { return "1.1"; }
  asio::any_io_executor executor() const override { return session_.executor_; }

  void stop_reading() override {
    session_.answered_ = true;
    session_.watched_.notify();
  }

  Result<bool> flush_now() override {
    PADLOCK_TRY(queue_output(session_.http_, session_.stream()));
    return session_.flush_now();
  }

  /// While a body comes, whoever reads that sees the client's end.
  void when_gone(std::function<void()> action) override {
    if (action && session_.http_.finished()) return action();
    session_.gone_ = std::move(action);
    const bool nothing_to_see = session_.http_.receiving_body() || !session_.unread_.empty();
    if (session_.gone_ && !nothing_to_see) session_.begin_watch();
  }

 private:
  bool is_open() const override { return !session_.http_.finished(); }

  net::Awaitable<Result<Bytes>> next_body() override {
    if (std::exchange(invites_, false) && status() == 0) {
      if (auto invited = session_.http_.send_continue(); !invited) co_return std::unexpected(invited.error());
    }
    auto bytes = co_await session_.read_body();
    if (bytes && bytes->empty()) note_trailers(std::exchange(session_.trailers_, {}));
    co_return bytes;
  }

  Result<void> put_head(const http::Response& response, const http::BodyFraming& framing) override {
    takes_trailers_ = std::holds_alternative<http::UnknownLength>(framing);
    return session_.http_.send_response(response, framing);
  }

  Result<void> put_accept(const http::Fields& fields) override {
    session_.in_tunnel_ = true;
    return session_.http_.switch_protocols(fields);
  }

  Result<std::size_t> put_body(Bytes bytes) override {
    if (!has_room() && !PADLOCK_TRY(session_.flush_now())) return 0;
    Piece piece{bytes.first(std::min(bytes.size(), net::Stream::flush_threshold))};
    const std::size_t size = piece.rest.size();
    PADLOCK_TRY(session_.queue_body(piece));
    if (!has_room()) static_cast<void>(PADLOCK_TRY(session_.flush_now()));  // what the client takes now need not wait
    return size;
  }
  bool has_room() const { return session_.stream().queued() < net::Stream::flush_threshold; }

  Result<void> put_end(const http::Fields& trailers) override {
    const http::Fields none;  // only chunks can have some
    return session_.http_.end_message(takes_trailers_ ? trailers : none);
  }

  Result<bool> has_left() override {
    const Result<bool> left = flush_now();
    if (!left || *left) stop_reading();
    return left;
  }

  net::Awaitable<Result<void>> wait_for_progress() override { return session_.flush(); }

  net::Awaitable<Result<std::uint64_t>> put_answer(Answer answer) override {
    session_.body_sent_ = 0;
    auto sent = co_await session_.send(answer, request());
    stop_reading();
    PADLOCK_CO_TRY(sent);
    co_return session_.body_sent_;
  }

  Http1Session& session_;
  bool invites_;
  bool takes_trailers_ = false;  ///< the response
};

Http1Session::Http1Session(net::Stream& stream, std::string_view scheme, const Router& router, const Timers& timers,
                           WorkerLog& log, WorkerLoad& load)
    : Session(stream, router, timers, log, load), http_(http::h1::Connection::server(scheme, http1_limits())) {}

void Http1Session::finish_up() {
  finishing_ = true;
  if (running_) http_.close_after_response();
}

net::Awaitable<void> Http1Session::run() {
  running_ = true;
  executor_ = co_await asio::this_coro::executor;
  Result<void> done;
  for (;;) {
    const auto next = work();
    if (!next) done = std::unexpected(next.error());
    if (!next || *next == Wait::nothing) break;
    if (*next == Wait::input) {
      done = on_ready(co_await stream().wait_input(deadline()));
    } else {
      done = co_await wait(*next);
    }
    if (!done) break;
  }
  leaving_ = true;
  while (watching_) co_await watched_.wait();
  co_await end(std::move(done), idle());
}

Result<Http1Session::Wait> Http1Session::work() {
  Instant now = net::now();
  for (;;) {
    while (auto event = http_.next_event()) {
      PADLOCK_TRY(on_event(*std::move(event), now));
      if (request_) return Wait::response;
    }
    PADLOCK_TRY(queue_output(http_, stream()));  // what the codec itself has to say: an error response
    if (http_.finished()) stream().queue_end();
    // Responses to requests that have come together leave together.
    const bool later = !unread_.empty() && !http_.finished() && stream().queued() < net::Stream::flush_threshold;
    if (stream().queued() > 0 && !later && !PADLOCK_TRY(flush_now())) return Wait::output;
    if (http_.finished()) return Wait::nothing;
    if (unread_.empty()) {
      if (watching_) return Wait::watch;
      if (rate_) rate_->paused(now.monotonic - std::exchange(last_read_, now.monotonic));
      const auto bytes = stream().read_now();
      if (!bytes) return wait_for_input();
      now = net::now();
      last_read_ = now.monotonic;
      PADLOCK_TRY(on_read(*bytes));
    }
    take_input(now);
  }
}

/// What comes in is waited for without a buffer.
Http1Session::Wait Http1Session::wait_for_input() {
  if (idle()) http_.release_buffers();
  return Wait::input;
}

net::Awaitable<Result<void>> Http1Session::wait(Wait what) {
  if (what == Wait::output) return flush();
  if (what == Wait::watch) return receive_watched();
  return request_->answer ? respond(std::exchange(request_, nullptr))
                          : respond_by_exchange(std::exchange(request_, nullptr));
}

Result<void> Http1Session::on_event(http::h1::Event event, Instant now) {
  if (auto* failed = std::get_if<http::h1::Failed>(&event)) log(failed->error);
  auto* const head = std::get_if<http::h1::RequestHead>(&event);
  if (head == nullptr) return {};
  if (head->has_body) rate_.emplace(now.monotonic);
  last_read_ = now.monotonic;
  if (finishing_) http_.close_after_response();
  const auto route = router().route(head->request);
  auto answer = answer_at_once(route, head->request, head->has_body, now);
  if (answer && answer->plan.body_bytes() <= limits::body_at_once) return respond_at_once(head->request, *answer, now);
  request_ = std::make_unique<Request>(std::move(*head), now, answer ? nullptr : *route, std::move(answer));
  return {};
}

// ---- input ----------------------------------------------------------------------------------------------------------

void Http1Session::take_input(Instant now) {
  const bool was_in_head = in_head();
  if (!unread_.empty()) {
    const auto taken = http_.feed(unread_, now);  // an error comes as an event too
    unread_ = taken ? unread_.subspan(*taken) : Bytes{};
  }
  if (!http_.receiving_body()) rate_.reset();
  if (in_head() && !was_in_head) head_until_ = net::deadline_in(timers().head);
}

/// After a wait for input.
Result<void> Http1Session::on_ready(Result<void> ready) {
  if (rate_) last_read_ = net::now().monotonic;
  const bool late = !ready && ready.error().rule == &net::rules::deadline_passed;
  if (!late) return ready;
  on_silence(std::move(ready).error());
  return {};
}

/// What a read has brought.
Result<void> Http1Session::on_read(const Result<Bytes>& bytes) {
  const bool truncated = !bytes && bytes.error().rule == &tls::rules::truncated;
  if (!bytes && !truncated) return std::unexpected(bytes.error());
  if (truncated || bytes->empty()) {
    http_.input_ended(truncated ? http::Ending::truncated : http::Ending::clean);
    return {};
  }
  unread_ = *bytes;
  if (rate_) rate_->received(unread_.size(), last_read_);
  return {};
}

void Http1Session::begin_watch() {
  if (std::exchange(watching_, true)) return;
  asio::co_spawn(executor_, watch(this), asio::detached);
}

/// What the watch sees; nothing if the response ends before.
net::Awaitable<Result<void>> Http1Session::receive_watched() {
  const bool in_time = !watching_ || co_await watched_.wait(deadline());
  if (!in_time) on_silence(Error{&net::rules::deadline_passed, "the client says nothing"});
  co_return watching_ ? Result<void>{} : std::exchange(watch_saw_, {});
}

/// A read that outlives who waits for it: a handler's, which may be done with its response first, and one that looks
/// whether a client is still there that has said all. What comes late is what `work` goes on with.
net::Awaitable<void> Http1Session::watch(Http1Session* self) {
  Result<Bytes> bytes;
  do {
    bytes = co_await self->stream().read(net::deadline_in(limits::watch_step));
    self->last_read_ = net::now().monotonic;
  } while (!bytes && bytes.error().rule == &net::rules::deadline_passed && !self->leaving_);
  self->watching_ = false;
  self->watch_saw_ = self->leaving_ ? Result<void>{} : self->on_read(bytes);
  self->watched_.notify();
  const bool gone = !self->watch_saw_ || self->http_.finished();
  if (gone && self->gone_) std::exchange(self->gone_, nullptr)();
}

/// A client that says nothing has had its time: one that has begun a request is told (408), an idle one is left.
void Http1Session::on_silence(Error error) {
  if (idle()) return http_.close_after_response();
  http_.fail(std::move(error));
}

net::Deadline Http1Session::deadline() const {
  if (idle()) return net::deadline_in(finishing_ ? timers().linger : timers().idle);
  if (in_tunnel_) return net::deadline_in(limits::tunnel_idle_time);
  if (!rate_) return head_until_;
  return net::Deadline(std::chrono::duration_cast<net::Deadline::duration>(rate_->deadline()));
}

// ---- responses ------------------------------------------------------------------------------------------------------

Result<void> Http1Session::respond_at_once(const http::Request& request, Answer& answer, Instant began) {
  body_sent_ = 0;
  auto queued = queue(answer, request);
  log_answer(request, answer, began, queued.has_value());
  return queued;
}

net::Awaitable<Result<void>> Http1Session::respond(std::unique_ptr<Request> request) {
  body_sent_ = 0;
  auto sent = co_await send(*request->answer, request->head.request);
  log_answer(request->head.request, *request->answer, request->began, sent.has_value());
  co_return sent;
}

void Http1Session::log_answer(const http::Request& request, const Answer& answer, Instant began, bool complete) {
  log({.request = request,
       .began = began,
       .status = answer.plan.response.status,
       .body_bytes = body_sent_,
       .complete = complete});
}

net::Awaitable<Result<void>> Http1Session::respond_by_exchange(std::unique_ptr<Request> request) {
  answered_ = false;
  Http1Exchange exchange(*this, request->head, request->began, *request->route);
  auto done = co_await perform(*request->route, exchange);
  const bool told = exchange.status() == 0;  // by the codec, which says what the client has done wrong
  if (!told)
    log({.request = request->head.request,
         .began = request->began,
         .status = exchange.status(),
         .body_bytes = exchange.body_sent(),
         .complete = done.has_value()});
  if (done || told) co_return Result<void>{};
  co_return abort(done.error());
}

/// The next bytes of the request's body, or of a tunnel; empty: it has ended.
net::Awaitable<Result<Bytes>> Http1Session::read_body() {
  for (;;) {
    while (auto event = http_.next_event()) {
      if (const auto* data = std::get_if<http::h1::BodyData>(&*event)) co_return data->bytes;
      if (auto* failed = std::get_if<http::h1::Failed>(&*event)) co_return std::unexpected(std::move(failed->error));
      if (auto* end = std::get_if<http::h1::MessageEnd>(&*event)) trailers_ = std::move(end->trailers);
      co_return Bytes();
    }
    if (!http_.output().empty()) {  // an invitation
      auto queued = queue_output(http_, stream());
      PADLOCK_CO_TRY(queued);
      auto flushed = co_await flush();
      PADLOCK_CO_TRY(flushed);
    }
    if (http_.finished()) co_return broken(net::rules::cancelled, "the connection has ended");
    if (unread_.empty()) {
      if (rate_) rate_->paused(net::now().monotonic - last_read_);
      begin_watch();
      auto received = co_await receive_watched();
      PADLOCK_CO_TRY(received);
    }
    if (answered_) co_return broken(net::rules::cancelled, "nobody wants the rest of the request");
    take_input(net::now());
  }
}

Result<void> Http1Session::begin(const Answer& answer) {
  auto begun = http_.send_response(answer.plan.response, answer.plan.framing());
  if (!begun) return abort(begun.error());
  return {};
}

Result<void> Http1Session::end_response(const Answer& answer) {
  if (answer.plan.bodiless()) return queue_output(http_, stream());
  if (auto ended = http_.end_message(); !ended) return abort(ended.error());
  return queue_output(http_, stream());
}

Result<void> Http1Session::queue(Answer& answer, const http::Request& request) {
  PADLOCK_TRY(begin(answer));
  if (!answer.plan.bodiless() && request.method != "HEAD") {
    Body body = answer.take_body();
    PADLOCK_TRY(queue_body(body));
  }
  return end_response(answer);
}

/// The whole of a short one.
template <class Source>
Result<void> Http1Session::queue_body(Source& body) {
  if (auto announced = http_.announce_piece(body.left()); !announced) return abort(announced.error());
  while (body.left() > 0) PADLOCK_TRY(queue_piece(body));
  return {};
}

net::Awaitable<Result<void>> Http1Session::send(Answer& answer, const http::Request& request) {
  auto begun = begin(answer);
  PADLOCK_CO_TRY(begun);
  if (!answer.plan.bodiless() && request.method != "HEAD") {
    auto sent = co_await send_body(answer.take_body());
    PADLOCK_CO_TRY(sent);
  }
  auto ended = end_response(answer);
  PADLOCK_CO_TRY(ended);
  co_return co_await flush();
}

/// Reads the body straight into records; the first one begins with the head.
template <class Source>
net::Awaitable<Result<void>> Http1Session::send_body(Source body) {
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
template <class Source>
Result<void> Http1Session::queue_piece(Source& body) {
  // No more than is needed: an idle connection has no buffer, and a new one is as large as what is asked for.
  const std::uint64_t wanted = http_.output().size() + body.left();
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, net::Stream::max_reservation));
  const std::span<std::uint8_t> room = PADLOCK_TRY(stream().reserve(most));
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

}  // namespace padlock::server

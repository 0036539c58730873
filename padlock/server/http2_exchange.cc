#include "padlock/server/http2_exchange.h"

#include <algorithm>
#include <utility>

#include "padlock/http/h2/rules.h"
#include "padlock/net/clock.h"
#include "padlock/net/rules.h"
#include "padlock/server/limits.h"

namespace padlock::server {
namespace {

std::unexpected<Error> gone() { return broken(http::rules::h2_stream_gone, "the client has ended the stream"); }

}  // namespace

Http2Session::Http2Exchange::Http2Exchange(Http2Session& session, Work& work, const http::h2::RequestHead& head)
    : Exchange(work.request, work.protocol, head.has_body, work.began, *work.route, session.stream()),
      session_(session),
      work_(work),
      invites_(head.expects_continue),
      last_read_(work.began.monotonic) {
  if (head.has_body && work.protocol.empty()) rate_.emplace(work.began.monotonic);
}

void Http2Session::Http2Exchange::when_gone(std::function<void()> action) {
  if (action && closed_ && !sent_) return action();
  gone_ = std::move(action);
}

// ---- what the session tells it

void Http2Session::Http2Exchange::deliver(Bytes bytes) {
  if (rate_) rate_->received(bytes.size(), net::now().monotonic);
  inbox_.insert(inbox_.end(), bytes.begin(), bytes.end());
  news_.notify();
}

void Http2Session::Http2Exchange::request_ended(http::Fields trailers) {
  note_trailers(std::move(trailers));
  request_ended_ = true;
  news_.notify();
}

void Http2Session::Http2Exchange::message_sent() {
  sent_ = true;
  stop_reading();
}

void Http2Session::Http2Exchange::closed() {
  if (std::exchange(closed_, true)) return;
  news_.notify();
  if (gone_ && !sent_) std::exchange(gone_, nullptr)();
}

// ---- the request's body

net::Awaitable<Result<Bytes>> Http2Session::Http2Exchange::next_body() {
  if (std::exchange(invites_, false) && status() == 0) {
    if (auto invited = session_.http_.send_continue(work_.stream); !invited) co_return std::unexpected(invited.error());
    session_.kick();
  }
  if (rate_) rate_->paused(net::now().monotonic - last_read_);
  while (inbox_.empty() && !request_ended_ && !closed_ && !unread_) {
    if (co_await news_.wait(body_deadline())) continue;
    co_return broken(net::rules::deadline_passed, "the client's request came too slowly");
  }
  last_read_ = net::now().monotonic;
  if (closed_) co_return gone();
  if (unread_) co_return broken(net::rules::cancelled, "nobody wants the rest of the request");
  lent_ = std::exchange(inbox_, {});
  if (!lent_.empty()) {
    session_.http_.consumed(work_.stream, lent_.size());
    session_.kick();
  }
  co_return Bytes(lent_);
}

void Http2Session::Http2Exchange::stop_reading() {
  unread_ = true;
  news_.notify();
}

net::Deadline Http2Session::Http2Exchange::body_deadline() {
  if (in_tunnel_ || !rate_) return net::deadline_in(limits::tunnel_idle_time);
  return net::Deadline(std::chrono::duration_cast<net::Deadline::duration>(rate_->deadline()));
}

// ---- the response

Result<void> Http2Session::Http2Exchange::put_head(const http::Response& response, const http::BodyFraming& framing) {
  return session_.http_.send_response(work_.stream, response, framing);
}

Result<void> Http2Session::Http2Exchange::put_accept(const http::Fields& fields) {
  in_tunnel_ = true;
  rate_.reset();
  return session_.http_.send_response(work_.stream, {200, fields}, http::UnknownLength{});
}

Result<std::size_t> Http2Session::Http2Exchange::put_body(Bytes bytes) {
  const std::size_t taken = PADLOCK_TRY(session_.http_.send_body(work_.stream, bytes));
  session_.kick();
  return taken;
}

/// In the next turn of the loop: the session never waits for one of its streams.
Result<bool> Http2Session::Http2Exchange::flush_now() {
  if (closed_) return gone();
  session_.kick();
  return true;
}

Result<void> Http2Session::Http2Exchange::put_end(const http::Fields& trailers) {
  PADLOCK_TRY(session_.http_.end_message(work_.stream, trailers));
  session_.kick();
  return {};
}

Result<bool> Http2Session::Http2Exchange::has_left() { return sent_; }

net::Awaitable<Result<std::uint64_t>> Http2Session::Http2Exchange::put_answer(Answer answer) {
  if (auto queued = session_.answer(work_, std::move(answer)); !queued) co_return std::unexpected(queued.error());
  session_.kick();
  auto left = co_await leave();
  PADLOCK_CO_TRY(left);
  co_return session_.http_.body_bytes_sent(work_.stream);
}

net::Awaitable<Result<void>> Http2Session::Http2Exchange::wait_for_progress() {
  for (;;) {
    if (closed_ && !sent_) co_return gone();
    const std::uint64_t before = session_.http_.body_bytes_sent(work_.stream);
    if (co_await news_.wait(net::deadline_in(session_.timers().write)))
      co_return closed_ && !sent_ ? Result<void>(gone()) : Result<void>{};
    if (session_.http_.body_bytes_sent(work_.stream) != before) continue;
    co_return broken(net::rules::deadline_passed, "the client takes nothing of its response");
  }
}

}  // namespace padlock::server

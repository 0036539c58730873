#include "padlock/server/http2_session.h"

#include <algorithm>
#include <span>
#include <utility>
#include <variant>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/http/h2/rules.h"
#include "padlock/http/limits.h"
#include "padlock/net/clock.h"
#include "padlock/net/rules.h"
#include "padlock/server/http2_exchange.h"
#include "padlock/server/http2_output.h"
#include "padlock/server/limits.h"
#include "padlock/server/rules.h"
#include "padlock/tls/rules.h"

namespace padlock::server {
namespace {

using http::h2::ErrorCode;
using http::h2::StreamId;

/// An answer's body, as the output wants it.
class AnswerSource final : public http::h2::BodySource {
 public:
  explicit AnswerSource(Body body) : body_(std::move(body)) {}
  Result<void> read(std::span<std::uint8_t> into) override { return body_.read(into); }

 private:
  Body body_;
};

/// What a body may bring is its route's to say.
http::h2::Limits http2_limits() {
  auto limits = http::h2::Limits::for_server();
  limits.body_bytes = UINT64_MAX;
  limits.extended_connect = true;
  return limits;
}

}  // namespace

Http2Session::Http2Session(net::Stream& stream, const Router& router, const Timers& timers, WorkerLog& log,
                           WorkerLoad& load)
    : Session(stream, router, timers, log, load), http_(http::h2::Connection::server("https", http2_limits())) {}
Http2Session::~Http2Session() = default;

void Http2Session::finish_up() {
  if (std::exchange(finishing_, true)) return;
  http_.shutdown();
  if (running_ && idle()) http_.shutdown();  // nobody is to be surprised by it: at once
  if (running_ && !filling_) static_cast<void>(queue_output(http_, stream()));
}

net::Awaitable<void> Http2Session::run() {
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
      done = co_await send();
    }
    if (!done) break;
  }
  const bool was_idle = idle();
  for (const auto& work : work_) {
    if (work->exchange) work->exchange->closed();
  }
  while (exchanges_ > 0) co_await exchange_ended_.wait();
  while (filling_ || kicked_) co_await filled_.wait();
  while (!work_.empty()) finished(work_.back()->stream, false);
  co_await end(std::move(done), was_idle);
}

Result<Http2Session::Wait> Http2Session::work() {
  for (;;) {
    if (filling_ || !PADLOCK_TRY(fill_now())) return Wait::output;
    if (http_.finished()) return Wait::nothing;
    if (unread_.empty()) {
      const auto bytes = stream().read_now();
      if (!bytes) return Wait::input;
      PADLOCK_TRY(on_read(*bytes));
    }
    if (!unread_.empty()) {
      const auto taken = http_.feed(unread_, now_);  // an error comes as an event too
      unread_ = taken ? unread_.subspan(*taken) : Bytes{};
    }
    static_cast<void>(PADLOCK_TRY(handle_events()));  // what came of it is sent in any case
  }
}

// ---- input ----------------------------------------------------------------------------------------------------------

/// What a read has brought.
Result<void> Http2Session::on_read(const Result<Bytes>& bytes) {
  now_ = net::now();
  const bool truncated = !bytes && bytes.error().rule == &tls::rules::truncated;
  if (!bytes && !truncated) return std::unexpected(bytes.error());
  if (truncated || bytes->empty()) {
    http_.input_ended();
    return {};
  }
  unread_ = *bytes;
  return {};
}

/// After a wait for input.
Result<void> Http2Session::on_ready(Result<void> ready) {
  const bool late = !ready && ready.error().rule == &net::rules::deadline_passed;
  if (!late) return ready;
  now_ = net::now();
  return on_silence();
}

/// True if there were any: they may have made output.
Result<bool> Http2Session::handle_events() {
  bool any = false;
  for (; auto event = http_.next_event(); any = true) PADLOCK_TRY(handle(*event));
  return any;
}

Result<void> Http2Session::handle(http::h2::Event& event) {
  if (auto* head = std::get_if<http::h2::RequestHead>(&event)) return begin(*head);
  if (const auto* data = std::get_if<http::h2::BodyData>(&event)) return take_body(*data);
  if (auto* end = std::get_if<http::h2::MessageEnd>(&event)) {
    Work* const work = find(end->stream);
    if (work == nullptr) return {};
    if (work->exchange) work->exchange->request_ended(std::move(end->trailers));
    return work->exchange || work->status != 0 ? Result<void>{} : answer_by_route(*work);
  }
  if (const auto* writable = std::get_if<http::h2::Writable>(&event)) {
    Work* const work = find(writable->stream);
    if (work != nullptr && work->exchange) work->exchange->writable();
  }
  if (const auto* sent = std::get_if<http::h2::MessageSent>(&event)) finished(sent->stream, true);
  if (const auto* reset = std::get_if<http::h2::StreamReset>(&event)) {
    if (reset->error) log(*reset->error);
    finished(reset->stream, false);
  }
  if (const auto* refused = std::get_if<http::h2::StreamRefused>(&event)) log(refused->error);
  if (const auto* failed = std::get_if<http::Failed>(&event)) log(failed->error);
  return {};
}

/// Where nobody waits for it, a request with a body is answered when that has ended: it may turn out to be malformed
/// until then. It is read away as far as HTTP/1.1 does.
Result<void> Http2Session::begin(http::h2::RequestHead& head) {
  idle_since_.reset();
  work_.push_back(std::make_unique<Work>(Work{head.stream, now_, std::move(head.request), std::move(head.protocol)}));
  Work& work = *work_.back();
  const auto route = router().route(work.request);
  auto planned = answer_at_once(route, work.request, head.has_body, work.began);
  if (!planned) {
    work.route = *route;
    begin_exchange(work, head);
    return {};
  }
  const bool wants_body = head.has_body && !head.expects_continue && work.protocol.empty() && route.has_value() &&
                          planned->plan.response.status != rules::body_too_large.status;
  if (!wants_body) return answer(work, *std::move(planned));
  work.route = *route;
  if (planned->instead) work.instead = std::move(planned);
  work.rate.emplace(work.began.monotonic);
  return {};
}

Result<void> Http2Session::take_body(const http::h2::BodyData& data) {
  Work* const work = find(data.stream);
  if (work != nullptr && work->exchange) {
    work->exchange->deliver(data.bytes);
    return {};
  }
  if (work == nullptr || work->status != 0) return {};  // it stays unread: the client may send no more of it
  work->rate->received(data.bytes.size(), now_.monotonic);
  work->body_bytes += data.bytes.size();
  http_.consumed(data.stream, data.bytes.size());
  return work->body_bytes > http::limits::drain_bytes ? answer_by_route(*work) : Result<void>{};
}

// ---- responses ------------------------------------------------------------------------------------------------------

Result<void> Http2Session::answer_by_route(Work& work) {
  if (work.instead) return answer(work, *std::move(work.instead));
  return answer(work, *answer_by_handler(*work.route, work.request, work.began.wall));
}

/// A stream that has ended in the meantime is no failure: its StreamReset comes.
Result<void> Http2Session::answer(Work& work, Answer answer) {
  const ResponsePlan& plan = answer.plan;
  work.status = plan.response.status;
  work.rate.reset();
  work.progress = now_.monotonic;
  auto done = http_.send_response(work.stream, plan.response, plan.framing());
  if (done && !plan.bodiless())
    done = http_.send_body_from(work.stream, std::make_unique<AnswerSource>(answer.take_body()));
  if (done || done.error().rule == &http::rules::h2_stream_gone) return {};
  log(done.error());
  http_.reset(work.stream, ErrorCode::INTERNAL_ERROR);
  finished(work.stream, false);
  return {};
}

/// The work of a handler that still runs is kept until that ends: it counts among the client's requests until then
/// (docs/threats.md, H16).
void Http2Session::finished(StreamId stream, bool complete) {
  const auto found = position(stream);
  if (found == work_.end()) return;
  Work& work = **found;
  if (work.exchange) return complete ? work.exchange->message_sent() : work.exchange->closed();
  if (work.status != 0) log_end(work, work.status, std::max(work.sent, http_.body_bytes_sent(stream)), complete);
  http_.released(stream);
  std::swap(*found, work_.back());
  work_.pop_back();
}

void Http2Session::log_end(const Work& work, int status, std::uint64_t sent, bool complete) {
  log({.request = work.request, .began = work.began, .status = status, .body_bytes = sent, .complete = complete});
}

void Http2Session::begin_exchange(Work& work, const http::h2::RequestHead& head) {
  work.exchange = std::make_unique<Http2Exchange>(*this, work, head);
  ++exchanges_;
  asio::co_spawn(executor_, serve(this, &work), asio::detached);
}

net::Awaitable<void> Http2Session::serve(Http2Session* self, Work* work) {
  auto done = co_await self->perform(*work->route, *work->exchange);
  if (!done && !work->exchange->is_closed()) {
    self->log(done.error());
    self->http_.reset(work->stream, ErrorCode::INTERNAL_ERROR);
    self->kick();
  }
  const int status = work->exchange->status();
  if (status != 0) self->log_end(*work, status, work->exchange->body_sent(), done.has_value());
  work->exchange.reset();
  work->status = 0;  // the log has it
  self->finished(work->stream, done.has_value());
  --self->exchanges_;
  self->exchange_ended_.notify();
}

std::vector<std::unique_ptr<Http2Session::Work>>::iterator Http2Session::position(StreamId stream) {
  return std::ranges::find(work_, stream, [](const auto& one) { return one->stream; });
}

Http2Session::Work* Http2Session::find(StreamId stream) {
  const auto found = position(stream);
  return found == work_.end() ? nullptr : found->get();
}

// ---- output ---------------------------------------------------------------------------------------------------------

/// In the next turn of the loop, with what else comes up until then.
void Http2Session::kick() {
  if (filling_ || kicked_) return;
  kicked_ = true;
  asio::co_spawn(executor_, send_besides(this), asio::detached);
}

net::Awaitable<void> Http2Session::send_besides(Http2Session* self) {
  co_await asio::post(self->executor_, asio::use_awaitable);
  const auto sent = co_await self->send();
  self->kicked_ = false;
  self->filled_.notify();
  if (!sent) self->stream().cancel();  // whoever reads learns it
}

/// One coroutine at a time; whoever comes meanwhile waits until all is sent.
net::Awaitable<Result<void>> Http2Session::send() {
  while (filling_) co_await filled_.wait();
  filling_ = true;
  Result<void> sent;
  for (;;) {
    const auto all = fill_now();
    if (!all) sent = std::unexpected(all.error());
    if (!all || *all) break;
    sent = co_await flush();
    if (!sent) break;
  }
  filling_ = false;
  filled_.notify();
  co_return sent;
}

Result<bool> Http2Session::fill_now() {
  for (;;) {
    const bool more = PADLOCK_TRY(queue_output(http_, stream()));
    const bool news = PADLOCK_TRY(handle_events());  // responses that are whole now
    // Answers to requests that have come together leave together: more of them may be unread.
    const bool later = !unread_.empty() && !http_.finished() && stream().queued() < net::Stream::flush_threshold;
    const bool nothing = stream().queued() == 0 || later;
    if (nothing && !more && !news) return true;
    if (!nothing && !PADLOCK_TRY(flush_now())) return false;
  }
}

// ---- clocks ---------------------------------------------------------------------------------------------------------

/// When this request has had its time: to send its body, or to take some of its response (docs/threats.md, H10, H19).
std::chrono::nanoseconds Http2Session::deadline_of(Work& work, std::chrono::nanoseconds now) {
  if (work.exchange) return std::chrono::nanoseconds::max();  // it watches them itself
  if (work.rate) return work.rate->deadline();
  const std::uint64_t sent = http_.body_bytes_sent(work.stream);
  if (sent != work.sent) work.progress = now;
  work.sent = sent;
  return work.progress + timers().write;
}

net::Deadline Http2Session::deadline() {
  const auto now = net::now().monotonic;
  if (work_.empty()) {
    // Not counted from the last byte: whoever sends one now and then would never have to go.
    if (!idle_since_) idle_since_ = now;
    const auto patience = finishing_ ? timers().linger : timers().idle;
    return net::Deadline(std::chrono::duration_cast<net::Deadline::duration>(*idle_since_ + patience));
  }
  auto first = now + timers().idle;  // for a look whether it is idle by then
  for (const auto& work : work_) first = std::min(first, deadline_of(*work, now));
  return net::Deadline(std::chrono::duration_cast<net::Deadline::duration>(first));
}

Result<void> Http2Session::on_silence() {
  if (work_.empty()) {
    http_.shutdown();
    http_.shutdown();
    return {};
  }
  const auto now = net::now().monotonic;
  std::vector<StreamId> late;
  for (const auto& work : work_) {
    if (deadline_of(*work, now) <= now) late.push_back(work->stream);
  }
  for (const StreamId stream : late) {
    Work& work = *find(stream);
    if (work.rate) {
      PADLOCK_TRY(answer(work, Answer{plan_error(net::rules::deadline_passed, work.began.wall)}));
    } else {
      http_.reset(stream, ErrorCode::CANCEL);
      finished(stream, false);
    }
  }
  return {};
}

}  // namespace padlock::server

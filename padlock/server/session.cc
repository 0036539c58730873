#include "padlock/server/session.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "padlock/http/message/checks.h"
#include "padlock/net/clock.h"
#include "padlock/net/rules.h"
#include "padlock/server/rules.h"
#include "padlock/tls/rules.h"
#include "padlock/x509/certificate.h"

namespace padlock::server {
namespace {

std::string protection_of(const tls::ConnectionInfo* info) {
  if (info == nullptr) return "plain";
  std::string text = info->version ? std::string(tls::name_of(*info->version)) : "TLS";
  if (info->cipher_suite) text.append(" ").append(tls::name_of(*info->cipher_suite));
  if (info->group) text.append(" ").append(crypto::name_of(*info->group));
  if (info->signature_scheme) text.append(" ").append(crypto::name_of(*info->signature_scheme));
  if (info->hello_retry_request) text.append(" retried");
  return text;
}

/// As RFC 4514 writes it; empty: the client has shown no certificate.
std::string subject_of_client(const tls::ConnectionInfo* info) {
  if (info == nullptr || info->peer_chain.empty()) return {};
  const auto certificate = x509::parse_certificate(info->peer_chain.front());
  return certificate ? (*certificate)->subject.text() : std::string();
}

/// How clients end connections that they do not need any more, besides the clean way.
bool is_an_ordinary_end(const Error& error) {
  return error.rule == &net::rules::connection_reset || error.rule == &net::rules::cancelled ||
         error.rule == &tls::rules::truncated;
}

}  // namespace

Session::Session(net::Stream& stream, const Router& router, const Timers& timers, WorkerLog& log, WorkerLoad& load)
    : stream_(stream), router_(router), timers_(timers), log_(log), load_(load), since_(net::monotonic_now()) {
  if (log_.has_requests()) client_subject_ = subject_of_client(stream_.tls_info());
}

net::Awaitable<Result<void>> Session::flush() {
  while (sending_) co_await sent_.wait();
  sending_ = true;
  load_.served(since_);
  for (;;) {
    const std::size_t before = stream_.queued();
    auto flushed = co_await stream_.flush(net::deadline_in(timers_.write));
    const bool late = !flushed && flushed.error().rule == &net::rules::deadline_passed;
    if (!late || stream_.queued() == before) {
      sending_ = false;
      sent_.notify();
      aborted_ = aborted_ || late;
      co_return flushed;
    }
  }
}

net::Awaitable<void> Session::end(Result<void> done, bool was_idle) {
  const bool silent = !done && was_idle && is_an_ordinary_end(done.error());
  if (!done && !silent) log(done.error());
  if (aborted_) {
    stream_.reset();  // and no close_notify
    co_return;
  }
  const auto closed = co_await stream_.close(net::deadline_in(timers_.linger));
  static_cast<void>(closed);  // all that was to be sent has been; a client that is gone loses nothing
}

std::unexpected<Error> Session::abort(Error error) {
  aborted_ = true;
  return std::unexpected(std::move(error));
}

std::optional<Answer> Session::answer_at_once(const Result<const Route*>& route, const http::Request& request,
                                              bool has_body, Instant now) {
  if (!load_.memory().keeps_connections(now.monotonic)) finish_up();
  if (!route) return Answer{plan_error(*route.error().rule, now.wall)};
  const Route& found = **route;
  auto instead = found.rules ? found.rules->answer_instead(request, stream_.remote().address, now) : std::nullopt;
  const auto length = http::content_length_of(request.fields);  // it was checked when the head came
  const bool too_long = length && *length && **length > found.body_limit(request);
  if (!instead && too_long) instead = Answer{plan_error(rules::body_too_large, now.wall)};
  const bool may_come_twice = !has_body && http::is_safe(request.method);
  if (!instead && stream_.is_early() && !may_come_twice) instead = Answer{plan_error(rules::too_early, now.wall)};
  if (!instead) return answer_by_handler(found, request, now.wall);
  instead->instead = true;
  found.finish(*instead, request, now.wall);
  return instead;
}

std::optional<Answer> Session::answer_by_handler(const Route& route, const http::Request& request, WallTime now) {
  const bool has_to_wait = route.rules && route.rules->auth;
  auto answer = has_to_wait ? std::nullopt : route.handler->answer_at_once(request, now);
  if (answer) route.finish(*answer, request, now);
  return answer;
}

net::Awaitable<Result<void>> Session::perform(const Route& route, Exchange& exchange) {
  const auto place = load_.begin_request();
  if (!place) co_return co_await refuse_for_now(exchange);
  if (route.rules && route.rules->auth) {
    auto refused = co_await route.rules->refuse(exchange.request(), stream_.remote().address, exchange.began());
    if (refused) co_return co_await exchange.send(*std::move(refused));
  }
  auto done = co_await route.handler->handle(exchange);
  if (done && !exchange.ended())
    done = broken(rules::unfinished, "a handler ended before its response to " + escaped(exchange.request().target));
  if (done || !exchange.can_answer()) co_return done;
  log(done.error());
  const Rule& rule = done.error().rule->status != 0 ? *done.error().rule : rules::unfinished;
  Answer answer{plan_error(rule, exchange.began().wall)};
  co_return co_await exchange.send(std::move(answer));
}

net::Awaitable<Result<void>> Session::refuse_for_now(Exchange& exchange) {
  log(Error{&rules::overloaded, "a worker has too many requests in work"});
  Answer answer{plan_overloaded(exchange.began().wall)};
  co_return co_await exchange.send(std::move(answer));
}

void Session::log(const Answered& answered) {
  fresh_ = false;
  log_.counters().request_answered(version(), answered.status, answered.body_bytes);
  if (!log_.has_requests()) return;
  const std::string protection = protection_of(stream_.tls_info());
  const std::string client = net::to_string(stream_.remote());
  log_.request({.time = answered.began.wall,
                .client = client,
                .method = answered.request.method,
                .authority = answered.request.authority,
                .target = answered.request.target,
                .version = version(),
                .referer = answered.request.fields.find("referer").value_or(""),
                .user_agent = answered.request.fields.find("user-agent").value_or(""),
                .status = answered.status,
                .body_bytes = answered.body_bytes,
                .took = net::now().monotonic - answered.began.monotonic,
                .protection = protection,
                .client_subject = client_subject_,
                .complete = answered.complete});
}

}  // namespace padlock::server

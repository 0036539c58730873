#include "padlock/server/exchange.h"

#include <utility>

#include "padlock/http/message/checks.h"
#include "padlock/server/rules.h"

namespace padlock::server {

net::Awaitable<Result<Bytes>> Exchange::read_body() {
  if ((!has_body_ && !tunnel_) || body_read_) co_return Bytes();
  auto bytes = co_await next_body();
  PADLOCK_CO_TRY(bytes);
  body_read_ = bytes->empty();
  if (tunnel_) co_return bytes;
  if (bytes->size() > body_left_) co_return broken(rules::body_too_large, "a body that is longer than this site takes");
  body_left_ -= bytes->size();
  co_return bytes;
}

Result<void> Exchange::send_head(http::Response response, const http::BodyFraming& framing) {
  route_.finish(response, request_);
  PADLOCK_TRY(put_head(response, framing));
  status_ = response.status;
  without_body_ = http::has_no_body(response.status, request_.method);
  ended_ = std::holds_alternative<http::NoBody>(framing);
  return {};
}

Result<void> Exchange::accept(const http::Fields& fields) {
  PADLOCK_TRY(put_accept(fields));
  status_ = 101;
  tunnel_ = true;
  body_read_ = false;
  return {};
}

net::Awaitable<Result<void>> Exchange::send_body(Bytes bytes) {
  for (;;) {
    const auto taken = take_body(bytes);
    PADLOCK_CO_TRY(taken);
    bytes = bytes.subspan(*taken);
    if (bytes.empty()) co_return Result<void>{};
    auto moved = co_await wait_for_progress();
    PADLOCK_CO_TRY(moved);
  }
}

Result<std::size_t> Exchange::take_body(Bytes bytes) {
  if (bytes.empty() || without_body_) return bytes.size();
  const std::size_t taken = PADLOCK_TRY(put_body(bytes));
  body_sent_ += taken;
  return taken;
}

net::Awaitable<Result<void>> Exchange::flush() {
  for (;;) {
    const auto all = flush_now();
    PADLOCK_CO_TRY(all);
    if (*all) co_return Result<void>{};
    auto moved = co_await wait_for_progress();
    PADLOCK_CO_TRY(moved);
  }
}

net::Awaitable<Result<void>> Exchange::end(const http::Fields& trailers) {
  const auto left = end_now(trailers);
  PADLOCK_CO_TRY(left);
  if (*left) co_return Result<void>{};
  co_return co_await leave();
}

Result<bool> Exchange::end_now(const http::Fields& trailers) {
  PADLOCK_TRY(put_end(trailers));
  const bool left = PADLOCK_TRY(has_left());
  ended_ = left;
  return left;
}

net::Awaitable<Result<void>> Exchange::leave() {
  for (;;) {
    const auto left = has_left();
    PADLOCK_CO_TRY(left);
    if (*left) break;
    auto moved = co_await wait_for_progress();
    PADLOCK_CO_TRY(moved);
  }
  ended_ = true;
  co_return Result<void>{};
}

net::Awaitable<Result<void>> Exchange::send(Answer answer) {
  route_.finish(answer, request_, began_.wall);
  status_ = answer.plan.response.status;
  auto sent = co_await put_answer(std::move(answer));
  PADLOCK_CO_TRY(sent);
  body_sent_ = *sent;
  ended_ = true;
  co_return Result<void>{};
}

}  // namespace padlock::server

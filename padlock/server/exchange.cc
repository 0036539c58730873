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
  if (bytes.empty() || without_body_) co_return Result<void>{};
  auto sent = co_await put_body(bytes);
  if (sent) body_sent_ += bytes.size();
  co_return sent;
}

net::Awaitable<Result<void>> Exchange::end(const http::Fields& trailers) {
  auto sent = co_await put_end(trailers);
  if (sent) ended_ = true;
  co_return sent;
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

#include "padlock/server/handler.h"

#include "padlock/server/exchange.h"
#include "padlock/server/redirect.h"
#include "padlock/server/rules.h"

namespace padlock::server {
net::Awaitable<Result<void>> PromptHandler::handle(Exchange& exchange) const {
  Answer planned = answer(exchange.request(), exchange.began().wall);
  co_return co_await exchange.send(std::move(planned));
}

Answer HttpsRedirectHandler::answer(const http::Request& request, WallTime now) const {
  return {plan_https_redirect(request, https_port_, now)};
}

std::uint64_t PlainAnswersHandler::body_limit(const http::Request& request) const {
  const std::size_t wanted = answers_->body_limit(request).value_or(0);
  return wanted > 0 ? wanted : Handler::body_limit(request);  // one that nobody looks at is answered first
}

net::Awaitable<Result<void>> PlainAnswersHandler::handle(Exchange& exchange) const {
  std::vector<std::uint8_t> body;
  while (answers_->body_limit(exchange.request()).value_or(0) > 0) {
    const auto bytes = co_await exchange.read_body();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) break;
    body.insert(body.end(), bytes->begin(), bytes->end());
  }
  Answer answer{answers_->answer(exchange.request(), body, exchange.began().wall)};
  co_return co_await exchange.send(std::move(answer));
}

Answer WrongPortHandler::answer(const http::Request&, WallTime now) const {
  ResponsePlan plan = plan_response(rules::plain_http_on_tls_port.status, now);
  plan.page = "400 Bad Request: " + std::string(rules::plain_http_on_tls_port.hint) + "\n";
  plan.response.fields.add("Content-Type", "text/plain; charset=utf-8");
  plan.response.fields.add("Connection", "close");
  return {std::move(plan)};
}

}  // namespace padlock::server

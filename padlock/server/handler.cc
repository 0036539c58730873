#include "padlock/server/handler.h"

#include "padlock/server/redirect.h"
#include "padlock/server/rules.h"

namespace padlock::server {
Answer ElsewhereHandler::answer(const http::Request& request, WallTime now) const {
  return {plan_origin_redirect(request, origin_, now)};
}

Answer HandlerWithFields::answer(const http::Request& request, WallTime now) const {
  return with_fields(inner_->answer(request, now));
}

Answer HandlerWithFields::answer_with_body(const http::Request& request, Bytes body, WallTime now) const {
  return with_fields(inner_->answer_with_body(request, body, now));
}

Answer HandlerWithFields::with_fields(Answer answer) const {
  for (const http::Field& field : fields_) answer.plan.response.fields.add(field.name, field.value);
  return answer;
}

Answer HttpsRedirectHandler::answer(const http::Request& request, WallTime now) const {
  return {plan_https_redirect(request, https_port_, now)};
}

Answer PlainAnswersHandler::answer(const http::Request& request, WallTime now) const {
  return answer_with_body(request, {}, now);
}

std::size_t PlainAnswersHandler::body_limit(const http::Request& request) const {
  return answers_->body_limit(request).value_or(0);
}

Answer PlainAnswersHandler::answer_with_body(const http::Request& request, Bytes body, WallTime now) const {
  return {answers_->answer(request, body, now)};
}

Answer WrongPortHandler::answer(const http::Request&, WallTime now) const {
  ResponsePlan plan = plan_response(rules::plain_http_on_tls_port.status, now);
  plan.page = "400 Bad Request: " + std::string(rules::plain_http_on_tls_port.hint) + "\n";
  plan.response.fields.add("Content-Type", "text/plain; charset=utf-8");
  plan.response.fields.add("Connection", "close");
  return {std::move(plan)};
}

}  // namespace padlock::server

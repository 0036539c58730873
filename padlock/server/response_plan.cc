#include "padlock/server/response_plan.h"

#include "padlock/http/message/date.h"
#include "padlock/server/limits.h"
#include "padlock/server/rules.h"
#include "padlock/server/text_of_second.h"

namespace padlock::server {

namespace {

const std::string& date_of(WallTime now) {
  thread_local TextOfSecond date(http::to_http_date);
  return date.of(now);
}

}  // namespace

std::uint64_t ResponsePlan::body_bytes() const {
  std::uint64_t bytes = page.size() + (file ? file->size : 0);
  for (const BodyPiece& piece : more) bytes += piece.text.size() + piece.part.size;
  return bytes;
}

http::BodyFraming ResponsePlan::framing() const {
  if (bodiless()) return http::NoBody{};
  return http::KnownLength{body_bytes()};
}

ResponsePlan plan_response(int status, WallTime now, std::size_t fields) {
  ResponsePlan plan;
  plan.response.status = status;
  plan.response.fields.reserve(2 + fields);
  plan.response.fields.add("Date", date_of(now));
  plan.response.fields.add("Server", "padlock");
  return plan;
}

ResponsePlan plan_error(const Rule& rule, WallTime now) {
  ResponsePlan plan = plan_response(rule.status, now);
  const std::string title = std::to_string(rule.status) + " " + std::string(http::reason_phrase(rule.status));
  plan.page = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>" + title + "</title>\n<h1>" +
              title + "</h1>\n<p>" + std::string(rule.hint) + "</p>\n</html>\n";
  plan.response.fields.add("Content-Type", "text/html; charset=utf-8");
  plan.response.fields.add("X-Content-Type-Options", "nosniff");
  return plan;
}

ResponsePlan plan_too_many_requests(std::chrono::nanoseconds wait, WallTime now) {
  ResponsePlan plan = plan_error(rules::too_many_requests, now);
  plan.response.fields.add("Retry-After", std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count()));
  return plan;
}

ResponsePlan plan_overloaded(WallTime now) {
  ResponsePlan plan = plan_error(rules::overloaded, now);
  plan.response.fields.add("Retry-After", std::to_string(limits::overloaded_retry.count()));
  return plan;
}

}  // namespace padlock::server

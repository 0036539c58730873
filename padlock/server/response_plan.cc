#include "padlock/server/response_plan.h"

#include "padlock/http/message/date.h"

namespace padlock::server {

ResponsePlan plan_response(int status, WallTime now) {
  ResponsePlan plan;
  plan.response.status = status;
  plan.response.fields.add("Date", http::to_http_date(now));
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

}  // namespace padlock::server

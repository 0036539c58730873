#include "padlock/server/route/fixed_handlers.h"

#include "padlock/http/message/checks.h"
#include "padlock/server/rules.h"

namespace padlock::server {

Answer ElsewhereHandler::answer(const http::Request& request, WallTime now) const {
  if (!request.target.starts_with('/')) return {plan_error(rules::unredirectable, now)};
  ResponsePlan plan = plan_response(target_.status, now);
  std::string location = target_.base;
  if (target_.keep_path) location += map_ ? map_->resolved(request.target) : request.target;
  plan.response.fields.add("Location", location);
  return {std::move(plan)};
}

Answer FixedHandler::answer(const http::Request& request, WallTime now) const {
  ResponsePlan plan = plan_response(response_.status, now);
  if (http::has_no_body(response_.status, request.method) && request.method != "HEAD") return {std::move(plan)};
  plan.page = response_.text;
  plan.response.fields.add("Content-Type", response_.content_type);
  plan.response.fields.add("X-Content-Type-Options", "nosniff");
  return {std::move(plan)};
}

Answer NothingHandler::answer(const http::Request&, WallTime now) const {
  return {plan_error(rules::nothing_here, now)};
}

}  // namespace padlock::server

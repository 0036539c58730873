#include "padlock/server/challenge_handler.h"

#include "padlock/server/rules.h"

namespace padlock::server {

Answer ChallengeHandler::answer(const http::Request& request, WallTime now) const {
  if (request.method != "GET" && request.method != "HEAD") return {plan_error(rules::method_not_allowed, now)};
  const auto content = challenges_->content_at(request.target);
  if (!content) return {plan_error(rules::not_found, now)};  // it is over since the request was looked at
  ResponsePlan plan = plan_response(200, now);
  plan.page = *content;
  plan.response.fields.add("Content-Type", "application/octet-stream");
  plan.response.fields.add("X-Content-Type-Options", "nosniff");
  plan.response.fields.add("Cache-Control", "no-store");
  return {std::move(plan)};
}

}  // namespace padlock::server

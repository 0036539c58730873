#include "padlock/server/route/route_rules.h"

#include <array>
#include <utility>

#include "padlock/server/limits.h"
#include "padlock/server/route/client_address.h"
#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

Answer plan_maintenance(const std::string& text, WallTime now) {
  Answer answer{plan_error(rules::maintenance, now)};
  answer.plan.response.fields.add("Retry-After", std::to_string(limits::maintenance_retry.count()));
  if (text.empty()) return answer;
  answer.plan.page = text;
  answer.plan.response.fields.set("Content-Type", "text/plain; charset=utf-8");
  return answer;
}

Answer plan_preflight(const CorsConfig& cors, const http::Request& request, WallTime now) {
  if (!allows(cors, *request.fields.find("Origin"))) return {plan_error(rules::origin_denied, now)};
  return {plan_response(204, now)};
}

}  // namespace

net::Awaitable<std::optional<Answer>> RouteRules::refuse(const http::Request& request, const net::IpAddress& peer,
                                                         Instant now) const {
  const auto client = client_address(peer, request.fields, trusted_proxies);
  co_return co_await auth->refuse(request, client.value_or(peer), now);
}

/// Where nobody knows who asks, he is none of those that are allowed, and may be one of those that are not.
bool RouteRules::denies(const std::optional<net::IpAddress>& client) const {
  if (allow.empty() && deny.empty()) return false;
  return !client || is_in(deny, *client) || (!allow.empty() && !is_in(allow, *client));
}

std::optional<Answer> RouteRules::answer_instead(const http::Request& request, const net::IpAddress& peer,
                                                 Instant now) const {
  if (maintenance) return plan_maintenance(*maintenance, now.wall);
  const auto client = client_address(peer, request.fields, trusted_proxies);
  if (denies(client)) return Answer{plan_error(rules::address_denied, now.wall)};
  if (rate_limit) {
    if (const auto wait = rate_limit->refuse(client.value_or(peer), now.monotonic))
      return Answer{plan_too_many_requests(*wait, now.wall)};
  }
  if (cors && is_preflight(request)) return plan_preflight(*cors, request, now.wall);
  return std::nullopt;
}

void RouteRules::replace_page(Answer& answer, WallTime now) const {
  const auto found = error_pages.find(answer.plan.response.status);
  if (found == error_pages.end()) return;
  const http::Request request{"GET", "https", "", found->second.target, {}};
  Answer page = found->second.folder->answer(request, now);
  const auto type = page.plan.response.fields.find("Content-Type");
  if (page.plan.response.status != 200 || !type) return;
  answer.plan.response.fields.set("Content-Type", *type);
  answer.plan.page.clear();
  answer.plan.more.clear();
  answer.plan.file = page.plan.file;
  answer.content = std::move(page.content);
}

void RouteRules::finish(http::Response& response, const http::Request& request) const {
  if (cors) {
    add_cors_fields(*cors, request, response.fields);
    if (response.status == 204 && is_preflight(request)) add_preflight_fields(*cors, response.fields);
  }
  response_fields.apply(response.fields);
}

}  // namespace padlock::server

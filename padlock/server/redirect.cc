#include "padlock/server/redirect.h"

#include "padlock/http/message/authority.h"
#include "padlock/http/message/url.h"
#include "padlock/server/rules.h"

namespace padlock::server {

ResponsePlan plan_origin_redirect(const http::Request& request, std::string_view origin, WallTime now) {
  if (!request.target.starts_with('/')) return plan_error(rules::unredirectable, now);
  ResponsePlan plan = plan_response(308, now);
  plan.response.fields.add("Location", std::string(origin) + request.target);
  return plan;
}

ResponsePlan plan_https_redirect(const http::Request& request, std::uint16_t https_port, WallTime now) {
  auto authority = http::parse_authority(request.authority);
  if (!authority) return plan_error(rules::unredirectable, now);
  if (authority->host.ends_with('.')) authority->host.pop_back();
  authority->port.reset();
  if (https_port != http::default_port("https")) authority->port = https_port;
  return plan_origin_redirect(request, "https://" + http::to_string(*authority), now);
}

}  // namespace padlock::server

#include "padlock/server/redirect.h"

#include "padlock/http/message/authority.h"
#include "padlock/http/message/url.h"
#include "padlock/server/rules.h"

namespace padlock::server {

std::optional<ResponsePlan> refuse_other_hosts(const http::Request& request, const Names& names, WallTime now) {
  if (request.authority.empty()) return std::nullopt;
  const auto authority = http::parse_authority(request.authority);
  if (!authority) return plan_error(*authority.error().rule, now);
  if (!names.hold(authority->host)) return plan_error(rules::misdirected, now);
  return std::nullopt;
}

ResponsePlan plan_https_redirect(const http::Request& request, const Names& names, std::uint16_t https_port,
                                 WallTime now) {
  if (auto refused = refuse_other_hosts(request, names, now)) return std::move(*refused);
  auto authority = http::parse_authority(request.authority);
  if (!authority || !request.target.starts_with('/')) return plan_error(rules::unredirectable, now);
  if (authority->host.ends_with('.')) authority->host.pop_back();
  authority->port.reset();
  if (https_port != http::default_port("https")) authority->port = https_port;
  ResponsePlan plan = plan_response(308, now);
  plan.response.fields.add("Location", "https://" + http::to_string(*authority) + request.target);
  return plan;
}

}  // namespace padlock::server

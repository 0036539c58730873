#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/net/address_range.h"
#include "padlock/server/handler.h"
#include "padlock/server/route/basic_auth.h"
#include "padlock/server/route/cors.h"
#include "padlock/server/route/field_rules.h"
#include "padlock/server/route/rate_limit.h"

namespace padlock::server {

/// A page for an error, as its folder's handler finds it.
struct ErrorPage {
  std::shared_ptr<const PromptHandler> folder;
  std::string target;  ///< "/404.html"
};

/// What is asked of a request before its handler sees it, and what is done to every response. Immutable but for what it
/// counts, and shared by all workers.
struct RouteRules {
  std::optional<std::string> maintenance{};  ///< "": a page of ours
  std::vector<net::AddressRange> allow{}, deny{}, trusted_proxies{};
  std::shared_ptr<RateLimiter> rate_limit{};
  std::optional<CorsConfig> cors{};
  std::shared_ptr<const BasicAuth> auth{};
  std::optional<std::uint64_t> max_body{};
  FieldRules response_fields{};
  std::map<int, ErrorPage> error_pages{};
  bool error_pages_for_upstreams = false;  ///< in place of what servers behind say too

  /// The answer in place of the handler's: 503, 403, 429, or what a preflight wants to know; nothing: the handler may
  /// answer. Counts the request: call it once for each. `peer`: the connection's.
  std::optional<Answer> answer_instead(const http::Request& request, const net::IpAddress& peer, Instant now) const;
  /// With `auth`, what is answered to who has not proved who he is; nothing: he has. Waits for his password to be
  /// checked.
  net::Awaitable<std::optional<Answer>> refuse(const http::Request& request, const net::IpAddress& peer,
                                               Instant now) const;
  /// An error of ours in the words of the site; its status stays.
  void replace_page(Answer& answer, WallTime now) const;
  bool has_page_for_upstreams(int status) const { return error_pages_for_upstreams && error_pages.contains(status); }
  void finish(http::Response& response, const http::Request& request) const;

 private:
  bool denies(const std::optional<net::IpAddress>& client) const;
};

}  // namespace padlock::server

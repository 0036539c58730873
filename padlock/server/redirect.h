#pragma once

#include <cstdint>
#include <string_view>

#include "padlock/http/message/message.h"
#include "padlock/server/response_plan.h"

namespace padlock::server {

/// Plain http for a host of ours is answered by 308 to the same target on https; 400 where there is no host or path to
/// send the client to.
ResponsePlan plan_https_redirect(const http::Request& request, std::uint16_t https_port, WallTime now);

/// 308 to the same target at another origin ("https://www.example.com").
ResponsePlan plan_origin_redirect(const http::Request& request, std::string_view origin, WallTime now);

}  // namespace padlock::server

#pragma once

#include <cstdint>
#include <optional>

#include "padlock/http/message/message.h"
#include "padlock/server/names.h"
#include "padlock/server/response_plan.h"

namespace padlock::server {

/// Why a request for this authority may not be served by a site with these names (docs/threats.md, H7); nothing: it
/// may. An HTTP/1.0 request that names no host is for the site.
std::optional<ResponsePlan> refuse_other_hosts(const http::Request& request, const Names& names, WallTime now);

/// Plain http is answered by 308 to the same target on https, for configured names only: 421 for another host, 400
/// where there is no host or path to send the client to.
ResponsePlan plan_https_redirect(const http::Request& request, const Names& names, std::uint16_t https_port,
                                 WallTime now);

}  // namespace padlock::server

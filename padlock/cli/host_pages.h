#pragma once

#include <string>

#include "padlock/http/message/message.h"
#include "padlock/net/awaitable.h"
#include "padlock/server/admin/admin_server.h"

namespace padlock::cli {

class Serving;

/// Whether a target of the administration is one of these pages.
bool is_host_page(const std::string& target);

/// The services of a running host (docs/guide/host.md): GET and POST /hosts, GET, PATCH and DELETE /hosts/NAME.
net::Awaitable<server::AdminAnswer> answer_host_page(Serving& serving, http::Request request, std::string body);

}  // namespace padlock::cli

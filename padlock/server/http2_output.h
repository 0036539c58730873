#pragma once

#include "padlock/base/result.h"
#include "padlock/http/h2/connection.h"
#include "padlock/net/stream.h"

namespace padlock::server {

/// Fills records with what the connection has to send, up to one flush. True: there may be more.
Result<bool> queue_output(http::h2::Connection& http, net::Stream& stream);

}  // namespace padlock::server

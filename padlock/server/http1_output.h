#pragma once

#include "padlock/base/result.h"
#include "padlock/http/h1/connection.h"
#include "padlock/net/stream.h"

namespace padlock::server {

/// Moves what the connection has to send into the stream. It leaves with the next flush.
Result<void> queue_output(http::h1::Connection& http, net::Stream& stream);

}  // namespace padlock::server

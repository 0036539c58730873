#pragma once

#include <string>
#include <vector>

#include <asio/ip/tcp.hpp>

#include "padlock/base/result.h"
#include "padlock/net/address.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/clock.h"
#include "padlock/net/observer.h"

namespace padlock::net {

/// A connection to the first of these addresses that answers (RFC 8305, section 5: the next attempt starts 250 ms after
/// the one before, or as soon as that has failed). The socket is non-blocking, with TCP_NODELAY. `host` is for
/// messages. Errors: rules::connection_refused, no_route, connect_failed, deadline_passed; with several addresses the
/// message names each with its reason.
Awaitable<Result<asio::ip::tcp::socket>> connect(std::string host, std::vector<Endpoint> addresses, Deadline deadline,
                                                 Observer* observer = nullptr);

/// What the kernel knows of this connection.
TcpInfo tcp_info(asio::ip::tcp::socket& socket);

}  // namespace padlock::net

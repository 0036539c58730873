#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/net/address.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/clock.h"

namespace padlock::net {

/// The addresses of a host, in the order in which to try them (RFC 8305, section 4: families take turns). IP literals
/// and `localhost` and the names below it are answered here (RFC 6761, section 6.3: ::1, then 127.0.0.1); others by the
/// system on a helper thread, which is abandoned at the deadline. Errors: rules::name_not_found, name_lookup_failed,
/// deadline_passed.
Awaitable<Result<std::vector<Endpoint>>> resolve(std::string host, std::uint16_t port, Deadline deadline);

/// RFC 8305, section 4: the families take turns, beginning with that of the first address; order is kept within each.
std::vector<Endpoint> interleaved(std::vector<Endpoint> addresses);

}  // namespace padlock::net

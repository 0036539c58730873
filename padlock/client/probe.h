#pragma once

#include <optional>
#include <string>

#include "padlock/client/fetch.h"

namespace padlock::client {

/// What a look at a server's TLS brought: as much as is known when `error` is set.
struct ProbeOutcome {
  std::optional<Error> error;
  SecurityVerdict security;
  /// False: no TCP connection came about, so nothing is known of the server.
  bool connected() const { return security.connection.has_value(); }
};

/// Connects, shakes hands, judges the chain and hangs up: no request is sent. `url` as for a fetch, https. Blocking.
/// Errors: those of `fetch` up to the handshake's end; `rules::bad_option` for plain http.
ProbeOutcome probe(const std::string& url, const FetchOptions& options);

}  // namespace padlock::client

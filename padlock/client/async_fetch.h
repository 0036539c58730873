#pragma once

#include "padlock/client/fetch.h"
#include "padlock/net/awaitable.h"

namespace padlock::client {

/// `fetch` as a coroutine, for programs with a loop of their own. `options` outlive it.
net::Awaitable<FetchOutcome> async_fetch(FetchRequest request, const FetchOptions& options);

}  // namespace padlock::client

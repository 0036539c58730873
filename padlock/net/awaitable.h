#pragma once

#include <variant>

#include <asio/awaitable.hpp>

#include "padlock/base/result.h"

namespace padlock::net {

/// The coroutines that the world and the products are written as: `auto r = co_await f(); PADLOCK_CO_TRY(r);`.
template <class T>
using Awaitable = asio::awaitable<T>;

/// An answer that is there at once (the ordinary case, without a coroutine), or one that comes later.
template <class T>
using NowOrLater = std::variant<Result<T>, Awaitable<Result<T>>>;

}  // namespace padlock::net

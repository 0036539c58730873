#pragma once

#include <optional>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include "padlock/net/awaitable.h"

namespace padlock::cli {

/// Runs a coroutine to its end on a loop of its own, and gives what it gives: for commands that do one thing.
template <class T>
T wait_for(net::Awaitable<T> work) {
  asio::io_context loop(1);
  std::optional<T> done;
  const auto run = [&]() -> net::Awaitable<void> { done.emplace(co_await std::move(work)); };
  asio::co_spawn(loop, run(), asio::detached);
  loop.run();
  return *std::move(done);
}

}  // namespace padlock::cli

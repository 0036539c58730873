#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include "padlock/net/awaitable.h"

// For tests: a loop that runs one coroutine to its end, and two sockets that are connected.
namespace padlock::net::testing {

/// Runs `work` and all that it starts; what it gives. Throws if that takes more than 20 seconds.
template <class T>
T run(asio::io_context& loop, Awaitable<T> work) {
  std::optional<T> result;
  asio::co_spawn(loop, [&]() -> Awaitable<void> { result.emplace(co_await std::move(work)); }, asio::detached);
  loop.restart();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!result && loop.run_one_until(end) > 0) {
  }
  if (!result) throw std::runtime_error("the coroutine did not end");
  return std::move(*result);
}

struct SocketPair {
  asio::ip::tcp::socket client;
  asio::ip::tcp::socket server;
};

inline SocketPair connected_pair(asio::io_context& loop) {
  asio::ip::tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), 0});
  asio::ip::tcp::socket client(loop);
  client.connect(acceptor.local_endpoint());
  return {std::move(client), acceptor.accept()};
}

}  // namespace padlock::net::testing

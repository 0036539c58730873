#pragma once

#include <system_error>

#include <asio/any_io_executor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/net/awaitable.h"
#include "padlock/net/clock.h"

namespace padlock::client {

/// Two coroutines of one thread: one waits for the other to ring. A ring that nobody waits for counts for the next
/// wait.
class Bell {
 public:
  explicit Bell(const asio::any_io_executor& executor) : timer_(executor) {}

  void ring() {
    rung_ = true;
    timer_.cancel();
  }
  /// Ends at `deadline` at the latest.
  net::Awaitable<void> wait(net::Deadline deadline) {
    std::error_code ignored;  // a ring cancels the timer
    timer_.expires_at(deadline);
    if (!rung_) co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    rung_ = false;
  }

 private:
  asio::steady_timer timer_;
  bool rung_ = false;
};

}  // namespace padlock::client

#include "padlock/net/signal.h"

#include <system_error>

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace padlock::net {

struct Signal::Waiter {
  Waiter(Signal& on, const asio::any_io_executor& executor, Deadline deadline)
      : signal(&on), timer(executor, deadline) {
    signal->waiters_.push_back(this);
  }
  ~Waiter() {
    if (signal != nullptr) std::erase(signal->waiters_, this);
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  Signal* signal;  ///< null: it has been notified, or has gone
  asio::steady_timer timer;
  bool notified = false;
};

Signal::~Signal() {
  for (Waiter* const waiter : waiters_) waiter->signal = nullptr;
}

Awaitable<bool> Signal::wait(Deadline deadline) {
  Waiter waiter(*this, co_await asio::this_coro::executor, deadline);
  std::error_code woken;
  co_await waiter.timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  co_return waiter.notified;
}

void Signal::notify() {
  for (Waiter* const waiter : waiters_) {
    waiter->notified = true;
    waiter->signal = nullptr;
    waiter->timer.cancel();
  }
  waiters_.clear();
}

}  // namespace padlock::net

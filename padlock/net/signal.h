#pragma once

#include <vector>

#include "padlock/net/awaitable.h"
#include "padlock/net/clock.h"

namespace padlock::net {

/// Lets coroutines of one thread wait for what another one does.
class Signal {
 public:
  Signal() = default;
  ~Signal();
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  /// Until the next `notify`; false: the deadline came first. The signal outlives the wait, but for a loop that is
  /// dropped with all that is on it.
  Awaitable<bool> wait(Deadline deadline = no_deadline);
  /// Wakes all that wait now; they go on when the loop comes to them.
  void notify();

 private:
  struct Waiter;
  std::vector<Waiter*> waiters_;  ///< each lives in the frame of the coroutine that waits
};

}  // namespace padlock::net

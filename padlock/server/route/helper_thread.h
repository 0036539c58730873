#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "padlock/net/awaitable.h"

namespace padlock::server {

/// A thread for work that takes long, one piece after the other, so that no worker is held up. It starts with the
/// first.
class HelperThread {
 public:
  HelperThread() = default;
  ~HelperThread();
  HelperThread(const HelperThread&) = delete;
  HelperThread& operator=(const HelperThread&) = delete;

  /// Has `work` done there and waits for what it says. Error: rules::helper_busy: too much waits already.
  net::Awaitable<Result<bool>> run(std::move_only_function<bool()> work);

 private:
  void loop(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any news_;
  std::deque<std::move_only_function<void()>> waiting_;
  std::jthread thread_;
};

}  // namespace padlock::server

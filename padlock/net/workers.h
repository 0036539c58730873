#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include "padlock/net/resources.h"

namespace padlock::net {

/// One thread with its own io_context, crypto provider and buffers. Nothing of it is shared.
struct Worker {
  std::size_t index;
  asio::io_context& context;
  Resources& resources;
};

/// How many workers there are where `wanted` is 0: as many as the process may use cores.
std::size_t worker_count(std::size_t wanted);

/// The worker threads of a server: one per core unless told otherwise.
class Workers {
 public:
  /// As many as worker_count(count).
  explicit Workers(std::size_t count = 0);
  ~Workers();  ///< stops and joins
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  std::size_t size() const { return slots_.size(); }
  /// Starts the threads. Each runs `set_up` first, then its loop until `stop`. Call once.
  void start(std::function<void(Worker&)> set_up);
  /// Runs `task` on every worker's own thread, soon. From any thread.
  void post_to_all(const std::function<void(Worker&)>& task);
  /// Lets each loop end as soon as nothing is left to do: for a graceful stop, after the listeners were closed.
  void finish();
  /// Ends every loop now; what ran is dropped.
  void stop();
  /// Waits until all threads have ended.
  void join();

 private:
  struct Slot;
  std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace padlock::net

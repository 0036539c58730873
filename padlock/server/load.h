#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "padlock/server/limits.h"

// What a server takes on before it says no (docs/threats.md, P2): handshakes give way first, then requests are told to
// come again later; what is being served goes on.

namespace padlock::server {

struct LoadLimits {
  /// Requests that a worker works on at one time: those that wait for an upstream or a helper, or drag on.
  std::size_t requests = limits::requests_in_work;
  /// Share of a busy worker's time that the public-key work of handshakes may take.
  unsigned handshake_percent = limits::busy_handshake_percent;
  /// Bytes of heap that the process may use; 0: nobody has said.
  std::uint64_t memory = 0;
  friend bool operator==(const LoadLimits&, const LoadLimits&) = default;
};

/// Bytes that the process has allocated and not freed. Looks at every arena: not for each request.
std::uint64_t heap_bytes();

/// Three quarters of what this machine, or the control group of the process, has.
std::uint64_t default_memory_cap();

/// The heap of the process beside its cap, measured `limits::memory_looks_apart` apart at most. Shared by all workers.
class MemoryWatch {
 public:
  /// `cap`: bytes; 0: there is always room. `measure`: the heap's bytes; called by one thread at a time.
  explicit MemoryWatch(std::uint64_t cap, std::function<std::uint64_t()> measure = heap_bytes);

  /// Room enough that connections are kept when their request is answered. `now`: of the monotonic clock.
  bool keeps_connections(std::chrono::nanoseconds now) { return used(now) < tight_; }
  /// Room enough for new connections.
  bool takes_connections(std::chrono::nanoseconds now) { return used(now) < full_; }

 private:
  std::uint64_t used(std::chrono::nanoseconds now);

  std::uint64_t tight_, full_;
  std::function<std::uint64_t()> measure_;
  std::atomic<std::uint64_t> used_ = 0;
  std::atomic<std::int64_t> next_look_ = INT64_MIN;  ///< nanoseconds
};

/// One worker's load, and what it may still take on. One thread's.
class WorkerLoad {
 public:
  /// Numbers that only grow, of this worker's thread.
  struct Reading {
    std::uint64_t sleeps = 0;                    ///< how often it had nothing to do
    std::chrono::nanoseconds public_key_time{};  ///< spent in the public-key work of handshakes
  };

  /// `read`: gives them as they are now. `memory` outlives this.
  WorkerLoad(const LoadLimits& limits, MemoryWatch& memory, std::function<Reading()> read);

  // ---- handshakes

  /// Whether another one may begin. A worker that has not slept for a while though older connections keep it at work
  /// is busy: then handshakes get their share and no more; what it has to spare is given back step by step.
  bool admits_handshake(std::chrono::nanoseconds now);
  /// A connection that came at `since` was served.
  void served(std::chrono::nanoseconds since) {
    if (since + limits::established_after < window_began_) ++served_in_window_;
  }

  // ---- requests

  /// A place among those that a worker works on; given back when it goes.
  class Place {
   public:
    explicit Place(std::size_t& count) : count_(&count) { ++count; }
    Place(Place&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (count_ != nullptr) --*count_;
    }

   private:
    std::size_t* count_;
  };
  /// Nothing if there are too many.
  std::optional<Place> begin_request();

  MemoryWatch& memory() { return memory_; }

 private:
  void end_window(std::chrono::nanoseconds now);

  LoadLimits limits_;
  MemoryWatch& memory_;
  std::function<Reading()> read_;
  std::size_t requests_ = 0;
  std::chrono::nanoseconds window_began_{};
  Reading at_begin_;                    ///< of the window
  std::uint64_t served_in_window_ = 0;  ///< to older connections
  unsigned handshake_percent_ = 100;    ///< what they may have of this window; 100: all that they need
};

}  // namespace padlock::server

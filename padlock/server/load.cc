#include "padlock/server/load.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace padlock::server {

std::uint64_t heap_bytes() {
  const auto heap = ::mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

std::uint64_t default_memory_cap() {
  const auto pages = static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PHYS_PAGES)));
  std::uint64_t bytes = pages * static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PAGESIZE)));
  std::uint64_t group = 0;  // "max" is no number
  if (std::ifstream("/sys/fs/cgroup/memory.max") >> group) bytes = std::min(bytes, group);
  return bytes / 4 * 3;
}

MemoryWatch::MemoryWatch(std::uint64_t cap, std::function<std::uint64_t()> measure)
    : tight_(cap == 0 ? UINT64_MAX : cap / 100 * limits::memory_tight_percent),
      full_(cap == 0 ? UINT64_MAX : cap / 100 * limits::memory_full_percent),
      measure_(std::move(measure)) {}

/// Who finds that a look is due, has it: the others go by the one before.
std::uint64_t MemoryWatch::used(std::chrono::nanoseconds now) {
  if (tight_ == UINT64_MAX) return 0;
  std::int64_t due = next_look_.load(std::memory_order_relaxed);
  const std::int64_t next = (now + limits::memory_looks_apart).count();
  if (now.count() >= due && next_look_.compare_exchange_strong(due, next)) used_.store(measure_());
  return used_.load(std::memory_order_relaxed);
}

WorkerLoad::WorkerLoad(const LoadLimits& limits, MemoryWatch& memory, std::function<Reading()> read)
    : limits_(limits), memory_(memory), read_(std::move(read)) {}

bool WorkerLoad::admits_handshake(std::chrono::nanoseconds now) {
  if (now - window_began_ >= limits::load_window) end_window(now);
  if (handshake_percent_ >= 100) return true;
  const auto spent = read_().public_key_time - at_begin_.public_key_time;
  return spent < limits::load_window * handshake_percent_ / 100;
}

/// Falls at once and rises slowly, so that the share hovers where the worker has just enough to do.
void WorkerLoad::end_window(std::chrono::nanoseconds now) {
  const Reading reading = read_();
  const auto windows = static_cast<std::uint64_t>((now - window_began_) / limits::load_window);
  const bool slept = reading.sleeps - at_begin_.sleeps >= windows * limits::sleeps_of_an_idle_window;
  const bool busy = !slept && served_in_window_ > 0;
  handshake_percent_ =
      busy ? limits_.handshake_percent : std::min(100U, handshake_percent_ + limits::handshake_percent_step);
  window_began_ = now;
  at_begin_ = reading;
  served_in_window_ = 0;
}

std::optional<WorkerLoad::Place> WorkerLoad::begin_request() {
  if (requests_ >= limits_.requests) return std::nullopt;
  return Place(requests_);
}

}  // namespace padlock::server

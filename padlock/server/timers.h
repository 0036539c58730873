#pragma once

#include <chrono>

#include "padlock/server/limits.h"

namespace padlock::server {

/// How long a server waits for its clients; tests are less patient.
struct Timers {
  std::chrono::nanoseconds handshake = limits::handshake_time;
  std::chrono::nanoseconds head = limits::head_time;
  std::chrono::nanoseconds idle = limits::idle_time;
  std::chrono::nanoseconds write = limits::write_time;
  std::chrono::nanoseconds linger = limits::linger_time;
  std::chrono::nanoseconds drain = limits::drain_time;
};

}  // namespace padlock::server

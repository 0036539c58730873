#pragma once

#include <chrono>
#include <string>

namespace padlock {

/// A second of civil time (UTC): validity of certificates, HTTP dates.
using WallTime = std::chrono::sys_seconds;

/// "2026-03-01 12:00:00 UTC".
std::string to_string(WallTime time);

/// Now, as protocols are told it: one reading of both clocks. Deadlines live on `monotonic`, dates on `wall`, so a step
/// of the civil clock moves no timer (docs/threats.md, A7). Only `net` and tests make one.
struct Instant {
  std::chrono::nanoseconds monotonic{};  ///< since some fixed moment; never goes back
  WallTime wall{};
};

}  // namespace padlock

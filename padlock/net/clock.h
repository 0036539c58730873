#pragma once

#include <chrono>

#include "padlock/base/instant.h"

namespace padlock::net {

/// A moment of the monotonic clock at which a wait ends without success.
using Deadline = std::chrono::steady_clock::time_point;
inline constexpr Deadline no_deadline = Deadline::max();

/// Both clocks, read now: what protocols are fed with.
Instant now();

/// The monotonic one alone, of an Instant's epoch: for who asks often.
std::chrono::nanoseconds monotonic_now();

/// The deadline that is so far away from now; `no_deadline` if that does not fit.
Deadline deadline_in(std::chrono::nanoseconds wait);

}  // namespace padlock::net

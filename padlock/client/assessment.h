#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/client/probe.h"

namespace padlock::client {

enum class Grade : std::uint8_t { good, warning, bad };
/// "ok", "warning", "bad".
std::string_view name_of(Grade grade);

/// One thing that was looked at.
struct Finding {
  std::string_view
      topic;  ///< "chain", "names", "validity", "revocation", "key", "signatures", "protocol", "suite", "key exchange"
  Grade grade;
  std::string text;  ///< what is there; if not good, with what to do
};

/// What there is to say about a server that was connected to, in a fixed order; a topic that nothing is known of is
/// left out. A certificate that ends within the last third of its life, and at most 14 days, is a warning.
std::vector<Finding> assess(const ProbeOutcome& outcome, WallTime now);

}  // namespace padlock::client

#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "conformance/bogo/answers.h"
#include "conformance/bogo/options.h"
#include "padlock/tls/events.h"

namespace padlock::bogo {

/// What came of a handshake.
struct Outcome {
  const tls::ConnectionInfo& info;
  const Learned& learned;
  bool resumption;             ///< it is not the run's first connection
  bool retry;                  ///< its early data was refused
  bool early_session;          ///< the session that was received allows early data
  bool session_received;       ///< a client's; the one that it came with does not count
  std::size_t sessions_by_id;  ///< that a server has remembered
};

/// What differs from the runner's -expect flags, in words; nothing: nothing does.
std::optional<std::string> find_mismatch(const Options& options, const Outcome& outcome);

/// The same at the connection's end, by when a server of TLS 1.3 has given its tickets.
std::optional<std::string> find_late_mismatch(const Options& options, const Outcome& outcome);

}  // namespace padlock::bogo

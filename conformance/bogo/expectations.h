#pragma once

#include <optional>
#include <string>

#include "conformance/bogo/options.h"
#include "padlock/base/text.h"
#include "padlock/tls/events.h"

namespace padlock::bogo {

/// What came of a handshake.
struct Outcome {
  const tls::ConnectionInfo& info;
  Bytes ocsp_staple;
  Bytes signed_certificate_timestamps;
};

/// What differs from the runner's -expect flags, in words; nothing: nothing does.
std::optional<std::string> find_mismatch(const Options& options, const Outcome& outcome);

}  // namespace padlock::bogo

#pragma once

#include <vector>

#include "padlock/explain/ladder.h"
#include "padlock/explain/settled.h"
#include "padlock/explain/trace.h"

namespace padlock::explain {

/// The fields of a handshake message that matter to people, read by the parsers of the handshake. Empty if there are
/// none, or the message is malformed.
std::vector<Fact> facts_of(const trace::HandshakeMessage& message, const Settled& settled);

}  // namespace padlock::explain

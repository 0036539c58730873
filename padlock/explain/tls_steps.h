#pragma once

#include "padlock/explain/ladder.h"
#include "padlock/explain/trace.h"

namespace padlock::explain {

/// A handshake message as a step: its words, the facts that matter, its bytes with their fields. Its place on the wire
/// is the caller's. `second_hello`: a ClientHello that answers a HelloRetryRequest.
Step message_step(const trace::HandshakeMessage& message, bool second_hello);

/// An alert as a step.
Step alert_step(const trace::Alert& alert);

/// Adds what came of the chain to the step of the Certificate message.
void add_verdict(Step& step, const x509::Verdict& verdict);

}  // namespace padlock::explain

#pragma once

#include "padlock/explain/ladder.h"
#include "padlock/explain/settled.h"
#include "padlock/explain/trace.h"

namespace padlock::explain {

/// A handshake message as a step: its words, the facts that matter, its bytes with their fields. Its place on the wire
/// is the caller's. `second_hello`: a ClientHello that answers a HelloRetryRequest.
Step message_step(const trace::HandshakeMessage& message, const Settled& settled, bool second_hello);

/// A change_cipher_spec as a step.
Step change_cipher_spec_step(tls::Sender sender, const Settled& settled);

/// TLS 1.2: what both ends compute once they have each other's half, or `resumed` have from before. Its keys are the
/// caller's.
Step session_keys_step(const Settled& settled, bool resumed);

/// An alert as a step.
Step alert_step(const trace::Alert& alert, const Settled& settled);

/// Adds what came of the chain to the step of the Certificate message.
void add_verdict(Step& step, const x509::Verdict& verdict);

}  // namespace padlock::explain

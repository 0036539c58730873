#pragma once

#include "padlock/explain/ladder.h"
#include "padlock/explain/trace.h"

namespace padlock::explain {

// The messages of HTTP as steps. Their place on the wire is the caller's.
Step request_step(const trace::RequestSent& sent);
Step response_step(const trace::ResponseHead& head);
Step trailers_step(const trace::Trailers& trailers);
Step body_step(const trace::Body& body);

}  // namespace padlock::explain

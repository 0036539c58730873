#pragma once

#include <string>

#include "padlock/explain/ladder.h"
#include "padlock/explain/trace.h"

namespace padlock::explain {

/// Frames of HTTP/2 that carry no head. Their place on the wire is the caller's.
Step frames_step(const trace::Http2Frames& frames);

/// "stream 1, END_STREAM, 43 bytes": of a head that came as HEADERS.
std::string frame_text(const client::FieldsOnStream& place);

}  // namespace padlock::explain

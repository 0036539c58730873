#pragma once

#include <memory>

#include "conformance/tls_states/table.h"
#include "padlock/tls/config.h"
#include "padlock/tls/testing/sessions.h"

/// The sessions that tested ends and their peers go on from.
namespace padlock::tls_states {

/// When the flights are played: a session is a second old.
inline const Instant now = tls::testing::later(std::chrono::seconds(1));

/// A session that `server_with_sessions(tested)` knows; null where the tested end has none.
tls::testing::SessionPtr session_for(const Tested& tested);

/// A server that gives and takes sessions as `tested` says: by tickets or by IDs.
tls::ServerConfig server_with_sessions(const Tested& tested);

}  // namespace padlock::tls_states

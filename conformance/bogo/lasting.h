#pragma once

#include <chrono>
#include <memory>

#include "padlock/base/instant.h"
#include "padlock/tls/session/client_session.h"
#include "padlock/tls/session/session_cache.h"
#include "padlock/tls/session/ticket_keys.h"

namespace padlock::bogo {

/// What lasts from one connection of a run to the next: the time, which passes only where a flag says so, and what each
/// end remembers.
struct Lasting {
  Instant now{.monotonic = {}, .wall = std::chrono::sys_days{std::chrono::January / 1 / 2030}};
  std::shared_ptr<tls::TicketKeys> ticket_keys;
  std::shared_ptr<tls::SessionCache> session_cache = std::make_shared<tls::SessionCache>(16);
  std::shared_ptr<const tls::ClientSession> session{};  ///< a client's last one, offered once

  void pass(std::chrono::seconds time) {
    now.monotonic += time;
    now.wall += time;
  }
};

}  // namespace padlock::bogo

#pragma once

#include <optional>
#include <string>
#include <utility>

#include <asio/any_io_executor.hpp>

#include "padlock/base/result.h"
#include "padlock/certs/certificate_event.h"
#include "padlock/certs/event_outbox.h"
#include "padlock/certs/event_settings.h"
#include "padlock/cli/hooks.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/signal.h"
#include "padlock/server/admin/status.h"

namespace padlock::cli {

/// Tells a program and a server of the user's what happens to certificates: each one event after the other, beside all
/// other work, which waits for neither. The main thread's.
class EventHooks {
 public:
  /// `hooks`: who runs programs, and outlives it; null where none is configured.
  EventHooks(certs::EventSettings settings, Hooks* hooks) : settings_(std::move(settings)), hooks_(hooks) {}

  /// Works on `executor`, of whose loop this is the thread, for as long as that runs.
  void start(const asio::any_io_executor& executor);
  void tell(const certs::CertificateEvent& event);
  server::EventCounts counts() const;

 private:
  using Deliver = net::Awaitable<Result<void>> (EventHooks::*)(std::string event);
  net::Awaitable<void> deliver_all(certs::EventOutbox& outbox, Deliver deliver);
  net::Awaitable<Result<void>> run_program(std::string event);
  net::Awaitable<Result<void>> post(std::string event);

  certs::EventSettings settings_;
  Hooks* hooks_;
  std::optional<certs::EventOutbox> program_, webhook_;  ///< for those that are configured
  net::Signal added_;                                    ///< to one of them
};

/// Looks whether those that the settings name can be told at all, so that nobody learns it from an alarm that is
/// missing. Errors: rules::event_program, those of client::load_trust.
Result<void> check_receivers(const certs::EventSettings& settings);

}  // namespace padlock::cli

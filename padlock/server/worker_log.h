#pragma once

#include <string_view>

#include "padlock/net/clock.h"
#include "padlock/server/log.h"

namespace padlock::server {

/// One worker's way to the log: keeps failures that repeat from filling it.
class WorkerLog {
 public:
  /// Sinks may be empty: nothing is logged.
  WorkerLog(const LogSink& sink, const RequestLog& requests) : sink_(sink), requests_(requests) {}

  /// Somebody reads the lines of requests.
  bool has_requests() const { return static_cast<bool>(requests_.sink); }
  void request(const RequestRecord& record) {
    if (requests_.sink) requests_.sink(format_request(record, requests_.format));
  }

  void failure(std::string_view client, const Error& error) {
    const Instant now = net::now();
    std::uint64_t suppressed = 0;
    if (!sink_ || !failures_.admit(*error.rule, now.monotonic, suppressed)) return;
    std::string line = format_failure(now.wall, client, error);
    if (suppressed > 0) line += " (and " + std::to_string(suppressed) + " more before it)";
    sink_(line);
  }

 private:
  const LogSink& sink_;
  const RequestLog& requests_;
  FailureLimiter failures_;
};

}  // namespace padlock::server

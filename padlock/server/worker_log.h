#pragma once

#include <string_view>

#include "padlock/net/clock.h"
#include "padlock/server/counters.h"
#include "padlock/server/log.h"

namespace padlock::server {

/// One worker's way to the log, and what it counts: keeps failures that repeat from filling the log.
class WorkerLog {
 public:
  /// Sinks may be empty: nothing is logged.
  WorkerLog(const LogSink& sink, const RequestLog& requests, WorkerCounters& counters)
      : sink_(sink), requests_(requests), counters_(counters) {}

  WorkerCounters& counters() { return counters_; }

  /// Somebody reads the lines of requests.
  bool has_requests() const { return static_cast<bool>(requests_.sink); }
  void request(const RequestRecord& record) {
    if (requests_.sink) requests_.sink(format_request(record, requests_.format));
  }

  void failure(std::string_view client, const Error& error) {
    counters_.failures.add(error.rule);
    if (!sink_) return;
    const Instant now = net::now();
    std::uint64_t suppressed = 0;
    if (!failures_.admit(*error.rule, now.monotonic, suppressed)) return counters_.log_lines_suppressed.add();
    std::string line = format_failure(now.wall, client, error);
    if (suppressed > 0) line += " (and " + std::to_string(suppressed) + " more before it)";
    sink_(line);
  }

 private:
  const LogSink& sink_;
  const RequestLog& requests_;
  WorkerCounters& counters_;
  FailureLimiter failures_;
};

}  // namespace padlock::server

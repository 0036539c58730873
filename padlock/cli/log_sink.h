#pragma once

#include <memory>

#include "padlock/server/log.h"

namespace padlock::cli {

/// Log lines on stderr, written by a thread of their own: no worker waits for whoever reads them. When thousands wait
/// the oldest are dropped, and the end says how many.
class LogToStderr {
 public:
  LogToStderr();
  ~LogToStderr();  ///< writes what still waits
  LogToStderr(const LogToStderr&) = delete;
  LogToStderr& operator=(const LogToStderr&) = delete;

  /// Valid as long as this object lives.
  server::LogSink sink();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace padlock::cli

#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "padlock/base/result.h"
#include "padlock/server/log.h"

namespace padlock::cli {

/// Log lines on stderr or in a file, written by a thread of their own: no worker waits for whoever reads them, or for a
/// disk. When thousands wait the oldest are dropped, and the end says how many.
class LogWriter {
 public:
  /// On stderr.
  LogWriter();
  /// At the end of a file, made with mode 0640 if it is not there. Error: net::rules::file_unwritable.
  static Result<std::unique_ptr<LogWriter>> open(const std::filesystem::path& file);
  ~LogWriter();  ///< writes what still waits
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  /// Lines that were dropped.
  std::size_t lost() const;
  /// Valid as long as this object lives.
  server::LogSink sink();
  /// The next line goes into a file of this name that is opened then: the old one was moved away.
  void reopen();

 private:
  struct Impl;
  explicit LogWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace padlock::cli

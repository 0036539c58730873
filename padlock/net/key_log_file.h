#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "padlock/base/result.h"
#include "padlock/net/descriptor.h"
#include "padlock/tls/observer.h"

namespace padlock::net {

/// Appends secrets to a file in the key log format (RFC 9850), for Wireshark and its like; whoever has the file can
/// read the connections. Created 0600; each line is one write, so that several programs can share the file.
class KeyLogFile final : public tls::KeyLog {
 public:
  /// Errors: rules::key_log_unwritable.
  static Result<KeyLogFile> open(const std::string& path);
  void line(std::string_view line) override;
  const std::string& path() const { return path_; }
  /// Why lines are missing, if some are.
  const std::optional<Error>& error() const { return error_; }

 private:
  KeyLogFile(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}
  std::string path_;
  Descriptor file_;
  std::optional<Error> error_;
};

/// SSLKEYLOGFILE, unless it is unset or empty or the program runs with more rights than its user (AT_SECURE): then the
/// user's environment must not choose where secrets go (docs/threats.md, P6).
std::optional<std::string> key_log_path_from_environment();

}  // namespace padlock::net

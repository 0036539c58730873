#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/x509/certificate.h"

namespace padlock::ca {

/// A certificate that the local CA has issued, as its log keeps it.
struct IssuedEntry {
  std::string serial;              ///< hexadecimal, as `openssl x509 -serial` says it, in lower case
  std::vector<std::string> names;  ///< of its subjectAltName
  WallTime at{};
  WallTime not_after{};
  std::string issuer;  ///< the issuer's key identifier, hexadecimal

  friend bool operator==(const IssuedEntry&, const IssuedEntry&) = default;
};

/// A serial number in hexadecimal, without zeros in front: "1a2b". Zero itself is "0".
std::string serial_text(Bytes serial);
IssuedEntry entry_of(const x509::Certificate& certificate, WallTime at);

/// One line of the log, in JSON. Nothing: it is no entry, or only half of one.
std::string issued_line(const IssuedEntry& entry);
std::optional<IssuedEntry> parse_issued_line(std::string_view line);

/// What stands in the log, oldest first.
struct IssueLog {
  std::vector<IssuedEntry> entries;
  std::size_t unreadable = 0;  ///< lines that are no entries: a crash may leave one
};
/// Reads it; a missing one is empty. Errors: net's of files.
Result<IssueLog> read_issue_log(const std::filesystem::path& file);

/// Adds an entry, durably: it is on the disk before the certificate is handed out. A log that has reached its limit is
/// written anew without what expired a month ago, and if need be without the oldest. For the holder of the CA's lock.
/// Errors: net's of files.
Result<void> append_to_issue_log(const std::filesystem::path& file, const IssuedEntry& entry, WallTime now);

}  // namespace padlock::ca

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/x509/revocation_status.h"

namespace padlock::ca {

/// A certificate that the local CA has taken back.
struct Revocation {
  std::string serial;  ///< as IssuedEntry has it
  std::string issuer;  ///< its issuer's key identifier, hexadecimal
  x509::CRLReason reason = x509::CRLReason::unspecified;
  WallTime at{};
  WallTime not_after{};  ///< of the certificate: from then on nobody asks

  friend bool operator==(const Revocation&, const Revocation&) = default;
};

/// The reasons that fit a server's certificate and are for good: certificateHold could not be taken back here.
/// Nothing: it is none of them.
std::optional<x509::CRLReason> find_reason(std::string_view name);
/// "unspecified, keyCompromise, ...", for messages.
std::string reasons_for_people();

/// What was revoked, oldest first.
struct Revocations {
  std::vector<Revocation> entries;
  std::size_t unreadable = 0;  ///< lines that are no entries: a crash may leave one, which was never confirmed

  const Revocation* find(std::string_view serial, std::string_view issuer) const;
};

/// One line of the file, in JSON.
std::string revocation_line(const Revocation& revocation);
std::optional<Revocation> parse_revocation_line(std::string_view line);

/// Reads the file; a missing one is empty. Errors: net's of files.
Result<Revocations> read_revocations(const std::filesystem::path& file);

/// Adds one, durably. What expired a month ago is forgotten when the list is full. For the holder of the CA's lock.
/// Errors: `rules::too_many_revocations`, net's of files.
Result<void> append_revocation(const std::filesystem::path& file, const Revocation& revocation, WallTime now);

}  // namespace padlock::ca

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/tls/connection.h"
#include "padlock/x509/verify.h"

namespace padlock::client {

enum class SecurityLevel : std::uint8_t {
  none,        ///< nothing was connected
  locked,      ///< encrypted, and the server is who it claims to be
  not_secure,  ///< plain http: everybody on the way can read and change it
  broken,      ///< TLS that cannot be trusted
};
/// "locked", "not secure", ...
std::string_view name_of(SecurityLevel level);

/// How safe a response is: a value that comes with each of them.
struct SecurityVerdict {
  SecurityLevel level = SecurityLevel::none;
  std::string host;
  std::string authority;                          ///< the same with the port, if that is not the usual one
  std::optional<tls::ConnectionInfo> connection;  ///< nothing: plain http, or no connection came about
  std::optional<x509::Verdict> verdict;           ///< nothing: it never came to a judgement
  std::optional<Error> error;                     ///< why it is broken
  std::vector<std::string> notes;                 ///< "no system bundle found: ..."
};

/// "2026-12-01 12:00 UTC": for people, no seconds.
std::string minute_text(WallTime time);

/// Who vouches for the server: "Padlock local CA", a root's name, "given certificate"; empty: nobody.
std::string vouched_by(const SecurityVerdict& verdict);

/// One line: "[locked] localhost · TLS 1.3, X25519 · Padlock local CA · valid until 2026-12-01 12:00 UTC". `utf8`:
/// false writes " - " for the dots. Empty: level none.
std::string verdict_line(const SecurityVerdict& verdict, bool utf8);
/// The lines below it: for [BROKEN] every certificate's fault and the next step; notes. Each ends with a line feed.
std::string verdict_details(const SecurityVerdict& verdict, WallTime now);

}  // namespace padlock::client

#pragma once

#include <string>

#include "padlock/x509/certificate.h"

namespace padlock::x509 {

/// A GeneralName for people: "www.example.test", "192.0.2.1", "directory CN=...", "mail ...".
std::string text_of(const GeneralName& name);

/// Checks that every dNSName and iPAddress of a certificate is in its form (RFC 5280, section 4.2.1.6; docs/threats.md,
/// X5): no U-label, NUL, trailing dot, partial or misplaced wildcard. Fails with `malformed_name`.
Result<void> check_names(const Certificate& certificate);

/// Checks a common name that reads as a host or an address: people read it, verification does not, so the two must not
/// tell different stories. An address must be spelled as one in subjectAltName is; a host must be one of the hosts
/// there or a domain above one, if there are any. Fails with `common_name_not_in_san`.
Result<void> check_common_name(const Certificate& certificate);

}  // namespace padlock::x509

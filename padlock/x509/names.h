#pragma once

#include <string>

#include "padlock/x509/certificate.h"

namespace padlock::x509 {

/// A GeneralName for people: "www.example.test", "192.0.2.1", "directory CN=...", "mail ...".
std::string text_of(const GeneralName& name);

/// Checks that every dNSName and iPAddress of a certificate is in its form (RFC 5280, section 4.2.1.6; docs/threats.md,
/// X5): no U-label, NUL, trailing dot, partial or misplaced wildcard. Fails with `malformed_name`.
Result<void> check_names(const Certificate& certificate);

/// Checks that a common name that reads as a host name or an address is one of the names of subjectAltName, character
/// for character, or the domain that a wildcard there stands below: people read it, verification does not. Fails with
/// `common_name_not_in_san`.
Result<void> check_common_name(const Certificate& certificate);

}  // namespace padlock::x509

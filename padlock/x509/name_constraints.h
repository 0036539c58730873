#pragma once

#include <optional>

#include "padlock/x509/budget.h"
#include "padlock/x509/verify.h"

namespace padlock::x509 {

/// Checks every name of a path, leaf first and anchor last, against the name constraints of the CAs above it (RFC 5280,
/// section 6.1.3 (b) and (c)): names of self-issued CAs are free, the anchor's constraints count as any other's.
/// Compared are dNSName, iPAddress, directoryName (the subject too), rfc822Name (mail addresses in the subject too) and
/// URIs by their host. A name of another form that a CA above constrains is refused, so is a mailbox or URI without a
/// host, and so is a wildcard that could stand for an excluded name (docs/threats.md, X4).
/// Gives the first fault: `name_constraint`, `unsupported_name_constraint`, `malformed_name_constraint` or
/// `name_budget_exceeded`.
std::optional<Fault> check_name_constraints(std::span<const std::shared_ptr<const Certificate>> path, Budget& budget);

}  // namespace padlock::x509

#pragma once

#include "padlock/x509/verify.h"

namespace padlock::x509 {

/// What a certificate is in its path.
enum class Role : std::uint8_t { leaf, intermediate, anchor };

/// A certificate's place in its path.
struct Place {
  std::size_t depth = 0;
  Role role = Role::leaf;
  std::optional<TrustSource> source{};  ///< of an anchor
  bool self_signed = false;             ///< its own key made its signature, as far as anybody looked
};

/// Checks one certificate on its own, for what its role needs (RFC 5280, sections 6.1.3 to 6.1.5): dates, demands that
/// it makes by critical extensions, purpose, and in a CA that it is one. Appends every fault found, dates first.
void check_certificate(const std::shared_ptr<const Certificate>& certificate, const Place& place,
                       const VerifyInput& input, std::vector<Fault>& faults);

/// Checks that a certificate is made as RFC 5280, section 4, says: version, serial number, names, what its extensions
/// must be and must agree on. Appends every fault found. A system bundle's anchors are passed over: whoever keeps the
/// bundle has judged them, some are older than the rules, and nothing that they may sign hangs on these.
void check_form(const std::shared_ptr<const Certificate>& certificate, const Place& place, const VerifyInput& input,
                std::vector<Fault>& faults);

/// Dates alone (RFC 5280, section 4.1.2.5: both ends belong to the validity).
Result<void> check_validity(const Certificate& certificate, WallTime now);

/// "3 days", "2 hours", "45 seconds": how people say a span of time.
std::string describe_span(std::chrono::seconds span);

}  // namespace padlock::x509

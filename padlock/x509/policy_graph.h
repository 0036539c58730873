#pragma once

#include <memory>
#include <optional>
#include <span>

#include "padlock/x509/budget.h"
#include "padlock/x509/verify.h"

namespace padlock::x509 {

/// Checks a path's certificate policies (RFC 5280, section 6.1, with the graph of RFC 9618 in place of the tree).
/// `path`: leaf first, anchor last; the anchor's own policies do not count. Where neither a CA nor the caller demands a
/// policy, the outcome cannot hang on them and no graph is made. Gives the first fault: `no_valid_policy`,
/// `policy_mapping_of_any` or `policy_budget_exceeded`.
std::optional<Fault> check_policies(std::span<const std::shared_ptr<const Certificate>> path,
                                    const PolicyDemand& demand, Budget& budget);

}  // namespace padlock::x509

#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/ca/trust/find_stores.h"
#include "padlock/ca/trust/root_store.h"
#include "padlock/ca/trust/trust_record.h"

// Making a root known, and undoing it, as a plan that people see before anything is changed.

namespace padlock::ca {

/// One store that is to be changed, or that is as it should be.
struct StoreChange {
  RootStore* store;
  std::string fingerprint;         ///< of the root that goes in or out
  std::vector<std::string> steps;  ///< what will be done; empty: nothing is to be done
  Standing standing;               ///< as it is now
};

/// What it takes to put a root into these stores. Stores that this machine lacks are left out.
std::vector<StoreChange> plan_install(const std::vector<std::unique_ptr<RootStore>>& stores,
                                      const std::string& fingerprint);

/// What it takes to get roots out of them: `fingerprint` (empty: there is none), and each that the record names for
/// one of these stores.
std::vector<StoreChange> plan_uninstall(const std::vector<std::unique_ptr<RootStore>>& stores,
                                        const std::string& fingerprint, const TrustRecord& record);

/// Carries out one change, and keeps the record. Errors: those of RootStore and TrustRecord.
Result<void> install(const StoreChange& change, Bytes der, TrustRecord& record, WallTime now);
Result<void> uninstall(const StoreChange& change, TrustRecord& record);

}  // namespace padlock::ca

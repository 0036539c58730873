#include "padlock/ca/trust/install.h"

#include <algorithm>
#include <utility>

namespace padlock::ca {
namespace {

void add_unique(std::vector<std::string>& list, const std::string& text) {
  if (!text.empty() && std::ranges::find(list, text) == list.end()) list.push_back(text);
}

}  // namespace

std::vector<StoreChange> plan_install(const std::vector<std::unique_ptr<RootStore>>& stores,
                                      const std::string& fingerprint) {
  std::vector<StoreChange> changes;
  for (const auto& store : stores) {
    Standing standing = store->standing(fingerprint);
    if (standing.presence == Presence::absent) continue;
    auto steps = standing.presence == Presence::yes ? std::vector<std::string>() : store->steps_to_add(fingerprint);
    changes.push_back({store.get(), fingerprint, std::move(steps), std::move(standing)});
  }
  return changes;
}

std::vector<StoreChange> plan_uninstall(const std::vector<std::unique_ptr<RootStore>>& stores,
                                        const std::string& fingerprint, const TrustRecord& record) {
  std::vector<StoreChange> changes;
  for (const auto& store : stores) {
    std::vector<std::string> roots;
    add_unique(roots, fingerprint);
    for (const InstalledRoot& one : record.installed()) {
      if (one.is(one.fingerprint, *store)) add_unique(roots, one.fingerprint);
    }
    for (const std::string& root : roots) {
      Standing standing = store->standing(root);
      if (standing.presence == Presence::absent) continue;
      // What stands there without being trusted goes too.
      const bool gone = standing.presence == Presence::no && standing.why.empty();
      auto steps = gone ? std::vector<std::string>() : store->steps_to_remove(root);
      changes.push_back({store.get(), root, std::move(steps), std::move(standing)});
    }
  }
  return changes;
}

Result<void> install(const StoreChange& change, Bytes der, TrustRecord& record, WallTime now) {
  RootStore& store = *change.store;
  PADLOCK_TRY(record.note({change.fingerprint, store.kind(), store.place(), now}));
  auto added = store.add(der);
  if (!added && store.standing(change.fingerprint).presence == Presence::no) {
    PADLOCK_TRY(record.forget(change.fingerprint, store.kind(), store.place()));  // nothing is to be undone
  }
  return added;
}

Result<void> uninstall(const StoreChange& change, TrustRecord& record) {
  PADLOCK_TRY(change.store->remove(change.fingerprint));
  return record.forget(change.fingerprint, change.store->kind(), change.store->place());
}

}  // namespace padlock::ca

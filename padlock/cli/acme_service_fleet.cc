// Certificates by ACME where a fleet shares them: one node orders, under a lease that it must still hold when it has
// the order finalized, and the others find what it has put into the store.
#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/redis_rules.h"
#include "padlock/certs/rules.h"
#include "padlock/cli/acme_service.h"
#include "padlock/cli/command.h"
#include "padlock/net/clock.h"
#include "padlock/server/site.h"

namespace padlock::cli {
namespace {

/// Between two renewals of a lease (docs/threats.md, "Cluster store").
constexpr std::chrono::seconds lease_renewal{10};

/// Keeps a lease alive for as long as this object is there.
class LeaseKeeper {
 public:
  LeaseKeeper(certs::RedisStore& store, certs::Lease lease, const asio::any_io_executor& executor)
      : state_(std::make_shared<State>(State{&store, std::move(lease), asio::steady_timer(executor)})) {
    asio::co_spawn(executor, keep(state_), asio::detached);
  }
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;
  ~LeaseKeeper() {
    state_->over = true;
    state_->timer.cancel();
  }

 private:
  struct State {
    certs::RedisStore* store;
    certs::Lease lease;
    asio::steady_timer timer;
    bool over = false;
  };
  static net::Awaitable<void> keep(std::shared_ptr<State> state) {
    while (!state->over) {
      state->timer.expires_after(lease_renewal);
      std::error_code woken;
      co_await state->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
      if (state->over) co_return;
      const auto renewed = co_await state->store->renew(state->lease, certs::lease_life);
      if (!renewed && renewed.error().rule == &certs::rules::lease_lost) co_return;  // `claim` will tell
    }
  }
  std::shared_ptr<State> state_;
};

}  // namespace

net::Awaitable<Result<void>> AcmeService::order_in_fleet(const std::string& name, const std::vector<std::string>& names,
                                                         certs::AcmeCas& desk) {
  const certs::StoreKey key = key_of(certs::Kind::certificate, name);
  const auto lease = co_await shared_->lock(key, certs::lease_life);
  PADLOCK_CO_TRY(lease);
  const auto executor = co_await asio::this_coro::executor;
  auto done = Result<void>();
  {
    const LeaseKeeper keeper(*shared_, *lease, executor);
    done = co_await renew_in_fleet(name, names, *lease, desk);
  }
  const auto unlocked = co_await shared_->unlock(*lease);
  static_cast<void>(unlocked);  // it ends by itself
  co_return done;
}

net::Awaitable<Result<void>> AcmeService::renew_in_fleet(const std::string& name, const std::vector<std::string>& names,
                                                         const certs::Lease& lease, certs::AcmeCas& desk) {
  std::vector<std::pair<std::string, std::optional<certs::Lease>>> accounts;
  for (certs::AcmeIssuer* const issuer : desk.all()) {
    const auto theirs = co_await take_shared_certificate(*issuer, name, names);
    PADLOCK_CO_TRY(theirs);
    if (*theirs) co_return Result<void>();
  }
  for (certs::AcmeIssuer* const issuer : desk.all()) {
    auto account = co_await take_shared_account(*issuer);
    PADLOCK_CO_TRY(account);
    accounts.emplace_back(issuer->ca(), *std::move(account));
  }
  const auto old = find_entry(names);
  PADLOCK_CO_TRY(old);
  certs::IssueRequest request{names, *old ? (*old)->profile : "", *old ? (*old)->ari_id : "", {}};
  request.before_finalize = [this, &lease](std::string order) -> net::Awaitable<Result<void>> {
    const std::string what = "finalize " + order;
    co_return co_await shared_->claim(lease, what);
  };
  std::string replaced_at = *old ? (*old)->issuer : "";
  const auto issued = co_await desk.issue(std::move(request), std::move(replaced_at));
  for (auto& [ca, account] : accounts) co_await share_account(std::move(ca), std::move(account));
  PADLOCK_CO_TRY(issued);
  const SecretBytes value = certs::write_entry(issued->entry);
  // The lock is on the first CA's place: what another has made is written without it, by its holder all the same.
  const certs::StoreKey place{lease.key.kind, issued->by->ca(), lease.key.name};
  const certs::Lease* const held = place == lease.key ? &lease : nullptr;
  const auto put = co_await shared_->put(place, value.reveal(), held);
  // Whoever has lost the lock has nothing to say; but a store that is away now hears of it when it is back.
  if (!put && put.error().rule == &certs::rules::lease_lost) co_return std::unexpected(put.error());
  if (!put) print_error(put.error());
  const auto kept = store_.put(place, value.reveal());
  PADLOCK_CO_TRY(kept);
  co_return tell(names, *issued, old->has_value());
}

/// Whether another node was here since this one had looked.
net::Awaitable<Result<bool>> AcmeService::take_shared_certificate(const certs::AcmeIssuer& issuer,
                                                                  const std::string& name,
                                                                  const std::vector<std::string>& names) {
  const certs::StoreKey key{certs::Kind::certificate, issuer.ca(), name};
  const auto value = co_await shared_->get(key);
  PADLOCK_CO_TRY(value);
  if (!*value) co_return false;
  const auto entry = certs::parse_entry((*value)->reveal(), *provider_);
  if (!entry || entry->issuer != issuer.settings().directory) co_return false;
  const auto leaf = certs::leaf_of(*entry);
  const certs::RenewalState* const known = plan_.find(name);
  const bool newer = leaf && (*leaf)->not_after > (known != nullptr ? known->not_after : net::now().wall) &&
                     server::check_certified(names, server::Names(server::names_of(**leaf)));
  if (!newer) co_return false;
  const auto kept = store_.put(key, (*value)->reveal());
  PADLOCK_CO_TRY(kept);
  note_success(name, **leaf);
  co_return true;
}

// ---- the account ----------------------------------------------------------------------------------------------------

/// The fleet's account at this CA becomes ours. If there is none at the first CA the lock on it is taken: who holds it
/// makes one. At the others, which are rarely asked, whoever needs one makes it.
net::Awaitable<Result<std::optional<certs::Lease>>> AcmeService::take_shared_account(certs::AcmeIssuer& issuer) {
  const certs::StoreKey key{certs::Kind::account, issuer.ca(), "account"};
  for (std::optional<certs::Lease> lease;;) {
    const auto theirs = co_await shared_->get(key);
    PADLOCK_CO_TRY(theirs);
    const auto ours = store_.get(key);
    PADLOCK_CO_TRY(ours);
    if (*theirs) {
      const bool same = *ours && equal_constant_time((*ours)->reveal(), (*theirs)->reveal());
      if (!same) {
        const auto kept = store_.put(key, (*theirs)->reveal());
        PADLOCK_CO_TRY(kept);
      }
      if (!same) forget_account(issuer.ca());
      if (lease) {
        const auto unlocked = co_await shared_->unlock(*lease);
        static_cast<void>(unlocked);  // it ends by itself
      }
      co_return std::optional<certs::Lease>();
    }
    if (lease || issuer.ca() != ca()) co_return lease;
    auto locked = co_await shared_->lock(key, certs::lease_life);
    PADLOCK_CO_TRY(locked);
    lease = *std::move(locked);  // and another look: somebody may have made one meanwhile
  }
}

/// Each desk has opened it for itself.
void AcmeService::forget_account(const std::string& ca) {
  const auto forget_at = [&](const certs::AcmeCas& desk) {
    for (certs::AcmeIssuer* const issuer : desk.all())
      if (issuer->ca() == ca) issuer->forget_account();
  };
  forget_at(*cas_);
  for (const auto& desk : desks_) forget_at(*desk);
}

/// What the first order has made of the account, or its URL.
net::Awaitable<void> AcmeService::share_account(std::string ca, std::optional<certs::Lease> lease) {
  const certs::StoreKey key{certs::Kind::account, std::move(ca), "account"};
  const auto ours = store_.get(key);
  if (!ours || !*ours) co_return;
  const auto theirs = co_await shared_->get(key);
  const bool same = theirs && *theirs && equal_constant_time((*ours)->reveal(), (*theirs)->reveal());
  if (theirs && !same) {
    const auto put = co_await shared_->put(key, (*ours)->reveal(), lease ? &*lease : nullptr);
    if (!put) print_error(put.error());
  }
  if (!lease) co_return;
  const auto unlocked = co_await shared_->unlock(*lease);
  static_cast<void>(unlocked);  // it ends by itself
}

// ---- what is known of orders ----------------------------------------------------------------------------------------

/// So that another node neither asks at once again where this one has failed nor asks the CA when to renew.
net::Awaitable<void> AcmeService::share_state(std::string name) {
  const certs::RenewalState* const state = plan_.find(name);
  if (state == nullptr) co_return;
  const std::string text = certs::write_renewal_state(*state);
  const certs::StoreKey key = key_of(certs::Kind::order, name);
  const auto put = co_await shared_->put(key, as_bytes(text), nullptr);
  static_cast<void>(put);  // it is no more than that
}

void AcmeService::reread(const certs::StoreKey& key) {
  const auto all = cas_->all();
  if (std::ranges::none_of(all, [&](const auto* issuer) { return issuer->ca() == key.ca; })) return;
  if (key.kind == certs::Kind::account) forget_account(key.ca);
  if (const auto site = sites_.find(key.name); site != sites_.end()) {
    const auto state = state_of(site->second);
    if (!state) return;
    plan_.put(key.name, *state);
  }
  if (key.kind != certs::Kind::certificate) return;
  note_stored(key.name);
  troubles_.erase(key.name);
}

}  // namespace padlock::cli

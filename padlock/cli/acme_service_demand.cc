// Certificates by ACME for names that no site has: ordered when a client first asks for one, then renewed like the
// others.
#include <utility>

#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/rules.h"
#include "padlock/cli/acme_service.h"
#include "padlock/cli/command.h"
#include "padlock/net/clock.h"

namespace padlock::cli {
namespace {

/// How often, and how far apart, it is tried where no CA was asked: handshakes wait for no longer.
constexpr int tries = 8;
constexpr std::chrono::seconds pause{1};

}  // namespace

Result<void> AcmeService::watch(DemandWatch watch) {
  const auto keys = PADLOCK_TRY(store_.list(certs::Kind::certificate));
  watch_ = std::move(watch);
  for (const certs::StoreKey& key : keys)
    if (watch_.stored) watch_.stored(key.name);
  return {};
}

Result<void> AcmeService::adopt(const std::string& name) {
  if (sites_.contains(name)) return {};  // it is looked after, or a reload has made it a site's
  const std::vector<std::string> names{name};
  plan_.put(name, PADLOCK_TRY(state_of(names)));
  sites_[name] = names;
  on_demand_.insert(name);
  return {};
}

void AcmeService::let_go(const std::string& name) {
  if (on_demand_.erase(name) == 0) return;
  sites_.erase(name);
  plan_.forget(name);
}

/// It is in no plan before it is there: one that fails is not tried again by itself.
net::Awaitable<Result<void>> AcmeService::order_on_demand(std::string name) {
  const std::vector<std::string> names{name};
  asio::steady_timer timer(co_await asio::this_coro::executor);
  auto done = Result<void>();
  for (int tried = 0; tried < tries; ++tried) {
    done = broken(certs::rules::lock_held, "as much is being ordered as CAs allow");
    if (has_desk() && plan_.order_now(name, net::now())) {
      const Desk desk = take_desk();
      done = co_await order_under_lock(names, *desk);
      if (done || !is_unasked(done.error())) break;
      plan_.put_off(name, pause, net::now());
    }
    timer.expires_after(pause);
    co_await timer.async_wait(asio::use_awaitable);
  }
  if (!done && !is_unasked(done.error())) tell_of_failure(names, done.error());
  if (!done) plan_.forget(name);
  co_return done;
}

net::Awaitable<bool> AcmeService::is_still_allowed(const std::string& name) {
  if (!on_demand_.contains(name) || !watch_.is_allowed) co_return true;
  std::string asked = name;
  const bool allowed = co_await watch_.is_allowed(std::move(asked));
  if (!allowed) drop(name);
  co_return allowed;
}

/// Its owner may have led it elsewhere: then nobody comes here for it any more.
void AcmeService::note_failure_on_demand(const std::string& name, const Error& error) {
  print_error({error.rule, escaped(name) + ": " + error.what});
  const certs::RenewalState* const state = plan_.find(name);
  if (state != nullptr && state->not_after <= net::now().wall) drop(name);
}

void AcmeService::drop(const std::string& name) {
  let_go(name);
  if (watch_.dropped) watch_.dropped(name);
}

}  // namespace padlock::cli

#include "padlock/server/on_demand/certificates.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/text.h"
#include "padlock/net/clock.h"
#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

std::unexpected<Error> refusal(const std::string& name, const Rule& why) {
  return broken(why, "the client asks for " + escaped(name));
}

}  // namespace

std::shared_ptr<const SiteCredential> OnDemandCertificates::find(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  const auto found = kept_.find(name);
  if (found == kept_.end()) return nullptr;
  found->second.used = ++uses_;
  return found->second.credential;
}

Result<OnDemandCertificates::Place> OnDemandCertificates::enter(const std::string& name, const net::IpAddress& client) {
  const std::scoped_lock lock(mutex_);
  const auto turn = plan_.enter(name, client, net::now());
  if (!turn) return refusal(name, *turn.error());
  if (*turn == OnDemandPlan::Turn::begins) {
    begun_.push_back(name);
    if (ring_) ring_();
  }
  return Place(shared_from_this(), client);
}

/// Looks again and again: who waits lives on another thread than who works, and with its connection; so few wait that
/// looking costs nothing.
net::Awaitable<Result<std::shared_ptr<const SiteCredential>>> OnDemandCertificates::wait(std::string name,
                                                                                         [[maybe_unused]] Place place) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  const auto end = std::chrono::steady_clock::now() + patience_;
  std::error_code woken;
  while (!woken && at_work(name) && std::chrono::steady_clock::now() < end) {
    timer.expires_after(limits::on_demand_looks_apart);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  co_return outcome(name);
}

bool OnDemandCertificates::at_work(const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  return plan_.at_work(name);
}

Result<std::shared_ptr<const SiteCredential>> OnDemandCertificates::outcome(const std::string& name) {
  if (auto credential = find(name)) return credential;
  const std::scoped_lock lock(mutex_);
  const Rule* const why = plan_.why_refused(name, net::now());
  return refusal(name, why != nullptr ? *why : rules::on_demand_pending);
}

void OnDemandCertificates::leave(const net::IpAddress& client) {
  const std::scoped_lock lock(mutex_);
  plan_.leave(client);
}

// ---- whoever has them made ------------------------------------------------------------------------------------------

void OnDemandCertificates::when_asked(std::function<void()> ring) {
  const std::scoped_lock lock(mutex_);
  ring_ = std::move(ring);
}

std::optional<std::string> OnDemandCertificates::next() {
  const std::scoped_lock lock(mutex_);
  if (begun_.empty()) return std::nullopt;
  std::string name = std::move(begun_.front());
  begun_.pop_front();
  return name;
}

void OnDemandCertificates::know(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  plan_.know(name);
}

const Rule* OnDemandCertificates::order(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  return plan_.order(name, net::now());
}

void OnDemandCertificates::refuse(const std::string& name, const Rule& why, std::chrono::nanoseconds time) {
  const std::scoped_lock lock(mutex_);
  plan_.refuse(name, why, time, net::now());
}

std::optional<std::string> OnDemandCertificates::put(const std::string& name,
                                                     std::shared_ptr<const SiteCredential> credential) {
  const std::scoped_lock lock(mutex_);
  plan_.served(name);
  std::optional<std::string> gone;
  if (!kept_.contains(name) && kept_.size() >= limits::on_demand_kept) {
    const auto oldest = std::ranges::min_element(kept_, {}, [](const auto& one) { return one.second.used; });
    gone = oldest->first;
    kept_.erase(oldest);
  }
  kept_[name] = {std::move(credential), ++uses_};
  return gone;
}

void OnDemandCertificates::drop(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  kept_.erase(name);
}

std::vector<std::string> OnDemandCertificates::drop_if(const std::function<bool(const std::string& name)>& gone) {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> dropped;
  for (const auto& [name, kept] : kept_)
    if (gone(name)) dropped.push_back(name);
  for (const std::string& name : dropped) kept_.erase(name);
  return dropped;
}

void OnDemandCertificates::count(const std::function<void(OnDemandCounts&)>& change) {
  const std::scoped_lock lock(mutex_);
  change(counts_);
}

OnDemandCounts OnDemandCertificates::counts() const {
  const std::scoped_lock lock(mutex_);
  OnDemandCounts counts = counts_;
  counts.certificates = kept_.size();
  return counts;
}

}  // namespace padlock::server

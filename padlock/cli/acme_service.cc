#include "padlock/cli/acme_service.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/acme_dns.h"
#include "padlock/certs/dns_update.h"
#include "padlock/certs/redis_rules.h"
#include "padlock/certs/rules.h"
#include "padlock/cli/command.h"
#include "padlock/client/verdict.h"
#include "padlock/net/clock.h"
#include "padlock/server/site.h"

namespace padlock::cli {
namespace {

/// Between the renewal that was asked for and the answer to a challenge, a CA may take minutes.
constexpr std::chrono::seconds order_lease = certs::max_lease_life;
/// Another node is at work on a name, or nobody knows: until it is looked at again.
constexpr std::chrono::seconds put_off_pause{2};

}  // namespace

std::unique_ptr<certs::DnsAnswers> make_dns_answers(const certs::AcmeSettings& settings, certs::HookRunner* hooks,
                                                    crypto::Provider& provider, certs::ChallengeAnswers& others) {
  if (settings.dns_update) return std::make_unique<certs::DnsUpdateAnswers>(*settings.dns_update, provider, others);
  if (!settings.dns_hook.empty() && hooks != nullptr) return std::make_unique<certs::DnsHookAnswers>(*hooks, others);
  if (settings.acme_dns_file.empty()) return nullptr;
  client::TrustOptions trust;
  trust.ca_files = settings.ca_files;
  return std::make_unique<certs::AcmeDnsAnswers>(settings.acme_dns_file, std::move(trust), others);
}

Result<std::unique_ptr<AcmeService>> AcmeService::open(const certs::AcmeSettings& settings,
                                                       const std::filesystem::path& state, crypto::Provider& provider,
                                                       certs::HookRunner* hooks, certs::RedisStore* shared) {
  std::unique_ptr<AcmeService> service(new AcmeService(state, provider));  // the constructor is private
  service->shared_ = shared;
  certs::ChallengeAnswers* answers = service->challenges_.get();
  if (shared != nullptr) {
    auto ca = PADLOCK_TRY(certs::ca_of_directory(settings.directory));
    answers = &service->shared_challenges_.emplace(std::move(ca), *shared, *service->challenges_);
  }
  service->dns_ = make_dns_answers(settings, hooks, provider, *answers);
  if (service->dns_) answers = service->dns_.get();
  service->cas_ = PADLOCK_TRY(certs::AcmeCas::make(settings, service->store_, *answers, provider));
  if (settings.on_demand) service->plan_.leave_room();
  service->desks_.reserve(certs::orders_at_once);
  while (service->desks_.size() < certs::orders_at_once) {
    service->desks_.push_back(PADLOCK_TRY(service->cas_->another(service->store_, *answers, provider)));
    service->free_desks_.push_back(service->desks_.back().get());
  }
  return service;
}

// ---- what is there --------------------------------------------------------------------------------------------------

/// What is stored for the site by one of the CAs: what was had last, before that what is not over, and before that what
/// has all its names. Not what lives longest: another CA may give shorter lives.
Result<std::optional<certs::CertificateEntry>> AcmeService::find_any(const std::vector<std::string>& names) {
  std::optional<certs::CertificateEntry> best;
  std::tuple<bool, bool, WallTime> best_is{};
  for (const certs::AcmeIssuer* const issuer : cas_->all()) {
    const certs::StoreKey key{certs::Kind::certificate, issuer->ca(), names.front()};
    auto entry = PADLOCK_TRY(certs::find_certificate(store_, key, *provider_));
    if (!entry || entry->issuer != issuer->settings().directory) continue;
    const auto leaf = PADLOCK_TRY(certs::leaf_of(*entry));
    const bool whole = server::check_certified(names, server::Names(server::names_of(*leaf))).has_value();
    const std::tuple is{whole, net::now().wall < leaf->not_after, entry->obtained};
    if (best && is <= best_is) continue;
    best = std::move(entry);
    best_is = is;
  }
  return best;
}

/// One that holds all names: with fewer, another is to be had.
Result<std::optional<certs::CertificateEntry>> AcmeService::find_entry(const std::vector<std::string>& names) {
  auto entry = PADLOCK_TRY(find_any(names));
  if (!entry) return std::nullopt;
  const auto leaf = PADLOCK_TRY(certs::leaf_of(*entry));
  if (!server::check_certified(names, server::Names(server::names_of(*leaf)))) return std::nullopt;
  return entry;
}

Result<std::optional<AcmeService::Found>> AcmeService::find(const std::vector<std::string>& names) {
  const auto entry = PADLOCK_TRY(find_any(names));
  if (!entry) return std::nullopt;
  const auto leaf = PADLOCK_TRY(certs::leaf_of(*entry));
  auto credential = server::make_site_credential(server::Names(server::names_of(*leaf)),
                                                 PADLOCK_TRY(certs::credential_of(*entry, *provider_)));
  return Found{std::move(credential), cas_->find(entry->issuer)->ca(), leaf->not_after};
}

/// What was stored of it, if that is about the certificate which is there.
Result<certs::RenewalState> AcmeService::state_of(const std::vector<std::string>& names) {
  certs::RenewalState state;
  if (const auto entry = PADLOCK_TRY(find_entry(names))) {
    const auto leaf = PADLOCK_TRY(certs::leaf_of(*entry));
    state.not_before = leaf->not_before;
    state.not_after = leaf->not_after;
  }
  const auto stored = PADLOCK_TRY(store_.get(key_of(certs::Kind::order, names.front())));
  const auto known = stored ? certs::parse_renewal_state(as_text(stored->reveal())) : std::nullopt;
  const bool same = known && known->not_before == state.not_before && known->not_after == state.not_after;
  return same ? *known : state;
}

Result<void> AcmeService::keep(const std::vector<std::vector<std::string>>& sites) {
  std::map<std::string, std::vector<std::string>> next;
  for (const auto& names : sites) next[names.front()] = names;
  for (const std::string& name : on_demand_) next[name] = {name};
  for (const auto& [name, names] : sites_) {
    if (next.contains(name)) continue;
    plan_.remove(name);
    troubles_.erase(name);
  }
  for (const auto& [name, names] : next) {
    const auto before = sites_.find(name);
    if (before == sites_.end() || before->second != names) plan_.put(name, PADLOCK_TRY(state_of(names)));
  }
  sites_ = std::move(next);
  return {};
}

/// So that a restart neither forgets how often it went wrong nor asks the CA again. It is no more than that: without it
/// the lifetime tells when to renew.
void AcmeService::keep_state(const std::string& name) {
  const certs::RenewalState* const state = plan_.find(name);
  if (state == nullptr) return;
  const std::string text = certs::write_renewal_state(*state);
  const auto kept = store_.put(key_of(certs::Kind::order, name), as_bytes(text));
  if (!kept) print_error(kept.error());
}

std::vector<Error> AcmeService::troubles() const {
  std::vector<Error> all;
  for (const auto& [ca, why] : cas_->passed_over())
    all.push_back({why.rule, "the CA " + escaped(ca) + " is passed over: " + why.what});
  for (const auto& [name, error] : troubles_) all.push_back({error.rule, escaped(name) + ": " + error.what});
  return all;
}

// ---- what is due ----------------------------------------------------------------------------------------------------

/// Whether an order may begin. The first makes the account, for all that come after it.
bool AcmeService::has_desk() {
  if (free_desks_.size() == desks_.size()) return true;
  has_account_ = has_account_ || cas_->first().has_account();
  return has_account_ && !free_desks_.empty();
}

AcmeService::Desk AcmeService::take_desk() {
  certs::AcmeCas* const desk = free_desks_.back();
  free_desks_.pop_back();
  return {desk, [this](certs::AcmeCas* used) { free_desks_.push_back(used); }};
}

void AcmeService::work(const asio::any_io_executor& executor) {
  while (has_desk()) {
    auto name = plan_.next_order(net::now());
    if (!name) break;
    asio::co_spawn(executor, order(*std::move(name), take_desk()), asio::detached);
  }
  if (asking_) return;
  if (auto name = plan_.next_question(net::now())) asio::co_spawn(executor, ask(*std::move(name)), asio::detached);
}

net::Awaitable<void> AcmeService::order(std::string name, Desk desk) {
  const bool allowed = co_await is_still_allowed(name);
  const auto site = sites_.find(name);
  if (!allowed || site == sites_.end()) co_return plan_.forget(name);
  const std::vector<std::string> names = site->second;  // a reload may change them meanwhile
  co_await order_at(*desk, std::move(name), names);
  if (listener_.order_ended) listener_.order_ended();
}

net::Awaitable<void> AcmeService::order_at(certs::AcmeCas& desk, std::string name,
                                           const std::vector<std::string>& names) {
  const auto done = co_await order_under_lock(names, desk);
  if (done) {
    troubles_.erase(name);
  } else {
    const auto& failure = desk.last_failure();
    const bool others_turn = done.error().rule == &certs::rules::lock_held;
    if (shared_ != nullptr && is_unasked(done.error())) co_return plan_.put_off(name, put_off_pause, net::now());
    plan_.failed(name, others_turn ? 0 : failure.validations, others_turn ? std::nullopt : failure.retry_after,
                 net::now());
    if (!others_turn) tell_of_failure(names, done.error());
    if (!others_turn) note_failure(name, done.error());
  }
  keep_state(name);
  if (shared_ != nullptr) co_await share_state(std::move(name));
}

/// It is another's turn, or nobody knows whose: no CA was asked.
bool AcmeService::is_unasked(const Error& error) {
  return error.rule == &certs::rules::lock_held || error.rule == &certs::redis_rules::away;
}

void AcmeService::note_failure(const std::string& name, const Error& error) {
  if (on_demand_.contains(name)) return note_failure_on_demand(name, error);
  if (sites_.contains(name)) troubles_.insert_or_assign(name, error);
}

/// Of several processes with one store, one at a time orders a certificate; the others find what it has put there.
net::Awaitable<Result<void>> AcmeService::order_under_lock(const std::vector<std::string>& names,
                                                           certs::AcmeCas& desk) {
  const std::string& name = names.front();
  if (shared_ != nullptr) co_return co_await order_in_fleet(name, names, desk);
  const certs::StoreKey key = key_of(certs::Kind::certificate, name);
  const auto lease = store_.lock(key, order_lease);
  PADLOCK_CO_TRY(lease);
  auto done = co_await renew(name, names, *lease, desk);
  const auto unlocked = store_.unlock(*lease);
  if (done && !unlocked) co_return unlocked;
  co_return done;
}

net::Awaitable<Result<void>> AcmeService::renew(const std::string& name, const std::vector<std::string>& names,
                                                const certs::Lease& lease, certs::AcmeCas& desk) {
  const auto old = find_entry(names);
  PADLOCK_CO_TRY(old);
  if (*old) {
    const auto leaf = certs::leaf_of(**old);
    const certs::RenewalState* const known = plan_.find(name);
    if (leaf && known != nullptr && (*leaf)->not_after > known->not_after) {  // another process was here
      note_success(name, **leaf);
      co_return Result<void>();
    }
  }
  certs::IssueRequest request{names, *old ? (*old)->profile : "", *old ? (*old)->ari_id : "", {}};
  std::string replaced_at = *old ? (*old)->issuer : "";
  const auto issued = co_await desk.issue(std::move(request), std::move(replaced_at));
  PADLOCK_CO_TRY(issued);
  const auto kept = put(*issued, lease);
  PADLOCK_CO_TRY(kept);
  co_return tell(names, *issued, old->has_value());
}

/// What is stored is in use from now on, and in the news.
Result<void> AcmeService::tell(const std::vector<std::string>& names, const certs::AcmeCas::Issued& issued,
                               bool renewed) {
  using Kind = certs::CertificateEvent::Kind;
  const std::string& name = names.front();
  const auto leaf = PADLOCK_TRY(certs::leaf_of(issued.entry));
  note_success(name, *leaf);
  ++(renewed ? counts_.renewed : counts_.obtained);
  told_of_cas_.erase(issued.by->ca());
  tell_of_cas();
  happened({.kind = renewed ? Kind::cert_renewed : Kind::cert_obtained,
            .names = names,
            .ca = issued.by->ca(),
            .not_after = leaf->not_after});
  news_.push_back("certificate for " + escaped(name) + " by " + escaped(issued.by->ca()) + ", valid until " +
                  client::minute_text(leaf->not_after) + "\n");
  return {};
}

/// Under the name's lock, and under that of its place where another CA than the first has made it.
Result<void> AcmeService::put(const certs::AcmeCas::Issued& issued, const certs::Lease& lease) {
  const SecretBytes value = certs::write_entry(issued.entry);
  if (issued.by->ca() == lease.key.ca) return store_.put(lease.key, value.reveal(), &lease);
  const certs::StoreKey place{lease.key.kind, issued.by->ca(), lease.key.name};
  const auto own = PADLOCK_TRY(store_.lock(place, order_lease));
  const auto done = store_.put(place, value.reveal(), &own);
  PADLOCK_TRY(store_.unlock(own));
  return done;
}

void AcmeService::note_success(const std::string& name, const x509::Certificate& leaf) {
  plan_.succeeded(name, leaf.not_before, leaf.not_after, net::now());
  note_stored(name);
}

/// Those on demand are nobody's but whoever watches them.
void AcmeService::note_stored(const std::string& name) {
  if (sites_.contains(name) && !on_demand_.contains(name))
    ++version_;
  else if (watch_.stored)
    watch_.stored(name);
}

/// Without an answer the lifetime tells when to renew.
net::Awaitable<void> AcmeService::ask(std::string name) {
  const auto site = sites_.find(name);
  if (site == sites_.end()) co_return;
  const std::vector<std::string> names = site->second;
  const auto entry = find_entry(names);
  if (!entry || !*entry || (*entry)->ari_id.empty()) co_return;
  certs::AcmeIssuer* const issuer = cas_->find((*entry)->issuer);
  asking_ = true;
  const auto over = std::unique_ptr<bool, void (*)(bool*)>(&asking_, [](bool* asking) { *asking = false; });
  const auto answer = co_await issuer->ask_renewal((*entry)->ari_id);
  if (answer) note_answer(name, *answer, issuer->ca());
}

}  // namespace padlock::cli

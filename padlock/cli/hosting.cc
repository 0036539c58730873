#include "padlock/cli/hosting.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "padlock/acme/identifier.h"
#include "padlock/base/text.h"
#include "padlock/ca/names.h"
#include "padlock/cli/rules.h"
#include "padlock/server/route/make_route.h"

namespace padlock::cli {
namespace {

std::unexpected<Error> at(const server::SiteConfig& site, const Error& error) {
  return broken(*error.rule, site.place.empty() ? error.what : escaped(site.place) + ": " + error.what);
}

/// None: all that its certificates hold.
std::string_view first_name(const server::SiteConfig& site) {
  return site.names.empty() ? std::string_view() : site.names.front();
}

std::vector<std::vector<std::string>> acme_names(const server::Config& config) {
  std::vector<std::vector<std::string>> all;
  for (const server::SiteConfig& site : config.sites) {
    if (site.acme) all.push_back(site.names);
  }
  return all;
}

}  // namespace

Result<Hosting::Open> Hosting::open(const server::SiteConfig& config, tls::Policy policy) {
  auto route = PADLOCK_TRY(server::open_route(config, config.paths, cache_));  // before a CA is made for nothing
  auto certificates = PADLOCK_TRY(SiteCertificates::open(config, policy, issuer_, acme_.get(), *provider_));
  PADLOCK_TRY(certificates.staple(staples_));  // what is kept
  const auto coverage = config.acme ? server::Coverage::some : server::Coverage::all;
  auto site = PADLOCK_TRY(
      server::make_site(config.names, certificates.credentials(), std::move(route), config.policy, coverage));
  return Open{config, policy, std::make_shared<SiteCertificates>(std::move(certificates)), std::move(site)};
}

/// Its settings are what a server starts with; whose certificates it looks after may change.
Result<void> Hosting::open_acme(const server::Config& config) {
  if (acme_ || !config.acme) return {};
  const auto directory = client::state_directory();
  if (!directory) return broken(rules::no_state_directory, "there is no place for certificates by ACME");
  acme_ = PADLOCK_TRY(AcmeService::open(*config.acme, *directory, *provider_, hooks_, shared_));
  if (config.acme->on_demand) on_demand_ = PADLOCK_TRY(OnDemand::open(*config.acme->on_demand, *acme_));
  return {};
}

Result<server::Service> Hosting::load(const server::Config& config) {
  server::Config same = config;
  return load(same, nullptr);
}

Result<server::Service> Hosting::load(server::Config& config, std::vector<Error>& left_out) {
  return load(config, &left_out);
}

Result<server::Service> Hosting::load(server::Config& config, std::vector<Error>* left_out) {
  PADLOCK_TRY(open_acme(config));
  const bool ca_unchanged = issuer_.state_of_files() == ca_files_;
  std::vector<Open> opened;
  opened.reserve(config.sites.size());
  std::multimap<std::string_view, const Open*> before;  // there may be ten thousand
  for (const Open& one : sites_) before.emplace(first_name(one.config), &one);
  const auto open_one = [&](const server::SiteConfig& site) -> Result<Open> {
    const tls::Policy policy = site.policy.value_or(config.policy);
    const auto [begin, end] = before.equal_range(first_name(site));
    const auto same = std::find_if(begin, end, [&](const auto& one) {
      return one.second->policy == policy && server::same_site(one.second->config, site);
    });
    return same != end ? *same->second : open(site, policy);
  };
  for (auto site = config.sites.begin(); site != config.sites.end();) {
    auto one = open_one(*site);
    if (one) {
      opened.push_back(*std::move(one));
      ++site;
    } else if (left_out != nullptr && !site->service.empty()) {
      left_out->push_back(at(*site, one.error()).error());
      site = config.sites.erase(site);
    } else {
      return at(*site, one.error());
    }
  }
  std::vector<std::shared_ptr<const server::Site>> sites;
  sites.reserve(opened.size());
  for (const Open& one : opened) sites.push_back(one.site);
  std::optional<server::OnDemandSite> on_demand;
  if (on_demand_) on_demand.emplace(config.acme->on_demand->site, on_demand_->rule());
  auto all = PADLOCK_TRY(server::Sites::make(std::move(sites), config.fallback, std::move(on_demand)));
  replace(std::move(opened));
  if (on_demand_) on_demand_->leave_to(*all);
  if (acme_) PADLOCK_TRY(acme_->keep(acme_names(config)));
  cache_->limit(config.file_cache);
  if (ca_unchanged) ca_files_ = issuer_.state_of_files();  // what was issued here is no news
  return server::Service{.sites = std::move(all),
                         .policy = config.policy,
                         .early_data = config.early_data,
                         .timers = config.timers,
                         .challenges = acme_ ? acme_->challenges() : nullptr,
                         .on_demand = on_demand_ ? on_demand_->certificates() : nullptr};
}

/// A service's old upstreams get nothing new, by connections that were there before neither: they are about to end.
void Hosting::replace(std::vector<Open> opened) {
  std::set<const server::Site*> kept;
  for (const Open& one : sites_) kept.insert(one.site.get());
  for (const Open& one : opened) {
    if (kept.contains(one.site.get())) continue;
    if (const auto old = find_service(one.config.service)) server::supersede(*old->route, *one.site->route);
  }
  sites_ = std::move(opened);
}

std::shared_ptr<const server::Site> Hosting::find_service(std::string_view name) const {
  const auto found =
      std::ranges::find(sites_, name, [](const Open& one) { return std::string_view(one.config.service); });
  return found == sites_.end() || name.empty() ? nullptr : found->site;
}

Result<void> check_sites(const server::Config& config) {
  const auto provider = crypto::make_provider();
  const auto cache = std::make_shared<server::FileCache>(config.file_cache);
  const auto check = [&](const server::SiteConfig& site) -> Result<void> {
    PADLOCK_TRY(server::open_route(site, site.paths, cache));
    if (site.clients) PADLOCK_TRY(server::ClientAuthority::load(*site.clients, *provider));
    if (site.acme) {
      PADLOCK_TRY(acme::make_identifiers(site.names));
      return {};
    }
    if (site.files.empty()) {
      PADLOCK_TRY(ca::alternative_names(site.names));
      return {};
    }
    const auto credentials = PADLOCK_TRY(server::Credentials::make(PADLOCK_TRY(load_files(site, *provider))));
    return server::check_certified(site.names, credentials->names());
  };
  if (config.store) static_cast<void>(PADLOCK_TRY(certs::RedisStore::open(*config.store, *provider)));
  for (const server::SiteConfig& site : config.sites) {
    if (const auto good = check(site); !good) return at(site, good.error());
  }
  return {};
}

std::vector<Error> Hosting::renew() {
  const bool ca_changed = issuer_.state_of_files() != ca_files_;
  bool settled = true;
  std::vector<Error> errors;
  for (const Open& one : sites_) {
    auto done = one.certificates->renew(ca_changed);
    if (done) done = one.certificates->staple(staples_);  // or no more: it has expired
    if (done) continue;
    settled = settled && !one.config.files.empty();
    errors.push_back(at(one.config, done.error()).error());
  }
  if (settled) ca_files_ = issuer_.state_of_files();
  return errors;
}

/// A reload may change the sites while a responder takes its time.
net::Awaitable<void> Hosting::refresh_staples() {
  std::vector<std::shared_ptr<SiteCertificates>> all;
  all.reserve(sites_.size());
  for (const Open& one : sites_) all.push_back(one.certificates);
  for (const auto& certificates : all) {
    co_await certificates->ask_for_staples(staples_);
    const auto done = certificates->staple(staples_);
    static_cast<void>(done);  // it is what is there, with a response
  }
}

void Hosting::certify(const asio::any_io_executor& executor) {
  if (acme_) acme_->work(executor);
}

void Hosting::listen(AcmeService::Listener listener) {
  if (acme_) acme_->listen(std::move(listener));
}

std::optional<server::OrderCounts> Hosting::order_counts() const {
  return acme_ ? std::optional(acme_->counts()) : std::nullopt;
}

void Hosting::start_on_demand(const asio::any_io_executor& executor) {
  if (on_demand_) on_demand_->start(executor);
}

std::optional<server::OnDemandCounts> Hosting::on_demand_counts() const {
  return on_demand_ ? std::optional(on_demand_->certificates()->counts()) : std::nullopt;
}

std::vector<Error> Hosting::acme_troubles() const { return acme_ ? acme_->troubles() : std::vector<Error>(); }

std::vector<Error> Hosting::staple_troubles() const {
  std::vector<Error> all;
  for (const Open& one : sites_)
    std::ranges::copy(one.certificates->staple_troubles(staples_), std::back_inserter(all));
  return all;
}

std::vector<std::string> Hosting::missing_staples() const {
  std::vector<std::string> all;
  for (const Open& one : sites_) std::ranges::copy(one.certificates->missing_staples(), std::back_inserter(all));
  return all;
}

std::vector<std::uint16_t> Hosting::responder_ports() const {
  std::vector<std::uint16_t> all;
  for (const Open& one : sites_) std::ranges::copy(one.certificates->responder_ports(), std::back_inserter(all));
  return all;
}

std::vector<std::shared_ptr<const server::Site>> Hosting::sites() const {
  std::vector<std::shared_ptr<const server::Site>> all;
  all.reserve(sites_.size());
  for (const Open& one : sites_) all.push_back(one.site);
  return all;
}

std::string Hosting::describe_certificates() const {
  std::string text;
  for (const Open& one : sites_) text += one.certificates->description();
  return text;
}

}  // namespace padlock::cli

#include "padlock/server/site.h"

#include <algorithm>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/http/message/authority.h"
#include "padlock/server/rules.h"

namespace padlock::server {

Result<void> check_certified(const std::vector<std::string>& names, const Names& certified) {
  for (const std::string& name : names) {
    const bool as_written = std::ranges::find(certified.all(), name) != certified.all().end();
    if (!as_written && !certified.hold(name))
      return broken(rules::certificate_lacks_name, "no certificate of the site holds its name " + escaped(name));
  }
  return {};
}

Result<std::shared_ptr<const Site>> make_site(std::vector<std::string> names, std::shared_ptr<Credentials> credentials,
                                              std::shared_ptr<const Route> route, std::optional<tls::Policy> policy,
                                              Coverage coverage) {
  const Names certified = credentials->names();
  Names own = names.empty() ? certified : Names(std::move(names));
  if (coverage == Coverage::all) PADLOCK_TRY(check_certified(own.all(), certified));
  return std::make_shared<const Site>(std::move(own), std::move(credentials), std::move(route), policy);
}

Result<std::shared_ptr<const Sites>> Sites::make(std::vector<std::shared_ptr<const Site>> sites,
                                                 std::optional<std::string> fallback,
                                                 std::optional<OnDemandSite> on_demand) {
  std::shared_ptr<Sites> made(new Sites());  // the constructor is private
  made->sites_ = std::move(sites);
  made->fallback_ = std::move(fallback);
  made->on_demand_ = std::move(on_demand);
  for (const auto& site : made->sites_) {
    for (const std::string& name : site->names.all()) {
      if (!made->by_name_.try_emplace(name, site.get()).second)
        return broken(rules::name_taken, "two sites have the name " + escaped(name));
    }
  }
  if (made->fallback_ && made->find_named(*made->fallback_) == nullptr)
    return broken(rules::fallback_unknown, "no site has the name " + escaped(*made->fallback_));
  if (made->on_demand_ && made->find_named(made->on_demand_->name) == nullptr)
    return broken(rules::on_demand_site_unknown, "no site has the name " + escaped(made->on_demand_->name));
  return made;
}

const Site* Sites::find(std::string_view host) const {
  const Site* const named = find_named(host);
  return named != nullptr ? named : on_demand(host);
}

const Site* Sites::on_demand(std::string_view host) const {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (!on_demand_ || !on_demand_->rule.may_allow(host) || find_named(host) != nullptr) return nullptr;
  return find_named(on_demand_->name);
}

const Site* Sites::find_named(std::string_view host) const {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (const auto exact = by_name_.find(host); exact != by_name_.end()) return exact->second;
  const std::size_t dot = host.find('.');
  if (dot == 0 || dot == std::string_view::npos || http::is_ipv4_address(host)) return nullptr;
  const auto wildcard = by_name_.find("*" + std::string(host.substr(dot)));
  return wildcard == by_name_.end() ? nullptr : wildcard->second;
}

const Site* Sites::without_name(const x509::IpAddress& local_address) const {
  if (const Site* const site = find(x509::to_string(local_address))) return site;
  return fallback_ ? find(*fallback_) : nullptr;
}

std::optional<Sites::Choice> Sites::choose(std::string_view name, std::span<const tls::SignatureScheme> schemes) const {
  const Site* const site = find(name);
  if (site == nullptr) return std::nullopt;
  auto credential = site->credentials->find(name, schemes);
  if (credential == nullptr) return std::nullopt;
  return Choice{site, std::move(credential)};
}

Result<Sites::Choice> Sites::choose(const std::optional<std::string>& server_name, const x509::IpAddress& local_address,
                                    std::span<const tls::SignatureScheme> schemes) const {
  if (auto found = choose(server_name ? *server_name : x509::to_string(local_address), schemes)) return *found;
  if (server_name) {
    const Site* const site = find_named(*server_name);
    if (site != nullptr && site->credentials->all()->empty())
      return broken(rules::certificate_pending, "the client asks for " + escaped(*server_name));
  }
  if (server_name) return broken(rules::unknown_server_name, "the client asks for " + escaped(*server_name));
  if (fallback_) {
    if (auto found = choose(*fallback_, schemes)) return *found;
  }
  return broken(rules::no_server_name,
                "the client names no server, and connected to " + x509::to_string(local_address));
}

}  // namespace padlock::server

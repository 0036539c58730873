#include "padlock/server/site_policies.h"

#include <algorithm>
#include <utility>

namespace padlock::server {
namespace {

constexpr std::array policies{tls::Policy::modern, tls::Policy::intermediate, tls::Policy::legacy};

std::shared_ptr<const tls::ServerConfig> with_policy(tls::ServerConfig config, tls::Policy policy) {
  config.policy = policy;
  return std::make_shared<const tls::ServerConfig>(std::move(config));
}

class SitePolicies final : public tls::ConfigByName {
 public:
  SitePolicies(std::shared_ptr<const Sites> sites, const tls::ServerConfig& common)
      : sites_(std::move(sites)), common_(common.policy) {
    for (const tls::Policy policy : policies)
      configs_.at(static_cast<std::size_t>(policy)) = with_policy(common, policy);
  }
  std::shared_ptr<const tls::ServerConfig> find(std::string_view server_name) const override {
    const Site* const site = sites_->find(server_name);
    if (site == nullptr) return nullptr;
    return configs_.at(static_cast<std::size_t>(site->policy.value_or(common_)));
  }

 private:
  std::shared_ptr<const Sites> sites_;
  tls::Policy common_;
  std::array<std::shared_ptr<const tls::ServerConfig>, policies.size()> configs_;
};

}  // namespace

TlsConfigs::TlsConfigs(const std::shared_ptr<tls::ServerConfig>& common, std::shared_ptr<const Sites> sites)
    : sites_(std::move(sites)), common_(common) {
  if (std::ranges::none_of(sites_->all(), [](const auto& site) { return site->policy.has_value(); })) return;
  // Who asks knows the sites' own; these do not know him, or they would keep each other for ever.
  common->by_name = std::make_shared<SitePolicies>(sites_, *common);
  for (const tls::Policy policy : policies)
    by_policy_.at(static_cast<std::size_t>(policy)) = with_policy(*common, policy);
}

const std::shared_ptr<const tls::ServerConfig>& TlsConfigs::for_address(const x509::IpAddress& local) const {
  if (!common_->by_name) return common_;
  const Site* const site = sites_->without_name(local);
  return site != nullptr && site->policy ? by_policy_.at(static_cast<std::size_t>(*site->policy)) : common_;
}

}  // namespace padlock::server

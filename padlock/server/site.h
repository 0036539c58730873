#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/server/credentials.h"
#include "padlock/server/names.h"
#include "padlock/server/on_demand/rule.h"
#include "padlock/server/route.h"

namespace padlock::server {

/// A site: what answers for some names, and their certificates. Immutable but for these, which are replaced when one is
/// renewed.
struct Site {
  Names names;
  std::shared_ptr<Credentials> credentials;
  std::shared_ptr<const Route> route;
  std::optional<tls::Policy> policy{};  ///< nothing: the server's
};

/// Whether certificates with these names are good for a site: a wildcard is held by the same one alone.
/// Error: rules::certificate_lacks_name.
Result<void> check_certified(const std::vector<std::string>& names, const Names& certified);

/// Whether a site's certificates hold all of its names. Those that are had later serve the others meanwhile.
enum class Coverage : std::uint8_t { all, some };

/// A site whose certificates hold its names; without `names` it has all that they hold.
/// Error: rules::certificate_lacks_name.
Result<std::shared_ptr<const Site>> make_site(std::vector<std::string> names, std::shared_ptr<Credentials> credentials,
                                              std::shared_ptr<const Route> route,
                                              std::optional<tls::Policy> policy = std::nullopt,
                                              Coverage coverage = Coverage::all);

/// Whose the hosts are that no site has, where the rule may allow them.
struct OnDemandSite {
  std::string name;  ///< one of that site's
  OnDemandRule rule;
};

/// The sites of a server at one moment. Immutable; shared by all workers.
class Sites {
 public:
  /// `fallback`: a name of one of them, whose certificate is shown to clients that name no server.
  /// There may be none yet. Errors: rules::name_taken, ::fallback_unknown, ::on_demand_site_unknown.
  static Result<std::shared_ptr<const Sites>> make(std::vector<std::shared_ptr<const Site>> sites,
                                                   std::optional<std::string> fallback = std::nullopt,
                                                   std::optional<OnDemandSite> on_demand = std::nullopt);

  /// The site of a host (lower case; a final dot is passed over): the one with this very name, else the one with the
  /// wildcard that holds it, else the one of names on demand; null: none.
  const Site* find(std::string_view host) const;
  /// Null: a site has this name, or it may not be had on demand.
  const Site* on_demand(std::string_view host) const;

  /// What a handshake goes on with.
  struct Choice {
    const Site* site;
    std::shared_ptr<const SiteCredential> credential;
  };
  /// For a client (docs/threats.md, T29): the site of `server_name`, or without it the one of the local address, else
  /// the fallback. Errors: rules::unknown_server_name, ::certificate_pending, ::no_server_name.
  Result<Choice> choose(const std::optional<std::string>& server_name, const x509::IpAddress& local_address,
                        std::span<const tls::SignatureScheme> schemes) const;

  /// The site of a client that names no server: the one of the local address, else the fallback; null: there is none.
  const Site* without_name(const x509::IpAddress& local_address) const;

  const std::vector<std::shared_ptr<const Site>>& all() const { return sites_; }

 private:
  Sites() = default;
  const Site* find_named(std::string_view host) const;
  std::optional<Choice> choose(std::string_view name, std::span<const tls::SignatureScheme> schemes) const;

  std::vector<std::shared_ptr<const Site>> sites_;
  std::map<std::string, const Site*, std::less<>> by_name_;  ///< "*." names as they are written
  std::optional<std::string> fallback_;
  std::optional<OnDemandSite> on_demand_;
};

}  // namespace padlock::server

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/cli/acme_service.h"
#include "padlock/cli/on_demand.h"
#include "padlock/cli/site_certificates.h"
#include "padlock/cli/staples.h"
#include "padlock/client/trust.h"
#include "padlock/net/awaitable.h"
#include "padlock/server/config/config.h"
#include "padlock/server/file_cache.h"
#include "padlock/server/limits.h"
#include "padlock/server/snapshot.h"

namespace padlock::cli {

/// The sites of `serve` as its configuration says, with their certificates. One thread's.
class Hosting {
 public:
  /// `hooks`: who runs the program of dns-01, and outlives it; null: nobody.
  explicit Hosting(certs::HookRunner* hooks = nullptr) : hooks_(hooks) {}
  Hosting(const Hosting&) = delete;
  Hosting& operator=(const Hosting&) = delete;

  /// Opens what the configuration names; a site that is the same as before stays what it is. After an error nothing has
  /// changed. Errors: those of folders, certificates and sites, with the place in the configuration.
  Result<server::Service> load(const server::Config& config);
  /// The same, but for services that cannot be opened: those are taken out of the configuration, with the reason.
  Result<server::Service> load(server::Config& config, std::vector<Error>& left_out);
  /// Replaces certificates that are due. Gives what went wrong; what was there serves on.
  std::vector<Error> renew();
  /// Asks for OCSP responses that are due, and has them shown to clients. What went wrong is in `staple_troubles`.
  net::Awaitable<void> refresh_staples();
  /// What a fleet shares, before the first `load`. It outlives this.
  void share(certs::RedisStore& store) { shared_ = &store; }
  /// Something in the state folder is another one (AcmeService::reread).
  void reread(const certs::StoreKey& key) {
    if (acme_) acme_->reread(key);
  }
  /// What an ACME server sees of us; null: none asks.
  std::shared_ptr<certs::ChallengeBoard> challenges() const { return acme_ ? acme_->challenges() : nullptr; }
  /// Begins to ask for certificates by ACME that are due (AcmeService::work). What went wrong is in `acme_troubles`.
  void certify(const asio::any_io_executor& executor);
  void listen(AcmeService::Listener listener);
  /// Nothing: no CA is asked.
  std::optional<server::OrderCounts> order_counts() const;
  std::vector<Error> acme_troubles() const;
  /// Gets certificates on demand from now on, by work on this executor.
  void start_on_demand(const asio::any_io_executor& executor);
  /// Nothing: there are none.
  std::optional<server::OnDemandCounts> on_demand_counts() const;
  /// Certificates by ACME that came since the last call: a line each.
  std::vector<std::string> acme_news() { return acme_ ? acme_->take_news() : std::vector<std::string>(); }
  /// Why some OCSP responses were not had.
  std::vector<Error> staple_troubles() const;
  /// Certificates that clients refuse as they are (SiteCertificates::missing_staples).
  std::vector<std::string> missing_staples() const;
  /// Ports of all responders that may be asked.
  std::vector<std::uint16_t> responder_ports() const;
  /// In the order of the configuration.
  std::vector<std::shared_ptr<const server::Site>> sites() const;
  /// The site of a service; null: there is none.
  std::shared_ptr<const server::Site> find_service(std::string_view name) const;
  /// A line for each certificate of the sites.
  std::string describe_certificates() const;
  /// The file of the local CA's root, if one of the sites has a certificate by it; else empty.
  const std::filesystem::path& local_root() const { return issuer_.root_file(); }

 private:
  struct Open {
    server::SiteConfig config;
    tls::Policy policy;
    std::shared_ptr<SiteCertificates> certificates;
    std::shared_ptr<const server::Site> site;
  };
  Result<Open> open(const server::SiteConfig& config, tls::Policy policy);
  Result<server::Service> load(server::Config& config, std::vector<Error>* left_out);
  void replace(std::vector<Open> opened);
  Result<void> open_acme(const server::Config& config);

  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  LocalIssuer issuer_{*provider_};
  certs::HookRunner* hooks_;
  certs::RedisStore* shared_ = nullptr;  ///< null: this server is alone
  std::unique_ptr<AcmeService> acme_;    ///< once a configuration wants it
  std::unique_ptr<OnDemand> on_demand_;  ///< the same
  Staples staples_{client::state_directory(), *provider_};
  std::string ca_files_;  ///< the issuer's state of files when all sites had what it has for them
  std::vector<Open> sites_;
  std::shared_ptr<server::FileCache> cache_ = std::make_shared<server::FileCache>(server::limits::file_cache_bytes);
};

/// Opens the folders and certificate files that a configuration names, and no more: no certificate is made.
/// Errors: those of Hosting::load.
Result<void> check_sites(const server::Config& config);

}  // namespace padlock::cli

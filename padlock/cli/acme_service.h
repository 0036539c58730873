#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/certs/acme_dns.h"
#include "padlock/certs/acme_issuer.h"
#include "padlock/certs/file_store.h"
#include "padlock/certs/redis_store.h"
#include "padlock/certs/renewal_plan.h"
#include "padlock/certs/shared_challenges.h"
#include "padlock/net/awaitable.h"
#include "padlock/server/credentials.h"

namespace padlock::cli {

/// The certificates of sites by a CA that speaks ACME: kept in the state folder, asked for when they are due, one after
/// the other. The main thread's; no handshake and no request waits for it.
class AcmeService {
 public:
  /// `provider` outlives it, and so does `shared`: what a fleet shares; null: this server is alone. Errors: those of
  /// AcmeIssuer::make.
  static Result<std::unique_ptr<AcmeService>> open(const certs::AcmeSettings& settings,
                                                   const std::filesystem::path& state, crypto::Provider& provider,
                                                   certs::RedisStore* shared = nullptr);

  /// What an ACME server sees of us while it looks.
  const std::shared_ptr<certs::ChallengeBoard>& challenges() const { return challenges_; }
  /// "ca.example.com": for people.
  std::string ca() const { return issuer_->ca(); }
  /// The certificate of a site with these names, or with some of them, which it serves until another is there; nothing:
  /// there is none yet. Errors: those of the store.
  Result<std::optional<server::SiteCredential>> find(const std::vector<std::string>& names);
  /// From now on the certificates of these sites are looked after, and no others. Errors: those of the store.
  Result<void> keep(const std::vector<std::vector<std::string>>& sites);
  /// Does one thing that is due: an order, or a question about when to renew.
  net::Awaitable<void> work();
  /// Something in the state folder is another one than before, by what other nodes have stored.
  void reread(const certs::StoreKey& key);
  /// Another number when there is a new certificate.
  std::uint64_t version() const { return version_; }
  /// What there is to tell of new certificates since the last call: a line each.
  std::vector<std::string> take_news() { return std::exchange(news_, {}); }
  /// What went wrong last, for each site that lacks a certificate or whose renewal is late.
  std::vector<Error> troubles() const;

 private:
  AcmeService(std::filesystem::path state, crypto::Provider& provider)
      : store_(std::move(state)),
        provider_(&provider),
        challenges_(std::make_shared<certs::ChallengeBoard>(provider)) {}

  certs::StoreKey key_of(certs::Kind kind, const std::string& name) const { return {kind, issuer_->ca(), name}; }
  Result<std::optional<certs::CertificateEntry>> find_any(const std::vector<std::string>& names);
  Result<std::optional<certs::CertificateEntry>> find_entry(const std::vector<std::string>& names);
  Result<certs::RenewalState> state_of(const std::vector<std::string>& names);
  void keep_state(const std::string& name);
  net::Awaitable<void> order(std::string name);
  net::Awaitable<Result<void>> order_under_lock(const std::string& name);
  net::Awaitable<Result<void>> renew(const std::string& name, const std::vector<std::string>& names,
                                     const certs::Lease& lease);
  net::Awaitable<void> ask(std::string name);

  // In a fleet (acme_service_fleet.cc).
  net::Awaitable<Result<void>> order_in_fleet(const std::string& name, const std::vector<std::string>& names);
  net::Awaitable<Result<void>> renew_in_fleet(const std::string& name, const std::vector<std::string>& names,
                                              const certs::Lease& lease);
  net::Awaitable<Result<bool>> take_shared_certificate(const certs::StoreKey& key, const std::string& name,
                                                       const std::vector<std::string>& names);
  net::Awaitable<Result<std::optional<certs::Lease>>> take_shared_account();
  net::Awaitable<void> share_account(const std::optional<certs::Lease>& lease);
  net::Awaitable<void> share_state(std::string name);
  void note_success(const std::string& name, const x509::Certificate& leaf);

  certs::StoreFolder store_;
  crypto::Provider* provider_;
  std::shared_ptr<certs::ChallengeBoard> challenges_;
  std::optional<certs::AcmeDnsAnswers> dns_;  ///< where there are accounts for it
  certs::RedisStore* shared_ = nullptr;       ///< null: this server is alone
  std::optional<certs::SharedChallenges> shared_challenges_;
  bool account_changed_ = false;  ///< by another node
  std::unique_ptr<certs::AcmeIssuer> issuer_;
  certs::RenewalPlan plan_;
  std::map<std::string, std::vector<std::string>> sites_;  ///< their names, by the first of them
  std::map<std::string, Error> troubles_;
  std::vector<std::string> news_;
  std::uint64_t version_ = 0;
};

}  // namespace padlock::cli

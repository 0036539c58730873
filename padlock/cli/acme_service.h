#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>

#include "padlock/base/result.h"
#include "padlock/certs/acme_cas.h"
#include "padlock/certs/certificate_event.h"
#include "padlock/certs/dns_answers.h"
#include "padlock/certs/dns_hook.h"
#include "padlock/certs/file_store.h"
#include "padlock/certs/redis_store.h"
#include "padlock/certs/renewal_plan.h"
#include "padlock/certs/shared_challenges.h"
#include "padlock/net/awaitable.h"
#include "padlock/server/admin/status.h"
#include "padlock/server/credentials.h"

namespace padlock::cli {

/// Who sets records of dns-01, as the settings say; null: nobody does. The rest outlives it.
std::unique_ptr<certs::DnsAnswers> make_dns_answers(const certs::AcmeSettings& settings, certs::HookRunner* hooks,
                                                    crypto::Provider& provider, certs::ChallengeAnswers& others);

/// The certificates of sites by a CA that speaks ACME: kept in the state folder, asked for when they are due, a few at
/// a time (certs::orders_at_once). The main thread's; no handshake and no request waits for it.
class AcmeService {
 public:
  /// `provider`, `hooks` and `shared` outlive it; `hooks`: who runs the program of dns-01, null where there is none;
  /// `shared`: what a fleet shares, null: this server is alone. Errors: those of AcmeCas::make.
  static Result<std::unique_ptr<AcmeService>> open(const certs::AcmeSettings& settings,
                                                   const std::filesystem::path& state, crypto::Provider& provider,
                                                   certs::HookRunner* hooks, certs::RedisStore* shared = nullptr);

  /// What an ACME server sees of us while it looks.
  const std::shared_ptr<certs::ChallengeBoard>& challenges() const { return challenges_; }
  /// "ca.example.com", the first that is asked: for people.
  std::string ca() const { return cas_->first().ca(); }
  struct Found {
    server::SiteCredential credential;
    std::string ca;  ///< whose it is
    WallTime not_after{};
  };
  /// The certificate of a site with these names, or with some of them, which it serves until another is there; nothing:
  /// there is none yet. Errors: those of the store.
  Result<std::optional<Found>> find(const std::vector<std::string>& names);
  /// From now on the certificates of these sites are looked after, and of sites no others. Errors: those of the store.
  Result<void> keep(const std::vector<std::vector<std::string>>& sites);
  /// Begins what is due: orders, each beside the others, and a question about when to renew. `executor`: of whose loop
  /// this is the thread, which ends before this object.
  void work(const asio::any_io_executor& executor);
  /// Something in the state folder is another one than before, by what other nodes have stored.
  void reread(const certs::StoreKey& key);
  /// Another number when there is a new certificate.
  std::uint64_t version() const { return version_; }

  // ---- names on demand (acme_service_demand.cc)

  /// Who hears of them; what is empty is not called.
  struct DemandWatch {
    /// A certificate of a name that no site has is in the state folder, by this node or another.
    std::function<void(const std::string& name)> stored;
    /// Before one is renewed.
    std::function<net::Awaitable<bool>(std::string name)> is_allowed;
    /// It is not looked after here any more: not allowed, or expired and not renewed.
    std::function<void(const std::string& name)> dropped;
  };
  /// Tells at once of those that are stored already. Errors: those of the store.
  Result<void> watch(DemandWatch watch);
  /// Orders a certificate now, besides what is due; at most certs::orders_of_a_kind at a time. Errors:
  /// certs::rules::lock_held where it is another's turn, those of orders.
  net::Awaitable<Result<void>> order_on_demand(std::string name);
  /// One that is stored is renewed like those of sites. Errors: those of the store.
  Result<void> adopt(const std::string& name);
  /// No more.
  void let_go(const std::string& name);

  // ---- what there is to tell

  /// Who hears of it at once; what is empty is not called.
  struct Listener {
    std::function<void()> order_ended;  ///< one of what was due
    std::function<void(const certs::CertificateEvent& event)> happened;
  };
  void listen(Listener listener) { listener_ = std::move(listener); }
  /// Since the start.
  server::OrderCounts counts() const;
  /// What there is to tell of new certificates since the last call: a line each.
  std::vector<std::string> take_news() { return std::exchange(news_, {}); }
  /// What went wrong last, for each site that lacks a certificate or whose renewal is late.
  std::vector<Error> troubles() const;

 private:
  AcmeService(std::filesystem::path state, crypto::Provider& provider)
      : store_(std::move(state)),
        provider_(&provider),
        challenges_(std::make_shared<certs::ChallengeBoard>(provider)) {}

  /// Where one order at a time is made; it is free again when this ends.
  using Desk = std::unique_ptr<certs::AcmeCas, std::function<void(certs::AcmeCas*)>>;
  bool has_desk();
  Desk take_desk();

  /// Locks and what is known of renewals belong to the name, and lie where the first CA's certificate does.
  certs::StoreKey key_of(certs::Kind kind, const std::string& name) const { return {kind, ca(), name}; }
  Result<std::optional<certs::CertificateEntry>> find_any(const std::vector<std::string>& names);
  Result<std::optional<certs::CertificateEntry>> find_entry(const std::vector<std::string>& names);
  Result<certs::RenewalState> state_of(const std::vector<std::string>& names);
  void keep_state(const std::string& name);
  net::Awaitable<void> order(std::string name, Desk desk);
  net::Awaitable<void> order_at(certs::AcmeCas& desk, std::string name, const std::vector<std::string>& names);
  net::Awaitable<Result<void>> order_under_lock(const std::vector<std::string>& names, certs::AcmeCas& desk);
  net::Awaitable<Result<void>> renew(const std::string& name, const std::vector<std::string>& names,
                                     const certs::Lease& lease, certs::AcmeCas& desk);
  Result<void> put(const certs::AcmeCas::Issued& issued, const certs::Lease& lease);
  Result<void> tell(const std::vector<std::string>& names, const certs::AcmeCas::Issued& issued, bool renewed);
  net::Awaitable<void> ask(std::string name);
  void note_answer(const std::string& name, const certs::AcmeIssuer::Renewal& answer, std::string ca);

  // What happens (acme_service_events.cc).
  void happened(certs::CertificateEvent event);
  void tell_of_failure(const std::vector<std::string>& names, const Error& error);
  void tell_of_cas();

  // In a fleet (acme_service_fleet.cc).
  net::Awaitable<Result<void>> order_in_fleet(const std::string& name, const std::vector<std::string>& names,
                                              certs::AcmeCas& desk);
  net::Awaitable<Result<void>> renew_in_fleet(const std::string& name, const std::vector<std::string>& names,
                                              const certs::Lease& lease, certs::AcmeCas& desk);
  net::Awaitable<Result<bool>> take_shared_certificate(const certs::AcmeIssuer& issuer, const std::string& name,
                                                       const std::vector<std::string>& names);
  net::Awaitable<Result<std::optional<certs::Lease>>> take_shared_account(certs::AcmeIssuer& issuer);
  net::Awaitable<void> share_account(std::string ca, std::optional<certs::Lease> lease);
  net::Awaitable<void> share_state(std::string name);
  void forget_account(const std::string& ca);
  void note_success(const std::string& name, const x509::Certificate& leaf);
  void note_stored(const std::string& name);
  static bool is_unasked(const Error& error);
  void note_failure(const std::string& name, const Error& error);
  net::Awaitable<bool> is_still_allowed(const std::string& name);
  void note_failure_on_demand(const std::string& name, const Error& error);
  void drop(const std::string& name);

  certs::StoreFolder store_;
  crypto::Provider* provider_;
  std::shared_ptr<certs::ChallengeBoard> challenges_;
  certs::RedisStore* shared_ = nullptr;  ///< null: this server is alone
  std::optional<certs::SharedChallenges> shared_challenges_;
  std::unique_ptr<certs::DnsAnswers> dns_;              ///< null: nothing sets records
  std::unique_ptr<certs::AcmeCas> cas_;                 ///< where is asked when to renew, ...
  std::vector<std::unique_ptr<certs::AcmeCas>> desks_;  ///< ... and where is ordered
  std::vector<certs::AcmeCas*> free_desks_;
  bool has_account_ = false;  ///< at the first CA
  bool asking_ = false;       ///< when to renew
  DemandWatch watch_;
  Listener listener_;
  server::OrderCounts counts_;
  std::set<std::string> told_of_cas_;  ///< that they are passed over; until they give a certificate
  certs::RenewalPlan plan_;
  std::map<std::string, std::vector<std::string>> sites_;  ///< their names, by the first of them; with those on demand
  std::set<std::string, std::less<>> on_demand_;
  std::map<std::string, Error> troubles_;
  std::vector<std::string> news_;
  std::uint64_t version_ = 0;
};

}  // namespace padlock::cli

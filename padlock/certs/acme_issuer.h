#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/acme/order_job.h"
#include "padlock/certs/acme_client.h"
#include "padlock/certs/acme_settings.h"
#include "padlock/certs/file_store.h"
#include "padlock/certs/issuer.h"
#include "padlock/crypto/provider.h"

namespace padlock::certs {

/// What a CA is called in the store: the host of its directory, and its port where that is another than https's.
/// Errors: those of acme::Origin.
Result<std::string> ca_of_directory(std::string_view directory);

/// Where the account at a CA lies in a store.
inline StoreKey account_key_at(std::string ca) {
  return {.kind = Kind::account, .ca = std::move(ca), .name = "account"};
}

/// The URL of the account that a store has for a CA; empty: none. Errors: those of the store.
Result<std::string> stored_account_url(const AcmeSettings& settings, StoreFolder& store);

/// A CA that speaks ACME. Its account is kept in the store, made at the first order. One order at a time.
class AcmeIssuer final : public Issuer {
 public:
  /// `store`, `answers` and `provider` outlive it. Errors: those of `ca_of_directory`, of the external account.
  static Result<std::unique_ptr<AcmeIssuer>> make(AcmeSettings settings, StoreFolder& store, ChallengeAnswers& answers,
                                                  crypto::Provider& provider);

  std::string ca() const override { return ca_; }
  const AcmeSettings& settings() const { return settings_; }
  /// Errors: those of orders, accounts, the store and the fetch.
  net::Awaitable<Result<CertificateEntry>> issue(const IssueRequest& request) override;
  /// When the CA wants a certificate to be renewed, and when to ask again. Errors: those of RenewalInquiry.
  struct Renewal {
    acme::RenewalInfo info;
    std::optional<std::chrono::seconds> ask_again_in;
  };
  net::Awaitable<Result<Renewal>> ask_renewal(std::string ari_id);
  /// Whom a record of dns-persist-01 must name: the CA, as far as its directory says it, and our account there, which
  /// is made if there is none. Errors: those of jobs and of the store.
  net::Awaitable<Result<acme::PersistentProof>> persistent_proof();
  /// Errors: those of jobs.
  net::Awaitable<Result<void>> revoke(const x509::Certificate& certificate, acme::RevocationReason reason);
  /// Gives the account a new key, which is stored once the CA has it. Errors: those of jobs and of the store.
  net::Awaitable<Result<void>> roll_key();

  /// Whether the store has an account that the CA knows.
  bool has_account() const;
  /// The account in the store is another one than before: it is opened again for what is begun from now on.
  void forget_account() { forgotten_ = true; }

  /// Of the last `issue` that failed: what a RenewalPlan wants to know.
  struct Failure {
    std::optional<std::chrono::seconds> retry_after;
    std::size_t validations = 0;
  };
  const Failure& last_failure() const { return failure_; }

 private:
  AcmeIssuer(AcmeSettings settings, std::string ca, StoreFolder& store, ChallengeAnswers& answers,
             crypto::Provider& provider)
      : settings_(std::move(settings)), ca_(std::move(ca)), store_(&store), answers_(&answers), provider_(&provider) {}
  Result<AcmeClient*> open();
  Result<acme::Session> open_session();
  Result<void> keep_account(const SecretBytes& key_pem, std::string_view url);
  /// The account has a URL now, or another one.
  Result<void> keep_account_of(const acme::Session& session);
  StoreKey account_key() const { return account_key_at(ca_); }

  AcmeSettings settings_;
  std::string ca_;
  StoreFolder* store_;
  ChallengeAnswers* answers_;
  crypto::Provider* provider_;
  acme::AccountWish wish_;
  std::optional<AcmeClient> client_;  ///< once it was needed
  bool forgotten_ = false;            ///< it has an account that is not ours any more
  SecretBytes key_pem_;               ///< the account's
  std::string kept_url_;              ///< of the account, as it stands in the store
  Failure failure_;
};

}  // namespace padlock::certs

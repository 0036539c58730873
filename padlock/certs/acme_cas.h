#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "padlock/certs/acme_issuer.h"
#include "padlock/certs/ca_rotation.h"

namespace padlock::certs {

/// CAs that speak ACME, of which each order asks one after the other, as a CaRotation says, until one certifies it. One
/// order at a time.
class AcmeCas {
 public:
  /// `settings`: of the first, with those of the others. The rest outlives it. Errors: those of AcmeIssuer::make.
  static Result<std::unique_ptr<AcmeCas>> make(const AcmeSettings& settings, StoreFolder& store,
                                               ChallengeAnswers& answers, crypto::Provider& provider);
  /// The same CAs for an order beside this one's; which of them is passed over is known to both. Errors: the same.
  Result<std::unique_ptr<AcmeCas>> another(StoreFolder& store, ChallengeAnswers& answers,
                                           crypto::Provider& provider) const;

  AcmeIssuer& first() const { return *issuers_.front(); }
  std::vector<AcmeIssuer*> all() const;
  /// Whose directory this is; null: none of ours.
  AcmeIssuer* find(std::string_view directory) const;

  struct Issued {
    CertificateEntry entry;
    AcmeIssuer* by;
  };
  /// `replaced_at`: the directory of the CA that gave what is renewed; its profile and identifier mean nothing to
  /// others. Errors: of the first CA, with what the others said.
  net::Awaitable<Result<Issued>> issue(IssueRequest request, std::string replaced_at);
  /// Of the last `issue` that failed: when one of them may be asked again, and how many looks at the name failed.
  const AcmeIssuer::Failure& last_failure() const { return failure_; }
  /// CAs that are passed over now, and why.
  struct PassedOver {
    std::string ca;
    Error why;
  };
  std::vector<PassedOver> passed_over() const;

 private:
  AcmeCas(std::vector<std::unique_ptr<AcmeIssuer>> issuers, std::shared_ptr<CaRotation> rotation)
      : issuers_(std::move(issuers)), rotation_(std::move(rotation)) {}
  std::unexpected<Error> all_failed(const std::vector<std::pair<std::string, Error>>& errors);

  std::vector<std::unique_ptr<AcmeIssuer>> issuers_;
  std::shared_ptr<CaRotation> rotation_;
  AcmeIssuer::Failure failure_;
};

}  // namespace padlock::certs

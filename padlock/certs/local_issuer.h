#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "padlock/certs/issuer.h"
#include "padlock/crypto/provider.h"

namespace padlock::certs {

/// The local CA of a state folder, opened or made at the first request.
class LocalCaIssuer final : public Issuer {
 public:
  /// `provider` outlives it.
  LocalCaIssuer(std::filesystem::path directory, crypto::Provider& provider)
      : directory_(std::move(directory)), provider_(&provider) {}
  std::string ca() const override { return "local"; }
  /// Errors: those of LocalCa.
  net::Awaitable<Result<CertificateEntry>> issue(const IssueRequest& request) override;

 private:
  Result<CertificateEntry> issue_now(const IssueRequest& request);

  std::filesystem::path directory_;
  crypto::Provider* provider_;
};

}  // namespace padlock::certs

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/certs/dns_answers.h"
#include "padlock/client/trust.h"

namespace padlock::certs {

/// An account at an acme-dns server, as its clients keep it.
struct AcmeDnsAccount {
  std::string server_url, username, password, subdomain;
};

/// The accounts of a JSON file, by the domain whose `_acme-challenge` is a CNAME that leads to them. Error:
/// `rules::acme_dns_accounts`.
Result<std::map<std::string, AcmeDnsAccount>> parse_acme_dns_accounts(std::string_view text);

/// Answers of dns-01 as TXT records of an acme-dns server, which knows nothing but these: no key to the whole zone lies
/// on this machine.
class AcmeDnsAnswers final : public DnsAnswers {
 public:
  /// `file`: of accounts, this user's alone, read for each order. `trust`: of the servers' certificates. `others`
  /// outlives it.
  AcmeDnsAnswers(std::filesystem::path file, client::TrustOptions trust, ChallengeAnswers& others)
      : DnsAnswers(others), file_(std::move(file)), trust_(std::move(trust)) {}

 protected:
  /// POST /update. Errors: those of files and of the fetch, `rules::acme_dns_accounts`, `rules::acme_dns_refused`.
  net::Awaitable<Result<void>> add(const acme::ChallengeAnswer& answer) override;
  /// The server forgets old records by itself.
  net::Awaitable<void> remove(const acme::ChallengeAnswer& /*answer*/) override { co_return; }

 private:
  Result<AcmeDnsAccount> account_for(const acme::Identifier& identifier) const;

  std::filesystem::path file_;
  client::TrustOptions trust_;
};

}  // namespace padlock::certs

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/certs/certificate_entry.h"
#include "padlock/net/awaitable.h"

namespace padlock::certs {

/// What is asked of an issuer.
struct IssueRequest {
  std::vector<std::string> names;  ///< host names, `*.` names and addresses, at least one
  std::string profile{};           ///< empty: the issuer's default
  std::string replaces{};          ///< the certificate that this one renews, by its `ari_id`; empty: none
  /// Asked before a CA is told to sign an order, with the order's URL: an error ends it there. Empty: it is told.
  std::function<net::Awaitable<Result<void>>(std::string order)> before_finalize{};
};

/// Whoever makes certificates: the local CA, a CA that speaks ACME. Takes as long as it takes; whoever asks holds the
/// lock on the name and puts the entry into the store.
class Issuer {
 public:
  virtual ~Issuer() = default;
  /// What it is called in the store: "local", the host of a directory.
  virtual std::string ca() const = 0;
  /// A new certificate with a new key.
  virtual net::Awaitable<Result<CertificateEntry>> issue(const IssueRequest& request) = 0;
};

}  // namespace padlock::certs

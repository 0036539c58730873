#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "padlock/acme/challenge.h"
#include "padlock/acme/message.h"
#include "padlock/acme/server/ledger.h"
#include "padlock/acme/server/refused.h"
#include "padlock/base/instant.h"
#include "padlock/base/secret.h"
#include "padlock/crypto/provider.h"
#include "padlock/x509/certification_request.h"
#include "padlock/x509/revocation_status.h"

// A CA that speaks ACME (RFC 8555, RFC 8737, RFC 8738, RFC 9773), as a calculation: requests in, responses out. What it
// cannot know it asks for: a signature by the CA, and what is seen of a name.

namespace padlock::acme {

/// A kind of certificate (draft-ietf-acme-profiles).
struct CertificateProfile {
  std::string name;
  std::string description;
  std::chrono::seconds life;
};

struct CaServerOptions {
  std::vector<CertificateProfile> profiles;  ///< at least one; the first is for orders that name none
  std::vector<ChallengeType> challenges{ChallengeType::http_01, ChallengeType::tls_alpn_01, ChallengeType::dns_01};
  /// What records of dns-persist-01 call this CA: at least one, at most ten, where that is among the challenges.
  std::vector<std::string> issuer_domain_names{};
  std::map<std::string, SecretBytes> external_accounts{};  ///< MAC keys, by their key identifiers
  bool external_account_required = false;
  /// What the CA certifies; for a wildcard it is asked with the `*.`.
  std::function<bool(const Identifier&)> permits;
};

/// What came over HTTPS.
struct ClientRequest {
  std::string method;
  std::string origin;        ///< "https://ca.internal:14000": under the name that the client knows
  std::string target;        ///< "/acme/new-order"
  std::string content_type;  ///< empty: none
  Bytes body;
  std::string client;  ///< its address
};

/// A question: sign a certificate of this key with these names. The answer goes to `on_issued`.
struct IssueWanted {
  std::string origin;
  std::string order;
  std::vector<std::string> names;
  std::shared_ptr<const x509::CertificationRequest> request;
  std::chrono::seconds life;
};
/// A question: take this certificate back. The answer goes to `on_revoked`.
struct RevokeWanted {
  std::string origin;
  std::shared_ptr<const x509::Certificate> certificate;
  x509::CRLReason reason;
};

/// A question: does whoever holds the name show the key authorization? The answer goes to `on_validated`, and may take
/// its time.
struct Validation {
  std::string order;
  std::size_t authorization;
  ChallengeAnswer wanted;
};

/// One at a time: nothing in it is locked.
class CaServer {
 public:
  using Outcome = std::variant<Response, IssueWanted, RevokeWanted>;

  /// `provider` outlives it.
  CaServer(CaServerOptions options, crypto::Provider& provider);
  ~CaServer();
  CaServer(const CaServer&) = delete;
  CaServer& operator=(const CaServer&) = delete;

  /// Puts back what a file holds: before the first request, accounts before orders. Errors: those of records.
  Result<void> restore(RecordKind kind, std::string_view text);
  /// All is back: what was being validated or signed when the last run ended begins anew.
  void resume(WallTime now);

  /// Answers, or asks first.
  Outcome take(const ClientRequest& request, Instant now);
  /// The chain as PEM, leaf first; or why there is none.
  Response on_issued(const IssueWanted& wanted, const Result<std::string>& chain);
  /// True: this call has revoked it; false: it was revoked before.
  Response on_revoked(const RevokeWanted& wanted, const Result<bool>& revoked, Instant now);
  /// The name is proved; or what was seen instead, by rules of `server_rules`.
  void on_validated(const Validation& validation, const Result<void>& seen, Instant now);

  /// What is to be kept before the response leaves.
  std::vector<RecordChange> take_changes();
  /// What is to be looked at.
  std::vector<Validation> take_validations();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace padlock::acme

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "padlock/acme/challenge.h"
#include "padlock/acme/identifier.h"
#include "padlock/acme/problem.h"
#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/http/message/url.h"

// The resources of an ACME server (RFC 8555, section 7.1), read strictly: fields that are not ours are passed over,
// ours are there and in their form. Each URL is https and of the directory's origin (docs/threats.md, A12).

namespace padlock::acme {

/// Where the server lies: what its URLs are measured by.
struct Origin {
  std::string text;  ///< "https://ca.example.test"
  /// Error: `rules::url_not_https`, those of `http::parse_url`.
  static Result<Origin> of(std::string_view directory_url);
  /// A URL of the server in canonical form. Errors: `rules::url_not_https`, `url_off_origin`, those of `parse_url`.
  Result<std::string> check(std::string_view url, std::string_view what) const;
};

/// RFC 8555, section 7.1.1; RFC 9773, section 3; profiles as draft-ietf-acme-profiles has them.
struct Directory {
  std::string new_nonce, new_account, new_order, revoke_cert, key_change;
  std::optional<std::string> renewal_info;
  std::string terms_of_service;  ///< for people; empty: none
  bool external_account_required = false;
  std::vector<std::string> profiles;          ///< their names
  std::vector<std::string> caa_identities{};  ///< the names that CAA records know the CA by
};
Result<Directory> parse_directory(Bytes body, const Origin& origin);

/// Of accounts, orders, authorizations and challenges (RFC 8555, section 7.1.6).
enum class Status : std::uint8_t { pending, ready, processing, valid, invalid, deactivated, expired, revoked };
std::string_view name_of(Status status);

/// RFC 8555, section 7.1.2: what we use of it.
struct Account {
  Status status;
};
Result<Account> parse_account(Bytes body);

/// RFC 8555, section 7.1.5. One of a kind that is not ours is left out of its authorization, and so is one of
/// dns-persist-01 in another form than draft-ietf-acme-dns-persist-01 has it.
struct Challenge {
  ChallengeType type;
  std::string url;
  Status status;
  std::string token;  ///< 22 to 256 characters of base64url; of dns-persist-01: empty
  std::optional<Problem> error;
  PersistentProof persistent{};  ///< of dns-persist-01: what the CA says of it; an account only if it names one
};

/// RFC 8555, section 7.1.4.
struct Authorization {
  Identifier identifier;  ///< with `*.` in front where `wildcard` is true
  Status status;
  std::vector<Challenge> challenges;
  std::vector<std::string> offered;  ///< the types of all challenges, for people
};
Result<Authorization> parse_authorization(Bytes body, const Origin& origin);

/// RFC 8555, section 7.1.3.
struct Order {
  Status status;
  std::vector<Identifier> identifiers;  ///< sorted
  std::vector<std::string> authorizations;
  std::string finalize;
  std::optional<std::string> certificate;
  std::optional<Problem> error;
};
Result<Order> parse_order(Bytes body, const Origin& origin);

/// When to renew (RFC 9773, section 4.2). Error: also `rules::renewal_window`.
struct RenewalInfo {
  WallTime start, end;
  std::string explanation_url;  ///< for people; empty: none
};
Result<RenewalInfo> parse_renewal_info(Bytes body);

}  // namespace padlock::acme

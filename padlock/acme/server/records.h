#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/acme/challenge.h"
#include "padlock/acme/objects.h"
#include "padlock/acme/server/jwk.h"
#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/x509/certificate.h"

// What our ACME server remembers, each thing as one text in a file of its own.

namespace padlock::acme {

struct AccountRecord {
  std::string id;
  Jwk key;
  Status status = Status::valid;  ///< or deactivated
  std::vector<std::string> contact;
  std::string external_key{};  ///< the key identifier that it was bound with; empty: none
  WallTime created{};
};

struct ChallengeRecord {
  ChallengeType type;
  std::string token;                ///< of dns-persist-01: nobody is told
  Status status = Status::pending;  ///< pending, processing, valid, invalid
  std::optional<WallTime> validated{};
  std::optional<Problem> error{};
  std::string account_uri{};  ///< of dns-persist-01, once it is looked at: what the client knows the account by
};

struct AuthorizationRecord {
  Identifier identifier;
  Status status = Status::pending;  ///< pending, valid, invalid, deactivated
  std::vector<ChallengeRecord> challenges;
};

/// An order with its authorizations, which are of no other.
struct OrderRecord {
  std::string id;
  std::string account;
  Status status = Status::pending;  ///< pending, ready, processing, valid, invalid
  WallTime created{}, expires{};
  std::vector<Identifier> identifiers;
  std::vector<AuthorizationRecord> authorizations;  ///< in the order of identifiers
  std::string profile;                              ///< empty: the first there is
  std::string replaces{};                           ///< renewal identifier; empty: nothing
  std::string certificate{};                        ///< id; empty: none yet
  std::optional<Problem> error{};
};

struct CertificateRecord {
  std::string id;
  std::string account;
  std::string order;
  std::string chain;  ///< PEM, leaf first
  std::shared_ptr<const x509::Certificate> leaf;
  std::string replaced_by{};  ///< an order; empty: none
  std::optional<WallTime> revoked{};
};

/// As they are kept. `read_` errors: those of JSON and of what it holds, for whoever sets damaged files aside.
std::string write_record(const AccountRecord& record);
std::string write_record(const OrderRecord& record);
std::string write_record(const CertificateRecord& record);
Result<AccountRecord> read_account_record(std::string_view text);
Result<OrderRecord> read_order_record(std::string_view text);
Result<CertificateRecord> read_certificate_record(std::string_view text);

}  // namespace padlock::acme

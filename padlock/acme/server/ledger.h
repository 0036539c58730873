#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "padlock/acme/server/records.h"

namespace padlock::acme {

enum class RecordKind : std::uint8_t { account, order, certificate };

/// What is to be kept, or to be forgotten.
struct RecordChange {
  RecordKind kind;
  std::string id;
  std::optional<std::string> text;  ///< nothing: it goes
};

/// All that our ACME server remembers, and what of it is not in its file yet. A record that was changed is told to
/// `save`. Pointers to records live until `forget_old` or `remove`.
class Ledger {
 public:
  AccountRecord* find_account(std::string_view id);
  AccountRecord* find_account_by_key(const Jwk& key);
  OrderRecord* find_order(std::string_view id);
  CertificateRecord* find_certificate(std::string_view id);
  /// By RFC 9773's identifier.
  CertificateRecord* find_renewable(std::string_view renewal_identifier);
  /// By its DER.
  CertificateRecord* find_issued(Bytes leaf);
  const std::map<std::string, OrderRecord, std::less<>>& orders() const { return orders_; }
  std::size_t accounts() const { return accounts_.size(); }

  AccountRecord& add(AccountRecord record);
  OrderRecord& add(OrderRecord record);
  CertificateRecord& add(CertificateRecord record);
  void save(const AccountRecord& record) { changes_.push_back({RecordKind::account, record.id, write_record(record)}); }
  void save(const OrderRecord& record) { changes_.push_back({RecordKind::order, record.id, write_record(record)}); }
  void save(const CertificateRecord& record) {
    changes_.push_back({RecordKind::certificate, record.id, write_record(record)});
  }
  /// Another key for an account.
  void change_key(AccountRecord& account, Jwk key);

  /// Puts back what a file holds; it is no change. Errors: those of records.
  Result<void> restore(RecordKind kind, std::string_view text);
  /// Ends what has come to its end, and drops what nobody asks for any more: long over, or too much of it.
  void forget_old(WallTime now);
  /// Changes since the last call.
  std::vector<RecordChange> take_changes() { return std::exchange(changes_, {}); }

  /// The state of an order now: pending ones end with their time.
  static void expire(OrderRecord& order, WallTime now);
  static bool is_open(const OrderRecord& order) {
    return order.status == Status::pending || order.status == Status::ready || order.status == Status::processing;
  }

 private:
  void forget_certificates(WallTime now);

  std::map<std::string, AccountRecord, std::less<>> accounts_;
  std::map<std::string, std::string, std::less<>> account_of_key_;  ///< by thumbprint
  std::map<std::string, OrderRecord, std::less<>> orders_;
  std::map<std::string, CertificateRecord, std::less<>> certificates_;
  std::map<std::string, std::string, std::less<>> renewable_;  ///< ids of certificates, by RFC 9773's identifier
  std::vector<RecordChange> changes_;
};

}  // namespace padlock::acme

#include "padlock/acme/server/ledger.h"

#include <algorithm>

#include "padlock/acme/certificate_chain.h"
#include "padlock/acme/server/limits.h"

namespace padlock::acme {
namespace {

template <class Map>
auto* find_in(Map& map, std::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

std::string renewal_identifier_of(const x509::Certificate& leaf) { return renewal_identifier(leaf).value_or(""); }

}  // namespace

AccountRecord* Ledger::find_account(std::string_view id) { return find_in(accounts_, id); }
OrderRecord* Ledger::find_order(std::string_view id) { return find_in(orders_, id); }
CertificateRecord* Ledger::find_certificate(std::string_view id) { return find_in(certificates_, id); }

AccountRecord* Ledger::find_account_by_key(const Jwk& key) {
  const auto* const id = find_in(account_of_key_, key.thumbprint());
  return id == nullptr ? nullptr : find_account(*id);
}

CertificateRecord* Ledger::find_renewable(std::string_view identifier) {
  const auto* const id = find_in(renewable_, identifier);
  return id == nullptr ? nullptr : find_certificate(*id);
}

CertificateRecord* Ledger::find_issued(Bytes leaf) {
  const auto parsed = x509::parse_certificate(leaf);
  auto* const found = parsed ? find_renewable(renewal_identifier_of(**parsed)) : nullptr;
  return found != nullptr && std::ranges::equal(found->leaf->der, leaf) ? found : nullptr;
}

AccountRecord& Ledger::add(AccountRecord record) {
  account_of_key_[record.key.thumbprint()] = record.id;
  const std::string id = record.id;
  return accounts_[id] = std::move(record);
}

OrderRecord& Ledger::add(OrderRecord record) {
  const std::string id = record.id;
  return orders_[id] = std::move(record);
}

CertificateRecord& Ledger::add(CertificateRecord record) {
  renewable_[renewal_identifier_of(*record.leaf)] = record.id;
  const std::string id = record.id;
  return certificates_[id] = std::move(record);
}

void Ledger::change_key(AccountRecord& account, Jwk key) {
  account_of_key_.erase(account.key.thumbprint());
  account.key = std::move(key);
  account_of_key_[account.key.thumbprint()] = account.id;
}

Result<void> Ledger::restore(RecordKind kind, std::string_view text) {
  switch (kind) {
    case RecordKind::account: add(PADLOCK_TRY(read_account_record(text))); break;
    case RecordKind::order: add(PADLOCK_TRY(read_order_record(text))); break;
    case RecordKind::certificate: add(PADLOCK_TRY(read_certificate_record(text))); break;
  }
  return {};
}

void Ledger::expire(OrderRecord& order, WallTime now) {
  if (is_open(order) && order.status != Status::processing && order.expires <= now) order.status = Status::invalid;
}

void Ledger::forget_old(WallTime now) {
  for (auto at = orders_.begin(); at != orders_.end();) {
    OrderRecord& order = at->second;
    const Status before = order.status;
    expire(order, now);
    if (order.status != before) save(order);
    const bool over = !is_open(order) && order.expires + server_limits::memory <= now;
    if (over) changes_.push_back({RecordKind::order, order.id, std::nullopt});
    at = over ? orders_.erase(at) : std::next(at);
  }
  while (orders_.size() > server_limits::orders) {
    const auto key = [](const auto& one) { return std::pair(is_open(one.second), one.second.created); };
    const auto oldest = std::ranges::min_element(orders_, {}, key);
    changes_.push_back({RecordKind::order, oldest->first, std::nullopt});
    orders_.erase(oldest);
  }
  forget_certificates(now);
}

void Ledger::forget_certificates(WallTime now) {
  const auto forget = [&](auto at) {
    renewable_.erase(renewal_identifier_of(*at->second.leaf));
    changes_.push_back({RecordKind::certificate, at->first, std::nullopt});
    return certificates_.erase(at);
  };
  for (auto at = certificates_.begin(); at != certificates_.end();)
    at = at->second.leaf->not_after + server_limits::memory <= now ? forget(at) : std::next(at);
  while (certificates_.size() > server_limits::certificates) {
    const auto key = [](const auto& one) { return one.second.leaf->not_after; };
    forget(std::ranges::min_element(certificates_, {}, key));
  }
}

}  // namespace padlock::acme

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/secret.h"
#include "padlock/base/text.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/wire/list.h"

namespace padlock::tls {

/// Who seals tickets: no two that live under one root may be equal, for each counts its own nonces. A node's workers
/// have one `start` each, drawn anew whenever they start.
struct TicketSource {
  std::array<std::uint8_t, 4> node{};
  std::array<std::uint8_t, 16> start{};
  friend bool operator==(const TicketSource&, const TicketSource&) = default;
};

/// The root of the next period: one way.
Secret<32> next_ticket_root(const Secret<32>& root);

/// Seals sessions into tickets and opens those of every node that has the same root: nothing is stored
/// (docs/threats.md, T25). The root goes forward by a one-way step each period and its past is wiped; tickets of this
/// period and of the one before open. Not thread-safe: one a worker.
class TicketKeys {
 public:
  static constexpr std::chrono::seconds period = std::chrono::hours(12);

  /// `root`: 32 random bytes that were made at `since`, or what they have become by `first_period`; the same on all
  /// nodes. The provider must outlive this.
  TicketKeys(crypto::Provider& provider, Secret<32> root, WallTime since, TicketSource source,
             std::uint32_t first_period = 0);

  List<std::uint8_t> seal(Bytes session, WallTime now, Arena arena = std::pmr::get_default_resource());
  /// Decrypts where the ticket lies; gives the session there. Nothing: forged, altered, too old, or of another root.
  std::optional<Bytes> open(std::span<std::uint8_t> ticket, WallTime now);
  /// How long a ticket of now will open: 12 to 24 hours.
  std::chrono::seconds lifetime(WallTime now) const;

 private:
  /// One source's AEAD in one period.
  struct Key {
    std::uint32_t period;
    TicketSource source;
    std::unique_ptr<crypto::Aead> aead;
  };
  std::uint32_t period_of(WallTime now) const;
  void go_on_to(WallTime now);
  std::unique_ptr<crypto::Aead> make_key(const Secret<32>& period_key, const TicketSource& source) const;
  crypto::Aead& key_of(std::uint32_t number, const TicketSource& source);

  crypto::Provider& provider_;
  WallTime since_;
  TicketSource source_;
  std::uint32_t period_ = 0;
  Secret<32> root_;                     // of the next period
  Secret<32> key_;                      // of this period
  std::optional<Secret<32>> last_key_;  // of the one before
  std::vector<Key> keys_;               // in use, bounded
  std::uint64_t sealed_ = 0;
};

}  // namespace padlock::tls

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/rule.h"
#include "padlock/net/address.h"
#include "padlock/server/route/rate_limit.h"

namespace padlock::server {

/// Which handshakes wait for a certificate on demand, and which names a CA is asked for: a calculation in bounded
/// memory, whoever asks for whatever (docs/threats.md, A11). The limits are those of limits.h. One thread at a time.
class OnDemandPlan {
 public:
  OnDemandPlan();

  /// What a handshake waits for.
  enum class Turn : std::uint8_t {
    begins,  ///< somebody has to get the certificate of this name from now on
    joins,   ///< somebody does already
  };
  /// For a handshake whose name the rule may allow, and which has no certificate yet; whoever waits `leaves` later.
  /// Errors: rules::on_demand_busy, ::on_demand_client, and why the name was refused lately.
  std::expected<Turn, const Rule*> enter(const std::string& name, const net::IpAddress& client, Instant now);
  void leave(const net::IpAddress& client);

  /// A certificate of this name is stored, so that nobody has to be asked: it costs its client nothing.
  void know(const std::string& name);
  /// Before a CA is asked for a name; null: it may be, and that counts. Else rules::on_demand_domain or
  /// ::on_demand_orders.
  const Rule* order(const std::string& name, Instant now);

  /// It has its certificate.
  void served(const std::string& name);
  /// It gets none, nor does whoever asks for it within this time.
  void refuse(const std::string& name, const Rule& why, std::chrono::nanoseconds time, Instant now);

  /// Somebody is at work on it.
  bool at_work(const std::string& name) const { return at_work_.contains(name); }
  /// Null: it was not refused lately.
  const Rule* why_refused(const std::string& name, Instant now) const;

 private:
  struct Refused {
    const Rule* why;
    std::chrono::nanoseconds until;
  };
  struct Order {
    std::chrono::nanoseconds at;
    std::string domain;
  };
  void make_room_for_refusal(Instant now);

  RateLimiter clients_;                  ///< that have asked for new names
  std::vector<net::IpAddress> waiting_;  ///< one a handshake: whose it is
  std::set<std::string> at_work_;
  std::map<std::string, Refused> refused_;
  std::set<std::string> known_;
  std::deque<Order> orders_;  ///< oldest first; bounded, as there are so many in a time
};

}  // namespace padlock::server

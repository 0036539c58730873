#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/net/address.h"
#include "padlock/net/awaitable.h"
#include "padlock/server/credentials.h"
#include "padlock/server/limits.h"
#include "padlock/server/on_demand/plan.h"

namespace padlock::server {

/// What became of names on demand since the start.
struct OnDemandCounts {
  std::uint64_t certificates = 0;  ///< that are in memory now
  std::uint64_t ordered = 0, failed = 0;
  std::uint64_t allowed = 0, not_allowed = 0, unanswered = 0;  ///< by who is asked
};

/// The certificates of names on demand, between the workers, whose handshakes ask for them, and the one thread that has
/// them made. Where there is none yet, a handshake waits, and no other does.
class OnDemandCertificates : public std::enable_shared_from_this<OnDemandCertificates> {
 public:
  /// `patience`: how long a handshake waits.
  explicit OnDemandCertificates(std::chrono::nanoseconds patience = limits::on_demand_patience) : patience_(patience) {}

  // ---- workers, from any thread

  /// Null: there is none in memory.
  std::shared_ptr<const SiteCredential> find(const std::string& name);
  /// A handshake's place among those that wait; given back when it goes.
  class Place {
   public:
    Place(Place&& other) noexcept = default;
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (owner_) owner_->leave(client_);
    }

   private:
    friend class OnDemandCertificates;
    Place(std::shared_ptr<OnDemandCertificates> owner, const net::IpAddress& client)
        : owner_(std::move(owner)), client_(client) {}
    std::shared_ptr<OnDemandCertificates> owner_;
    net::IpAddress client_;
  };
  /// Errors: those of OnDemandPlan::enter.
  Result<Place> enter(const std::string& name, const net::IpAddress& client);
  /// Errors: rules::on_demand_pending, and why the name was refused.
  net::Awaitable<Result<std::shared_ptr<const SiteCredential>>> wait(std::string name, Place place);

  // ---- whoever has them made

  /// `ring` is called, by any thread, when there is a name to begin with.
  void when_asked(std::function<void()> ring);
  /// A name that nobody has begun with; nothing: there is none.
  std::optional<std::string> next();
  /// As those of OnDemandPlan.
  void know(const std::string& name);
  const Rule* order(const std::string& name);
  void refuse(const std::string& name, const Rule& why, std::chrono::nanoseconds time);
  /// Handshakes have it from now on. Gives the name that had to go for it; nothing: there was room.
  std::optional<std::string> put(const std::string& name, std::shared_ptr<const SiteCredential> credential);
  /// The name is not served any more.
  void drop(const std::string& name);
  /// The same of all for which `gone` is true; gives them.
  std::vector<std::string> drop_if(const std::function<bool(const std::string& name)>& gone);
  /// `change` is done while nobody reads.
  void count(const std::function<void(OnDemandCounts&)>& change);
  OnDemandCounts counts() const;

 private:
  struct Kept {
    std::shared_ptr<const SiteCredential> credential;
    std::uint64_t used = 0;  ///< the greatest: last
  };
  void leave(const net::IpAddress& client);
  bool at_work(const std::string& name) const;
  Result<std::shared_ptr<const SiteCredential>> outcome(const std::string& name);

  const std::chrono::nanoseconds patience_;
  mutable std::mutex mutex_;  ///< never held while anything is waited for
  OnDemandPlan plan_;
  std::map<std::string, Kept> kept_;
  std::uint64_t uses_ = 0;
  std::deque<std::string> begun_;
  std::function<void()> ring_;
  OnDemandCounts counts_;
};

}  // namespace padlock::server

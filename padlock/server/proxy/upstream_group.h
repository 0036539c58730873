#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "padlock/client/fetch.h"
#include "padlock/net/address.h"
#include "padlock/server/proxy/target.h"

namespace padlock::server {

/// An upstream, and how it does. Shared by all workers: counters and marks alone change.
class Upstream {
 public:
  explicit Upstream(UpstreamConfig config);

  /// Its own among all that this process has ever had.
  std::uint64_t id() const { return id_; }
  const http::Url& url() const { return config_.url; }
  std::uint32_t weight() const { return config_.weight; }

  /// What it did with a request. Some failures in a row, and it rests for limits::upstream_rest.
  void succeeded();
  void failed(std::chrono::nanoseconds now);
  /// What a health check found.
  void checked(bool well);
  bool well() const { return well_.load(std::memory_order_relaxed); }
  bool resting(std::chrono::nanoseconds now) const;

  /// Requests that it is at work on.
  std::uint32_t at_work() const { return at_work_.load(std::memory_order_relaxed); }
  /// Counts one as long as it lives.
  class AtWork {
   public:
    explicit AtWork(Upstream& upstream) : upstream_(upstream) { ++upstream_.at_work_; }
    ~AtWork() { --upstream_.at_work_; }
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;

   private:
    Upstream& upstream_;
  };

 private:
  UpstreamConfig config_;
  std::uint64_t id_;
  std::atomic<std::uint32_t> at_work_ = 0;
  std::atomic<std::uint32_t> failures_ = 0;             ///< in a row
  std::atomic<std::chrono::nanoseconds::rep> rest_{0};  ///< until then
  std::atomic<bool> well_ = true;
  std::atomic<std::uint32_t> unwell_checks_ = 0;  ///< in a row
};

/// The upstreams of a route. Immutable but for how they do; shared by all workers.
class UpstreamGroup {
 public:
  /// Errors: those of client::load_trust, if an upstream is https.
  static Result<std::shared_ptr<const UpstreamGroup>> make(ProxyTarget target);

  const ProxyTarget& target() const { return target_; }
  /// How connections to them are made.
  const client::FetchOptions& options() const { return options_; }
  const std::shared_ptr<const client::Trust>& trust() const { return trust_; }

  /// Who is to have a request of this client, besides those that were tried; null: nobody. One that rests is taken only
  /// if there is no other, one that its health check finds unwell never.
  Upstream* pick(const net::IpAddress& client, std::span<const Upstream* const> tried,
                 std::chrono::nanoseconds now) const;
  const std::vector<std::unique_ptr<Upstream>>& all() const { return upstreams_; }

 private:
  explicit UpstreamGroup(ProxyTarget target);
  Upstream* pick(const net::IpAddress& client, const std::vector<Upstream*>& from) const;
  Upstream* next_in_turn(const std::vector<Upstream*>& from) const;

  ProxyTarget target_;
  std::vector<std::unique_ptr<Upstream>> upstreams_;
  std::vector<Upstream*> turns_;  ///< each as often as its weight says, spread
  mutable std::atomic<std::uint32_t> turn_ = 0;
  client::FetchOptions options_;
  std::shared_ptr<const client::Trust> trust_;
};

}  // namespace padlock::server

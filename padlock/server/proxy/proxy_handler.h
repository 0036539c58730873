#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "padlock/server/handler.h"
#include "padlock/server/proxy/upstream_group.h"
#include "padlock/server/route/field_rules.h"
#include "padlock/server/route/paths.h"

namespace padlock::server {

/// What a site's configuration changes in requests before they are passed on.
struct UpstreamChanges {
  FieldRules fields{};
  std::optional<PathMap> path{};
};

/// Passes requests on to upstreams and their responses back, both as they come (docs/threats.md, H12 to H15, H20).
class ProxyHandler final : public Handler {
 public:
  explicit ProxyHandler(std::shared_ptr<const UpstreamGroup> group, UpstreamChanges changes = {})
      : group_(std::move(group)), changes_(std::move(changes)) {}

  net::Awaitable<Result<void>> handle(Exchange& exchange) const override;
  std::uint64_t body_limit(const http::Request&) const override { return limits::proxied_body_bytes; }
  void start(const asio::any_io_executor& executor) const override;

  /// From now on `next` handles the requests of connections that still have this one; what has begun ends as it began.
  /// Once, by one thread.
  void supersede(std::shared_ptr<const ProxyHandler> next) const;
  /// Requests that its upstreams are at work on.
  std::uint32_t at_work() const;

 private:
  net::Awaitable<Result<void>> pass_on(Exchange& exchange) const;

  std::shared_ptr<const UpstreamGroup> group_;
  UpstreamChanges changes_;
  mutable std::atomic<bool> started_ = false;
  mutable std::shared_ptr<const ProxyHandler> next_;  ///< written before, and kept for, the one below
  mutable std::atomic<const ProxyHandler*> next_now_ = nullptr;
};

}  // namespace padlock::server

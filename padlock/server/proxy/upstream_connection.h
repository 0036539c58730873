#pragma once

#include <memory>

#include "padlock/client/connection.h"
#include "padlock/net/stream.h"
#include "padlock/server/proxy/upstream_group.h"

namespace padlock::server {

/// A connection to an upstream, and what it lives on.
class UpstreamConnection {
 public:
  /// Errors: rules::upstream_unreachable, ::upstream_late.
  static net::Awaitable<Result<std::unique_ptr<UpstreamConnection>>> open(std::shared_ptr<const UpstreamGroup> group,
                                                                          const Upstream& upstream);
  net::Stream& stream() { return transport_.stream(); }
  const Upstream& upstream() const { return upstream_; }
  /// It has agreed to HTTP/2, or is to be spoken to so.
  bool speaks_http2();

 private:
  UpstreamConnection(std::shared_ptr<const UpstreamGroup> group, const Upstream& upstream);

  std::shared_ptr<const UpstreamGroup> group_;  ///< `upstream_` is one of it
  const Upstream& upstream_;
  client::Connection transport_;
};

}  // namespace padlock::server

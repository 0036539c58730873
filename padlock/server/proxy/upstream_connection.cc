#include "padlock/server/proxy/upstream_connection.h"

#include <utility>

#include "padlock/client/verdict.h"
#include "padlock/net/rules.h"
#include "padlock/server/rules.h"

namespace padlock::server {

UpstreamConnection::UpstreamConnection(std::shared_ptr<const UpstreamGroup> group, const Upstream& upstream)
    : group_(std::move(group)),
      upstream_(upstream),
      transport_(group_->options(), net::deadline_in(group_->target().connect), nullptr,
                 group_->options().max_http_version) {}

net::Awaitable<Result<std::unique_ptr<UpstreamConnection>>> UpstreamConnection::open(
    std::shared_ptr<const UpstreamGroup> group, const Upstream& upstream) {
  std::unique_ptr<UpstreamConnection> connection(new UpstreamConnection(std::move(group), upstream));
  client::SecurityVerdict security;
  const auto opened = co_await connection->transport_.open(upstream.url(), connection->group_->trust(), security);
  if (opened) co_return connection;
  const bool late = opened.error().rule == &net::rules::deadline_passed;
  co_return broken(late ? rules::upstream_late : rules::upstream_unreachable,
                   upstream.url().origin() + ": " + opened.error().what);
}

bool UpstreamConnection::speaks_http2() {
  const tls::ConnectionInfo* const tls = stream().tls_info();
  return tls != nullptr ? tls->alpn == "h2" : group_->target().http2;
}

}  // namespace padlock::server

#include "padlock/server/proxy/health_check.h"

#include <utility>
#include <variant>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/this_coro.hpp>

#include "padlock/net/clock.h"
#include "padlock/server/proxy/upstream_pool.h"

namespace padlock::server {
namespace {

http::Request check_request(const UpstreamGroup& group, const Upstream& upstream) {
  http::Request request{.method = "GET",
                        .scheme = upstream.url().scheme,
                        .authority = group.target().host.value_or(upstream.url().authority()),
                        .target = group.target().health ? group.target().health->target : "/",
                        .fields = {}};
  request.fields.add("User-Agent", "padlock-health-check");
  return request;
}

/// Holds the group only while it asks, so that the checks end with it.
net::Awaitable<void> check(std::weak_ptr<const UpstreamGroup> weak, std::size_t which) {
  auto& pool = UpstreamPool::of(co_await asio::this_coro::executor);
  std::chrono::nanoseconds pause{};
  do {
    const auto group = weak.lock();
    if (!group) co_return;
    Upstream& upstream = *group->all().at(which);
    const auto status = co_await ask_health(group, upstream);
    upstream.checked(status && is_well(*group, *status));
    pause = group->target().health->interval;
  } while (co_await pool.pause(pause));
}

}  // namespace

/// A pool's connection would hide that no new ones are taken.
net::Awaitable<Result<int>> ask_health(std::shared_ptr<const UpstreamGroup> group, const Upstream& upstream) {
  auto& pool = UpstreamPool::of(co_await asio::this_coro::executor);
  const auto& health = group->target().health;
  const net::Deadline deadline = net::deadline_in(health ? health->interval : limits::health_interval);
  auto exchange = co_await pool.begin_anew(group, upstream);
  PADLOCK_CO_TRY(exchange);
  if (auto queued = (*exchange)->send_head(check_request(*group, upstream), http::NoBody{}, {}); !queued)
    co_return std::unexpected(queued.error());
  auto sent = co_await (*exchange)->flush();
  PADLOCK_CO_TRY(sent);
  for (;;) {
    auto news = (*exchange)->next_now();
    if (news) {
      PADLOCK_CO_TRY(*news);
      const auto* head = std::get_if<UpstreamExchange::Head>(&**news);
      co_return head == nullptr ? 0 : head->response.status;
    }
    auto ready = co_await (*exchange)->wait(deadline);
    PADLOCK_CO_TRY(ready);
  }
}

bool is_well(const UpstreamGroup& group, int status) {
  return status != 0 && status < (group.target().health ? 400 : 500);
}

void begin_health_checks(const std::shared_ptr<const UpstreamGroup>& group, const asio::any_io_executor& executor) {
  for (std::size_t which = 0; which < group->all().size(); ++which)
    asio::co_spawn(executor, check(group, which), asio::detached);
}

}  // namespace padlock::server

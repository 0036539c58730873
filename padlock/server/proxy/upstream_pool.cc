#include "padlock/server/proxy/upstream_pool.h"

#include <algorithm>
#include <utility>

#include <asio/query.hpp>
#include <asio/this_coro.hpp>

#include "padlock/net/clock.h"
#include "padlock/server/limits.h"

namespace padlock::server {

asio::execution_context::id UpstreamPool::id;

UpstreamPool& UpstreamPool::of(const asio::any_io_executor& executor) {
  auto& pool = asio::use_service<UpstreamPool>(asio::query(executor, asio::execution::context));
  if (!pool.executor_) pool.executor_ = executor;
  return pool;
}

void UpstreamPool::shutdown() {
  sweeper_.reset();
  kept_.clear();
}

net::Awaitable<Result<std::unique_ptr<UpstreamExchange>>> UpstreamPool::begin_anew(
    std::shared_ptr<const UpstreamGroup> group, const Upstream& upstream) {
  auto opened = co_await UpstreamConnection::open(std::move(group), upstream);
  PADLOCK_CO_TRY(opened);
  if (!(*opened)->speaks_http2()) {
    auto connection = std::make_unique<Http1Upstream>();
    connection->connection = std::move(*opened);
    co_return std::make_unique<Http1UpstreamExchange>(*this, std::move(connection));
  }
  auto connection = Http2Upstream::start(std::move(*opened), co_await asio::this_coro::executor);
  kept_[upstream.id()].http2 = connection;
  auto exchange = connection->begin();
  if (stopped_) connection->leave();
  co_return exchange;
}

std::unique_ptr<UpstreamExchange> UpstreamPool::begin_on_kept(const Upstream& upstream) {
  const auto found = kept_.find(upstream.id());
  if (found == kept_.end()) return nullptr;
  if (const auto shared = found->second.http2.lock(); shared && shared->has_room()) return shared->begin();
  auto& idle = found->second.idle;
  while (!idle.empty()) {
    auto connection = std::move(idle.back());
    idle.pop_back();
    if (connection->connection->stream().quiet())
      return std::make_unique<Http1UpstreamExchange>(*this, std::move(connection));
  }
  return nullptr;
}

void UpstreamPool::stop() {
  stopped_ = true;
  sweeper_.reset();
  for (auto& [upstream, kept] : kept_) {
    kept.idle.clear();
    if (const auto shared = kept.http2.lock()) shared->leave();
  }
  stop_.notify();
}

net::Awaitable<bool> UpstreamPool::pause(std::chrono::nanoseconds time) {
  if (!stopped_) co_await stop_.wait(net::deadline_in(time));
  co_return !stopped_;
}

void UpstreamPool::keep(std::unique_ptr<Http1Upstream> connection) {
  if (stopped_) return;
  auto& idle = kept_[connection->connection->upstream().id()].idle;
  if (idle.size() >= limits::idle_upstream_connections) idle.erase(idle.begin());
  connection->kept_until = net::deadline_in(limits::idle_upstream_time);
  idle.push_back(std::move(connection));
  if (!sweeper_) sweep_soon();
}

std::size_t UpstreamPool::idle() const {
  std::size_t count = 0;
  for (const auto& [upstream, kept] : kept_) count += kept.idle.size();
  return count;
}

void UpstreamPool::sweep_soon() {
  sweeper_.emplace(executor_, limits::idle_upstream_time / 4);
  sweeper_->async_wait([this](std::error_code cancelled) {
    if (!cancelled) sweep();
  });
}

/// Closes what has been idle for long, or whose peer has ended.
void UpstreamPool::sweep() {
  const auto now = std::chrono::steady_clock::now();
  for (auto& [upstream, kept] : kept_) {
    std::erase_if(kept.idle,
                  [&](const auto& one) { return one->kept_until <= now || !one->connection->stream().quiet(); });
  }
  std::erase_if(kept_, [](const auto& entry) { return entry.second.idle.empty() && entry.second.http2.expired(); });
  sweeper_.reset();
  if (idle() > 0) sweep_soon();
}

}  // namespace padlock::server

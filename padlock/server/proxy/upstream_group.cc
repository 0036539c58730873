#include "padlock/server/proxy/upstream_group.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/crypto/provider.h"
#include "padlock/server/limits.h"

namespace padlock::server {
namespace {

std::atomic<std::uint64_t> last_id = 0;

/// Smooth weighted turns: {a: 3, b: 1} is a a b a, not a a a b.
std::vector<Upstream*> make_turns(const std::vector<std::unique_ptr<Upstream>>& upstreams) {
  std::uint64_t total = 0;
  for (const auto& one : upstreams) total += one->weight();
  std::vector<std::int64_t> credit(upstreams.size());
  std::vector<Upstream*> turns;
  turns.reserve(total);
  while (turns.size() < total) {
    std::size_t best = 0;
    for (std::size_t at = 0; at < upstreams.size(); ++at) {
      credit[at] += upstreams[at]->weight();
      if (credit[at] > credit[best]) best = at;
    }
    credit[best] -= static_cast<std::int64_t>(total);
    turns.push_back(upstreams[best].get());
  }
  return turns;
}

std::size_t hash_of(const net::IpAddress& client, const Upstream& upstream) {
  std::string text(as_text(client.view()));
  text += upstream.url().origin();
  return std::hash<std::string_view>{}(text);
}

}  // namespace

Upstream::Upstream(UpstreamConfig config) : config_(std::move(config)), id_(++last_id) {}

void Upstream::succeeded() {
  if (failures_.load(std::memory_order_relaxed) != 0) failures_.store(0, std::memory_order_relaxed);
}

void Upstream::failed(std::chrono::nanoseconds now) {
  if (++failures_ < limits::upstream_failures) return;
  failures_ = 0;
  rest_ = (now + limits::upstream_rest).count();
}

void Upstream::checked(bool well) {
  if (well) {
    unwell_checks_ = 0;
    well_ = true;
    rest_ = 0;
  } else if (++unwell_checks_ >= limits::unwell_checks) {
    well_ = false;
  }
}

bool Upstream::resting(std::chrono::nanoseconds now) const {
  return now.count() < rest_.load(std::memory_order_relaxed);
}

UpstreamGroup::UpstreamGroup(ProxyTarget target) : target_(std::move(target)) {
  upstreams_.reserve(target_.upstreams.size());
  for (const UpstreamConfig& one : target_.upstreams) upstreams_.push_back(std::make_unique<Upstream>(one));
  turns_ = make_turns(upstreams_);
  options_.connect_timeout = target_.connect;
  options_.handshake_timeout = target_.connect;
  options_.max_http_version = target_.http2 ? client::HttpVersion::HTTP_2 : client::HttpVersion::HTTP_1_1;
  options_.revocation.fetch = false;  // a request never waits for somebody else's list
  if (target_.ca) options_.trust.ca_files = {target_.ca->native()};
}

Result<std::shared_ptr<const UpstreamGroup>> UpstreamGroup::make(ProxyTarget target) {
  std::shared_ptr<UpstreamGroup> group(new UpstreamGroup(std::move(target)));  // the constructor is private
  const bool secure = std::ranges::any_of(group->upstreams_, [](const auto& one) { return one->url().secure(); });
  if (secure) group->trust_ = PADLOCK_TRY(client::load_trust(group->options_.trust, *crypto::make_provider()));
  return group;
}

Upstream* UpstreamGroup::pick(const net::IpAddress& client, std::span<const Upstream* const> tried,
                              std::chrono::nanoseconds now) const {
  if (upstreams_.size() == 1) {
    Upstream* const only = upstreams_.front().get();
    return tried.empty() && only->well() ? only : nullptr;
  }
  std::vector<Upstream*> rested, resting;
  for (const auto& one : upstreams_) {
    if (!one->well() || std::ranges::find(tried, one.get()) != tried.end()) continue;
    (one->resting(now) ? resting : rested).push_back(one.get());
  }
  const auto& from = rested.empty() ? resting : rested;
  return from.empty() ? nullptr : pick(client, from);
}

Upstream* UpstreamGroup::pick(const net::IpAddress& client, const std::vector<Upstream*>& from) const {
  switch (target_.balance) {
    case Balance::round_robin: return next_in_turn(from);
    case Balance::least_connections:
      return *std::ranges::min_element(from, [](const Upstream* a, const Upstream* b) {
        return std::uint64_t{a->at_work()} * b->weight() < std::uint64_t{b->at_work()} * a->weight();
      });
    case Balance::client_hash:  // rendezvous: when one goes, only its own clients go elsewhere
      return *std::ranges::max_element(
          from, [&](const Upstream* a, const Upstream* b) { return hash_of(client, *a) < hash_of(client, *b); });
  }
  return nullptr;
}

Upstream* UpstreamGroup::next_in_turn(const std::vector<Upstream*>& from) const {
  for (;;) {
    Upstream* const one = turns_[turn_.fetch_add(1, std::memory_order_relaxed) % turns_.size()];
    if (std::ranges::find(from, one) != from.end()) return one;
  }
}

}  // namespace padlock::server

#include "padlock/server/on_demand/plan.h"

#include <algorithm>

#include "padlock/net/address_range.h"
#include "padlock/server/limits.h"
#include "padlock/server/rules.h"
#include "padlock/x509/public_suffix.h"

namespace padlock::server {
namespace {

/// A host with IPv6 has a whole network of 64 bits.
net::IpAddress network_of(const net::IpAddress& address) {
  constexpr std::size_t network_bytes = 8;
  net::IpAddress network = net::unmapped(address);
  for (std::size_t at = network_bytes; at < network.length; ++at) network.bytes.at(at) = 0;
  return network;
}

}  // namespace

OnDemandPlan::OnDemandPlan()
    : clients_({.requests = limits::on_demand_names_of_client,
                .per = limits::on_demand_client_span,
                .burst = limits::on_demand_names_of_client}) {}

std::expected<OnDemandPlan::Turn, const Rule*> OnDemandPlan::enter(const std::string& name,
                                                                   const net::IpAddress& client, Instant now) {
  if (const Rule* const why = why_refused(name, now)) return std::unexpected(why);
  const net::IpAddress network = network_of(client);
  const auto own = static_cast<std::size_t>(std::ranges::count(waiting_, network));
  if (waiting_.size() >= limits::on_demand_waiting || own >= limits::on_demand_waiting_of_client)
    return std::unexpected(&rules::on_demand_busy);
  Turn turn = Turn::joins;
  if (!at_work(name)) {
    if (at_work_.size() >= limits::on_demand_names_at_work) return std::unexpected(&rules::on_demand_busy);
    if (!known_.contains(name) && clients_.refuse(client, now.monotonic))
      return std::unexpected(&rules::on_demand_client);
    at_work_.insert(name);
    turn = Turn::begins;
  }
  waiting_.push_back(network);
  return turn;
}

void OnDemandPlan::leave(const net::IpAddress& client) {
  const auto one = std::ranges::find(waiting_, network_of(client));
  if (one != waiting_.end()) waiting_.erase(one);
}

void OnDemandPlan::know(const std::string& name) {
  if (known_.size() < limits::on_demand_known) known_.insert(name);
}

const Rule* OnDemandPlan::order(const std::string& name, Instant now) {
  while (!orders_.empty() && orders_.front().at + certs::orders_span <= now.monotonic) orders_.pop_front();
  const std::string domain = x509::registrable_domain(name);
  const auto within = [&](std::chrono::nanoseconds span, const std::string* of) {
    return static_cast<std::size_t>(std::ranges::count_if(orders_, [&](const Order& one) {
      return one.at + span > now.monotonic && (of == nullptr || one.domain == *of);
    }));
  };
  if (within(limits::on_demand_domain_span, &domain) >= limits::on_demand_orders_of_domain)
    return &rules::on_demand_domain;
  if (within(limits::on_demand_burst_span, nullptr) >= limits::on_demand_orders_in_burst ||
      orders_.size() >= limits::on_demand_orders)
    return &rules::on_demand_orders;
  orders_.push_back({now.monotonic, domain});
  return nullptr;
}

void OnDemandPlan::served(const std::string& name) {
  at_work_.erase(name);
  refused_.erase(name);
  know(name);
}

void OnDemandPlan::refuse(const std::string& name, const Rule& why, std::chrono::nanoseconds time, Instant now) {
  at_work_.erase(name);
  known_.erase(name);
  make_room_for_refusal(now);
  refused_[name] = {&why, now.monotonic + time};
}

const Rule* OnDemandPlan::why_refused(const std::string& name, Instant now) const {
  const auto found = refused_.find(name);
  return found == refused_.end() || found->second.until <= now.monotonic ? nullptr : found->second.why;
}

/// What is over goes first, else what is over first.
void OnDemandPlan::make_room_for_refusal(Instant now) {
  if (refused_.size() < limits::on_demand_refused) return;
  std::erase_if(refused_, [&](const auto& one) { return one.second.until <= now.monotonic; });
  if (refused_.size() < limits::on_demand_refused) return;
  refused_.erase(std::ranges::min_element(refused_, {}, [](const auto& one) { return one.second.until; }));
}

}  // namespace padlock::server

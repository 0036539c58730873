#include "padlock/server/admission.h"

#include <algorithm>
#include <utility>

#include "padlock/server/limits.h"

namespace padlock::server {

AdmissionLimits AdmissionLimits::for_descriptors(std::size_t descriptors) {
  const std::size_t connections = std::max<std::size_t>(1, descriptors * limits::descriptor_percent / 100);
  return {connections, std::max<std::size_t>(1, connections * limits::half_open_percent / 100),
          limits::connections_per_address};
}

Admission::Place::Place(Place&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)), client_(other.client_), number_(other.number_) {}

Admission::Place::~Place() {
  if (admission_ != nullptr) admission_->leave(client_, number_);
}

void Admission::Place::when_shed(std::function<void()> end) {
  if (!admission_->keep(number_, end)) end();
}

void Admission::Place::established() { admission_->established(number_); }

bool Admission::ByBytes::operator()(const x509::IpAddress& a, const x509::IpAddress& b) const {
  return std::ranges::lexicographical_compare(a.view(), b.view());
}

std::optional<Admission::Place> Admission::admit(const x509::IpAddress& client) {
  std::function<void()> end_oldest;
  std::optional<Place> place;
  {
    const std::scoped_lock lock(mutex_);
    if (connections_ >= limits_.connections) return std::nullopt;
    const auto known = clients_.find(client);
    if (known != clients_.end() && known->second >= limits_.per_address) return std::nullopt;
    // What needs memory comes first: where it is refused, nothing has changed.
    decltype(half_open_) newcomer;
    newcomer.emplace(next_number_, nullptr);
    std::size_t& of_client = clients_[client];
    if (half_open_.size() >= limits_.half_open) end_oldest = std::move(half_open_.extract(half_open_.begin()).mapped());
    half_open_.merge(newcomer);
    ++of_client;
    ++connections_;
    place.emplace(Place(*this, client, next_number_++));
  }
  if (end_oldest) end_oldest();  // not under the lock: it may come back here
  return place;
}

bool Admission::keep(std::uint64_t number, std::function<void()>& end) {
  const std::scoped_lock lock(mutex_);
  const auto found = half_open_.find(number);
  if (found == half_open_.end()) return false;
  found->second = std::move(end);
  return true;
}

void Admission::established(std::uint64_t number) {
  const std::scoped_lock lock(mutex_);
  half_open_.erase(number);
}

void Admission::leave(const x509::IpAddress& client, std::uint64_t number) {
  const std::scoped_lock lock(mutex_);
  --connections_;
  half_open_.erase(number);
  const auto known = clients_.find(client);
  if (--known->second == 0) clients_.erase(known);
}

std::size_t Admission::connections() const {
  const std::scoped_lock lock(mutex_);
  return connections_;
}

}  // namespace padlock::server

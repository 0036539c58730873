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
    : admission_(std::exchange(other.admission_, nullptr)), client_(other.client_), half_open_(other.half_open_) {}

Admission::Place::~Place() {
  if (admission_ != nullptr) admission_->leave(client_, half_open_);
}

void Admission::Place::established() {
  if (std::exchange(half_open_, false)) admission_->established();
}

bool Admission::ByBytes::operator()(const x509::IpAddress& a, const x509::IpAddress& b) const {
  return std::ranges::lexicographical_compare(a.view(), b.view());
}

std::optional<Admission::Place> Admission::admit(const x509::IpAddress& client) {
  const std::scoped_lock lock(mutex_);
  if (connections_ >= limits_.connections || half_open_ >= limits_.half_open) return std::nullopt;
  const auto known = clients_.find(client);
  if (known != clients_.end() && known->second >= limits_.per_address) return std::nullopt;
  ++clients_[client];
  ++connections_;
  ++half_open_;
  return Place(*this, client);
}

void Admission::established() {
  const std::scoped_lock lock(mutex_);
  --half_open_;
}

void Admission::leave(const x509::IpAddress& client, bool half_open) {
  const std::scoped_lock lock(mutex_);
  --connections_;
  if (half_open) --half_open_;
  const auto known = clients_.find(client);
  if (--known->second == 0) clients_.erase(known);
}

std::size_t Admission::connections() const {
  const std::scoped_lock lock(mutex_);
  return connections_;
}

}  // namespace padlock::server

#include "padlock/acme/server/attempts.h"

#include <algorithm>

#include "padlock/acme/server/limits.h"

namespace padlock::acme {

std::optional<std::chrono::seconds> Attempts::wait(const std::string& who, std::chrono::nanoseconds now) const {
  const auto found = times_.find(who);
  if (found == times_.end() || found->second.size() < most_) return std::nullopt;
  const auto free_at = found->second[found->second.size() - most_] + span_;
  if (free_at <= now) return std::nullopt;
  return std::chrono::ceil<std::chrono::seconds>(free_at - now);
}

void Attempts::note(const std::string& who, std::chrono::nanoseconds now) {
  std::erase_if(times_, [&](const auto& one) { return one.second.back() + span_ <= now; });
  if (times_.size() >= server_limits::counted_keys && !times_.contains(who)) {
    const auto first = [](const auto& a, const auto& b) { return a.second.back() < b.second.back(); };
    times_.erase(std::ranges::min_element(times_, first));
  }
  auto& times = times_[who];
  times.push_back(now);
  if (times.size() > most_) times.pop_front();
}

}  // namespace padlock::acme

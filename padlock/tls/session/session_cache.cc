#include "padlock/tls/session/session_cache.h"

#include <utility>

namespace padlock::tls {

void SessionCache::put(Bytes id, Session session) {
  if (capacity_ == 0) return;
  if (sessions_.size() == capacity_) {
    sessions_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }
  Id key(id.begin(), id.end());
  if (sessions_.insert_or_assign(key, std::move(session)).second) oldest_first_.push_back(std::move(key));
}

std::optional<Session> SessionCache::find(Bytes id, WallTime now) const {
  const auto found = sessions_.find(Id(id.begin(), id.end()));
  if (found == sessions_.end() || now >= found->second.issued + lifetime) return std::nullopt;
  return found->second.duplicate();
}

}  // namespace padlock::tls

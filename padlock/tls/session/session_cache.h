#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/text.h"
#include "padlock/tls/session/session.h"

namespace padlock::tls {

/// TLS 1.2 sessions by their IDs, for clients that know no tickets (RFC 5246, appendix F.1.4). Holds at most
/// `capacity`, the newest; each for as long as a ticket opens at least. Not thread-safe: one a worker.
class SessionCache {
 public:
  static constexpr std::chrono::seconds lifetime = std::chrono::hours(12);

  explicit SessionCache(std::size_t capacity) : capacity_(capacity) {}
  /// `id`: of our own making, never a client's (docs/threats.md, T25).
  void put(Bytes id, Session session);
  std::optional<Session> find(Bytes id, WallTime now) const;
  std::size_t size() const { return sessions_.size(); }

 private:
  using Id = std::vector<std::uint8_t>;
  std::size_t capacity_;
  std::map<Id, Session> sessions_;
  std::list<Id> oldest_first_;
};

}  // namespace padlock::tls

#include "padlock/client/session_store.h"

#include <algorithm>
#include <utility>

#include "padlock/client/limits.h"

namespace padlock::client {

void SessionStore::put(std::string authority, Entry entry) {
  const auto same = [&](const Named& each) { return each.authority == authority; };
  if (static_cast<std::size_t>(std::ranges::count_if(entries_, same)) >= limits::sessions_of_a_server) {
    entries_.erase(std::ranges::find_if(entries_, same));
  }
  if (entries_.size() >= limits::sessions) entries_.pop_front();
  entries_.push_back({std::move(authority), std::move(entry)});
}

std::optional<SessionStore::Entry> SessionStore::take(std::string_view authority, Instant now) {
  std::erase_if(entries_, [&](const Named& each) { return !each.entry.session->alive(now); });
  const auto newest =
      std::find_if(entries_.rbegin(), entries_.rend(), [&](const Named& each) { return each.authority == authority; });
  if (newest == entries_.rend()) return std::nullopt;
  Entry taken = std::move(newest->entry);
  entries_.erase(std::next(newest).base());
  return taken;
}

}  // namespace padlock::client

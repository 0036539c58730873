#include "padlock/server/file_cache.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "padlock/server/limits.h"

namespace padlock::server {

std::size_t FileCache::Hash::operator()(const Key& key) const {
  return std::hash<std::string_view>()(key.path) ^ (key.folder * 0x9e3779b97f4a7c15U);
}

FileCache::Found FileCache::find(std::uint64_t folder, std::string_view path, std::chrono::nanoseconds now) {
  const Key key{folder, path};
  Shard& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.by_key.find(key);
  if (found == shard.by_key.end()) return {};
  Slot& slot = *found->second;
  slot.asked_for = true;
  return {slot.file, now - slot.compared < limits::file_trusted};
}

void FileCache::store(std::uint64_t folder, std::string_view path, std::shared_ptr<const StoredFile> file,
                      std::chrono::nanoseconds compared) {
  Slot fresh{folder, std::string(path), std::move(file), compared, true};
  if (fresh.memory() > most_ / 2) return remove(folder, path);  // all others would have to go
  {
    const Key key{folder, path};
    Shard& shard = shard_of(key);
    const std::scoped_lock lock(shard.mutex);
    if (const auto old = shard.by_key.find(key); old != shard.by_key.end()) erase(shard, old->second);
    // What needs memory comes first: where it is refused, nothing has been stored.
    std::list<Slot> one;
    one.push_back(std::move(fresh));
    shard.by_key.emplace(Key{folder, one.front().path}, one.begin());
    bytes_ += one.front().memory();
    shard.slots.splice(shard.slots.end(), one);
  }
  make_room();
}

void FileCache::extend(std::uint64_t folder, std::string_view path, const StoredFile& old,
                       std::shared_ptr<const StoredFile> file) {
  {
    const Key key{folder, path};
    Shard& shard = shard_of(key);
    const std::scoped_lock lock(shard.mutex);
    const auto found = shard.by_key.find(key);
    if (found == shard.by_key.end() || found->second->file.get() != &old) return;
    bytes_ -= found->second->memory();
    found->second->file = std::move(file);
    bytes_ += found->second->memory();
  }
  make_room();
}

void FileCache::remove(std::uint64_t folder, std::string_view path) {
  const Key key{folder, path};
  Shard& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  if (const auto found = shard.by_key.find(key); found != shard.by_key.end()) erase(shard, found->second);
}

bool FileCache::may_compress(std::size_t bytes, std::chrono::nanoseconds now) {
  constexpr std::chrono::nanoseconds burst = std::chrono::seconds(1);
  const std::chrono::nanoseconds price = burst * bytes / (std::uint64_t{1024} * limits::compressed_kib_per_second);
  if (most_ == 0) return false;  // it would be done again for the next
  const std::scoped_lock lock(budget_mutex_);
  const auto paid = std::max(compressed_until_, now) + price;
  if (paid - now > burst) return false;
  compressed_until_ = paid;
  return true;
}

void FileCache::limit(std::size_t bytes) {
  most_ = bytes;
  make_room();
}

/// One shard after the other gives something up, or what in it was asked for loses that mark: so the second round, at
/// the latest, makes room.
void FileCache::make_room() {
  while (bytes_ > most_) {
    Shard& shard = shards_.at(hand_++ % shards_.size());
    const std::scoped_lock lock(shard.mutex);
    let_one_go(shard);
  }
}

void FileCache::let_one_go(Shard& shard) {
  Slots& slots = shard.slots;
  for (std::size_t unseen = slots.size(); unseen > 0; --unseen) {
    if (!slots.front().asked_for) return erase(shard, slots.begin());
    slots.front().asked_for = false;
    slots.splice(slots.end(), slots, slots.begin());
  }
}

void FileCache::erase(Shard& shard, Slots::iterator slot) {
  bytes_ -= slot->memory();
  shard.by_key.erase(Key{slot->folder, slot->path});
  shard.slots.erase(slot);
}

}  // namespace padlock::server

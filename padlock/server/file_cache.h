#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "padlock/server/stored_file.h"

namespace padlock::server {

/// Files of all folders that are asked for often, with what small ones hold, in a bounded amount of memory. What is in
/// it is immutable; a file that has changed is replaced. Any thread may call anything: a look locks one of a number of
/// shards, as long as it takes to find and count a pointer.
class FileCache {
 public:
  /// At most `bytes` of memory, about; 0: nothing is kept.
  explicit FileCache(std::size_t bytes) : most_(bytes) {}
  FileCache(const FileCache&) = delete;
  FileCache& operator=(const FileCache&) = delete;

  /// A number that tells one folder's files from another's of the same name.
  std::uint64_t new_folder() { return ++folders_; }

  struct Found {
    std::shared_ptr<const StoredFile> file{};  ///< null: it is not there
    bool fresh = false;                        ///< it was compared with the file system a short time ago
  };
  /// `now`: monotonic. What was compared no longer ago than limits::file_trusted is fresh.
  Found find(std::uint64_t folder, std::string_view path, std::chrono::nanoseconds now);
  /// Keeps `file`, which was compared with the file system at `compared`, in place of what was there. Makes room by
  /// letting go what has not been asked for since room was last made.
  void store(std::uint64_t folder, std::string_view path, std::shared_ptr<const StoredFile> file,
             std::chrono::nanoseconds compared);
  /// The same for more that is known of what is there: if that is still `old`, and with its time.
  void extend(std::uint64_t folder, std::string_view path, const StoredFile& old,
              std::shared_ptr<const StoredFile> file);
  void remove(std::uint64_t folder, std::string_view path);

  /// Whether so many bytes may be compressed now: limits::compressed_kib_per_second.
  bool may_compress(std::size_t bytes, std::chrono::nanoseconds now);

  void limit(std::size_t bytes);
  std::size_t bytes() const { return bytes_; }

 private:
  struct Slot {
    std::uint64_t folder;
    std::string path;
    std::shared_ptr<const StoredFile> file;
    std::chrono::nanoseconds compared;
    bool asked_for = false;  ///< since the hand of the clock last passed
    std::size_t memory() const { return sizeof(Slot) + path.size() + file->memory(); }
  };
  struct Key {
    std::uint64_t folder;
    std::string_view path;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  /// By the time of their coming: the first is the next to go, unless it was asked for (the CLOCK algorithm).
  using Slots = std::list<Slot>;
  struct alignas(64) Shard {
    std::mutex mutex;
    Slots slots;
    std::unordered_map<Key, Slots::iterator, Hash> by_key;  ///< views into `slots`
  };

  Shard& shard_of(const Key& key) { return shards_.at(Hash()(key) % shards_.size()); }
  void make_room();
  void let_one_go(Shard& shard);
  void erase(Shard& shard, Slots::iterator slot);

  std::array<Shard, 16> shards_;
  std::atomic<std::size_t> bytes_ = 0, most_;
  std::atomic<std::size_t> hand_ = 0;  ///< the shard that has to make room next
  std::atomic<std::uint64_t> folders_ = 0;
  std::mutex budget_mutex_;
  std::chrono::nanoseconds compressed_until_{};  ///< when what was compressed is paid for
};

}  // namespace padlock::server

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/net/descriptor.h"

namespace padlock::net {

/// What the system says of a file. Equal means: nobody has replaced the file, written to it or changed its owner or
/// mode, as far as the file system's clock can tell.
struct FileFacts {
  std::uint64_t size = 0;
  WallTime modified{};
  std::uint32_t modified_nanoseconds = 0;
  std::chrono::nanoseconds changed{};  ///< since the epoch: content, name, owner or mode (ctime)
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
  friend bool operator==(const FileFacts&, const FileFacts&) = default;
};

/// A regular file, open for reading, and what the system said of it then.
class File {
 public:
  const FileFacts& facts() const { return facts_; }
  /// Reads from `offset` on, as much as fits and is there; 0: the end. Error: rules::file_unreadable.
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const;

 private:
  friend class Folder;
  Descriptor descriptor_;
  FileFacts facts_;
};

/// A name in a folder, and what it stands for.
struct FolderEntry {
  std::string name;  ///< any bytes but NUL and '/'
  bool is_folder = false;
  std::uint64_t size = 0;
  WallTime modified{};
};

struct FolderEntries {
  std::vector<FolderEntry> all{};  ///< in no order
  bool more = false;               ///< there are names that were not looked at
};

/// A folder whose files are served. Nothing outside it is ever opened: the kernel resolves names beneath it
/// (openat2 with RESOLVE_BENEATH; symbolic links that stay inside are followed; docs/threats.md, H8).
class Folder {
 public:
  /// Errors: rules::file_missing, not_a_folder, file_unreadable.
  static Result<Folder> open(const std::string& path);
  /// A regular file by its path relative to the folder, without a leading slash: "index.html". Never blocks on FIFOs or
  /// devices. Errors: rules::not_in_folder (also what lies outside), is_a_folder, not_a_regular_file, file_unreadable.
  Result<File> open_file(std::string_view relative) const;
  /// The regular files and folders in a folder; "" is this one. Passed over are names that begin with a dot, devices
  /// and their like, and links that lead outside or nowhere. No more than `most` names are looked at. Errors:
  /// rules::not_in_folder, file_unreadable.
  Result<FolderEntries> list(std::string_view relative, std::size_t most) const;

 private:
  explicit Folder(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
  Descriptor descriptor_;
};

}  // namespace padlock::net

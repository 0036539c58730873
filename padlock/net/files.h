#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/net/descriptor.h"

namespace padlock::net {

/// A regular file, open for reading, and what the system says of it at that moment.
class File {
 public:
  std::uint64_t size() const { return size_; }
  WallTime modified() const { return modified_; }
  std::uint32_t modified_nanoseconds() const { return modified_nanoseconds_; }
  /// Differs between two files of one file system; with size and time a good validator (RFC 9110, section 8.8.3).
  std::uint64_t inode() const { return inode_; }
  /// Reads from `offset` on, as much as fits and is there; 0: the end. Error: rules::file_unreadable.
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const;

 private:
  friend class Folder;
  Descriptor descriptor_;
  std::uint64_t size_ = 0;
  WallTime modified_{};
  std::uint32_t modified_nanoseconds_ = 0;
  std::uint64_t inode_ = 0;
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

 private:
  explicit Folder(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
  Descriptor descriptor_;
};

}  // namespace padlock::net
